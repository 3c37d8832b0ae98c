"""Every place of OpenDocument in which a My Number was ever hidden, one line each."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

import pytest

from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import unzipped
from tests.samples import individual_number, pdf

NUMBER = individual_number(32)
Build = Callable[[str], bytes]
WHOLE, UNSEEN = Found(("a",), "", False), Found(("a",), "", True)
LINE = Found(("a",), "line", False)
SHEET = ("a", "表1")


_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
    for short in ("office", "text", "table", "draw", "style", "presentation", "svg", "form")
)
_SHEET = '<table:table table:name="表1">{}</table:table>'
_ROW = (
    "<table:table-row {1}><table:table-cell><text:p>"
    "{0}</text:p></table:table-cell></table:table-row>"
)


def _open(kind: str, body: str, styles: str = "", **parts: bytes) -> bytes:
    out = io.BytesIO()
    content = (
        f"<office:document-content {_NAMES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content)
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return out.getvalue()


def _flat(n: str) -> bytes:
    picture = base64.b64encode(pdf([n])).decode()
    return (
        f"<?xml version='1.0'?><office:document {_NAMES}>"
        "<office:body><office:text><text:p><draw:frame>"
        f"<draw:image><office:binary-data>{picture}</office:binary-data></draw:image></draw:frame>"
        "</text:p></office:text></office:body></office:document>"
    ).encode()


_STYLE = '<style:style style:name="秘"><style:{} /></style:style>'
OPEN: dict[str, tuple[Build, Found]] = {
    "spans in a number": (
        lambda n: _open("text", f"<text:p>{n[:4]}<text:span>{n[4:]}</text:span></text:p>"),
        LINE,
    ),
    "comment in the middle of a number": (
        lambda n: _open(
            "text",
            f"<text:p>{n[:4]}<office:annotation><text:p>x</text:p>"
            f"</office:annotation>{n[4:]}</text:p>",
        ),
        LINE,
    ),
    "comment": (
        lambda n: _open(
            "text", f"<text:p>x<office:annotation><text:p>{n}</text:p></office:annotation></text:p>"
        ),
        LINE,
    ),
    "footnote": (
        lambda n: _open(
            "text",
            f"<text:p>x<text:note><text:note-body><text:p>{n}</text:p>"
            "</text:note-body></text:note></text:p>",
        ),
        LINE,
    ),
    "deleted text": (
        lambda n: _open(
            "text",
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>"
            f"{n}</text:p></text:deletion></text:changed-region></text:tracked-changes>",
        ),
        UNSEEN,
    ),
    "hidden style": (
        lambda n: _open(
            "text",
            f'<text:p>x<text:span text:style-name="秘">{n}</text:span></text:p>',
            _STYLE.format('text-properties text:display="none"'),
        ),
        UNSEEN,
    ),
    "hidden section": (
        lambda n: _open(
            "text", f'<text:section text:display="none"><text:p>{n}</text:p></text:section>'
        ),
        UNSEEN,
    ),
    "alternative text": (
        lambda n: _open(
            "text", f"<text:p><draw:frame><svg:desc>{n}</svg:desc></draw:frame></text:p>"
        ),
        UNSEEN,
    ),
    "field of a form": (lambda n: _open("text", f'<form:text form:current-value="{n}"/>'), UNSEEN),
    "cell in a text": (
        lambda n: _open("text", _SHEET.format(_ROW.format(n, ""))),
        Found(("a",), "A1", False),
    ),
    "cell": (
        lambda n: _open("spreadsheet", _SHEET.format(_ROW.format(n, ""))),
        Found(SHEET, "A1", False),
    ),
    "number that is shown shortened": (
        lambda n: _open(
            "spreadsheet",
            _SHEET.format(
                '<table:table-row><table:table-cell office:value-type="float" '
                f'office:value="{n}"><text:p>1.2E+11</text:p></table:table-cell></table:table-row>'
            ),
        ),
        Found(SHEET, "A1", False),
    ),
    "hidden row": (
        lambda n: _open(
            "spreadsheet", _SHEET.format(_ROW.format(n, 'table:visibility="collapse"'))
        ),
        Found(SHEET, "A1", True),
    ),
    "filtered row": (
        lambda n: _open("spreadsheet", _SHEET.format(_ROW.format(n, 'table:visibility="filter"'))),
        Found(SHEET, "A1", True),
    ),
    "hidden column": (
        lambda n: _open(
            "spreadsheet",
            _SHEET.format('<table:table-column table:visibility="collapse"/>' + _ROW.format(n, "")),
        ),
        Found(SHEET, "A1", True),
    ),
    "hidden sheet": (
        lambda n: _open(
            "spreadsheet",
            _SHEET.replace("<table:table ", '<table:table table:style-name="秘" ').format(
                _ROW.format(n, "")
            ),
            _STYLE.format('table-properties table:display="false"'),
        ),
        Found(SHEET, "A1", True),
    ),
    "comment on a cell": (
        lambda n: _open(
            "spreadsheet",
            _SHEET.format(
                "<table:table-row><table:table-cell/><table:table-cell><office:annotation>"
                f"<text:p>{n}</text:p></office:annotation></table:table-cell></table:table-row>"
            ),
        ),
        Found(SHEET, "cell:B1", False),
    ),
    "hidden slide": (
        lambda n: _open(
            "presentation",
            '<draw:page/><draw:page draw:style-name="秘"><draw:frame>'
            f"<text:p>{n}</text:p></draw:frame></draw:page>",
            _STYLE.format('drawing-page-properties presentation:visibility="hidden"'),
        ),
        Found(("a",), "slide:2", True),
    ),
    "notes of a slide": (
        lambda n: _open(
            "presentation",
            f"<draw:page><presentation:notes><text:p>{n}</text:p></presentation:notes></draw:page>",
        ),
        Found(("a",), "slide:1", False),
    ),
    "sheet in a text": (
        lambda n: _open(
            "text",
            "",
            O__content_xml=unzipped(_open("spreadsheet", _SHEET.format(_ROW.format(n, ""))))[
                "content.xml"
            ],
        ),
        Found(("a", "O", "表1"), "A1", False),
    ),
    "settings": (lambda n: _open("text", "", settings_xml=f"<s><i>{n}</i></s>".encode()), UNSEEN),
    "picture": (
        lambda n: _open("text", "", Pictures__a_pdf=pdf([n])),
        Found(("a", "a.pdf"), "page:1", True),
    ),
    "flat file with a picture": (_flat, Found(("a", "object1"), "page:1", False)),
}


@pytest.mark.parametrize("place", OPEN)
def test_open_document(place: str) -> None:
    build, where = OPEN[place]
    assert finds(build(NUMBER), NUMBER) == [where]
