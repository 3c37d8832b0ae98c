"""A worksheet as a reader gathers it, cell by cell: rows and columns, and what is hidden of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from detectors.budget import Budget
from detectors.extract.excel.cellrows import LAST_COLUMN
from detectors.extract.excel.formulas import Formula
from detectors.extract.excel.unseen import Unseen, hidden
from detectors.surface import Note, Spot, Table

_SLOT = 8
"""Octets that a cell costs, an empty one left of a used one too."""


class HiddenColumns:
    """Columns that are hidden, in spans: a file may name all of them, and ten thousand times over.

    >>> columns = HiddenColumns()
    >>> columns.hide(2, 3), columns.hide(8, 99_999)
    (None, None)
    >>> sorted(columns.among([1, 2, 9]))
    [2, 9]
    """

    def __init__(self) -> None:
        self._bits = 0

    def __bool__(self) -> bool:
        return self._bits != 0

    def hide(self, first: int, last: int) -> None:
        """All from the one to the other, counted from 1."""
        end = min(last, LAST_COLUMN) + 1
        if 0 < first < end:
            self._bits |= (1 << end) - (1 << first)

    def among(self, columns: Iterable[int]) -> frozenset[int]:
        return frozenset(column for column in columns if self._bits >> column & 1)


@dataclass(slots=True)
class Sheet:
    """Cells by row and column, both counted from 1."""

    name: str
    state: str = "visible"
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    numeric: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: HiddenColumns = field(default_factory=HiddenColumns)
    words: list[str] = field(default_factory=list)
    """What stands around the cells: headers and footers, text boxes."""
    comments: list[tuple[str, str]] = field(default_factory=list)
    """(cell, text)"""
    conditions: bool = False
    unseen: Unseen = field(default_factory=dict)
    left: dict[tuple[int, int], Formula] = field(default_factory=dict)
    """Formulas whose result the program left to Excel or LibreOffice (`formulas.settle`)."""

    def text(self, row: int, column: int) -> str:
        return self.rows.get(row, {}).get(column, "")

    def put(self, row: int, column: int, text: str) -> None:
        if text:
            self.rows.setdefault(row, {})[column] = text


def gathered(
    sheet: Sheet, spot: Spot, context: tuple[str, ...], budget: Budget
) -> Iterator[Table | Note]:
    """The sheet's cells, and a note where rows or columns with something in them are hidden."""
    rows, first_row, first_column = dense(sheet.rows, budget)
    hidden_rows = frozenset(sheet.hidden_rows & sheet.rows.keys())
    hidden_columns = frozenset[int]()
    if sheet.hidden_columns:
        used = {column for row in sheet.rows.values() for column in row}
        hidden_columns = sheet.hidden_columns.among(used)
    if rows:
        yield Table(
            spot=spot,
            rows=rows,
            first_row=first_row,
            first_column=first_column,
            hidden_rows=hidden_rows,
            hidden_columns=hidden_columns,
            numeric=frozenset(sheet.numeric),
            context=context,
        )
    if hidden_rows or hidden_columns:
        yield hidden(hidden_rows, hidden_columns, spot)


def dense(rows: dict[int, dict[int, str]], budget: Budget) -> tuple[list[list[str]], int, int]:
    """(rows, first row, first column) of scattered cells, paying for the empty ones between."""
    if not rows:
        return [], 1, 1
    first_row, last_row = min(rows), max(rows)
    first = min(min(row) for row in rows.values())
    widths = {number: max(row) - first + 1 for number, row in rows.items()}
    budget.take((last_row - first_row + sum(widths.values())) * _SLOT)
    found = []
    for number in range(first_row, last_row + 1):
        row = rows.get(number, {})
        found.append([row.get(first + at, "") for at in range(widths.get(number, 0))])
    return found, first_row, first
