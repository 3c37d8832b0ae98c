"""添付忘れ: the mail speaks of a file, and there is none."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.report import Fact
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy


def forgotten(case: Case, policy: Policy) -> Iterator[Fact]:
    """A link to a file counts as the file: many write 「添付」 of what lies in their storage."""
    report = case.report
    if report.attachments or report.has("share_link") or report.has("auto_submitted"):
        return
    for fact in report.facts:
        if fact.name == "attachment_mentioned":
            yield Fact("forgotten_attachment", fact.part, (), fact.reason)
