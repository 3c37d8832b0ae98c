"""個人番号 in three columns of four digits under one heading, where a sheet has dropped zeros.

「1234 | 56 | 7890」 is 1234 0056 7890, and only there: anywhere else three small numbers side by
side are amounts, dates and counts. Sure is none of them by its heading alone: the column has to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors import words
from detectors.seen import Box, Clue
from detectors.surface import Table
from detectors.words import INDIVIDUAL

_ROWS = 60
"""Rows in which a heading is looked for."""
_MAY_NAME = re.compile("個人|マイ|ﾏｲ|[Mm][Yy]|[Kk]ojin|KOJIN|[Ii]ndiv")
_GROUP = re.compile(r"(\d{1,4})(?:\.0)?", re.ASCII)
_FEWEST, _FULL = 9, 12
"""Digits that are left; where all twelve are there, they are read anyhow."""


def look(table: Table) -> Iterator[tuple[Box, Clue, bool]]:
    """Box, clue, and that zeros were put back."""
    for at, column in _headings(table):
        for row in range(at + 1, len(table.rows)):
            if digits := _three(table.rows[row][column : column + 3]):
                top, left = table.first_row + row, table.first_column + column
                yield Box(top, left, top, left + 2), Clue(digits, "4-4-4", careless=True), True


def _headings(table: Table) -> Iterator[tuple[int, int]]:
    """Row and column, as indices, of headings over three columns: nothing stands beside them."""
    found: set[int] = set()
    for at, row in enumerate(table.rows[:_ROWS]):
        for column, cell in enumerate(row):
            if column in found or not _MAY_NAME.search(cell) or any(row[column + 1 : column + 3]):
                continue
            label = words.heading(cell)
            if label and label.kind == INDIVIDUAL and words.is_name(cell, label):
                found.add(column)
                yield at, column


def _three(cells: Sequence[str]) -> str:
    groups: list[str] = []
    for cell in cells:
        if not (found := _GROUP.fullmatch(cell.strip())):
            return ""
        groups.append(found[1])
    if len(groups) == 3 and _FEWEST <= sum(map(len, groups)) < _FULL:
        return "".join(group.zfill(4) for group in groups)
    return ""
