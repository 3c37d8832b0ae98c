"""Frames: boxes of forms that stand apart, one to a digit, are no letters and no part of any.

Boxes that touch are the rules of a table, which `ink.unruled` knows by their length. The sides of
one that stands alone are as long as the strokes of a kanji; what tells are others beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from detectors.extract.picture.glyphs import Box, Glyphs, Grey, Ints, Mask, glyphs

_FAINT = 170
"""Darker is ink of a frame, which is thinner and so paler than letters."""
_FEWEST = 4
"""In a row: 国 and 回 are frames as well, and no text has four of them side by side."""
_LEAST = 14
"""Pixels along a side: smaller ones are letters, and their insides nothing that is read."""
_STOCKY = 2.5
"""Times the shorter side that the longer one has at most."""
_THIN = 0.12
"""Of the shorter side: as far in from it nothing is written, and round corners end."""
_ALIKE = 0.1
"""Of a side, or two pixels, by which boxes of a row differ."""
_FAR = 1.5
"""Of its width: the gap to the next box of the row, with a dash in it or without."""
_STRAIGHT, _PAPER = 0.95, 0.5
"""Shares of ink along a side, and along what lies behind it."""
_CORNER = 0.12
"""Of a side, at each end: a frame is round there at most, and a 0 from farther in on."""
_LEANING, _FARTHEST = 0.1, 8
"""Of a side, and pixels: how far into its box it leans, where the paper was not flat."""
_POINTS = (_CORNER, 0.3, 0.5, 0.7, 1 - _CORNER)
"""Along a side, that are all ink: a look at most letters ends there."""


def without(page: Grey) -> Grey:
    """`page` without the frames that stand in rows; what is written in them stays."""
    ink = page < _FAINT
    pieces = glyphs(ink)
    boxes = [box for box in _cornered(ink, pieces).boxes if _is_hollow(ink, box)]
    clean = page.copy()
    for row in _rows(boxes):
        if any(ink[_middle(box)].any() for box in row):  # else they may be zeros
            for box in row:
                _empty(clean, box)
    return clean


def _cornered(ink: Mask, pieces: Glyphs) -> Glyphs:
    """Those with ink at points along all four sides."""
    short, long = np.minimum(pieces.width, pieces.height), np.maximum(pieces.width, pieces.height)
    some = pieces.where((short >= _LEAST) & (long <= _STOCKY * short))
    for at in _POINTS:
        x, y = some.left + (some.width * at).astype(int), some.top + (some.height * at).astype(int)
        above, below, before, behind = np.zeros((4, len(x)), np.bool_)
        for by in range(_FARTHEST):
            high, wide = by < _leaning(some.height), by < _leaning(some.width)
            above |= ink[some.top + by * high, x]
            below |= ink[some.bottom - 1 - by * high, x]
            before |= ink[y, some.left + by * wide]
            behind |= ink[y, some.right - 1 - by * wide]
        some = some.where(above & below & before & behind)
    return some


def _is_hollow(ink: Mask, box: Box) -> bool:
    """Whether each side is a thin straight line with paper behind it."""
    left, top, right, bottom = box
    inside = ink[top:bottom, left:right]
    edge = _edge(box)
    return all(_is_side(lines, edge) for lines in (inside, inside[::-1], inside.T, inside.T[::-1]))


def _is_side(lines: Mask, edge: int) -> bool:
    """Of the first of `lines`, without their ends, where the corners are."""
    corner = round(_CORNER * lines.shape[1])
    some = lines[: edge + 2, corner : lines.shape[1] - corner]
    drawn = some[: int(_leaning(lines.shape[0]))].any(axis=0).mean() > _STRAIGHT
    return bool(drawn and (some.mean(axis=1) < _PAPER).any())


def _leaning(side: Ints | int) -> Ints:
    return np.clip(_LEANING * np.asarray(side), 3, _FARTHEST).astype(np.int32)


def _edge(box: Box) -> int:
    """Pixels of a side and the blank behind it."""
    return max(3, round(_THIN * min(box[2] - box[0], box[3] - box[1])))


def _rows(boxes: list[Box]) -> Iterator[list[Box]]:
    """Rows of frames of one size, level and near each other."""
    boxes = sorted(boxes, key=lambda box: box[1])
    while boxes:
        _, top, _, bottom = boxes[0]
        level = [box for box in boxes if box[1] - top <= _ALIKE * (bottom - top) + 2]
        boxes = boxes[len(level) :]
        row: list[Box] = []
        for box in sorted(level):
            if row and not _goes_on(row[-1], box):
                if len(row) >= _FEWEST:
                    yield row
                row = []
            row.append(box)
        if len(row) >= _FEWEST:
            yield row


def _goes_on(box: Box, after: Box) -> bool:
    wide, high = box[2] - box[0], box[3] - box[1]
    differ = max(abs(after[2] - after[0] - wide) / wide, abs(after[3] - after[1] - high) / high)
    few = differ <= max(_ALIKE, 2 / min(wide, high))
    return few and 0 <= after[0] - box[2] <= _FAR * wide


def _middle(box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = box
    edge = _edge(box)
    return slice(top + edge, bottom - edge), slice(left + edge, right - edge)


def _empty(page: Grey, box: Box) -> None:
    """Clears all but the middle of it."""
    left, top, right, bottom = box
    written = page[_middle(box)].copy()
    page[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = 255
    page[_middle(box)] = written
