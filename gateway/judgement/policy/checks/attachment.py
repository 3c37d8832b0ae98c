"""添付忘れ: the mail speaks of a file, and there is none."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.report import Fact
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy

_OTHERWISE = frozenset({"share_link", "auto_submitted"})


def forgotten(case: Case, policy: Policy) -> Iterator[Fact]:
    """A link to a file counts as the file: many write 「添付」 of what lies in their storage."""
    mentioned = case.stated("attachment_mentioned")
    if not mentioned or case.report.attachments or not case.facts.isdisjoint(_OTHERWISE):
        return
    for fact in mentioned:
        yield Fact("forgotten_attachment", fact.part, (), fact.reason)
