"""All that the walk through a mail has found, and no more of it than a report may hold.

A report must stay small enough to be read back, whatever a mail holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from detectors import kept, score
from detectors.defects import LIMITS, defect
from detectors.pieces import pieces
from detectors.report import Defect, Fact, Outline, Part, Reason
from detectors.surface import Note, Spot, Table, Text

T = TypeVar("T", Text, Table)
_NOTES = 20
_FACTS = 2_000
_OUTLINES = 200


class Found:
    def __init__(self) -> None:
        self.surfaces: list[Text | Table] = []
        self.parts: list[Part] = []
        self.outlines: list[Outline] = []
        self.over: Reason | None = None
        """The last time that something went over the budget."""
        self._defects: list[Defect] = []
        self._facts: dict[tuple[str, str, tuple[str, ...], str], Fact] = {}
        self._notes: Counter[tuple[str, str, tuple[str, ...]]] = Counter()

    @property
    def defects(self) -> tuple[Defect, ...]:
        return tuple(self._defects[:_FACTS])

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(self._facts.values())

    @property
    def is_ambiguous(self) -> bool:
        """Whether some other reader sees another tree."""
        return any(each.structural for each in self._defects)

    def add_text(self, surface: Text) -> None:
        self.surfaces += pieces(_shortened(surface))

    def add_table(self, table: Table) -> None:
        self.surfaces.append(table := _shortened(table))
        if len(table.rows) > 1 and len(self.outlines) < _OUTLINES:
            self.outlines.append(score.outline(table))

    def note_defects(self, found: Iterable[Defect], outer: Spot | None) -> None:
        """`outer`: where the message that has them stands, if it is a file in a file."""
        for item in found:
            spot = Spot(item.part) if outer is None else outer
            self._defects.append(item if outer is None else defect(item.code, outer.part))
            if item.structural:
                self.fact("ambiguous", spot, Reason(item.code))
            if item.code in LIMITS:
                limit = item.code.removesuffix("_limit")
                self.unreadable(spot, "over_budget", limit=limit)

    def unreadable(self, spot: Spot, code: str, **params: str | int | bool) -> None:
        self.fact("uninspectable", spot, Reason(code, params))

    def note(self, note: Note) -> None:
        """Something about a file, with the slide or the cells where it tells them; a few of one
        kind are enough of a file to find the others."""
        key = (note.name, note.spot.part, note.spot.path)
        self._notes[key] += 1
        if self._notes[key] <= _NOTES:
            self.fact(note.name, note.spot, note.reason, kept.range_of(note.spot))

    def fact(self, name: str, spot: Spot, reason: Reason | None = None, within: str = "") -> None:
        fact = Fact(name, spot.part, kept.path(spot.path), reason, within)
        if reason and reason.code == "over_budget":
            self.over = reason
        key = (name, fact.part, fact.path, f"{reason.code if reason else ''} {within}")
        # Over the cap, one of each name is still said: a verdict may hang on it.
        if len(self._facts) < _FACTS or not any(known[0] == name for known in self._facts):
            self._facts.setdefault(key, fact)

    def named(self, fact: Fact, label: str) -> None:
        """One of several facts of a kind, each with a word of its own."""
        self._facts.setdefault((fact.name, fact.part, (), label), fact)


def _shortened(surface: T) -> T:
    """With no more of its path than a report keeps."""
    spot = kept.spot(surface.spot)
    return surface if spot is surface.spot else replace(surface, spot=spot)
