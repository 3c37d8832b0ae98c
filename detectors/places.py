"""Where the values of a finding stand, told briefly: "C5:C40" and not thirty-six cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from detectors.report import Place
from detectors.seen import Box
from detectors.surface import Spot

_Boxed = tuple[int, int, int, int, int]
"""Left, right, top, bottom and the value; lines of text have no columns."""
_MOST = 100
"""Places told one by one of one surface; the rest becomes one place that spans them."""


class Stand(NamedTuple):
    """One occurrence: a box of cells, or a line of text, or neither where there are no lines."""

    spot: Spot
    box: Box | None = None
    line: int = 0
    hidden: bool = False


def places(stands: Iterable[Stand], values: Iterable[int]) -> tuple[Place, ...]:
    """The places of a finding, in the order of their surfaces; `values` are the indices of what
    stands there."""
    by_surface: dict[tuple[Spot, bool], list[_Boxed]] = {}
    last, hid, boxes = None, False, list[_Boxed]()
    for (spot, box, line, hidden), value in zip(stands, values, strict=True):
        if spot is not last or hidden is not hid:  # of thousands nearly all stand on one
            last, hid = spot, hidden
            boxes = by_surface.setdefault((spot, hidden), [])
        if box is None:
            boxes.append((0, 0, line, line, value))
        else:
            boxes.append((box[1], box[3], box[0], box[2], value))
    return tuple(
        Place(spot.part, spot.path, area.range(spot), hidden, area.count, tuple(area.values))
        for (spot, hidden), of_surface in by_surface.items()
        for area in _shortened(_areas(of_surface))
    )


def column_number(letters: str) -> int:
    """
    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(column: int) -> str:
    """
    >>> column_letter(1), column_letter(27), column_letter(16384)
    ('A', 'AA', 'XFD')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(slots=True)
class _Area:
    """A box of cells (lines are a box in column 0) with what stands in it."""

    top: int
    left: int
    bottom: int
    right: int
    values: dict[int, None]
    count: int

    def range(self, spot: Spot) -> str:
        if self.left and not spot.unit.startswith("page:"):
            start = f"{column_letter(self.left)}{self.top}"
            end = f"{column_letter(self.right)}{self.bottom}"
            return start if start == end else f"{start}:{end}"
        if spot.unit != "line":
            return spot.unit.removeprefix("cell:")
        one_line = self.top == self.bottom
        return f"line:{self.top}" if one_line else f"line:{self.top}-{self.bottom}"

    def take(self, other: _Area) -> None:
        self.top, self.left = min(self.top, other.top), min(self.left, other.left)
        self.bottom, self.right = max(self.bottom, other.bottom), max(self.right, other.right)
        self.values |= other.values
        self.count += other.count


def _areas(boxes: list[_Boxed]) -> list[_Area]:
    """Boxes one under the other merged, then single rows side by side, in reading order."""
    areas: list[_Area] = []
    column, below = (0, 0), -1
    for left, right, top, bottom, value in sorted(boxes, key=itemgetter(0, 1, 2)):
        if top > below or column != (left, right):
            last, column, below = _Area(top, left, bottom, right, {}, 0), (left, right), -1
            areas.append(last)
        if bottom > last.bottom:
            last.bottom = bottom
        below = last.bottom + (left > 0)
        last.values[value] = None
        last.count += 1
    areas.sort(key=lambda area: (area.top, area.bottom, area.left))
    return _beside(areas)


def _beside(areas: list[_Area]) -> list[_Area]:
    merged: list[_Area] = []
    for area in areas:
        if merged and _goes_on_beside(merged[-1], area):
            merged[-1].take(area)
        else:
            merged.append(area)
    return merged


def _goes_on_beside(a: _Area, b: _Area) -> bool:
    return a.left > 0 and (a.top, a.bottom) == (b.top, b.bottom) and b.left <= a.right + 1


def _shortened(areas: list[_Area]) -> list[_Area]:
    for area in areas[_MOST:]:
        areas[_MOST - 1].take(area)
    return areas[:_MOST]
