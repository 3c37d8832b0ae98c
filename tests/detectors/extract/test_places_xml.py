"""Every place of office documents in XML, of drawings and of notes, one line each."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from tests.detectors.extract.finds import Found, finds
from tests.detectors.extract.parts import unzipped
from tests.detectors.extract.reads import refusals, said, surfaces
from tests.samples import document, individual_number, pdf, zipped

NUMBER = individual_number(32)
Build = Callable[[str], bytes]
WHOLE, UNSEEN = Found(("a",), "", False), Found(("a",), "", True)
LINE = Found(("a",), "line", False)
SHEET = ("a", "表1")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _flat_opc(data: bytes) -> bytes:
    parts = []
    for name, content in unzipped(data).items():
        if name.endswith((".xml", ".rels")) and not name.startswith("["):
            kind = "wordprocessingml.document.main+xml" if "document.xml" in name else "x"
            body = content.decode().partition("?>")[2]
            parts.append(
                f"<pkg:part pkg:name='/{name}' pkg:contentType='{kind}'>"
                f"<pkg:xmlData>{body}</pkg:xmlData></pkg:part>"
            )
    head = "<?xml version='1.0'?><pkg:package xmlns:pkg='http://schemas.microsoft.com/p'>"
    return f"{head}{''.join(parts)}</pkg:package>".encode()


def _excel_2003(n: str, row: str = "") -> bytes:
    return (
        "<?xml version='1.0'?><Workbook xmlns='u' xmlns:ss='u'><Worksheet ss:Name='表1'><Table>"
        f"<Row/><Row {row}><Cell ss:Index='3'><Data ss:Type='String'><B>{n[:4]}</B>{n[4:]}</Data>"
        "</Cell></Row></Table></Worksheet></Workbook>"
    ).encode()


_TYPES = '<Types><Override ContentType="application/vnd.{}+xml"/></Types>'


def _xps(n: str) -> bytes:
    glyphs = "".join(f"<Glyphs OriginY='9' UnicodeString='{digit}'/>" for digit in n)
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format("ms-package.xps-fixeddocument").encode(),
            "Documents/1/Pages/1.fpage": f"<FixedPage>{glyphs}</FixedPage>".encode(),
        }
    )


def _visio(n: str) -> bytes:
    rels = "<Relationships><Relationship Id='1' Type='x/document' Target='d.xml'/></Relationships>"
    page = f"<PageContents><Text><cp IX='0'/>{n[:4]}<cp IX='1'/>{n[4:]}</Text></PageContents>"
    return zipped(
        {
            "[Content_Types].xml": _TYPES.format("ms-visio.drawing.main").encode(),
            "_rels/.rels": rels.encode(),
            "visio/pages/page1.xml": page.encode(),
        }
    )


def _onenote(body: bytes) -> bytes:
    head = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3").ljust(48, b"\0")
    return head + bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8") + bytes(9) + body + bytes(9)


def _dropped(data: bytes) -> bytes:
    mark = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
    return mark + struct.pack("<Q12x", len(data)) + data + "名前です".encode("utf-16-le")


PLACES: dict[str, tuple[Build, Found]] = {
    "flat OPC": (lambda n: _flat_opc(document([n])), LINE),
    "Word 2003": (
        lambda n: (
            "<?xml version='1.0'?><w:wordDocument xmlns:w='x'><w:p><w:r>"
            f"<w:t>{n}</w:t></w:r></w:p></w:wordDocument>".encode()
        ),
        LINE,
    ),
    "Excel 2003": (lambda n: _excel_2003(n), Found(SHEET, "C2", False)),
    "Excel 2003, hidden row": (lambda n: _excel_2003(n, "ss:Hidden='1'"), Found(SHEET, "C2", True)),
    "XML with a tag as label": (
        lambda n: f"<?xml version='1.0'?><個人番号>{n}</個人番号>".encode(),
        LINE,
    ),
    "XML with an element for each digit": (
        lambda n: (
            "<?xml version='1.0'?><届出><個人番号>"
            + "".join(f"<桁{at}>{d}</桁{at}>\n" for at, d in enumerate(n, start=1))
            + "</個人番号></届出>"
        ).encode(),
        WHOLE,
    ),
    "XML with an element for each group": (
        lambda n: (
            "<?xml version='1.0'?><届出><個人番号>"
            + "".join(f"<上 位='{at}'>{n[at : at + 4]}</上>" for at in (0, 4, 8))
            + "</個人番号></届出>"
        ).encode(),
        WHOLE,
    ),
    "XML with references": (
        lambda n: ("<?xml version='1.0'?><a>" + "".join(f"&#x3{d};" for d in n) + "</a>").encode(),
        WHOLE,
    ),
    "XPS": (lambda n: _xps(n), Found(("a",), "page:1", False)),
    "Visio": (lambda n: _visio(n), Found(("a",), "", False)),
    "OneNote": (lambda n: _onenote(_wide(f"番号 {n}")), LINE),
    "OneNote, file in it": (
        lambda n: _onenote(_dropped(pdf([n]))),
        Found(("a", "object1"), "page:1", False),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_place(place: str) -> None:
    build, where = PLACES[place]
    assert where in finds(build(NUMBER), NUMBER)


def test_a_tag_is_the_label_of_digits_written_as_references_too() -> None:
    digits = "".join(f"&#x3{digit};" for digit in NUMBER)
    data = f"<?xml version='1.0'?><a><項目 名='個人番号'>{digits}</項目></a>".encode()
    assert f'<項目 名="個人番号">{NUMBER}</項目>' in said(surfaces(data))


@pytest.mark.parametrize("root", ["package", "document", "Workbook", "wordDocument"])
def test_a_root_that_is_called_like_one_of_office_is_any_other(root):
    data = f"<?xml version='1.0'?><{root}><kojinBango>{NUMBER}</kojinBango></{root}>".encode()
    found = surfaces(data, "a.opf")
    assert NUMBER in said(found) and not refusals(found)
