"""Excel workbooks (xlsx, xlsm): every sheet as a table, and all the words around the cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup, sheet
from detectors.extract.cellformat import code_of
from detectors.extract.markup import attribute, local
from detectors.extract.package import Package, texts
from detectors.extract.reading import within
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Table, Text

_JOINED = re.compile(r'"\s*&\s*"')
_DIGITS = re.compile(r"\d{3}")


@dataclass(frozen=True, slots=True)
class _Book:
    strings: list[str]
    formats: list[str]


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    main = package.main() or "xl/workbook.xml"
    relations = package.relations(main)
    parts = {kind: target for kind, target in relations.values()}
    strings, spare = _strings(package, parts.get("sharedStrings", "xl/sharedStrings.xml"))
    book = _Book(strings, _formats(package, parts.get("styles", "xl/styles.xml")))
    root = package.xml(main)
    if root is not None:
        # Sheet names and defined names are words too.
        names = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
        yield from texts(names, [*markup.words(root), *markup.spoken(root)], source.context)
        for element in root.iter("{*}sheet"):
            _, part = relations.get(attribute(element, "id"), ("", ""))
            name, state = element.get("name", ""), element.get("state", "visible")
            spot = within(source.spot, name, hidden=state != "visible")
            if state != "visible":
                yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": state}))
            yield from _sheet(package, part, spot, book, source, budget)
    yield from texts(source.spot, spare, source.context, hidden=True)
    yield from package.rest()


def _sheet(
    package: Package, part: str, spot: Spot, book: _Book, source: Source, budget: Budget
) -> Iterator[Surface]:
    data = package.read(part)
    if not data:
        return
    grid = sheet.read(data, book.strings, book.formats, budget)
    context = (*source.context, spot.path[-1])
    rows, first_row, first_column = grid.dense(budget)
    hidden_rows = frozenset(row for row in grid.hidden_rows if row in grid.rows)
    used = {column for row in grid.rows.values() for column in row}
    hidden_columns = frozenset(grid.hidden_columns & used)
    if rows:
        yield Table(
            spot=spot,
            rows=rows,
            first_row=first_row,
            first_column=first_column,
            hidden_rows=hidden_rows,
            hidden_columns=hidden_columns,
            numeric=frozenset(grid.numeric),
            context=context,
        )
    if hidden_rows or hidden_columns:
        yield Note(spot, "hidden_columns", Reason("hidden_columns"))
    yield from texts(spot, grid.words, context)
    yield from texts(spot, _formulas(grid.formulas), context, hidden=True)
    relations = package.relations(part)
    for target in package.linked(relations):
        if "comment" in target.lower() and target.endswith(".xml"):
            yield from _comments(package, target, spot, context)
    yield from package.sweep(package.linked(relations), spot)


def _comments(
    package: Package, part: str, spot: Spot, context: tuple[str, ...]
) -> Iterator[Surface]:
    root = package.xml(part)
    for element in () if root is None else root.iter("{*}comment", "{*}threadedComment"):
        # Old comments hold runs of t, threaded ones a single text element.
        pieces = element.iter("{*}t", "{*}text")
        text = "".join(piece.text or "" for piece in pieces if not len(piece))
        unit = f"cell:{element.get('ref', '')}"
        yield Text(Spot(spot.part, spot.path, spot.hidden, unit), text, context)


def _formulas(formulas: list[str]) -> list[str]:
    """Formulas with digits in them: ="1234"&"5678" has no value until Excel computes it."""
    return [_JOINED.sub("", formula) for formula in formulas if _DIGITS.search(formula)]


def _strings(package: Package, part: str) -> tuple[list[str], list[str]]:
    """(shared strings by index, their furigana)."""
    root = package.xml(part)
    strings, furigana = [], []
    for item in () if root is None else root:
        strings.append("".join(t.text or "" for t in item.iter("{*}t") if not _phonetic(t)))
        furigana += [t.text or "" for t in item.iter("{*}t") if _phonetic(t)]
    return strings, furigana


def _phonetic(text: etree._Element) -> bool:
    parent = text.getparent()
    return parent is not None and local(parent) == "rPh"


def _formats(package: Package, part: str) -> list[str]:
    """Format code by style index."""
    root = package.xml(part)
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
