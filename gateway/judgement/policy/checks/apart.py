"""混載禁止: recipients of two lists that must never stand in one mail."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from detectors.report import Fact, Reason
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.matching import in_list
from gateway.judgement.policy.rules import Policy


def mixed(case: Case, policy: Policy) -> Iterator[Fact]:
    """Those in To and Cc count too: a provider that forks a mail hands over one recipient."""
    if not policy.apart:
        return
    everybody = {r.address.lower() for r in case.recipients if not r.inside} | case.shown_outside
    for group in policy.apart:
        members = {
            name: {address for address in everybody if in_list(policy.lists[name], address)}
            for name in group.lists
        }
        for one, other in combinations(group.lists, 2):
            if members[one] and members[other] and members[one] != members[other]:
                yield Fact(
                    "kept_apart", reason=Reason("both_lists", {"label": one, "other": other})
                )
