"""Office documents in a single XML file: flat OPC, Word 2003, Excel 2003, flat OpenDocument, XPS.

Any other XML is told as it stands, tags and all (a tag is the label of its value in the forms of
e-Gov and e-Tax), and once more where letters are written as references.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup, odf, plain, story
from detectors.extract.excel.scattered import Sheet, gathered
from detectors.extract.markup import attribute, local
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Text

_ROOT = re.compile(rb"<(?:[A-Za-z0-9_]+:)?(package|wordDocument|Workbook|document)[\s>]")
_HEAD = 4_096
_TAG = 200
"""Letters of a tag with its attributes, at most."""
_FILLED = r"\s*+(?:[0-9０-９]|[0-9０-９]{4})\s*+</"
_BOXED = re.compile(
    rf">(?:{_FILLED}[^<>]{{1,{_TAG}}}+>\s*+<(?!/)[^<>]{{1,{_TAG}}}+>){{2,}}+{_FILLED}"
)
"""Elements side by side that hold a digit, or four of them, from behind the first tag on."""
_BOX = re.compile(r">\s*([0-9０-９]+)\s*</")
_SHAPES = [[1] * 12, [4] * 3]


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    kind = _ROOT.search(source.data[:_HEAD])
    child, reader = _READERS[kind[1]] if kind else ("", None)
    budget.take(len(source.data))
    root = _parsed(source.data) if reader else None
    # A <package> of an e-book and a <document> of anybody's own bear the same names.
    if reader and root is not None and root.find(f"{{*}}{child}") is not None:
        yield from reader(root, source, budget)
        return
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    for told in plain.read(source, budget):
        yield told
        if isinstance(told, Text):
            yield from texts(spot, [*_boxes(told.text)], source.context)
    if markup.REFERENCE.search(source.data) and (root := _parsed(source.data)) is not None:
        yield from texts(spot, [markup.written(root)], source.context)


def _boxes(text: str) -> Iterator[str]:
    """Numbers of which every digit, or every group of four, has an element of its own: joined,
    behind what encloses them.

    >>> list(_boxes("<a><n>" + "".join(f"<d{k}>7</d{k}>" for k in range(12)) + "</n></a>"))
    ['<a><n>777777777777']
    """
    for found in _BOXED.finditer(text):
        boxes = _BOX.findall(found[0])
        if [len(box) for box in boxes] in _SHAPES:
            first = text.rfind("<", max(found.start() - _TAG, 0), found.start())
            yield text[max(first - _TAG, 0) : first] + "".join(boxes)


def _parsed(data: bytes) -> etree._Element | None:
    """None for XML that is none, which is then told as the text that it is."""
    try:
        return markup.parse(data)
    except Refused:
        return None


def _package(root: etree._Element, source: Source, budget: Budget) -> Iterator[Surface]:
    """Flat OPC: the parts of a package one after the other, put back where they belong."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        types = ['<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">']
        for part in root:
            name = attribute(part, "name").lstrip("/")
            types.append(f'<Override ContentType="{attribute(part, "contentType")}"/>')
            archive.writestr(name, _content(part))
        archive.writestr("[Content_Types].xml", "".join((*types, "</Types>")))
    data = out.getvalue()
    budget.take(len(data))
    yield Nested(source.spot, source.name, data)


def _content(part: etree._Element) -> bytes:
    data = next((child for child in part if local(child) in ("xmlData", "binaryData")), None)
    if data is None:
        return b""
    if local(data) == "xmlData":
        return b"".join(etree.tostring(child) for child in data)
    try:
        return base64.b64decode(data.text or "")
    except binascii.Error:
        raise Refused("corrupt", type="xml") from None


def _word(root: etree._Element, source: Source, budget: Budget) -> Iterator[Surface]:
    """WordprocessingML of Word 2003, which shares its names with that of today."""
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    if story.changed(root):
        yield Note(spot, "tracked_changes", Reason("tracked_changes"))
    properties = [text for element in root.iter("{*}DocumentProperties") for text in
                  markup.words(element)]  # fmt: skip
    yield from texts(spot, properties, source.context, hidden=True)
    for binary in [*root.iter("{*}binData"), *root.iter("{*}docOleData")]:
        yield from _binary(binary, spot)
        binary.text = ""
    yield from story.tell(root, spot, source.context, story.hidden_styles(root))


def _binary(element: etree._Element, spot: Spot) -> Iterator[Surface]:
    name = attribute(element, "name").rpartition("/")[2] or "object"
    try:
        yield Nested(within(spot, name), name, base64.b64decode(element.text or ""))
    except binascii.Error:
        yield Text(spot, element.text or "")


def _workbook(root: etree._Element, source: Source, budget: Budget) -> Iterator[Surface]:
    """SpreadsheetML of Excel 2003."""
    for sheet in root.iter("{*}Worksheet"):
        hidden = any((text.text or "") != "SheetVisible" for text in sheet.iter("{*}Visible"))
        spot = within(source.spot, attribute(sheet, "Name"), hidden=hidden)
        if hidden:
            yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": "hidden"}))
        for table in sheet.iter("{*}Table"):
            yield from _table(table, spot, source, budget)
    whole = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from texts(whole, [*markup.words(root)], source.context, hidden=True)
    yield from texts(whole, [*markup.spoken(root)], source.context, hidden=True)


def _table(table: etree._Element, spot: Spot, source: Source, budget: Budget) -> Iterator[Surface]:
    sheet = Sheet(spot.path[-1])
    row = column = 0
    for child in table:
        hidden = attribute(child, "Hidden") == "1"
        if local(child) == "Column":
            first = _index(child, column)
            column = first + _number(attribute(child, "Span"))
            if hidden:
                sheet.hidden_columns.hide(first, column)
        elif local(child) == "Row":
            row = _index(child, row)
            if cells := _cells(child):
                sheet.rows[row] = cells
            if hidden:
                sheet.hidden_rows.add(row)
    yield from gathered(sheet, spot, (*source.context, sheet.name), budget)


def _cells(row: etree._Element) -> dict[int, str]:
    """Column → text; the text is taken out, so that the sweep does not tell it again."""
    cells, column = {}, 0
    for cell in row:
        column = _index(cell, column)
        for data in [child for child in cell if local(child) == "Data"]:
            cells[column] = "".join(str(text) for text in data.itertext())
            cell.remove(data)
        column += _number(attribute(cell, "MergeAcross"))
    return {column: text for column, text in cells.items() if text}


def _index(element: etree._Element, before: int) -> int:
    return _number(attribute(element, "Index")) or before + 1


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 8 else 0


def _open_document(root: etree._Element, source: Source, budget: Budget) -> Iterator[Surface]:
    yield from odf.read_flat(root, source, budget)


_READERS = {
    b"package": ("part", _package),
    b"wordDocument": ("body", _word),
    b"Workbook": ("Worksheet", _workbook),
    b"document": ("body", _open_document),
}
"""Name of the root → what it must hold, and who reads it."""
