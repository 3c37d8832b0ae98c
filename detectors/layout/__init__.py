"""Numbers that no run of digits shows: kept apart, told in pieces, one digit a box or a line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence


def lines(text: str, named: Sequence[int]) -> Iterator[tuple[int, str, bool]]:
    """Where each line begins, the line, and whether a label may end in it: `named` is where they
    may (`individual_number.named`).

    >>> [*lines("個人番号\\n1", [3])]
    [(0, '個人番号', True), (5, '1', False)]
    """
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        yield start, line, bisect_right(named, start) < bisect_right(named, end)
        start = end + 1
