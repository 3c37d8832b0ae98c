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
from detectors.seen import Box, Clue
from detectors.surface import Table
from detectors.words import INDIVIDUAL

_ROWS = 60
"""Rows in which a heading is looked for."""
_WIDEST = 60
"""Columns under one heading: those of 方眼紙 are narrow."""
_MAY_NAME = re.compile("個人|マイ|ﾏｲ|[Mm][Yy]|[Kk]ojin|KOJIN|[Ii]ndiv")
_GROUP = re.compile(r"(\d{1,4})(?:\.0)?", re.ASCII)
_ONE = re.compile(rf"\s*([{D}])(?:\.0)?\s*")
_FEWEST, _FULL = 9, 12
"""Digits that are left of three groups; where all twelve are there, they are read anyhow."""

Found = tuple[Box, Clue, bool]
"""Box, clue, and whether zeros were put back."""


def look(table: Table) -> Iterator[Found]:
    for at, column, width in _headings(table):
        top, left = table.first_row, table.first_column + column
        for row in range(at + 1, len(table.rows)):
            cells = table.rows[row]
            if digits := _three(cells[column : column + 3]):
                box = Box(top + row, left, top + row, left + 2)
                yield box, Clue(digits, "4-4-4", careless=True), True
            elif (
                width >= _FULL
                and len(cells) >= column + _FULL
                and (places := _twelve(cells, column, column + width))
            ):
                digits = "".join(cells[place].strip()[0] for place in places).translate(FOLD)
                first, last = table.first_column + places[0], table.first_column + places[-1]
                yield Box(top + row, first, top + row, last), Clue(digits, "1×12"), False


def _headings(table: Table) -> Iterator[tuple[int, int, int]]:
    """Row and column, as indices, of headings over three columns or more, and over how many."""
    found: set[int] = set()
    for at, row in enumerate(table.rows[:_ROWS]):
        for column, cell in enumerate(row):
            if column in found or not _MAY_NAME.search(cell) or any(row[column + 1 : column + 3]):
                continue
            label = words.heading(cell)
            if label and label.kind == INDIVIDUAL and words.is_name(cell, label):
                found.add(column)
                beside = range(column + 1, min(len(row), column + _WIDEST))
                end = next((one for one in beside if row[one].strip()), column + _WIDEST)
                yield at, column, end - column


def _three(cells: Sequence[str]) -> str:
    groups: list[str] = []
    for cell in cells:
        if not (found := _GROUP.fullmatch(cell.strip())):
            return ""
        groups.append(found[1])
    if len(groups) == 3 and _FEWEST <= sum(map(len, groups)) < _FULL:
        return "".join(group.zfill(4) for group in groups)
    return ""


def _twelve(cells: Sequence[str], start: int, end: int) -> list[int]:
    """The columns of twelve digits, and nothing else, under the heading; [] too where nothing but
    these stands in the row, which is a number without it."""
    places = [at for at in range(start, min(end, len(cells))) if cells[at].strip()]
    if len(places) != _FULL or not all(_ONE.fullmatch(cells[at]) for at in places):
        return []
    around = cells[max(start - _FULL, 0) : start], cells[end : end + _FULL]
    return places if any(_ONE.fullmatch(cell) for side in around for cell in side) else []
