"""Every place of a Word document in which a My Number was ever hidden, one line each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.detectors.extract.compound import compound, xls
from tests.detectors.extract.finds import finds
from tests.detectors.extract.parts import (
    MC,
    A,
    W,
    changed,
    linked,
    paragraph,
    word,
    word_part,
)
from tests.samples import document, individual_number, workbook

NUMBER = individual_number(31)
SHEET = ("a", "表")
Build = Callable[[str], bytes]


_BOX = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"
_MOVED = '<w:{0} w:id="1"><w:r><w:t>{1}</w:t></w:r></w:{0}>'

WORD: dict[str, tuple[Build, bool]] = {
    # name: (how it is built, whether its reader does not see it)
    "paragraph": (lambda n: word(paragraph(n)), False),
    "a run for each digit": (
        lambda n: word(f"<w:p>{''.join(f'<w:r><w:t>{d}</w:t></w:r>' for d in n)}</w:p>"),
        False,
    ),
    "proofing marks and bookmarks in a number": (
        lambda n: word(
            f"<w:p><w:r><w:t>{n[:4]}</w:t></w:r><w:proofErr w:type='x'/><w:bookmarkStart w:id='1'/>"
            f"<w:r><w:t>{n[4:]}</w:t></w:r></w:p>"
        ),
        False,
    ),
    "deletion": (
        lambda n: word(f"<w:p><w:del w:id='1'><w:r><w:delText>{n}</w:delText></w:r></w:del></w:p>"),
        True,
    ),
    "insertion": (lambda n: word(f"<w:p>{_MOVED.format('ins', n)}</w:p>"), False),
    "moved from": (lambda n: word(f"<w:p>{_MOVED.format('moveFrom', n)}</w:p>"), True),
    "moved to": (lambda n: word(f"<w:p>{_MOVED.format('moveTo', n)}</w:p>"), False),
    "hidden run": (
        lambda n: word(f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{n}</w:t></w:r></w:p>"),
        True,
    ),
    "style that hides": (
        lambda n: changed(
            word(f"<w:p><w:r><w:rPr><w:rStyle w:val='秘'/></w:rPr><w:t>{n}</w:t></w:r></w:p>"),
            "word/styles.xml",
            "</w:styles>",
            "<w:style w:styleId='秘'><w:rPr><w:vanish/></w:rPr></w:style></w:styles>",
        ),
        True,
    ),
    "text box": (lambda n: word(f"<w:p><w:r><w:pict>{_BOX.format(n)}</w:pict></w:r></w:p>"), False),
    "drawing of new programs": (
        lambda n: word(
            f"<w:p><w:r><mc:AlternateContent {MC}><mc:Choice Requires='wps'>{_BOX.format(n)}"
            "</mc:Choice></mc:AlternateContent></w:r></w:p>"
        ),
        False,
    ),
    "drawing of old programs": (
        lambda n: word(
            f"<w:p><w:r><mc:AlternateContent {MC}><mc:Choice Requires='wps'/><mc:Fallback>"
            f"{_BOX.format(n)}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
        ),
        False,
    ),
    "simple field": (lambda n: word(f"<w:p><w:fldSimple w:instr=' QUOTE {n}'/></w:p>"), True),
    "field code in two runs": (
        lambda n: word(
            f"<w:p><w:r><w:instrText> QUOTE {n[:6]}</w:instrText></w:r>"
            f"<w:r><w:instrText>{n[6:]} </w:instrText></w:r></w:p>"
        ),
        True,
    ),
    "digits that fields box": (
        lambda n: word(
            "<w:p>"
            + "".join(
                "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>eq \\o\\ac("
                "</w:instrText></w:r><w:r><w:rPr><w:b/></w:rPr><w:instrText>□</w:instrText></w:r>"
                f"<w:r><w:instrText>,{d})</w:instrText></w:r>"
                "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
                for d in n
            )
            + "</w:p>"
        ),
        False,
    ),
    "form field": (
        lambda n: word(
            f"<w:p><w:ffData><w:ddList><w:listEntry w:val='{n}'/></w:ddList></w:ffData></w:p>"
        ),
        True,
    ),
    "content control": (
        lambda n: word(f"<w:sdt><w:sdtContent>{paragraph(n)}</w:sdtContent></w:sdt>"),
        False,
    ),
    "choice of a content control": (
        lambda n: word(
            "<w:sdt><w:sdtPr><w:dropDownList><w:listItem "
            f"w:displayText='{n}'/></w:dropDownList></w:sdtPr></w:sdt>"
        ),
        True,
    ),
    "bound data": (
        lambda n: word_part("../customXml/item1.xml", "customXml", f"<data no='{n}'/>"),
        True,
    ),
    "alternative text": (
        lambda n: word(f"<w:p><w:r><w:drawing><docPr descr='{n}'/></w:drawing></w:r></w:p>"),
        True,
    ),
    "furigana": (
        lambda n: word(
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>"
            f"{n}</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t>"
            "</w:r></w:rubyBase></w:ruby></w:r></w:p>"
        ),
        False,
    ),
    "signs of a symbol font": (
        lambda n: word(
            "<w:p><w:r>" + "".join(f"<w:sym w:char='F03{d}'/>" for d in n) + "</w:r></w:p>"
        ),
        False,
    ),
    "label of a list": (
        lambda n: word_part(
            "numbering.xml", "numbering", f"<w:numbering {W}><w:lvlText w:val='{n}'/></w:numbering>"
        ),
        True,
    ),
    "header": (
        lambda n: word_part("odd.xml", "header", f"<w:hdr {W}>{paragraph(n)}</w:hdr>"),
        False,
    ),
    "table in a footer": (
        lambda n: word_part(
            "odd.xml",
            "footer",
            f"<w:ftr {W}><w:tbl><w:tr><w:tc>{paragraph(n)}</w:tc></w:tr></w:tbl></w:ftr>",
        ),
        False,
    ),
    "footnote": (
        lambda n: word_part(
            "f.xml",
            "footnotes",
            f"<w:footnotes {W}><w:footnote>{paragraph(n)}</w:footnote></w:footnotes>",
        ),
        False,
    ),
    "endnote": (
        lambda n: word_part(
            "e.xml",
            "endnotes",
            f"<w:endnotes {W}><w:endnote>{paragraph(n)}</w:endnote></w:endnotes>",
        ),
        False,
    ),
    "comment": (
        lambda n: word_part(
            "c.xml",
            "comments",
            f"<w:comments {W}><w:comment>{paragraph(n)}</w:comment></w:comments>",
        ),
        False,
    ),
    "building block": (
        lambda n: word_part(
            "glossary/g.xml",
            "glossaryDocument",
            f"<w:glossaryDocument {W}>{paragraph(n)}</w:glossaryDocument>",
        ),
        True,
    ),
    "variable of the document": (
        lambda n: word_part(
            "s.xml", "settings", f"<w:settings {W}><w:docVar w:name='x' w:val='{n}'/></w:settings>"
        ),
        True,
    ),
    "diagram": (
        lambda n: word_part(
            "diagrams/d.xml", "diagramData", f"<d {A}><a:p><a:r><a:t>{n}</a:t></a:r></a:p></d>"
        ),
        False,
    ),
    "cache of a chart": (
        lambda n: word_part("charts/c.xml", "chart", f"<c><cat><pt><v>{n}</v></pt></cat></c>"),
        False,
    ),
    "chunk of HTML": (
        lambda n: word_part("chunk.htm", "aFChunk", f"<p>番号<b>{n[:5]}</b>{n[5:]}"),
        False,
    ),
    "chunk of RTF": (lambda n: word_part("chunk.rtf", "aFChunk", f"{{\\rtf1 {n}}}"), False),
    "embedded workbook": (
        lambda n: word_part("embeddings/b.xlsx", "package", workbook({"表": [[n]]})),
        False,
    ),
    "embedded object": (
        lambda n: word_part("embeddings/o.bin", "oleObject", compound({"Package": document([n])})),
        False,
    ),
    "embedded old workbook": (
        lambda n: word_part("embeddings/o.bin", "oleObject", xls({"表": [[n]]})),
        False,
    ),
    "control": (
        lambda n: word_part(
            "activeX/a.bin", "control", b"\0\1\2" + n.encode("utf-16-le") + b"\0\3"
        ),
        True,
    ),
    "property": (
        lambda n: linked(
            document([""]),
            "",
            {"docProps/custom.xml": ("custom-properties", f"<p><lpwstr>{n}</lpwstr></p>")},
        ),
        True,
    ),
    "part that nothing leads to": (
        lambda n: word_part("x/lost.xml", "unheard-of", f"<x><y z='{n}'/></x>"),
        True,
    ),
    "XML comment": (lambda n: word_part("x.xml", "unheard-of", f"<x><!-- {n} --></x>"), True),
    "name of a style": (
        lambda n: changed(
            document(["x"]),
            "word/styles.xml",
            "</w:styles>",
            f"<w:style><w:name w:val='{n}'/></w:style></w:styles>",
        ),
        True,
    ),
}


@pytest.mark.parametrize("place", WORD)
def test_word(place: str) -> None:
    build, hidden = WORD[place]
    found = finds(build(NUMBER), NUMBER)
    assert {one.hidden for one in found} == {hidden}
    assert all(one.path[0] == "a" for one in found)
