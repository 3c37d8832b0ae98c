"""A domain that is registered since a few days and that the company hardly writes to: who wants to
be taken for somebody buys one for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from detectors.report import Fact, Reason
from gateway.face.dates import local
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.recall import FAMILIAR, look_up
from gateway.judgement.identity import domain_of, parents_of
from gateway.judgement.policy.case import TO, Recipient
from gateway.memory.domainages import DomainAges


def young(
    conn: Connection,
    keyed: Keyed,
    ages: DomainAges,
    outside: Sequence[Recipient],
    at: datetime,
) -> Iterator[Fact]:
    """`at`: when the mail came, so that a late judgement says the same."""
    day = local(at).date()
    domains = dict.fromkeys(domain_of(recipient.address) for recipient in outside)
    found = {d: seen for d in domains if (seen := ages.young_on((d, *parents_of(d)), day))}
    if not found:
        return
    ties = look_up(conn, {keyed.of("domain", domain) for domain in found})
    for recipient in outside:
        domain = domain_of(recipient.address)
        if domain in found and ties.seen.get(keyed.of("domain", domain), 0) < FAMILIAR:
            name, since = found[domain]
            age = max((day - since).days, 0)
            said: dict[str, str | int] = {"label": name, "date": since.isoformat(), "n": age}
            about = f"{TO}{recipient.address.lower()}"
            yield Fact("young_domain", about, (), Reason("registered_lately", said))
