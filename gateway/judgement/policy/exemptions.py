"""Exceptions that end: each has an owner, a reason and a last day.

On its last day an exception still holds; the day after it does not, by itself, and no policy with
one that is over becomes active. A mail is held against the day on which it was handed in, so that
it is judged the same whenever it is judged again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

from gateway.judgement.policy.case import Case
from gateway.judgement.policy.conditions import Condition
from gateway.judgement.policy.rules import Policy, Rule
from gateway.memory.faults import Fault

JAPAN = timezone(timedelta(hours=9))


def day_of(at: datetime) -> date:
    return at.astimezone(JAPAN).date()


def exceptions(rule: Rule, case: Case) -> Iterator[Condition]:
    """Those that hold on the day of this mail."""
    if rule.except_ is not None:
        yield rule.except_
    for exemption in rule.exemptions:
        if case.at is None or day_of(case.at) <= exemption.until:
            yield exemption.when


def expired(policy: Policy, today: date) -> Iterator[Fault]:
    """Those that are over."""
    written_out = {f"{name}:{layer.name}" for layer in policy.layers for name in layer.rules}
    for rule in policy.rules:
        for number, each in enumerate(rule.exemptions):
            if each.until < today and rule.name not in written_out:
                path = ("rule", rule.name, "exception", number, "until")
                values = {"until": each.until, "owner": each.owner}
                yield Fault(path, "exception_over", values)
