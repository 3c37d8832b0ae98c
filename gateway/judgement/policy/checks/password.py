"""PPAP: a file with a password, and the mail with the password that follows it."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.report import Fact, Reason, Report
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy

_LOCKED = frozenset({"encrypted_zip", "encrypted_archive", "encrypted_pdf", "encrypted_office"})


def locked(report: Report) -> bool:
    """Whether any file of it has a password."""
    return any(
        fact.name == "uninspectable" and fact.reason is not None and fact.reason.code in _LOCKED
        for fact in report.facts
    )


def closed(report: Report) -> frozenset[str]:
    """Attachments that are ZIPs of which nothing opens without a password: whoever got one of them
    in a second ZIP would have to ask for two passwords."""
    attached = {part.path for part in report.attachments}
    return frozenset(
        fact.part
        for fact in report.facts
        if fact.name in ("uninspectable", "opened") and fact.part in attached
        if len(fact.path) <= 1 and fact.reason and fact.reason.params.get("whole") is True
        if fact.reason.code == "encrypted_zip"
    )


def file(case: Case, policy: Policy) -> Iterator[Fact]:
    for fact in case.stated("uninspectable"):
        if fact.reason and fact.reason.code in _LOCKED:
            yield Fact("password_file", fact.part, fact.path, Reason(fact.reason.code))


def mail(case: Case, policy: Policy) -> Iterator[Fact]:
    """Words of a password in a mail that carries a locked file, or that follows one to the same
    recipient (`locked_before`, from `judgement.surroundings`)."""
    if not case.stated("password_told"):
        return
    if locked(case.report):
        yield Fact("password_mail", reason=Reason("password_beside_file"))
    for fact in case.stated("locked_before"):
        yield Fact("password_mail", fact.part, (), Reason("password_follows"))
