"""Candidates in tables: whole cells, one digit a cell, groups over columns, lost zeros.

Rows and columns are counted as the sheet counts them, from 1. A table without candidates costs
one pass over its cells; headings are looked at only for columns and rows that hold some.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

from detectors import prose, words
from detectors.seen import Box, Clue, Seen, marked_serials
from detectors.surface import Table
from detectors.text import Shapes, candidates
from detectors.words import INDIVIDUAL, Label

_FULL = 12
_SHORTEST = 9
"""Digits a number stored as a number may be left with; four lost zeros are one in 10,000."""

_WRAPPED = re.compile(r"=?\"(.*)\"|'(.*)|(\d+)\.0+", re.DOTALL)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?1[01]")
_TITLE_ROWS = 5
_HEADING_ROWS = 60


def look(table: Table, shapes: Shapes) -> list[Seen]:
    """All candidates of a table with headers, column by column."""
    found = list(_fields(table, shapes))
    if not found:
        return []
    headings = _Headings(table, found)
    named = [headings.name(*field) for field in found]
    named.sort(key=lambda pair: (pair[0].left, pair[0].top))
    return marked_serials(
        [one for box, one in named if not one.padded or _may_be_padded(table, box, one)]
    )


def _may_be_padded(table: Table, box: Box, one: Seen) -> bool:
    return (box.top, box.left) in table.numeric or _is_ours(one.clue.header)


def titles(table: Table) -> list[str]:
    """What stands alone in its row at the top."""
    top = [[cell for cell in row if cell] for row in table.rows[:_TITLE_ROWS]]
    return [row[0][:200] for row in top if len(row) == 1]


def hidden(table: Table, box: Box) -> bool:
    """Whether a reader of the table does not see the box."""
    return (
        table.spot.hidden
        or all(row in table.hidden_rows for row in range(box.top, box.bottom + 1))
        or all(column in table.hidden_columns for column in range(box.left, box.right + 1))
    )


def _is_ours(label: Label | None) -> bool:
    return label is not None and label.kind == INDIVIDUAL


_Field = tuple[Box, Clue, bool]
"""Box, clue, and whether zeros were put back."""


def _fields(table: Table, shapes: Shapes) -> Iterator[_Field]:
    below: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row, cells in enumerate(table.rows, table.first_row):
        small: list[tuple[int, str]] = []
        for column, cell in enumerate(cells, table.first_column):
            length = len(cell)
            if length >= _SHORTEST:
                yield from _in_cell(row, column, cell, shapes)
            if 0 < length <= 6 and (digits := _box_digits(cell)) is not None:
                small.append((column, digits))
                if len(digits) == 1:
                    yield from _down(below[column], row, column, digits)
            elif cell and not cell.isspace():
                small.append((column, "x"))
        if len(small) >= 3:
            yield from _across(row, small)
    for column, run in below.items():
        yield from _column_of_digits(run, column)


def _in_cell(row: int, column: int, cell: str, shapes: Shapes) -> Iterator[_Field]:
    box = Box(row, column, row, column)
    value = _unwrapped(cell)
    if value.isascii() and value.isdigit():
        if (len(value),) in shapes:
            yield box, Clue(value, str(len(value))), False
        elif _SHORTEST <= len(value) < _FULL:
            yield box, Clue(value.zfill(_FULL), "12"), True
    elif len(value) >= _FULL:
        found = list(candidates(value, shapes))
        if len(found) == 1 and len(value) == found[0].end - found[0].start:
            yield box, Clue(found[0].digits, found[0].grouping), False
        elif found:
            yield from ((box, seen.clue, False) for seen in prose.look(value, shapes))


def _unwrapped(cell: str) -> str:
    """The value as it was before a program wrapped it: ="0123…", '0123…, 123….0, 1.23…E+11."""
    value = cell.strip()
    if wrapped := _WRAPPED.fullmatch(value):
        return next(group for group in wrapped.groups() if group is not None).strip()
    return str(int(Decimal(value))) if _SCIENTIFIC.fullmatch(value) else value


def _box_digits(cell: str) -> str | None:
    """The digits of a cell that holds one or four, "" for a dash between boxes, else None."""
    value = cell.strip()
    if value.endswith(".0"):
        value = value[:-2]
    if value in {"-", "－", "ー", "―"}:
        return ""
    folded = words.fold(value) if not value.isascii() else value
    return folded if len(folded) in (1, 4) and folded.isascii() and folded.isdigit() else None


def _across(row: int, small: list[tuple[int, str]]) -> Iterator[_Field]:
    """Twelve cells of one digit or three of four side by side, and not one more."""
    run: list[tuple[int, str]] = []
    for column, digits in [*(pair for pair in small if pair[1]), (0, "x")]:
        if run and (len(digits) != len(run[-1][1]) or digits == "x" or column - run[-1][0] > 3):
            if len(run) * len(run[0][1]) == _FULL:
                box = Box(row, run[0][0], row, run[-1][0])
                shape = "4-4-4" if len(run) == 3 else "1×12"
                yield box, Clue("".join(piece for _, piece in run), shape), False
            run = []
        if digits != "x":
            run.append((column, digits))


def _down(run: list[tuple[int, str]], row: int, column: int, digit: str) -> Iterator[_Field]:
    if run and row - run[-1][0] > 1:
        yield from _column_of_digits(run, column)
        run.clear()
    run.append((row, digit))


def _column_of_digits(run: list[tuple[int, str]], column: int) -> Iterator[_Field]:
    if len(run) == _FULL:
        box = Box(run[0][0], column, run[-1][0], column)
        yield box, Clue("".join(digit for _, digit in run), "1×12"), False


class _Headings:
    """The labels over and beside the candidates of one table."""

    def __init__(self, table: Table, fields: list[_Field]) -> None:
        self.table = table
        self.numbers = {(box.top, box.left) for box, _, _ in fields}
        self.first_row = min(row for row, _ in self.numbers)
        self.columns: dict[int, list[tuple[int, Label]]] = {}
        self.rows: dict[int, list[tuple[int, Label]]] = {}

    def name(self, box: Box, clue: Clue, padded: bool) -> tuple[Box, Seen]:
        """The candidate with its header; columns are counted from heading to heading."""
        row, over = self._over(box)
        beside = None if _is_ours(over) else self._beside(box)
        header, axis = over, "column"
        if beside and (over is None or _is_ours(beside)):
            header, axis = beside, "row"
        clue = replace(clue, header=header, axis=axis, hr=clue.hr or self.hr)
        lists = (("column", box.left, row), ("row", box.top))
        return box, Seen(clue, box=box, lists=lists, padded=padded)

    @cached_property
    def hr(self) -> str:
        """A word of payroll or tax among the headings, or ""."""
        top = (cell for row in self.table.rows[:_HEADING_ROWS] for cell in row[:40])
        text = "\n".join(cell for cell in top if 2 <= len(cell) <= 40 and not cell.isdigit())
        return next((word for _, word in words.hr_words(words.fold(text))), "")

    def _over(self, box: Box) -> tuple[int, Label | None]:
        if box.left not in self.columns:
            self.columns[box.left] = list(self._labels_of_column(box.left))
        found = self.columns[box.left]
        at = bisect_left(found, box.top, key=lambda pair: pair[0])
        return found[at - 1] if at else (0, None)

    def _labels_of_column(self, column: int) -> Iterator[tuple[int, Label]]:
        index = column - self.table.first_column
        for row, cells in enumerate(self.table.rows, self.table.first_row):
            cell = cells[index] if index < len(cells) else ""
            if (row, column) in self.numbers:
                continue
            label = words.heading(cell.strip())
            if not cell and row < self.first_row:
                label = _merged_heading(cells, index)
            if label:
                yield row, label

    def _beside(self, box: Box) -> Label | None:
        if box.top not in self.rows:
            self.rows[box.top] = list(self._labels_of_row(box.top))
        found = self.rows[box.top]
        at = bisect_left(found, box.left, key=lambda pair: pair[0])
        return found[at - 1][1] if at else None

    def _labels_of_row(self, row: int) -> Iterator[tuple[int, Label]]:
        cells = self.table.rows[row - self.table.first_row]
        for column, cell in enumerate(cells, self.table.first_column):
            if len(cell) < 2 or (row, column) in self.numbers:
                continue
            label = words.heading(cell.strip())
            if label and (_is_ours(label) or words.is_plain_label(cell, label)):
                yield column, label


def _merged_heading(cells: Sequence[str], index: int) -> Label | None:
    """Of a heading merged over several columns, which leaves the others of them empty."""
    if sum(1 for cell in cells if cell) < 2:
        return None  # a title over the whole table, not a heading
    left = next((cell for cell in reversed(cells[:index]) if cell), "")
    label = words.heading(left.strip())
    return label if _is_ours(label) else None
