"""Combs: the boxes of forms that hold a digit each. Their digits are moved together to be read.

With a finger's width between them an engine for running text takes each digit for a letter of
its own and guesses: 「4 3 1 4」 is read as 「413」1」. Set close they are an ordinary number. Where
the boxes of the next field follow at once, a comb holds the digits of both (`Closed.long`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from detectors.extract.picture.glyphs import INK, Glyphs, Grey, Mask, glyphs

_FEWEST = 4
_FULL = 12
_ONE_FIELD = 13
"""Digits of the longest number that boxes hold: a 法人番号, where a 個人番号 may stand as well."""
_WIDE = 0.42
"""Of a digit's height: a gap from which on digits are set apart. Printed close it is a quarter."""
_HIGHEST = 3.0
"""Of a letter's height: forms print small what is written large into them."""
_MOST_LOST, _EVEN = 2, 0.2
"""Digits that may be missing in a row, where the steps are even but for this share of one."""
_STROKE = 0.12
"""Of a digit's height: the width of a 1."""
_FAR = 3.2
"""Of a digit's height, from middle to middle, at most, in one comb."""


@dataclass(frozen=True, slots=True)
class Alike:
    """How much the digits of a row differ, as shares of a digit's height."""

    height: float
    level: float
    """By how much their middles do."""
    slim: float
    """The width of a 1, at least."""
    stout: float
    """That of any other, at most."""


PRINTED, WRITTEN = Alike(0.2, 0.2, 0.12, 0.85), Alike(0.4, 0.3, 0.05, 1.15)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comb lies on the page when it is closed, in pixels, and how many digits it has."""

    left: int
    top: int
    right: int
    bottom: int
    digits: int
    boxes: int = 0
    """Where the last of its digits ended that stood apart, as in boxes; 0 where they did not."""


@dataclass(frozen=True, slots=True)
class Closed:
    page: Grey
    long: tuple[Place, ...] = ()
    """The combs of more digits than one field has."""
    full: tuple[Place, ...] = ()
    """Rows of twelve digits, in combs or not."""


def closed(page: Grey, letter: float) -> Closed:
    """`page` with the digits of each comb set close, the first where it stood."""
    pieces = glyphs(page < INK)
    pieces = pieces.where((pieces.height >= 0.3 * letter) | (pieces.width >= 0.3 * letter))
    walls = _is_wall(pieces, letter)
    out = page.copy()
    _erase(out, pieces.where(walls))
    rows = _full([pieces.where(~walls), pieces], letter)
    full = [row.close(page, out) if row.is_wide() else row.stay(page, out) for row in rows]
    wide = [comb for row in _rows(pieces, letter) for comb in _parts(row) if comb.is_wide()]
    others = [comb for comb in wide if not any(comb.is_of(row) for row in rows)]
    places = [comb.close(page, out) for comb in others]
    return Closed(out, tuple(one for one in places if one.digits > _ONE_FIELD), tuple(full))


def _full(ways: Sequence[Glyphs], letter: float) -> list[_Comb]:
    """Rows of twelve digits, set close or wide, and as unlike each other as a hand writes them.

    What is thin may be a wall or a 1: in one of `ways` it is there, in one it is not.
    """
    found: list[_Comb] = []
    for pieces in ways:
        for row in map(_Comb, _rows(pieces, letter, WRITTEN)):
            if row.digits == _FULL and not any(row.is_of(other) for other in found):
                found.append(row)
    return found


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
        self.usual = float(np.median(self.steps)) if len(self.steps) else 0.0
        self.lost = self._lost() if _FULL - _MOST_LOST <= len(middles) < _FULL else []
        self.digits = len(middles) + len(self.lost)

    def _lost(self) -> list[int]:
        """Behind which of its digits one is missing: a 1 that was taken for a wall of its box."""
        steps = self.steps / self.usual
        even = np.abs(steps - 1) < _EVEN
        twice = np.abs(steps - 2) < _EVEN
        return np.flatnonzero(twice).tolist() if bool((even | twice).all()) else []

    def is_wide(self) -> bool:
        if len(self.steps) < _FEWEST - 1:
            return False
        gaps = self.pieces.left[1:] - self.pieces.right[:-1]
        return bool(np.median(gaps) > _WIDE * self.height)

    def is_of(self, other: _Comb) -> bool:
        """Whether the first of its digits lies within `other`."""
        mine, p = self.pieces, other.pieces
        across = p.left[0] <= mine.left[0] < p.right[-1]
        level = p.top.min() < (mine.top[0] + mine.bottom[0]) / 2 < p.bottom.max()
        return bool(across and level)

    def stay(self, page: Grey, out: Grey) -> Place:
        """Where it stands as it is, with a 1 that was taken for a wall put back."""
        p = self.pieces
        for left, top, right, bottom in p.boxes:
            out[top:bottom, left:right] = page[top:bottom, left:right]
        edges = p.left[0], p.top.min(), p.right[-1], p.bottom.max()
        left, top, right, bottom = map(int, edges)
        return Place(left, top, right, bottom, self.digits)

    def close(self, page: Grey, out: Grey) -> Place:
        p = self.pieces
        top, bottom = max(int(p.top.min()) - 2, 0), int(p.bottom.max()) + 2
        out[top:bottom, int(p.left[0]) - 1 : int(p.right[-1]) + 1] = 255
        at = start = int(p.left[0])
        for i, (left, right) in enumerate(zip(p.left.tolist(), p.right.tolist(), strict=True)):
            if i:
                lost = i - 1 in self.lost
                parted = not lost and self.steps[i - 1] > 1.25 * self.usual
                at += round((0.75 if parted else 0.2) * self.height)
                if lost:
                    stroke = max(2, round(_STROKE * self.height))
                    out[top + 2 : bottom - 2, at : at + stroke] = 0
                    at += stroke + round(0.2 * self.height)
            digit = page[top:bottom, left:right]
            out[top:bottom, at : at + right - left] = digit
            at += right - left
        return Place(start, top, at, bottom, self.digits, int(p.right[-1]))


def _rows(pieces: Glyphs, letter: float, alike: Alike = PRINTED) -> list[Glyphs]:
    """Rows of digit-like pieces, each next to the one before and nothing between."""
    digit = (
        (pieces.height >= 0.45 * letter)
        & (pieces.height <= _HIGHEST * letter)
        & (pieces.width <= alike.stout * pieces.height)
        & (pieces.width >= alike.slim * pieces.height)
    )
    following = {
        at: after
        for at in np.flatnonzero(digit).tolist()
        if (after := _next(pieces, at, alike)) is not None and digit[after]
    }
    rows = []
    for start in following.keys() - set(following.values()):
        row = [start]
        while (after := following.get(row[-1])) is not None:
            row.append(after)
        rows.append(pieces.where(np.array(row, np.int32)))
    return rows


def _next(pieces: Glyphs, at: int, alike: Alike) -> int | None:
    """The piece right of `at` in its line, if it is as high and not far; bits of walls aside."""
    left, top, bottom = pieces.left[at], pieces.top[at], pieces.bottom[at]
    height = bottom - top
    middle = (left + pieces.right[at]) / 2
    overlap = np.minimum(pieces.bottom, bottom) - np.maximum(pieces.top, top)
    beside = (
        (pieces.left > left)
        & (overlap > 0.4 * height)
        & (pieces.left + pieces.right < 2 * (middle + _FAR * height))
        & (pieces.width >= alike.slim * height)
    )
    near = np.flatnonzero(beside)
    if not len(near):
        return None
    after = int(near[np.argmin(pieces.left[near])])
    high = 1 - alike.height <= pieces.height[after] / height <= 1 / (1 - alike.height)
    off = abs(pieces.top[after] + pieces.bottom[after] - top - bottom) / 2
    level = off <= alike.level * height
    return after if high and level and pieces.left[after] >= pieces.right[at] else None


def _parts(row: Glyphs) -> list[_Comb]:
    """The row cut where the step is far wider than usual."""
    steps = _Comb(row).steps
    if not len(steps):
        return []
    cuts = np.flatnonzero(steps > 1.9 * np.median(steps)) + 1
    bounds = [0, *cuts.tolist(), len(steps) + 1]
    return [_Comb(row.where(np.arange(a, b, dtype=np.int32))) for a, b in pairwise(bounds)]
