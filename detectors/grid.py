"""A table as one string, so that one expression searches all of its cells at once.

A loop over 150,000 cells costs a second; a search over the joined string some milliseconds, and
only the cells it names are looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

CELL, ROW = "\ufdd0", "\ufdd1"
"""Stand between the cells of a row, and around every row: noncharacters (Unicode 23.7), which no
text should hold, and which are neither blank nor hidden, as control characters are."""
EDGES = CELL + ROW


def joined(rows: Sequence[Sequence[str]]) -> str:
    """ROW, then every row and ROW; the signs themselves are nowhere inside a cell."""
    text = ROW.join(["", *map(CELL.join, rows), ""])
    cells = sum(map(len, rows))
    if text.count(CELL) + text.count(ROW) != cells + len(rows) + 1 - sum(map(bool, rows)):
        clean = str.maketrans({CELL: " ", ROW: " "})
        return joined([[cell.translate(clean) for cell in row] for row in rows])
    return text


def alike(
    rows: Sequence[Sequence[str]], make: Callable[[str], str]
) -> tuple[list[str], list[list[str]]]:
    """The rows as `make` makes them, each as one string and as its cells; all made at once, since
    each call costs.

    >>> alike([['A', 'b'], ['C']], str.lower)[1]
    [['a', 'b'], ['c']]
    """
    made = make(joined(rows)).split(ROW)[1:-1]
    return made, [row.split(CELL) for row in made]


def locator(text: str) -> Callable[[int], tuple[int, int]]:
    """A function from a position in a joined text to the row and column there, counted from 0.

    Positions have to be asked for in rising order, which makes all of them together one pass.

    >>> where = locator(joined([['a', 'b'], [], ['', 'c']]))
    >>> where(3), where(7)
    ((0, 1), (2, 1))
    """
    starts: list[int] = []
    row, column, counted = -1, 0, 0

    def where(at: int) -> tuple[int, int]:
        nonlocal row, column, counted
        if not starts:
            lengths = map(len, text.split(ROW)[1:-1])
            starts.extend(accumulate(map((1).__add__, lengths), initial=1))
        found = bisect_right(starts, at, lo=max(row, 0)) - 1
        if found != row:
            row, column, counted = found, 0, starts[found]
        column += text.count(CELL, counted, at)
        counted = at
        return row, column

    return where
