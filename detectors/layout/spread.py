"""個人番号 spread over cells under one heading: three of four digits, or twelve of one.

- 「1234 | 56 | 7890」, where a sheet has dropped zeros, is 1234 0056 7890, and only there: anywhere
  else three small numbers side by side are amounts, dates and counts.
- Twelve digits side by side are a number anywhere (`cells`); where those of the next field follow
  at once, as on the forms of 雇用保険, it is the headings that tell where one ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors import words
from detectors.digits import FOLD, D
from detectors.seen import Box, Clue, Field
from detectors.surface import Table

_ROWS = 60
"""Rows in which a heading is looked for."""
_WIDEST = 60
"""Columns under one heading: those of 方眼紙 are narrow."""
_MAY_NAME = re.compile(r"個\s*人|マ\s*イ|ﾏ\s*ｲ|[Mm][Yy]|[Kk]ojin|KOJIN|[Ii]ndiv")
_GROUP = re.compile(r"(\d{1,4})(?:\.0)?", re.ASCII)
_ONE = re.compile(rf"\s*([{D}])(?:\.0)?\s*")
_FEWEST, _FULL = 9, 12
"""Digits that are left of three groups; where all twelve are there, they are read anyhow."""


def look(table: Table) -> Iterator[Field]:
    for at, column, width in _headings(table):
        for row in range(at + 1, len(table.rows)):
            if found := _number(table.rows[row], column, width):
                first, last, clue, padded = found
                top, left = table.first_row + row, table.first_column
                yield Box(top, left + first, top, left + last), clue, padded


def _number(cells: Sequence[str], column: int, width: int) -> tuple[int, int, Clue, bool] | None:
    """Of a row under a heading of `width` columns: the first and the last of its own."""
    three = _three(cells[column : column + 3])
    fourth = cells[column + 3 : column + min(width, 4)]  # then each has three: `parted`
    if _FEWEST <= sum(map(len, three)) < _FULL and not any(map(_GROUP.fullmatch, fourth)):
        digits = "".join(group.zfill(4) for group in three)
        return column, column + 2, Clue(digits, "4-4-4", careless=True), True
    if width == 3 and _goes_on(three, cells, column):
        return column, column + 2, Clue("".join(three), "4-4-4"), False
    if width < _FULL or len(cells) < column + _FULL:
        return None
    places = _twelve(cells, column, column + width)
    digits = "".join(cells[place].strip()[0] for place in places).translate(FOLD)
    return (places[0], places[-1], Clue(digits, "1×12"), False) if places else None


def _headings(table: Table) -> Iterator[tuple[int, int, int]]:
    """Row and column, as indices, of headings over three columns or more, and over how many."""
    found: set[int] = set()
    for at, row in enumerate(table.rows[:_ROWS]):
        for column, cell in enumerate(row):
            if column in found or not _MAY_NAME.search(cell) or any(row[column + 1 : column + 3]):
                continue
            if words.own_heading(cell):
                found.add(column)
                beside = range(column + 1, min(len(row), column + _WIDEST))
                end = next((one for one in beside if row[one].strip()), column + _WIDEST)
                yield at, column, end - column


def _three(cells: Sequence[str]) -> list[str]:
    """Three groups of digits, [] for anything else."""
    groups = [found[1] for cell in cells if (found := _GROUP.fullmatch(cell.strip()))]
    return groups if len(groups) == 3 else []


def _goes_on(three: Sequence[str], cells: Sequence[str], column: int) -> bool:
    """Whether they are a number in fours, and four digits more stand right beside it: without
    these it is one without its heading."""
    beside = [*cells[max(column - 1, 0) : column], *cells[column + 3 : column + 4]]
    return [*map(len, three)] == [4, 4, 4] and any(
        len(cell.strip()) == 4 and _GROUP.fullmatch(cell.strip()) for cell in beside
    )


def _twelve(cells: Sequence[str], start: int, end: int) -> list[int]:
    """The columns of twelve digits, and nothing else, under the heading; [] too where nothing but
    these stands in the row, which is a number without it."""
    places = [at for at in range(start, min(end, len(cells))) if cells[at].strip()]
    if len(places) != _FULL or not all(_ONE.fullmatch(cells[at]) for at in places):
        return []
    around = cells[max(start - _FULL, 0) : start], cells[end : end + _FULL]
    return places if any(_ONE.fullmatch(cell) for side in around for cell in side) else []
