"""Two policies on many mails: only what can hold for a mail is asked of it.

Most mails have nothing that most rules speak of. `decide` reads each rule all the same, since its
trace says of each why it did not match; a replay wants the actions alone, of a hundred thousand
mails. So each policy is cut down to the rules whose finding and fact are there, once for each such
set; where the same is left of both, both say the same and nothing is judged at all.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.judgement.policy.case import Case
from gateway.judgement.policy.checks import CHECKS, checked
from gateway.judgement.policy.decide import decided
from gateway.judgement.policy.rules import Policy, Rule
from gateway.judgement.policy.verdict import Verdict

Pair = tuple[tuple[Verdict, ...], tuple[Verdict, ...]]
Names = frozenset[str]


class Contrast:
    def __init__(self, old: Policy, new: Policy) -> None:
        self._old, self._new = old, new
        self._alike = _ground(old) == _ground(new)
        """apart from their rules"""
        self._checked_alike = self._alike and old.facts & CHECKS.keys() == new.facts & CHECKS.keys()
        self._left = lru_cache(maxsize=4_096)(self._cut)

    def verdicts(self, case: Case) -> Pair | None:
        """Old and new, in the order of the recipients, without treatment and without the trace of
        rules that cannot hold; None where nothing can differ."""
        before = checked(self._old, case)
        after = before if self._checked_alike else checked(self._new, case)
        kinds = frozenset(finding.kind for finding in case.report.findings)
        facts = frozenset(fact.name for each in (before, after) for fact in each.report.facts)
        old, new, same = self._left(kinds, facts)
        return None if same else (decided(old, before), decided(new, after))

    def _cut(self, kinds: Names, facts: Names) -> tuple[Policy, Policy, bool]:
        old, new = _cut(self._old, kinds, facts), _cut(self._new, kinds, facts)
        return old, new, self._alike and old.rules == new.rules


def _cut(policy: Policy, kinds: Names, facts: Names) -> Policy:
    def can_hold(rule: Rule) -> bool:
        return rule.mode != "off" and all(
            (noted.finding is None or noted.finding in kinds)
            and (noted.fact is None or noted.fact in facts)
            for noted in rule.when.noted
        )

    return policy.model_copy(update={"rules": tuple(filter(can_hold, policy.rules))})


def _ground(policy: Policy) -> Policy:
    return policy.model_copy(update={"rules": (), "tests": ()})
