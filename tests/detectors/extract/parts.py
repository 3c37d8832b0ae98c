"""Office packages with parts and relationships that no library writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import PurePosixPath

from tests.samples import document, slides, workbook, zipped

MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


@cache
def _document() -> bytes:
    return document(["前"])


@cache
def _slides() -> bytes:
    return slides(["前"])


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(data: bytes, part: str, old: str, new: str) -> bytes:
    """The same package with one part edited."""
    files = unzipped(data)
    text = files[part].decode()
    assert old in text
    return zipped({**files, part: text.replace(old, new, 1).encode()})


def linked(base: bytes, owner: str, links: Mapping[str, tuple[str, str | bytes]]) -> bytes:
    """`base` with further parts: name → (type of the relationship from `owner`, content)."""
    files = unzipped(base)
    path = PurePosixPath(owner)
    rels = str(path.parent / "_rels" / f"{path.name}.rels")
    old = files.get(rels, f'<Relationships xmlns="{_RELS}"></Relationships>'.encode()).decode()
    new = "".join(
        f'<Relationship Id="x{at}" Type="{_TYPE}{kind}" Target="/{name}"/>'
        for at, (name, (kind, _)) in enumerate(links.items())
    )
    if old.endswith("/>"):
        old = old[:-2] + "></Relationships>"
    files[rels] = old.replace("</Relationships>", new + "</Relationships>").encode()
    for name, (_, content) in links.items():
        files[name] = content.encode() if isinstance(content, str) else content
    return zipped(files)


def word(body: str) -> bytes:
    """A document with this markup behind its first paragraph."""
    data = _document()
    return changed(data, "word/document.xml", "<w:sectPr", f"<w:wrap>{body}</w:wrap><w:sectPr")


def word_part(name: str, kind: str, content: str | bytes) -> bytes:
    return linked(_document(), "word/document.xml", {f"word/{name}": (kind, content)})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def book(rows: str) -> bytes:
    """A workbook whose only sheet, 表, has these rows as they would stand in its XML."""
    data = workbook({"表": [["x"]]})
    sheet = unzipped(data)["xl/worksheets/sheet1.xml"].decode()
    old = sheet[sheet.index("<sheetData>") : sheet.index("</sheetData>")]
    return changed(data, "xl/worksheets/sheet1.xml", old, f"<sheetData>{rows}")


def beside_sheet(markup: str) -> bytes:
    """A workbook with this markup behind the cells of its sheet."""
    data = workbook({"表": [["x"]]})
    end = "</sheetData>"
    return changed(data, "xl/worksheets/sheet1.xml", end, end + markup)


def sheet_part(name: str, kind: str, content: str | bytes) -> bytes:
    return linked(
        workbook({"表": [["x"]]}), "xl/worksheets/sheet1.xml", {f"xl/{name}": (kind, content)}
    )


def book_part(name: str, kind: str, content: str | bytes) -> bytes:
    return linked(workbook({"表": [["x"]]}), "xl/workbook.xml", {f"xl/{name}": (kind, content)})


def slide_part(name: str, kind: str, content: str | bytes) -> bytes:
    return linked(_slides(), "ppt/slides/slide1.xml", {f"ppt/{name}": (kind, content)})


def shape(text: str, properties: str = "") -> str:
    """A shape of a slide."""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="9" name="x" {properties}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def slide(markup: str) -> bytes:
    return changed(_slides(), "ppt/slides/slide1.xml", "</p:spTree>", markup + "</p:spTree>")
