"""Files of a held mail: where something was found in them, and how their tables are built."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from detectors.report import Confidence, Outline, Part, Place
from gateway.face.i18n import Words
from gateway.face.words import pieces
from gateway.judgement.dossier import Dossier
from gateway.judgement.policy.explain import Drop

_COLUMN = re.compile(r"([A-Z]{1,3})[0-9]")


@dataclass(frozen=True)
class Sheet:
    """The structure of one table; `hits` are letters of columns in which something was found."""

    outline: Outline
    hits: frozenset[str]

    @property
    def name(self) -> str:
        return " › ".join(self.outline.path[1:] or self.outline.path)


@dataclass(frozen=True)
class Enclosure:
    part: Part
    places: tuple[tuple[tuple[str, ...], int], ...]
    """pieces of the way inside the file, and the count there"""
    sheets: tuple[Sheet, ...]
    frees: bool

    @property
    def key(self) -> str:
        return f"a{self.part.path}"


def enclosure(words: Words, held: Dossier, part: Part, freeing: frozenset[Drop]) -> Enclosure:
    found = [
        place
        for finding in held.report.findings
        if finding.confidence is not Confidence.LOW
        for place in finding.where
        if _stands_in(place.part, part)
    ]
    sheets = (o for o in held.report.outlines if _stands_in(o.part, part))
    return Enclosure(
        part,
        tuple((_inside(words, place), place.count) for place in found),
        tuple(Sheet(outline, _hits(outline, found)) for outline in sheets),
        Drop(attachment=part.path) in freeing,
    )


def _stands_in(path: str, part: Part) -> bool:
    return path == part.path or path.startswith(part.path + ".")


def _inside(words: Words, place: Place) -> tuple[str, ...]:
    """The way without the name of the file, which stands above it."""
    way = pieces(words, place)
    return way[1:] or way


def _hits(outline: Outline, places: Iterable[Place]) -> frozenset[str]:
    ranges = (p.range for p in places if (p.part, p.path) == (outline.part, outline.path))
    return frozenset(letter for text in ranges for letter in _COLUMN.findall(text))
