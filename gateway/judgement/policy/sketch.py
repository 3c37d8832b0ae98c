"""Mails of policy tests, drawn from a few words instead of inspected: no number is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from detectors.report import (
    Confidence,
    Fact,
    Finding,
    Headers,
    Mailbox,
    Part,
    Place,
    Reason,
    Report,
    Span,
)
from gateway.judgement.policy.case import Spot
from gateway.judgement.policy.rules import Sketch, SketchedFact

_NOWHERE = Span(0, 0)
_BODY = "1"
_FIRST_ATTACHMENT = 2


def drawn(mail: Sketch) -> Report:
    """The report that an inspection of such a mail would give."""
    bare = Report(headers=_headers(mail), parts=_parts(mail), size=mail.size)
    return Report(
        headers=bare.headers,
        parts=bare.parts,
        findings=findings(mail, bare),
        facts=facts(mail, bare),
        size=mail.size,
    )


def findings(mail: Sketch, report: Report) -> tuple[Finding, ...]:
    """What the sketch states, with values of their own (all different, as different persons)."""
    taken: defaultdict[str, int] = defaultdict(int)
    for found in report.findings:
        values = [value for place in found.where for value in place.values]
        taken[found.kind] = max([taken[found.kind], *(value + 1 for value in values)])
    stated = []
    for found_in in mail.findings:
        start = taken[found_in.kind]
        taken[found_in.kind] = end = start + found_in.unique
        part = _part(found_in.place, report)
        place = Place(part, count=found_in.unique, values=tuple(range(start, end)))
        stated.append(Finding(found_in.kind, Confidence(found_in.confidence), (place,)))
    return tuple(stated)


def facts(mail: Sketch, report: Report) -> tuple[Fact, ...]:
    stated = [Fact(f.name, _about(f, report), (), _reason(f)) for f in mail.facts]
    if mail.sent_last_hour:
        stated.append(
            Fact("sent_last_hour", reason=Reason("sent_last_hour", {"n": mail.sent_last_hour}))
        )
    return (*stated, *(Fact("words", _BODY, (), Reason(name)) for name in mail.words))


def _reason(fact: SketchedFact) -> Reason | None:
    if fact.purpose:
        return Reason(fact.reason or fact.name, {"purpose": fact.purpose})
    return Reason(fact.reason) if fact.reason else None


def _about(fact: SketchedFact, report: Report) -> str:
    if fact.recipient:
        return f"to:{fact.recipient.lower()}"
    return _part(fact.place, report)


def _part(spot: Spot, report: Report) -> str:
    if spot == "attachment":
        attached = [part.path for part in report.attachments]
        return attached[0] if attached else str(_FIRST_ATTACHMENT)
    return {"body": _BODY, "subject": "subject", "header": "header:comments"}[spot]


def _headers(mail: Sketch) -> Headers:
    return Headers(
        subject=mail.subject,
        sender=_boxes([mail.from_]),
        to=_boxes(mail.to),
        cc=_boxes(mail.cc),
        wishes=tuple(mail.header),
    )


def _boxes(addresses: Iterable[str]) -> tuple[Mailbox, ...]:
    return tuple(Mailbox("", address) for address in addresses)


def _parts(mail: Sketch) -> tuple[Part, ...]:
    """A file is drawn where the sketch puts something into one and names none."""
    named = list(mail.attachments)
    placed = [*(f.place for f in mail.findings), *(f.place for f in mail.facts)]
    if not named and "attachment" in placed:
        named = ["添付.xlsx"]
    attached = [
        Part(
            str(number),
            "application/octet-stream",
            _NOWHERE,
            _NOWHERE,
            disposition="attachment",
            name=name,
            attachment=True,
        )
        for number, name in enumerate(named, _FIRST_ATTACHMENT)
    ]
    return (Part(_BODY, "text/plain", _NOWHERE, _NOWHERE), *attached)
