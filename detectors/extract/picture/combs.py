"""Combs: the boxes of forms that hold a digit each. Their digits are moved together to be read.

With a finger's width between them an engine for running text takes each digit for a letter of
its own and guesses: 「4 3 1 4」 is read as 「413」1」. Set close they are an ordinary number. Where
the boxes of the next field follow at once, a comb holds the digits of both (`Closed.long`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detectors.extract.picture.glyphs import INK, Glyphs, Grey, Mask, glyphs

_FEWEST = 4
_ONE_FIELD = 13
"""Digits of the longest number that boxes hold: a 法人番号, where a 個人番号 may stand as well."""
_WIDE = 0.42
"""Of a digit's height: a gap from which on digits are set apart. Printed close it is a quarter."""
_FAR = 3.2
"""Of a digit's height, from middle to middle, at most, in one comb."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comb lies on the page when it is closed, in pixels, and how many digits it has."""

    left: int
    top: int
    right: int
    bottom: int
    digits: int


@dataclass(frozen=True, slots=True)
class Closed:
    page: Grey
    long: tuple[Place, ...] = ()
    """The combs of more digits than one field has."""


def closed(page: Grey, letter: float) -> Closed:
    """`page` with the digits of each comb set close, the first where it stood."""
    pieces = glyphs(page < INK)
    pieces = pieces.where((pieces.height >= 0.3 * letter) | (pieces.width >= 0.3 * letter))
    out = page.copy()
    _erase(out, pieces.where(_is_wall(pieces, letter)))
    wide = [comb for row in _rows(pieces, letter) for comb in _parts(row) if comb.is_wide()]
    places = [comb.close(page, out) for comb in wide]
    return Closed(out, tuple(place for place in places if place.digits > _ONE_FIELD))


def digits(pieces: Glyphs, letter: float) -> int:
    """How many stand in combs; of letters, which are seldom alike and level, next to none do."""
    lengths = [len(row.left) for row in _rows(pieces, letter)]
    return sum(length for length in lengths if length >= _FEWEST)


def _is_wall(pieces: Glyphs, letter: float) -> Mask:
    """What is left of a rule that was not straight: thinner than any digit one."""
    thin = np.minimum(pieces.width, pieces.height) < 0.11 * np.maximum(pieces.width, pieces.height)
    return thin & ((pieces.height > 0.6 * letter) | (pieces.width > 1.5 * letter))


def _erase(page: Grey, pieces: Glyphs) -> None:
    for at in range(len(pieces.left)):
        rows = slice(max(pieces.top[at] - 1, 0), pieces.bottom[at] + 1)
        page[rows, max(pieces.left[at] - 1, 0) : pieces.right[at] + 1] = 255


class _Comb:
    """Pieces of ink side by side, of one height: digits, as far as their boxes tell."""

    def __init__(self, pieces: Glyphs) -> None:
        self.pieces = pieces
        self.height = float(np.median(pieces.height))
        middles = (pieces.left + pieces.right) / 2
        self.steps = np.diff(middles)

    def is_wide(self) -> bool:
        if len(self.steps) < _FEWEST - 1:
            return False
        gaps = self.pieces.left[1:] - self.pieces.right[:-1]
        return bool(np.median(gaps) > _WIDE * self.height)

    def close(self, page: Grey, out: Grey) -> Place:
        p = self.pieces
        top, bottom = max(int(p.top.min()) - 2, 0), int(p.bottom.max()) + 2
        out[top:bottom, int(p.left[0]) - 1 : int(p.right[-1]) + 1] = 255
        at, usual = int(p.left[0]), float(np.median(self.steps))
        for i, (left, right) in enumerate(zip(p.left.tolist(), p.right.tolist(), strict=True)):
            if i:
                parted = self.steps[i - 1] > 1.25 * usual
                at += round((0.75 if parted else 0.2) * self.height)
            digit = page[top:bottom, left:right]
            out[top:bottom, at : at + right - left] = digit
            at += right - left
        return Place(int(p.left[0]), top, at, bottom, len(p.left))


def _rows(pieces: Glyphs, letter: float) -> list[Glyphs]:
    """Rows of digit-like pieces, each next to the one before and nothing between."""
    digit = (
        (pieces.height >= 0.45 * letter)
        & (pieces.height <= 2.2 * letter)
        & (pieces.width <= 0.85 * pieces.height)
        & (pieces.width >= 0.12 * pieces.height)
    )
    following = {
        at: after
        for at in np.flatnonzero(digit).tolist()
        if (after := _next(pieces, at)) is not None and digit[after]
    }
    rows = []
    for start in following.keys() - set(following.values()):
        row = [start]
        while (after := following.get(row[-1])) is not None:
            row.append(after)
        rows.append(pieces.where(np.array(row, np.int32)))
    return rows


def _next(pieces: Glyphs, at: int) -> int | None:
    """The piece right of `at` in its line, if it is as high and not far; bits of walls aside."""
    left, top, bottom = pieces.left[at], pieces.top[at], pieces.bottom[at]
    height = bottom - top
    middle = (left + pieces.right[at]) / 2
    overlap = np.minimum(pieces.bottom, bottom) - np.maximum(pieces.top, top)
    beside = (
        (pieces.left > left)
        & (overlap > 0.4 * height)
        & (pieces.left + pieces.right < 2 * (middle + _FAR * height))
        & (pieces.width >= 0.12 * height)
    )
    near = np.flatnonzero(beside)
    if not len(near):
        return None
    after = int(near[np.argmin(pieces.left[near])])
    alike = 0.8 <= pieces.height[after] / height <= 1.25
    level = abs(pieces.top[after] + pieces.bottom[after] - top - bottom) <= 0.4 * height
    return after if alike and level and pieces.left[after] >= pieces.right[at] else None


def _parts(row: Glyphs) -> list[_Comb]:
    """The row cut where the step is far wider than usual."""
    steps = _Comb(row).steps
    if not len(steps):
        return []
    cuts = np.flatnonzero(steps > 1.9 * np.median(steps)) + 1
    bounds = [0, *cuts.tolist(), len(steps) + 1]
    return [_Comb(row.where(np.arange(a, b, dtype=np.int32))) for a, b in pairwise(bounds)]
