"""What stands in a file and on no screen: sheets, rows, slides, what was changed or remarked."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.report import Fact, Reason
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy

_HIDDEN = frozenset(
    {
        "hidden_sheet",
        "hidden_columns",
        "hidden_slide",
        "tracked_changes",
        "comments",
        "external_links",
    }
)


def content(case: Case, policy: Policy) -> Iterator[Fact]:
    for fact in case.report.facts:
        if fact.name in _HIDDEN:
            yield Fact("hidden_content", fact.part, fact.path, Reason(fact.name))
