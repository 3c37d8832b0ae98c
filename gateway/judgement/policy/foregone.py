"""What is foregone before a mail is read: most rules ask for what it does not have.

The trace says of every rule which condition was the first not to hold. Where a mail lacks the
finding or the fact that a rule asks for, or is of another class of sender, that is the same for
all such mails: it is worked out once for each set of what mails have, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.judgement.identity import SenderClass
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.matching import concerns
from gateway.judgement.policy.rules import Policy, Rule
from gateway.judgement.policy.safety import SAFETY
from gateway.judgement.policy.verdict import Step

Names = frozenset[str]
Trace = tuple[Step, ...]
_MOST = 512
"""Sets of features, over all policies; and traces made of them: a few megabytes."""
_BUILT_IN = frozenset({"words"}).union(*(rule.when.facts for rule in SAFETY))
"""Facts that are asked for by another key, or by no policy."""


@dataclass(frozen=True, slots=True, eq=False)
class Foregone:
    """A step for each rule of the policy and of SAFETY, in their order."""

    outside: Trace
    inside: Trace
    places: tuple[int, ...]
    """among all, of the rules that are left"""
    rules: tuple[Rule, ...]
    safety: tuple[Rule, ...]

    def trace(self, inside: bool, failed: Iterable[str]) -> Trace:
        """`failed`: the answer of each that is left. The same answers are the very same trace,
        for however many recipients."""
        return _trace(self, inside, tuple(failed))


def foregone(policy: Policy, case: Case) -> Foregone:
    kinds = policy.kinds.intersection([finding.kind for finding in case.report.findings])
    facts = case.facts & policy.facts | case.facts & _BUILT_IN
    return _foregone(_This(policy), kinds, facts, case.sender.class_)


@dataclass(frozen=True, slots=True, eq=False)
class _This:
    """A policy never changes, and to compare what two say takes longer than to read one."""

    policy: Policy

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and self.policy is other.policy

    def __hash__(self) -> int:
        return id(self.policy)


@lru_cache(_MOST)
def _foregone(known: _This, kinds: Names, facts: Names, sender: SenderClass) -> Foregone:
    rules = (*known.policy.rules, *SAFETY)
    answers = [_answer(rule, kinds, facts, sender) for rule in rules]
    left = [place for place, answer in enumerate(answers) if answer is None]
    end = len(known.policy.rules)
    return Foregone(
        _side(rules, answers, inside=False),
        _side(rules, answers, inside=True),
        tuple(left),
        tuple(rules[place] for place in left if place < end),
        tuple(rules[place] for place in left if place >= end),
    )


@lru_cache(_MOST)
def _trace(known: Foregone, inside: bool, failed: tuple[str, ...]) -> Trace:
    steps = list(known.inside if inside else known.outside)
    for place, answer in zip(known.places, failed, strict=True):
        steps[place] = Step(steps[place].rule, not answer, answer)
    return tuple(steps)


def _side(rules: Sequence[Rule], answers: Sequence[str | None], *, inside: bool) -> Trace:
    def step(rule: Rule, answer: str | None) -> Step:
        elsewhere = answer != "off" and not concerns(rule.when, inside)
        return Step(rule.name, False, "recipient" if elsewhere else answer or "")

    return tuple(map(step, rules, answers))


def _answer(rule: Rule, kinds: Names, facts: Names, sender: SenderClass) -> str | None:
    """The first condition that does not hold, for all recipients of the side that the rule is for;
    None where only the mail can tell. The order is that of `matching`."""
    when = rule.when
    if rule.mode == "off":
        return "off"
    if when.singles_out or not when.facts.isdisjoint(facts):
        return None
    if when.sender_class and sender not in when.sender_class:
        return "sender_class"
    if when.sender_in or when.subject_starts or when.header or when.finding in kinds:
        return None
    if when.finding or when.fact:
        return "finding" if when.finding else "fact"
    return "words" if when.words and "words" not in facts else None
