"""個人番号 parted over two to four columns: 「個人番号(前半) | 個人番号(後半)」.

Each column has a heading of its own, the first one that of all, or each a letter of 「個人番号」.
Numbers side by side are amounts, dates and counts anywhere else, so that all must pass the check.
Zeros that a sheet has dropped are put back where the other rows of the column tell how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors import words
from detectors.context.headings import is_of
from detectors.numbers import individual_number
from detectors.seen import Box, Clue, Field
from detectors.surface import Table
from detectors.words import INDIVIDUAL

_ROWS, _COLUMNS = 60, 200
"""In which headings are looked for."""
_MAY_NAME = re.compile(r"個|マ\s*イ|ﾏ\s*ｲ|[Mm][Yy]|[Kk]ojin|KOJIN|[Ii]ndiv")
_LETTERS = list("個人番号")
_GROUP = re.compile(r"(\d{1,8})(?:\.0)?", re.ASCII)
_SHAPES: dict[tuple[int, ...], str] = {
    **dict.fromkeys([(6, 6), (8, 4), (4, 8)], "6-6"),
    (4, 4, 4): "4-4-4",
    (3, 3, 3, 3): "3-3-3-3",
}
"""And as which form each counts."""
_MOST = max(map(len, _SHAPES))


def look(table: Table) -> Iterator[Field]:
    named: set[int] = set()
    for at, row in enumerate(table.rows[:_ROWS]):
        for column, width in _headings(row[:_COLUMNS]):
            if not named & {*range(column, column + width)}:
                named |= {*range(column, column + width)}
                yield from _numbers(table, at + 1, column, width)


def _headings(row: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where 個人番号 begins in a row of headings, and how many columns it may have."""
    end = 0
    for column, cell in enumerate(row):
        if column < end or not _MAY_NAME.match(cell.strip()):
            continue
        if [one.strip() for one in row[column : column + _MOST]] == _LETTERS:
            end = column + _MOST
        elif _is_ours(cell):
            beside = range(column + 1, min(len(row), column + _MOST))
            others = (one for one in beside if row[one].strip() and not _is_ours(row[one]))
            end = next(others, column + _MOST)
        if end > column + 1:
            yield column, end - column


def _is_ours(cell: str) -> bool:
    return is_of(words.plain_heading(cell.strip()), INDIVIDUAL)


def _numbers(table: Table, first: int, column: int, width: int) -> Iterator[Field]:
    below = enumerate(table.rows[first:], first)
    # A number in one column has nothing beside it, as nearly all of a long sheet.
    rows = {
        at: _groups(row, column, width) for at, row in below if any(row[column + 1 : column + 2])
    }
    for count in range(2, width + 1):
        own = {at: groups for at, groups in rows.items() if len(groups) == count}
        shape = tuple(max(map(len, groups)) for groups in zip(*own.values(), strict=True))
        if shape not in _SHAPES:
            continue
        for at, groups in own.items():
            digits = "".join(map(str.zfill, groups, shape))
            padded = digits != "".join(groups)
            if individual_number.is_valid(digits) and (padded or shape != (4, 4, 4)):
                top, left = table.first_row + at, table.first_column + column
                box = Box(top, left, top, left + count - 1)
                yield box, Clue(digits, _SHAPES[shape]), padded


def _groups(cells: Sequence[str], column: int, width: int) -> list[str]:
    """The groups of digits in a row, [] where anything else stands with them."""
    filled = [cell.strip() for cell in cells[column : column + width]]
    while filled and not filled[-1]:
        filled.pop()
    groups = [found[1] for cell in filled if (found := _GROUP.fullmatch(cell))]
    return groups if len(groups) == len(filled) else []
