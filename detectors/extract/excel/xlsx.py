"""Excel workbooks (xlsx, xlsm): every sheet as a table, and all the words around the cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import compress, count

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.excel import afloat, caches, formulas, sharedstrings, sheet, unseen
from detectors.extract.excel.cellformat import code_of
from detectors.extract.excel.cellrows import Cells, Strings
from detectors.extract.markup import attribute, letters_of
from detectors.extract.package import Package, Relations, texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Table, Text, Unreadable

_SHEETS = ("worksheet", "dialogsheet", "chartsheet", "xlMacrosheet", "xlIntlMacrosheet")

_ABOVE = 9
"""Rows in which a heading over some cells is looked for."""
_QUOTED = re.compile(r'"([^"]*)"')
_PLAIN = re.compile(r"(?<![A-Za-z$0-9.])[0-9][0-9 -]{6,}[0-9](?![A-Za-z0-9])")
_CHOICES = re.compile(r'"[^"]*,[^"]*"')


@dataclass(frozen=True, slots=True)
class _Book:
    package: Package
    budget: Budget
    strings: Strings
    formats: list[str]
    hiding: dict[int, str]
    """Styles that show nothing of a cell (`excel.unseen`)."""
    parts: dict[str, str] = field(default_factory=dict)
    """Name of a sheet, in small letters → its part."""
    named: dict[str, Cells] = field(default_factory=dict)
    """Sheets that formulas of others have named."""

    def grid(self, data: bytes) -> sheet.Grid:
        return sheet.read(data, self.strings, self.formats, self.budget)

    def cells(self, name: str) -> Cells | None:
        """Of the sheet that a formula names, read beside its turn."""
        part = self.parts.get(name.lower(), "")
        if part not in self.named and part in self.package.names:
            self.named[part] = self.grid(self.package.octets(part)).cells
        return self.named.get(part)


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    main = package.main() or "xl/workbook.xml"
    relations = package.relations(main)
    parts = {kind: target for kind, target in relations.values()}
    data = package.read(parts.get("sharedStrings", "xl/sharedStrings.xml"))
    strings, furigana = sharedstrings.read(data)
    style = package.xml(parts.get("styles", "xl/styles.xml"))
    hiding = unseen.styles(style, package.peek(parts.get("theme", ""), b"<"))
    book = _Book(package, budget, strings, _formats(style), hiding)
    unit = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    root = package.document(main)
    # Sheet names and defined names are words too.
    words = [*markup.words(root), *markup.spoken(root)]
    yield from texts(unit, [letters_of(word) for word in words], source.context)
    for element in root.iter("{*}sheet"):
        named = letters_of(element.get("name", "")).lower()
        book.parts[named] = relations.get(attribute(element, "id"), ("", ""))[1]
    for element in root.iter("{*}sheet"):
        kind, part = relations.get(attribute(element, "id"), ("", ""))
        if part not in package.names:  # lost: Excel would say so, too
            yield Unreadable(source.spot, Reason("corrupt", {"type": "xlsx"}))
        if "acro" in kind:
            yield Note(source.spot, "macro", Reason("macro"))
        name, state = letters_of(element.get("name", "")), element.get("state", "visible")
        spot = within(source.spot, name, hidden=state != "visible")
        if state != "visible":
            yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": state}))
        yield from _sheet(package, part, spot, book, source)
    yield from caches.read(package, source, main)
    for kind, part in relations.values():
        if kind in _SHEETS:  # of a sheet that the workbook does not name
            yield from _sheet(package, part, within(unit, "", hidden=True), book, source)
    yield from texts(unit, [*furigana, *strings.spare], source.context, hidden=True)
    yield from package.rest()


def _sheet(
    package: Package, part: str, spot: Spot, book: _Book, source: Source
) -> Iterator[Surface]:
    if part not in package.unread:
        return
    data = package.read(part)
    grid = book.grid(data)
    if grid.cells.left:
        formulas.settle(grid.cells, book.cells, book.budget)
    context = (*source.context, spot.path[-1])
    cells, hidden_columns = grid.cells, _hidden_columns(grid)
    if cells.rows:
        yield Table(
            spot=spot,
            rows=cells.rows,
            first_row=cells.first_row,
            first_column=cells.first_column,
            hidden_rows=frozenset(cells.hidden_rows),
            hidden_columns=hidden_columns,
            numeric=frozenset(cells.numeric),
            context=context,
        )
    if cells.hidden_rows or hidden_columns:
        yield unseen.hidden(cells.hidden_rows, hidden_columns, spot)
    relations = package.relations(part)
    if book.hiding:
        yield from _unseen(package, data, cells, book, relations, spot)
    words = [line for word in grid.words for line in _choices(word)]
    yield from texts(Spot(spot.part, spot.path, spot.hidden, ""), words, context)
    yield from _about(grid, spot, context)
    yield from texts(spot, cells.formulas, context, hidden=True)
    for kind, target in relations.values():
        if kind in ("comments", "threadedComment"):
            yield from _comments(package, target, spot, context)
        elif kind == "drawing":
            with suppress(Refused):  # told below, where its words are
                if (drawing := package.peek(target, b"txBody")) is not None:
                    yield from afloat.told(drawing, cells, spot, context, book.budget)
    yield from package.beneath(part, spot)


def _unseen(
    package: Package, data: bytes, cells: Cells, book: _Book, relations: Relations, spot: Spot
) -> Iterator[Note]:
    """Cells that hold something and show nothing."""

    def text_at(row: int, column: int) -> str:
        row, column = row - cells.first_row, column - cells.first_column
        found = cells.rows[row] if 0 <= row < len(cells.rows) else []
        return found[column] if 0 <= column < len(found) else ""

    tables = [package.peek(part, b"tableStyleInfo") for kind, part in relations.values()
              if kind == "table"]  # fmt: skip
    coloured = [area for table in tables if table is not None
                for area in unseen.areas(table.get("ref", ""))]  # fmt: skip
    yield from unseen.notes(unseen.cells(data, book.hiding, text_at, coloured), spot)


def _about(grid: sheet.Grid, spot: Spot, context: tuple[str, ...]) -> Iterator[Table]:
    """What filters, validations and conditional formats name, under the heading of their cells."""
    for row, column, words in grid.columns:
        first = max(row - _ABOVE, 1)
        rows = [[grid.cells.text(at, column)] for at in range(first, row + 1)]
        rows += [[value] for word in words for value in _named(word)]
        yield Table(spot, rows, first_row=first, first_column=column, context=context)


def _named(word: str) -> list[str]:
    """The values in a list or a formula: ["a", "b"] of '"a,b"', ["12345678"] of '$D2=12345678'."""
    found = [value for text in _QUOTED.findall(word) for value in text.split(",")]
    return [*found, *_PLAIN.findall(_QUOTED.sub("", word))]


def _choices(word: str) -> list[str]:
    """What a cell lets its user choose from, "…,…,…", one a line; other words as they are."""
    return word[1:-1].split(",") if _CHOICES.fullmatch(word) else [word]


def _hidden_columns(grid: sheet.Grid) -> frozenset[int]:
    """Those in which some cell stands."""
    first, used = grid.cells.first_column, set[int]()
    if grid.hidden_columns:
        for row in grid.cells.rows:
            used.update(compress(count(first), row))
    return grid.hidden_columns.among(used)


def _comments(
    package: Package, part: str, spot: Spot, context: tuple[str, ...]
) -> Iterator[Surface]:
    root = package.xml(part)
    for element in () if root is None else root.iter("{*}comment", "{*}threadedComment"):
        # Old comments hold runs of t, threaded ones a single text element.
        pieces = element.iter("{*}t", "{*}text")
        text = letters_of("".join(piece.text or "" for piece in pieces if not len(piece)))
        unit = f"cell:{element.get('ref', '')}"
        yield Text(Spot(spot.part, spot.path, spot.hidden, unit), text, context)
    if root is not None:
        names = [*root.iter("{*}author")]
        yield from texts(spot, [name.text or "" for name in names], context, hidden=True)


def _formats(root: etree._Element | None) -> list[str]:
    """Format code by style index."""
    if root is None:
        return []
    custom = {
        int(element.get("numFmtId", "0")): element.get("formatCode", "General")
        for element in root.iter("{*}numFmt")
        if element.get("numFmtId", "").isdigit()
    }
    formats = []
    for styles in root.iter("{*}cellXfs"):
        for style in styles:
            number = style.get("numFmtId", "0")
            formats.append(code_of(int(number) if number.isdigit() else 0, custom))
    return formats
