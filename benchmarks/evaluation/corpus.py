"""All cases: every technique in two wordings, the same octets for the same seed and round."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.evaluation import (
    containers,
    documents,
    held_out,
    others,
    pages,
    pdfs,
    sealed,
    seen,
    sheets,
    wire,
    written,
)
from benchmarks.evaluation.scene import Scene, Wording
from benchmarks.evaluation.written import Build

Kind = Literal["numbers", "others", "ordinary", "sealed"]
HALVES: dict[str, Wording] = {"seen": seen.WORDING, "held out": held_out.WORDING}


@dataclass(frozen=True, slots=True)
class Case:
    kind: Kind
    technique: str
    raw: bytes = field(repr=False)
    numbers: frozenset[str] = field(repr=False)
    """個人番号 that must be found at medium or high, and nothing else. Of what is `sealed`, that
    it could not be read must be said."""


def cases(half: str, seed: int, turn: int, share: float = 1.0) -> Iterator[Case]:
    """Each technique once, or a `share` of them drawn by chance."""
    wording, before = HALVES[half], Counter[str]()
    for kind, technique, build in techniques(wording):
        before[technique] += 1
        # Of its own, so that a new technique leaves the mails of all others as they were.
        rng = random.Random(f"{seed}/{half}/{turn}/{technique}/{before[technique]}")
        if rng.random() < share:
            scene = Scene(rng, wording)
            raw = build(scene)
            yield Case(kind, technique, raw, scene.numbers if kind == "numbers" else frozenset())


def techniques(wording: Wording) -> Iterator[tuple[Kind, str, Build]]:
    """What is tried, by its name in the tables, and how a mail of it is made."""
    for module in (written, wire, pages, sheets, documents, pdfs, containers):
        for technique, build in module.techniques():
            yield "numbers", technique, build
    for technique, build in others.techniques(wording):
        yield "others", technique, build
    for technique, build in others.ordinary(wording):
        yield "ordinary", technique, build
    for technique, build in sealed.techniques():
        yield "sealed", technique, build
