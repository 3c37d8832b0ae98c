"""What is judged: one mail, its sender, its envelope recipients. Knows nothing of any policy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal

from detectors.report import Fact, Finding, Place, Report
from gateway.judgement.identity import Sender, domain_of, owned, parents_of

Spot = Literal["body", "attachment", "subject", "header"]

TO = "to:"
"""Begins `Fact.part` where a fact is about one recipient: "to:sato@partner.example"."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One envelope recipient; `header` "bcc" is what stands in the envelope alone."""

    address: str
    inside: bool
    header: Literal["to", "cc", "bcc"] = "bcc"
    name: str = ""


@dataclass(frozen=True)
class Case:
    report: Report
    sender: Sender
    recipients: tuple[Recipient, ...]
    own_domains: frozenset[str] = frozenset()
    """Tells the outside addresses in To and Cc, which need not be in this envelope."""
    at: datetime | None = None
    """When it was handed in, which is what the end of an exception is held against; None: on a
    day when all of them hold."""
    chosen: frozenset[str] = frozenset()
    """Ways of sending that somebody has chosen, of those that rules offer."""
    textless: bool = False
    """Of a past mail: its text is erased, and what was seen in it then is all there is."""
    purpose: str = ""
    """What the mail itself says that it is sent for, so that nobody asks again."""

    def stated(self, fact: str, reason: str | None = None) -> list[Fact]:
        """Facts of this name, and for this reason where one is asked for."""
        found = self._facts.get(fact, [])
        if reason is None:
            return found
        return [each for each in found if each.reason and each.reason.code == reason]

    def singled_out(self, fact: str, reason: str | None) -> frozenset[str] | None:
        """The parts of these facts where each of them is about one recipient; None where one is
        about the mail, or there is none. Asked for each of a thousand recipients."""
        known = self._singled_out
        if (fact, reason) not in known:
            parts = frozenset(each.part for each in self.stated(fact, reason))
            alone = parts and all(part.startswith(TO) for part in parts)
            known[fact, reason] = parts if alone else None
        return known[fact, reason]

    @cached_property
    def _singled_out(self) -> dict[tuple[str, str | None], frozenset[str] | None]:
        return {}

    @cached_property
    def facts(self) -> frozenset[str]:
        """Names of all."""
        return frozenset(self._facts)

    @cached_property
    def _facts(self) -> dict[str, list[Fact]]:
        by_name: dict[str, list[Fact]] = {}
        for fact in self.report.facts:
            by_name.setdefault(fact.name, []).append(fact)
        return by_name

    def addressee(self, standing: str, address: str) -> Mapping[str, str | int] | None:
        """What the ledger (送付先台帳) said of this recipient: label, purpose, last_day,
        told_word; None where it did not stand like that."""
        return self.addressees.get((f"addressee_{standing}", f"{TO}{address.lower()}"))

    @cached_property
    def addressees(self) -> dict[tuple[str, str], Mapping[str, str | int]]:
        """The same of all, by the name and the part of the fact."""
        found: dict[tuple[str, str], Mapping[str, str | int]] = {}
        for fact in self.report.facts:
            if fact.name.startswith("addressee_"):
                said = fact.reason.params if fact.reason else {}
                found.setdefault((fact.name, fact.part), said)
        return found

    @cached_property
    def subject(self) -> str:
        return plain(self.report.headers.subject)

    @property
    def sent_last_hour(self) -> int:
        counts = (f.reason.params.get("n", 0) for f in self.stated("sent_last_hour") if f.reason)
        return max((n for n in counts if isinstance(n, int)), default=0)

    def spot(self, part: str) -> Spot:
        """Where `Place.part` or `Fact.part` stands. A part that is not known counts as body, since
        only attachments can be taken out and everything else leaves with the mail."""
        if part == "subject":
            return "subject"
        if part.startswith("header:"):
            return "header"
        path = part.removeprefix("name:")
        return "body" if self._attachments.isdisjoint((path, *_around(path))) else "attachment"

    @cached_property
    def _attachments(self) -> frozenset[str]:
        return frozenset(part.path for part in self.report.attachments)

    @cached_property
    def shown_outside(self) -> frozenset[str]:
        """Outside addresses that every reader of this mail sees. The header counts as well as the
        envelope: a provider that forks a mail hands over one recipient with the whole To field."""
        headers = self.report.headers
        written = {box.address.lower() for box in headers.shown}
        outside = {a for a in written if "@" in a and not owned(a, self.own_domains)}
        shown = (r for r in self.recipients if r.header != "bcc")
        known = {r.address.lower(): r.inside for r in shown}
        enveloped = {address for address, inside in known.items() if not inside}
        return frozenset({a for a in outside if not known.get(a)} | enveloped)

    @cached_property
    def companies(self) -> int:
        """Domains of `shown_outside`, a subdomain counted with its parent where both are there.
        Without a list of public suffixes this may count too many and never too few."""
        domains = {domain_of(address) for address in self.shown_outside}
        return sum(domains.isdisjoint(parents_of(domain)) for domain in domains)

    def without(self, recipient: str = "", attachment: str = "", way: str = "") -> Case:
        """The case as if this recipient (address) or this attachment (part path) was dropped, or
        this way of sending chosen. To and Cc stay as they were written: a dropped address is still
        shown to the others, and a chosen way answers only the rules that offer it."""
        return replace(
            self,
            chosen=self.chosen | {way} if way else self.chosen,
            report=self.report.without(frozenset({attachment})) if attachment else self.report,
            recipients=tuple(r for r in self.recipients if r.address != recipient),
        )


def _around(path: str) -> Iterator[str]:
    """The parts a part stands in: "3.1" and "3" for "3.1.2"."""
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def recipients_of(
    report: Report, envelope: Iterable[str], own_domains: frozenset[str]
) -> Iterator[Recipient]:
    """The envelope's recipients with the header field and the name each one is written with."""
    to = {box.address.lower(): box.name for box in report.headers.to}
    cc = {box.address.lower(): box.name for box in report.headers.cc}
    for address in envelope:
        key, inside = address.lower(), owned(address, own_domains)
        if key in to:
            yield Recipient(address, inside, "to", to[key])
        elif key in cc:
            yield Recipient(address, inside, "cc", cc[key])
        else:
            yield Recipient(address, inside)


def plain(text: str) -> str:
    """
    >>> plain("【要 確認】"), plain("［Ｃ］")
    ('【要確認】', '[c]')
    """
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def distinct(places: Iterable[Place]) -> int:
    """Different values at these places; where a reader numbered none, each occurrence is one."""
    values: set[int] = set()
    unnumbered = 0
    for place in places:
        values.update(place.values)
        unnumbered += 0 if place.values else place.count
    return len(values) + unnumbered


def places_of(findings: Iterable[Finding]) -> Iterator[Place]:
    return (place for finding in findings for place in finding.where)
