"""Writing down that mail has passed, many at a time, and forgetting what is old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import Connection, bindparam, delete, select, text

from gateway.judgement.acquaintance import lookalike
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.passed import Passed, surname
from gateway.judgement.identity import domain_of
from gateway.memory.standing import Statement, slices
from gateway.memory.tables import (
    KnownDomain,
    Spelling,
    ThreadDomains,
    Tie,
    UsualDomain,
    microseconds,
    table,
)

TIE, USUAL, DOMAIN = table(Tie), table(UsualDomain), table(KnownDomain)
SPELLING, THREAD = table(Spelling), table(ThreadDomains)

TOGETHER = 10
"""Outside recipients among whom pairs are counted: a circular acquaints nobody."""
_IN_THREAD = 50

# The one dialect that SQLite and PostgreSQL share; the conflict is the usual case.
_TIE = Statement(
    text(
        "INSERT INTO tie (key, seen, first_at, last_at) VALUES (:key, :seen, :first, :at) "
        "ON CONFLICT (key) DO UPDATE SET seen = tie.seen + excluded.seen, "
        "last_at = CASE WHEN excluded.last_at > tie.last_at THEN excluded.last_at "
        "ELSE tie.last_at END, "
        "first_at = CASE WHEN excluded.first_at < tie.first_at THEN excluded.first_at "
        "ELSE tie.first_at END"
    )
)
_USUAL = Statement(
    text(
        "INSERT INTO usualdomain (key, domain, seen, last_at) VALUES (:key, :domain, :seen, :at) "
        "ON CONFLICT (key, domain) DO UPDATE SET seen = usualdomain.seen + excluded.seen, "
        "last_at = CASE WHEN excluded.last_at > usualdomain.last_at THEN excluded.last_at "
        "ELSE usualdomain.last_at END"
    )
)
_DOMAIN = Statement(
    text("INSERT INTO knowndomain (domain, first_at) VALUES (:domain, :at) ON CONFLICT DO NOTHING")
)
_SPELLING = Statement(
    text("INSERT INTO spelling (variant, domain) VALUES (:variant, :domain) ON CONFLICT DO NOTHING")
)
_KNOWN = Statement(
    select(DOMAIN.c.domain).where(DOMAIN.c.domain.in_(bindparam("domains", expanding=True)))
)
_THREADS = Statement(
    select(THREAD.c.key, THREAD.c.domains).where(
        THREAD.c.key.in_(bindparam("keys", expanding=True))
    )
)
_END_THREAD = Statement(delete(THREAD).where(THREAD.c.key == bindparam("known")))
_ADD_THREAD = Statement(THREAD.insert())


def learn(conn: Connection, keyed: Keyed, passed: Sequence[Passed]) -> None:
    """All of them count, as often as they are told: tell each mail once."""
    ties: defaultdict[bytes, _Seen] = defaultdict(_Seen)
    usual: defaultdict[tuple[bytes, str], _Seen] = defaultdict(_Seen)
    domains: dict[str, int] = {}
    for mail in passed:
        at = microseconds(mail.at)
        for key in _ties(keyed, mail):
            ties[key].add(mail.times, at)
        for habit in _habits(keyed, mail):
            usual[habit].add(mail.times, at)
        for address, _ in mail.recipients:
            domains.setdefault(domain_of(address), at)
    _TIE.many(conn, [{"key": key, **seen.columns} for key, seen in ties.items()])
    _USUAL.many(
        conn,
        [
            {"key": key, "domain": domain, "seen": seen.times, "at": seen.last}
            for (key, domain), seen in usual.items()
        ],
    )
    _meet(conn, domains)
    _follow(conn, [mail for mail in passed if mail.thread])


@dataclass(slots=True)
class _Seen:
    """In one batch, so that each key is written once; microseconds."""

    times: int = 0
    first: int = 0
    last: int = 0

    def add(self, times: int, at: int) -> None:
        self.first = min(self.first, at) if self.times else at
        self.last = max(self.last, at)
        self.times += times

    @property
    def columns(self) -> dict[str, int]:
        return {"seen": self.times, "first": self.first, "at": self.last}


def hour(keyed: Keyed, sender: str, at: datetime) -> list[bytes]:
    """Ties that count the outside recipients of the last hour, or of up to ten minutes more; those
    of `at` are counted in the first."""
    now = int(at.timestamp()) // 600
    return [keyed.sent(sender, now - ago) for ago in range(7)]


def touch(conn: Connection, key: bytes, at: datetime, times: int = 1) -> None:
    """Seen so often more."""
    now = microseconds(at)
    _TIE.run(conn, {"key": key, "seen": times, "first": now, "at": now})


def forget(conn: Connection, before: datetime) -> int:
    """All that was last seen before; a domain that is in no tie any more is only a spelling."""
    gone = 0
    for each in (TIE, USUAL, THREAD):
        gone += conn.execute(delete(each).where(each.c.last_at < before)).rowcount
    return gone


def _ties(keyed: Keyed, mail: Passed) -> Iterable[bytes]:
    addresses = [address for address, _ in mail.recipients]
    for address in addresses:
        yield keyed.address(address)
        if mail.sender:
            yield keyed.pair(mail.sender, address)
        if mail.locked:
            yield keyed.locked(mail.sender, address)
    if mail.circle:
        yield mail.circle
    for domain in {domain_of(address) for address in addresses}:
        yield keyed.of("domain", domain)
    if len(addresses) <= TOGETHER:
        for one, other in combinations(addresses, 2):
            yield keyed.together(one, other)


def _habits(keyed: Keyed, mail: Passed) -> Iterable[tuple[bytes, str]]:
    for address, name in mail.recipients:
        domain = domain_of(address)
        if not mail.sender:
            continue
        yield keyed.local_part(mail.sender, address), domain
        if family := surname(name):
            yield keyed.surname(mail.sender, family), domain
    domains = {domain_of(address) for address, _ in mail.recipients}
    if len(domains) == 1:  # else it is not told whose name it is
        for company in mail.greeted:
            yield company, next(iter(domains))


def _meet(conn: Connection, domains: dict[str, int]) -> None:
    """Domains that are new get their spellings."""
    known: set[str] = set()
    for some in slices(list(domains)):
        known |= set(_KNOWN.values(conn, {"domains": some}))
    fresh = [domain for domain in domains if domain and domain not in known]
    _DOMAIN.many(conn, [{"domain": domain, "at": domains[domain]} for domain in fresh])
    _SPELLING.many(
        conn,
        [
            {"variant": variant, "domain": domain}
            for domain in fresh
            for variant in sorted(lookalike.spellings(domain))
        ],
    )


def _follow(conn: Connection, mails: Sequence[Passed]) -> None:
    """What was in each thread, and who came to it by its mail."""
    known: dict[bytes, list[str]] = {}
    for some in slices(list({key for mail in mails for key in (mail.thread, *mail.before)})):
        for row in _THREADS.rows(conn, {"keys": some}):
            known[row["key"]] = row["domains"]["domains"]
    last: dict[bytes, datetime] = {}
    for mail in mails:
        domains = {each for key in (mail.thread, *mail.before) for each in known.get(key, ())}
        domains |= {domain_of(address) for address, _ in mail.recipients}
        known[mail.thread], last[mail.thread] = sorted(domains)[:_IN_THREAD], mail.at
    _END_THREAD.many(conn, [{"known": key} for key in last])
    _ADD_THREAD.many(
        conn,
        [
            {"key": key, "domains": {"domains": known[key]}, "last_at": at}
            for key, at in last.items()
        ],
    )
