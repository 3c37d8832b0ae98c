"""Where the values of a finding stand, told briefly: "C5:C40" and not thirty-six cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from detectors.report import Place
from detectors.seen import Box
from detectors.surface import Spot

_MOST = 100
"""Places told one by one of one surface; the rest becomes one place that spans them."""


class Stand(NamedTuple):
    """One occurrence: a box of cells, or a line of text, or neither where there are no lines."""

    spot: Spot
    value: int
    """Index of the value."""
    box: Box | None = None
    line: int = 0
    hidden: bool = False


def places(stands: Iterable[Stand]) -> tuple[Place, ...]:
    """The places of a finding, in the order of their surfaces."""
    by_surface: dict[tuple[int, bool], list[Stand]] = {}
    spots: dict[Spot, int] = {}
    spot, at = None, 0
    for stand in stands:
        if stand.spot is not spot:  # of thousands nearly all stand on one
            spot = stand.spot
            at = spots.setdefault(spot, len(spots))
        by_surface.setdefault((at, stand.hidden), []).append(stand)
    told = list(spots)
    return tuple(
        Place(spot.part, spot.path, area.range(spot), hidden, area.count, tuple(area.values))
        for (at, hidden), of_surface in by_surface.items()
        for spot in (told[at],)
        for area in _shortened(_areas(of_surface))
    )


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


def _areas(stands: list[Stand]) -> list[_Area]:
    """Boxes one under the other merged, then single rows side by side, in reading order."""
    areas: list[_Area] = []
    for left, right, top, bottom, value in sorted(map(_boxed, stands), key=itemgetter(0, 1, 2)):
        last = areas[-1] if areas else None
        if last and _goes_on_below(last, left, right, top):
            last.bottom = max(last.bottom, bottom)
            last.values[value] = None
            last.count += 1
        else:
            areas.append(_Area(top, left, bottom, right, {value: None}, 1))
    areas.sort(key=lambda area: (area.top, area.bottom, area.left))
    return _beside(areas)


def _boxed(stand: Stand) -> tuple[int, int, int, int, int]:
    """Left, right, top, bottom and the value."""
    if stand.box is None:
        return 0, 0, stand.line, stand.line, stand.value
    top, left, bottom, right = stand.box
    return left, right, top, bottom, stand.value


def _goes_on_below(above: _Area, left: int, right: int, top: int) -> bool:
    same_columns = above.left == left and above.right == right
    return same_columns and top <= above.bottom + (1 if left else 0)


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
