"""Vertical writing laid down: columns from right to left become lines from left to right.

A page whose letters stand under one another lies on its side, or is written as Japanese books are,
its letters upright. The engine knows lines alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detectors.extract.picture.glyphs import INK, Grey, Mask

_APART = 0.25
"""Of a letter: paper between two columns."""
_SQUARE = 1.15
"""Of the column's width, the height of a letter, whose strokes may stand apart as in 三."""
_MOST = 3_000
"""Letters of a page."""


def laid_down(page: Grey, letter: int) -> Grey | None:
    """The page as lines; None where it has no letters, or more than a page has.

    `page` is without rules, dark on white; `letter` the usual height of its letters in pixels.
    """
    ink = page < INK
    columns = [*_spans(np.logical_or.reduce(ink, axis=0), round(_APART * letter))]
    lines = []
    for left, right in reversed(columns):
        cells = _letters(ink[:, left:right])
        lines.append([page[top:bottom, left:right] for top, bottom in cells])
    if not 0 < sum(map(len, lines)) <= _MOST:
        return None
    return _set(lines, letter)


def _letters(column: Mask) -> Iterator[tuple[int, int]]:
    """Top and bottom of each: strokes as near as those of one letter are taken together."""
    most = _SQUARE * column.shape[1]
    whole: tuple[int, int] | None = None
    for top, bottom in _spans(np.logical_or.reduce(column, axis=1), 1):
        if whole and bottom - whole[0] > most:
            yield whole
            whole = None
        whole = (whole[0] if whole else top), bottom
    if whole:
        yield whole


def _spans(filled: Mask, apart: int) -> Iterator[tuple[int, int]]:
    """From and to of what is filled, gaps of fewer than `apart` closed."""
    places = np.flatnonzero(filled)
    if len(places):
        breaks = np.flatnonzero(np.diff(places) > max(1, apart))
        starts = places[np.concatenate(([0], breaks + 1))]
        ends = places[np.concatenate((breaks, [len(places) - 1]))] + 1
        yield from zip(starts.tolist(), ends.tolist(), strict=True)


def _set(lines: list[list[Grey]], letter: int) -> Grey:
    """Letters side by side without the paper around each, the lines below one another."""
    gap = max(2, letter // 6)
    rows = []
    for cells in lines:
        high = max((cell.shape[0] for cell in cells), default=0)
        trimmed = [_upright(cell, high) for cell in cells]
        blank = np.full((high, gap), 255, np.uint8)
        rows.append(np.hstack([piece for cell in trimmed for piece in (cell, blank)] or [blank]))
    wide = max(row.shape[1] for row in rows) + 2 * letter
    page = np.full((sum(row.shape[0] + letter for row in rows) + letter, wide), 255, np.uint8)
    top = letter
    for row in rows:
        page[top : top + row.shape[0], letter : letter + row.shape[1]] = row
        top += row.shape[0] + letter
    return page


def _upright(cell: Grey, high: int) -> Grey:
    """In the middle of its line, as wide as its ink."""
    (places,) = np.nonzero((cell < INK).any(axis=0))
    cell = cell[:, places[0] : places[-1] + 1]
    above = (high - cell.shape[0]) // 2
    return np.pad(cell, ((above, high - cell.shape[0] - above), (0, 0)), constant_values=255)
