"""The words of a page as lines of text, with tabs around a column of 個人番号.

On a sheet of cells that was scanned, or shown on a screen, the heading stands over the number, and
nothing but the place tells so: blanks stand inside of names as well, and the numbers of rows look
like those of items. Of other columns nothing is said.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from detectors import words
from detectors.extract.picture.words import Word, is_number, joined, spelt

Line = Sequence[Word]
Span = tuple[int, int]
"""From left to right, in dots."""


def written(lines: Sequence[Line]) -> str:
    """The text of `lines`, a line each."""
    texts = [spelt(joined(line)) for line in lines]
    for heading, rows in _tables(lines).items():
        columns: list[Span] = []
        for span in (span for spans in rows.values() for span in spans):
            if not any(_meet(span, other) for other in columns):
                columns.append(span)
        for at in (heading, *rows):
            texts[at] = _parted(lines[at], sorted(columns))
    return "\n".join(texts)


def _tables(lines: Sequence[Line]) -> dict[int, dict[int, list[Span]]]:
    """By the line of their heading: the lines under it that have numbers there, and where."""
    found: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for at, line in enumerate(lines):
        for span in ((word.left, word.right) for word in line if is_number(word.text)):
            if (heading := _heading_over(lines, at, span)) is not None:
                found[heading][at].append(span)
    return found


def _heading_over(lines: Sequence[Line], at: int, span: Span) -> int | None:
    """The line above `at` that names 個人番号 at `span`, with nothing but digits between."""
    for row in range(at - 1, -1, -1):
        over = _cell(lines[row], span)
        if over and not over.replace(" ", "").isdecimal():
            return row if words.own_heading(over) else None
    return None


def _parted(line: Line, columns: Sequence[Span]) -> str:
    """The line with a tab before and behind each of `columns`, whatever stands there."""
    ends = [0, *(end for span in columns for end in span), sys.maxsize]
    return "\t".join(_cell(line, span) for span in pairwise(ends))


def _cell(line: Line, span: Span) -> str:
    left, right = span
    return spelt(joined([word for word in line if left <= (word.left + word.right) // 2 < right]))


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
