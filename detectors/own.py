"""What the administrator of this house has looked for beside the usual: words, patterns, register.

As JSON it travels to the processes that read mail, once each time that it changes.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property

from detectors import patterns
from detectors.facts import dictionary
from detectors.facts.dictionary import Dictionary, Entry, Hit
from detectors.patterns import Pattern
from detectors.register import Register
from detectors.report import Finding
from detectors.sighting import Sighting
from detectors.surface import Table, Text
from detectors.view import view


@dataclass(frozen=True)
class Own:
    dictionaries: tuple[Dictionary, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    register: Register | None = field(default=None, repr=False)

    @cached_property
    def kinds(self) -> frozenset[str]:
        kinds = [each.kind for each in self.dictionaries]
        return frozenset([*kinds, *(each.kind for each in self.patterns)])

    def among(self, kinds: Collection[str] | None) -> Own:
        """With those dictionaries and patterns only that are asked for; None asks for all."""
        if kinds is None or self.kinds <= frozenset(kinds):
            return self
        return Own(
            tuple(one for one in self.dictionaries if one.kind in kinds),
            tuple(one for one in self.patterns if one.kind in kinds),
            self.register,
        )

    @cached_property
    def json(self) -> str:
        """`from_json(own.json) == own`."""
        said: dict[str, object] = {
            "dictionaries": [asdict(one) for one in self.dictionaries],
            "patterns": [asdict(one) for one in self.patterns],
        }
        if self.register:
            register = (self.register.key, self.register.bits)
            said["register"] = [base64.b64encode(part).decode() for part in register]
        return json.dumps(said)


NOTHING = Own()


def from_json(text: str) -> Own:
    said = json.loads(text)
    register = [base64.b64decode(part) for part in said.get("register", ())]
    return Own(
        tuple(
            Dictionary(
                one["name"], tuple(Entry(**entry) for entry in one["entries"]), one["hold_at"]
            )
            for one in said["dictionaries"]
        ),
        tuple(Pattern(**{**one, "labels": tuple(one["labels"])}) for one in said["patterns"]),
        Register(*register) if register else None,
    )


def look(own: Own, surfaces: Iterable[Text | Table]) -> tuple[list[Sighting], tuple[Finding, ...]]:
    """What the patterns match, and what the dictionaries find."""
    if not own.kinds:
        return [], ()
    sightings, hits = list[Sighting](), defaultdict[str, list[Hit]](list)
    for surface in surfaces:
        seen = view(surface)
        for pattern in own.patterns:
            sightings += patterns.look(pattern, seen)
        for each in own.dictionaries:
            hits[each.name] += dictionary.look(each, seen)
    found = (
        dictionary.finding(each, hits[each.name]) for each in own.dictionaries if hits[each.name]
    )
    return sightings, tuple(found)
