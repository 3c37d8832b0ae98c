"""Where the values of a finding stand, told briefly: "C5:C40" and not thirty-six cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from detectors.report import Place
from detectors.seen import Box
from detectors.surface import Spot

_MOST = 100
"""Places told one by one of one surface; the rest becomes one place that spans them."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One occurrence: a box of cells, or a line of text, or neither where there are no lines."""

    spot: Spot
    value: int
    """Index of the value."""
    box: Box | None = None
    line: int = 0
    hidden: bool = False


def places(stands: Iterable[Stand]) -> tuple[Place, ...]:
    """The places of a finding, in the order of their surfaces."""
    by_surface: dict[tuple[Spot, bool], list[Stand]] = defaultdict(list)
    for stand in stands:
        by_surface[stand.spot, stand.hidden].append(stand)
    return tuple(
        Place(spot.part, spot.path, area.range(spot), hidden, area.count, tuple(area.values))
        for (spot, hidden), of_surface in by_surface.items()
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

    box: Box
    values: dict[int, None]
    count: int

    def range(self, spot: Spot) -> str:
        box = self.box
        if box.left and not spot.unit.startswith("page:"):
            start = f"{column_letter(box.left)}{box.top}"
            end = f"{column_letter(box.right)}{box.bottom}"
            return start if start == end else f"{start}:{end}"
        if spot.unit != "line":
            return spot.unit.removeprefix("cell:")
        return f"line:{box.top}" if box.top == box.bottom else f"line:{box.top}-{box.bottom}"

    def take(self, other: _Area) -> None:
        a, b = self.box, other.box
        self.box = Box(
            min(a.top, b.top), min(a.left, b.left), max(a.bottom, b.bottom), max(a.right, b.right)
        )
        self.values |= other.values
        self.count += other.count


def _areas(stands: list[Stand]) -> list[_Area]:
    """Boxes one under the other merged, then single rows side by side, in reading order."""
    areas = [
        _Area(stand.box or Box(stand.line, 0, stand.line, 0), {stand.value: None}, 1)
        for stand in stands
    ]
    areas.sort(key=lambda area: (area.box.left, area.box.right, area.box.top))
    areas = _merged(areas, _goes_on_below)
    areas.sort(key=lambda area: (area.box.top, area.box.bottom, area.box.left))
    return _merged(areas, _goes_on_beside)


def _merged(areas: list[_Area], goes_on: Callable[[Box, Box], bool]) -> list[_Area]:
    merged: list[_Area] = []
    for area in areas:
        if merged and goes_on(merged[-1].box, area.box):
            merged[-1].take(area)
        else:
            merged.append(area)
    return merged


def _goes_on_below(a: Box, b: Box) -> bool:
    same_columns = (a.left, a.right) == (b.left, b.right)
    return same_columns and b.top <= a.bottom + (1 if a.left else 0)


def _goes_on_beside(a: Box, b: Box) -> bool:
    return a.left > 0 and (a.top, a.bottom) == (b.top, b.bottom) and b.left <= a.right + 1


def _shortened(areas: list[_Area]) -> list[_Area]:
    for area in areas[_MOST:]:
        areas[_MOST - 1].take(area)
    return areas[:_MOST]
