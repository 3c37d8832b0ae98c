"""An inside address with outsiders behind it: a list with customers, a forwarded mailbox."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.report import Fact, Reason
from gateway.judgement.policy.case import TO, Case
from gateway.judgement.policy.matching import in_list
from gateway.judgement.policy.rules import Policy


def reached(case: Case, policy: Policy) -> Iterator[Fact]:
    """Told by the policy, or learned from what a list has handed out (`list_reaches`)."""
    told: set[str] = set()
    for recipient in case.recipients:
        for name, listed in policy.outside_lists.items():
            if in_list(listed, recipient.address):
                said = Reason("outsiders_behind", {"label": name})
                told.add(part := f"{TO}{recipient.address.lower()}")
                yield Fact("reaches_outside", part, (), said)
                break
    for fact in case.stated("list_reaches"):
        if fact.part not in told:
            yield Fact("reaches_outside", fact.part, (), fact.reason)
