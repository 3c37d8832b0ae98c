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
        "hidden_text",
        "speaker_notes",
        "tracked_changes",
        "comments",
        "external_links",
        "embedded_files",
    }
)


def content(case: Case, policy: Policy) -> Iterator[Fact]:
    for fact in case.report.facts if not case.facts.isdisjoint(_HIDDEN) else ():
        if fact.name in _HIDDEN:
            yield Fact("hidden_content", fact.part, fact.path, _why(fact), fact.range)


def _why(fact: Fact) -> Reason:
    """What it is; of text, how it is hidden, since each is found in another menu."""
    how = fact.reason.code if fact.reason and fact.name == "hidden_text" else fact.name
    return Reason(how)
