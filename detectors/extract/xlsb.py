"""Excel's binary workbooks (xlsb): values by calamine, and a sweep of all parts for the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date

import python_calamine as calamine

from detectors.budget import Budget
from detectors.extract.package import Package, texts
from detectors.extract.reading import within
from detectors.extract.strings import strings
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Table

_BINARY = ("xl/worksheets/", "xl/sharedStrings", "xl/comments", "xl/workbook", "xl/pivot", "xl/ext")


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.data))
    seen: set[str] = set()
    for sheet in book.sheets_metadata:
        hidden = sheet.visible != calamine.SheetVisibleEnum.Visible
        spot = within(source.spot, sheet.name, hidden=hidden)
        if hidden:
            yield Note(spot, "hidden_sheet", Reason("hidden_sheet"))
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            table = _table(book.get_sheet_by_name(sheet.name), spot, source, budget)
            seen.update(cell for row in table.rows for cell in row)
            if table.rows:
                yield table
    whole = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from texts(whole, [sheet.name for sheet in book.sheets_metadata], source.context)
    for name in package.names:
        if name.startswith(_BINARY) and name.endswith(".bin"):
            # Comments, headers, validations, and strings that no cell shows.
            spare = [text for text in strings(package.read(name)) if text not in seen]
            yield from texts(whole, spare, source.context, hidden=True)
    yield from package.rest()


def _table(sheet: calamine.CalamineSheet, spot: Spot, source: Source, budget: Budget) -> Table:
    budget.take(8 * sheet.total_height * sheet.total_width)
    rows: list[list[str]] = []
    numeric = set()
    for r, values in enumerate(sheet.iter_rows(), start=1):
        budget.time()
        rows.append([_shown(value) for value in values])
        numeric |= {(r, c) for c, v in enumerate(values, 1) if isinstance(v, float)}
    return Table(spot, rows, numeric=frozenset(numeric), context=(*source.context, spot.path[-1]))


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)
