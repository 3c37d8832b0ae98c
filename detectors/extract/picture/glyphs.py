"""Pieces of ink in a picture: their boxes, the usual height of letters, digits set in boxes.

A picture here is an array of octets, ink dark on white paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int32]
Places = NDArray[np.int64]
"""In a flat picture."""
Box = tuple[int, int, int, int]

INK = 140
"""Darker is ink, in a picture that `ink.even` has made even."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Boxes of pieces of ink that hang together, ends exclusive; one entry a piece."""

    left: Ints
    top: Ints
    right: Ints
    bottom: Ints

    @property
    def width(self) -> Ints:
        return self.right - self.left

    @property
    def height(self) -> Ints:
        return self.bottom - self.top

    @property
    def boxes(self) -> list[Box]:
        """(left, top, right, bottom) of each."""
        sides = (self.left, self.top, self.right, self.bottom)
        return list(zip(*(side.tolist() for side in sides), strict=True))

    def where(self, chosen: Mask | Ints) -> Glyphs:
        return Glyphs(self.left[chosen], self.top[chosen], self.right[chosen], self.bottom[chosen])


def runs(mask: Mask) -> tuple[Places, Places, int]:
    """(starts, ends, stride) of all runs along rows, in the flat mask with a blank each side."""
    padded = np.pad(mask, ((0, 0), (1, 1)))
    flat = padded.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return edges[::2], edges[1::2], padded.shape[1]


def glyphs(mask: Mask) -> Glyphs:
    """The pieces of `mask`, neighbours in eight directions hanging together.

    Runs are joined and not pixels: a page has a million of these and fifty thousand of those.
    """
    starts, ends, stride = runs(mask)
    owner = _joined(len(starts), *_touching(starts, ends, stride))
    _, piece = np.unique(owner, return_inverse=True)
    count = int(piece.max()) + 1 if len(piece) else 0
    rows = (starts // stride).astype(np.int32)
    left, top = np.full(count, 1 << 30, np.int32), np.full(count, 1 << 30, np.int32)
    right, bottom = np.zeros(count, np.int32), np.zeros(count, np.int32)
    np.minimum.at(left, piece, (starts % stride - 1).astype(np.int32))
    np.maximum.at(right, piece, ((ends - 1) % stride).astype(np.int32))
    np.minimum.at(top, piece, rows)
    np.maximum.at(bottom, piece, rows + 1)
    return Glyphs(left, top, right, bottom)


def _touching(starts: Places, ends: Places, stride: int) -> tuple[Places, Places]:
    """Pairs (upper, lower) of runs that touch in neighbouring rows."""
    first = np.searchsorted(ends, starts + stride, "left")
    last = np.searchsorted(starts, ends + stride, "right")
    counts = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(starts)), counts)
    within = np.arange(len(upper)) - np.repeat(np.cumsum(counts) - counts, counts)
    return upper, np.repeat(first, counts) + within


def _joined(count: int, a: Places, b: Places) -> Places:
    """The smallest run that each hangs together with: union by rounds, halved on the way."""
    owner = np.arange(count)
    while len(a):
        low, high = np.minimum(owner[a], owner[b]), np.maximum(owner[a], owner[b])
        np.minimum.at(owner, high, low)
        while not np.array_equal(shorter := owner[owner], owner):
            owner = shorter
        apart = owner[a] != owner[b]
        a, b = a[apart], b[apart]
    return owner
