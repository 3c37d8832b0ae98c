"""Where a number stands in a file, found by the eyes of the product: readers, cells and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detectors import cells, text
from detectors.budget import Budget
from detectors.extract import read
from detectors.numbers import individual_number
from detectors.places import column_letter
from detectors.surface import Nested, Source, Spot, Surface, Table, Text

_DEEP = 5


@dataclass(frozen=True)
class Found:
    path: tuple[str, ...]
    where: str
    """The unit of a text ("slide:2", "cell:B2", "line") or the first cell of the number."""
    hidden: bool


def everything(source: Source, depth: int = 0) -> Iterator[Surface]:
    """All surfaces of a file and of the files in it."""
    for surface in read(source, Budget()):
        if isinstance(surface, Nested) and depth < _DEEP:
            inner = Source(surface.spot, surface.name, surface.data, passwords=source.passwords)
            yield from everything(inner, depth + 1)
        else:
            yield surface


def finds(
    data: bytes, number: str, name: str = "a", passwords: tuple[str, ...] = ()
) -> list[Found]:
    source = Source(Spot("1", (name,)), name, data, passwords=passwords)
    return [place for surface in everything(source) for place in _in(surface, number)]


def _in(surface: Surface, number: str) -> Iterator[Found]:
    shapes = individual_number.SHAPES
    if isinstance(surface, Text):
        for seen in text.candidates(surface.text, shapes):
            if seen.digits == number:
                yield Found(surface.spot.path, surface.spot.unit, surface.spot.hidden)
    elif isinstance(surface, Table):
        for one in cells.look(surface, shapes):
            if one.clue.digits == number and one.box:
                place = f"{column_letter(one.box.left)}{one.box.top}"
                yield Found(surface.spot.path, place, cells.hidden(surface, one.box))
