"""The story of a document part: paragraphs as text, tables as tables, what is hidden beside it.

WordprocessingML and DrawingML share the names p, r, t, tbl, tr, tc, so that Word, PowerPoint and
drawings in Excel are told by the same few functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.extract.markup import attribute, line, local, single, spoken
from detectors.extract.package import texts
from detectors.surface import Spot, Surface, Table

_CHANGES = ("{*}ins", "{*}del", "{*}moveFrom", "{*}moveTo")
_SPAN = 63
"""Columns of a Word table; a span beyond is a lie."""
_CONTEXT = 200


def tell(root: etree._Element, spot: Spot, context: tuple[str, ...]) -> Iterator[Surface]:
    """Runs of paragraphs and tables in their order, then what a reader does not see."""
    lines: list[str] = []
    for block in _blocks(single(root)):
        if isinstance(block, str):
            lines.append(block)
            continue
        yield from texts(spot, lines, context)
        # The line above a table is its title.
        title = next((text for text in reversed(lines) if text.strip()), "")
        above = (title.strip()[:_CONTEXT],) if title else ()
        yield Table(spot, block, context=(*context, *above))
        lines = []
    yield from texts(spot, lines, context)
    hidden = [*_unseen(root), *spoken(root)]
    yield from texts(Spot(spot.part, spot.path, True, ""), hidden, context)


def changed(root: etree._Element) -> bool:
    """Whether somebody's corrections are kept in it."""
    return next(root.iter(*_CHANGES), None) is not None


def _blocks(element: etree._Element) -> Iterator[str | list[list[str]]]:
    for child in element:
        name = local(child)
        if name == "p":
            yield from _paragraph(child)
        elif name == "tbl":
            yield [_row(row) for row in _rows(child)]
        else:
            yield from _blocks(child)


def _paragraph(paragraph: etree._Element) -> Iterator[str | list[list[str]]]:
    yield line(paragraph)
    for box in paragraph.iter("{*}txbxContent"):
        if next(box.iterancestors("{*}p"), None) is paragraph:
            yield from _blocks(box)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of this table and not of tables in its cells; content controls may stand between."""
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "del", "customXml"):
            yield from _rows(child)


def _row(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in _cells(row):
        cells.append("\n".join(_flat(block) for block in _blocks(cell)))
        cells += [""] * (_span(cell) - 1)
    return cells


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for child in row:
        if local(child) == "tc":
            yield child
        elif local(child) in ("sdt", "sdtContent", "customXml"):
            yield from _cells(child)


def _span(cell: etree._Element) -> int:
    mark = next(cell.iter("{*}gridSpan"), None)
    text = attribute(cell, "gridSpan") or ("" if mark is None else attribute(mark, "val"))
    return max(1, min(int(text), _SPAN)) if text.isdigit() and len(text) < 4 else 1


def _flat(block: str | list[list[str]]) -> str:
    """A table in a cell is text of that cell."""
    return block if isinstance(block, str) else "\n".join("\t".join(row) for row in block)


def _unseen(root: etree._Element) -> Iterator[str]:
    """Paragraphs as they were: with deleted and hidden runs, without insertions."""
    for paragraph in root.iter("{*}p"):
        original = line(paragraph, original=True)
        if original != line(paragraph):
            yield original
