"""Short words for what tests ask of a reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from detectors.budget import Budget, Limits
from detectors.extract import read
from detectors.surface import Nested, Note, Source, Spot, Surface, Table, Text, Unread, Unreadable


def surfaces(
    data: bytes, name: str = "file", limits: Limits | None = None, **fields: Any
) -> list[Surface]:
    source = Source(Spot("2", (name,)), name, data, **fields)
    return list(read(source, Budget(limits or Limits())))


def said(found: Iterable[Surface], *, hidden: bool | None = None) -> str:
    """All running text, of the visible or the hidden surfaces only where asked."""
    return "\n".join(
        surface.text
        for surface in found
        if isinstance(surface, Text) and hidden in (None, surface.spot.hidden)
    )


def tables(found: Iterable[Surface]) -> list[Table]:
    return [surface for surface in found if isinstance(surface, Table)]


def nested(found: Iterable[Surface]) -> dict[str, bytes]:
    return {surface.name: surface.data for surface in found if isinstance(surface, Nested)}


def notes(found: Iterable[Surface]) -> list[str]:
    """But for the author, whom every file names."""
    names = [surface.name for surface in found if isinstance(surface, Note)]
    return [name for name in names if name != "author"]


def refusals(found: Iterable[Surface]) -> list[str]:
    return [s.reason.code for s in found if isinstance(s, Unreadable)]


def unread(found: Iterable[Surface]) -> list[str]:
    return [surface.reason.code for surface in found if isinstance(surface, Unread)]


def spots(found: Iterable[Surface], text: str) -> list[Spot]:
    """Where a text stands, in texts and in cells."""
    places = []
    for surface in found:
        if isinstance(surface, Text) and text in surface.text:
            places.append(surface.spot)
        if isinstance(surface, Table) and any(text in cell for row in surface.rows for cell in row):
            places.append(surface.spot)
    return places
