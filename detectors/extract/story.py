"""The story of a document part: paragraphs as text, tables as tables, what is hidden beside it.

WordprocessingML and DrawingML share the names p, r, t, tbl, tr, tc, so that Word, PowerPoint and
drawings in Excel are told by the same few functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.extract.markup import attribute, is_on, line, local, single, spoken, strays
from detectors.extract.package import in_order, texts
from detectors.surface import Spot, Surface

_CHANGES = ("{*}ins", "{*}del", "{*}moveFrom", "{*}moveTo")
_UNSEEN = (*_CHANGES, "{*}vanish", "{*}webHidden", "{*}rStyle", "{*}pStyle", "{*}textInput")
_SHAPES = frozenset(("sp", "pic", "graphicFrame", "grpSp", "cxnSp"))
_SPAN = 63
"""Columns of a Word table; a span beyond is a lie."""

_Block = str | list[list[str]]


def tell(
    root: etree._Element,
    spot: Spot,
    context: tuple[str, ...],
    vanishing: frozenset[str] = frozenset(),
) -> Iterator[Surface]:
    """Runs of paragraphs and tables in their order, then what a reader does not see.

    `vanishing` are the styles whose text is hidden (`hidden_styles`).
    """
    story = _Story(vanishing)
    yield from in_order(story.blocks(single(root)), spot, context)
    unseen = Spot(spot.part, spot.path, True, "")
    yield from in_order(story.unseen(root), unseen, context)
    yield from texts(unseen, [*story.hidden, *spoken(root), *strays(root)], context)


def changed(root: etree._Element) -> bool:
    """Whether somebody's corrections are kept in it."""
    return next(root.iter(*_CHANGES), None) is not None


def hidden_styles(styles: etree._Element | None) -> frozenset[str]:
    """The styles of a document whose text is hidden."""
    found = set()
    for style in () if styles is None else styles.iter("{*}style"):
        marks = style.iter("{*}vanish")
        if any(is_on(mark) for mark in marks):
            found.add(attribute(style, "styleId"))
    return frozenset(found)


class _Story:
    def __init__(self, vanishing: frozenset[str]) -> None:
        self._vanishing = vanishing
        self.hidden: list[str] = []
        """What stands in shapes that are not shown."""

    def blocks(self, element: etree._Element) -> Iterator[_Block]:
        for child in element:
            name = local(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tbl":
                yield [self._row(row) for row in _rows(child)]
            elif name in _SHAPES and _is_hidden(child):
                self.hidden += [_flat(block) for block in self.blocks(child)]
            else:
                yield from self.blocks(child)

    def unseen(self, root: etree._Element) -> Iterator[_Block]:
        """Paragraphs as they were: with deleted and hidden runs, without insertions. Those of a
        table stand in their rows, beside and under what tells what they are."""
        if next(root.iter(*_UNSEEN), None) is None:
            return
        for block in root.iter("{*}p", "{*}tbl"):
            if next(block.iterancestors("{*}tbl"), None) is not None:
                continue
            if local(block) == "tbl":
                rows = [*_rows(block)]
                changed = [any(map(self._differs, row.iter("{*}p"))) for row in rows]
                if any(changed):
                    changed[0] = True
                    yield [_was(row) if at else [] for row, at in zip(rows, changed, strict=True)]
            elif self._differs(block):
                yield line(block, original=True)

    def _differs(self, paragraph: etree._Element) -> bool:
        return line(paragraph, original=True) != line(paragraph, vanishing=self._vanishing)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[_Block]:
        yield line(paragraph, vanishing=self._vanishing)
        for apart in paragraph.iter("{*}txbxContent", "{*}rt"):
            if next(apart.iterancestors("{*}p"), None) is paragraph:
                if local(apart) == "rt":
                    yield line(apart)
                else:
                    yield from self.blocks(apart)

    def _row(self, row: etree._Element) -> list[str]:
        cells: list[str] = []
        for cell in _cells(row):
            cells.append("\n".join(_flat(block) for block in self.blocks(cell)))
            cells += [""] * (_span(cell) - 1)
        return cells


def _is_hidden(shape: etree._Element) -> bool:
    """By the properties of the shape itself and not of one inside it."""
    first = shape[0] if len(shape) else ()
    own = (mark for mark in first if local(mark) == "cNvPr")
    return any(mark.get("hidden") in ("1", "true") for mark in own)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """Rows of this table and not of tables in its cells; content controls may stand between."""
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "del", "customXml"):
            yield from _rows(child)


def _was(row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in _cells(row):
        cells.append("\n".join(line(one, original=True) for one in cell.iter("{*}p")))
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


def _flat(block: _Block) -> str:
    """A table in a cell is text of that cell."""
    return block if isinstance(block, str) else "\n".join("\t".join(row) for row in block)
