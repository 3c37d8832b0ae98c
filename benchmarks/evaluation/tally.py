"""Counting: what a rule found of what it was asked for, by technique and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from benchmarks.evaluation.corpus import Case, cases
from benchmarks.evaluation.rules import RULES, Read, read


@dataclass(slots=True)
class Tally:
    """Of one rule. Counters are by technique."""

    asked: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    """with numbers"""
    whole: int = 0
    """of those: all numbers found"""

    def count(self, technique: str, found: Iterable[str], numbers: frozenset[str]) -> None:
        found = set(found)
        self.asked[technique] += len(numbers)
        self.missed[technique] += len(numbers - found)
        self.wrong[technique] += len(found - numbers)
        self.mails += bool(numbers)
        self.whole += bool(numbers) and numbers <= found

    @property
    def right(self) -> int:
        return self.asked.total() - self.missed.total()

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong.total(), 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.asked.total(), 1)

    def __iadd__(self, other: Tally) -> Tally:
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))
        return self


@dataclass(slots=True)
class Outcome:
    """Of some mails. Counters are by technique."""

    rules: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in RULES})
    mails: Counter[str] = field(default_factory=Counter)
    innocent: Counter[str] = field(default_factory=Counter)
    """mails without a number, sealed ones aside"""
    held: Counter[str] = field(default_factory=Counter)
    """of those: held all the same, for a finding or because something was not read"""
    sealed: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    """of those sealed: not recognised"""

    def count(self, case: Case, mail: Read) -> None:
        self.mails[case.kind] += 1
        if case.kind == "sealed":
            self.sealed[case.technique] += 1
            self.passed[case.technique] += not mail.unread
            return
        for name, rule in RULES.items():
            self.rules[name].count(case.technique, rule(mail), case.numbers)
        if case.kind != "numbers":
            held = mail.unread or mail.ambiguous or bool(set(RULES["sekisho"](mail)))
            self.innocent[case.technique] += 1
            self.held[case.technique] += held

    @property
    def needless(self) -> float:
        return self.held.total() / max(self.innocent.total(), 1)

    @property
    def recognised(self) -> float:
        return 1 - self.passed.total() / max(self.sealed.total(), 1)

    def __iadd__(self, other: Outcome) -> Outcome:
        for name, tally in other.rules.items():
            self.rules[name] += tally
        for each in fields(self):
            if each.name != "rules":
                getattr(self, each.name).update(getattr(other, each.name))
        return self


def outcome(half: str, seed: int, turn: int, share: float = 1.0) -> Outcome:
    made = Outcome()
    for case in cases(half, seed, turn, share):
        try:
            made.count(case, read(case.raw))
        except Exception as error:
            error.add_note(f"{half}, {case.kind}: {case.technique}, turn {turn}")
            raise
    return made


def shortcomings(found: Outcome, recall: float = 0.97) -> list[str]:
    """Which of our promises these mails break."""
    ours, high = found.rules["sekisho"], found.rules["sekisho, high"]
    promises = {
        "precision >= 0.98": ours.precision >= 0.98,
        f"recall >= {recall}": ours.recall >= recall,
        "nothing wrong at high": not high.wrong.total(),
        "needless holds <= 2 %": found.needless <= 0.02,
        "all that cannot be read is recognised": found.recognised == 1,
    }
    return [promise for promise, kept in promises.items() if not kept]
