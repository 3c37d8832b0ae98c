"""What acquaintance says of one mail: facts of its recipients, from a handful of look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sqlalchemy import BindParameter, Connection, bindparam, select

from detectors.report import Fact, Reason, Report
from gateway.judgement.acquaintance import lookalike
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import SPELLING, THREAD, TIE, TOGETHER, USUAL
from gateway.judgement.acquaintance.passed import CIRCLE, circle, surname
from gateway.judgement.identity import domain_of, plain_domains
from gateway.judgement.policy.case import TO, Recipient
from gateway.memory.standing import Statement

FACTS = frozenset(
    {
        *("first_contact", "group_outlier", "new_domain_in_reply", "usual_elsewhere"),
        *("lookalike_domain", "password_mail", "named_elsewhere", "misattached"),
        "known_circle",
    }
)
"""Those that a rule must ask for, before anything is looked up."""

FAMILIAR = 3
"""Mails after which a domain is one that the company writes to, and its look-alike suspect."""
_NAMES = (("company_named", "company_named"), ("file_names", "file_to_company"))
_NAMED = 2
"""Mails greeting a company at a domain, after which that is its domain."""
_MEANINGLESS = 2
"""Domains at which a name is found, over which it says nothing: our own in every mail."""
_LOCKED = timedelta(days=3)
_ANYBODY = frozenset(
    """info contact sales support office admin mail post soumu somu eigyo keiri jinji kanri hello
    inquiry toiawase order service recruit webmaster postmaster noreply no-reply""".split()
)
"""Local parts that every company has; initials are another's as often."""
_MOST = 100
"""Recipients looked up; who writes to more of them knows none of them."""

_KEYS: BindParameter[list[bytes]] = bindparam("keys", expanding=True)
_TIES = Statement(select(TIE.c.key, TIE.c.seen, TIE.c.last_at).where(TIE.c.key.in_(_KEYS)))
_USUAL = Statement(select(USUAL.c.key, USUAL.c.domain, USUAL.c.seen).where(USUAL.c.key.in_(_KEYS)))
_SPELT = Statement(
    select(SPELLING.c.domain)
    .where(SPELLING.c.variant.in_(bindparam("variants", expanding=True)))
    .distinct()
    .limit(50)
)
_THREADS = Statement(select(THREAD.c.domains).where(THREAD.c.key.in_(_KEYS)))


@dataclass(frozen=True)
class Ties:
    seen: dict[bytes, int]
    last: dict[bytes, datetime]

    def knows(self, key: bytes) -> bool:
        return key in self.seen


def recall(
    conn: Connection,
    keyed: Keyed,
    ties: Ties,
    report: Report,
    sender: str,
    recipients: Sequence[Recipient],
    own_domains: frozenset[str],
    now: datetime,
) -> Iterator[Fact]:
    """`sender` is who is judged, `ties` are of `asked_of`. The order of facts is that of the
    recipients."""
    outside = _outside(recipients)
    if not outside or not sender:
        return
    new = [r for r in outside if not ties.knows(keyed.pair(sender, r.address))]
    yield from _first(keyed, ties, new)
    yield from _outliers(keyed, ties, outside)
    yield from _circle(conn, keyed, report, own_domains)
    yield from _lookalikes(conn, keyed, ties, outside, own_domains)
    yield from _added(conn, keyed, report, outside)
    yield from _locked(keyed, ties, sender, outside, now)
    yield from _habits(conn, keyed, report, sender, new)


def _outside(recipients: Sequence[Recipient]) -> list[Recipient]:
    return [r for r in recipients if not r.inside and "@" in r.address][:_MOST]


def asked_of(keyed: Keyed, sender: str, recipients: Sequence[Recipient]) -> set[bytes]:
    """What is to be looked up before `recall`."""
    outside = _outside(recipients) if sender else []
    keys = {keyed.domain(r.address) for r in outside}
    for r in outside:
        keys |= {keyed.pair(sender, r.address), keyed.address(r.address)}
        keys.add(keyed.locked(sender, r.address))
    if 3 <= len(outside) <= TOGETHER:
        keys |= {keyed.together(a.address, b.address) for a, b in combinations(outside, 2)}
    return keys


def look_up(conn: Connection, keys: set[bytes]) -> Ties:
    rows = _TIES.rows(conn, {"keys": list(keys)}) if keys else ()
    return Ties(
        {row["key"]: row["seen"] for row in rows}, {row["key"]: row["last_at"] for row in rows}
    )


def _first(keyed: Keyed, ties: Ties, new: Sequence[Recipient]) -> Iterator[Fact]:
    for r in new:
        known = ties.knows(keyed.address(r.address))
        reason = Reason("first_for_sender" if known else "first_for_company")
        yield _about(r, "first_contact", reason)


def _outliers(keyed: Keyed, ties: Ties, outside: Sequence[Recipient]) -> Iterator[Fact]:
    """Exactly one stands alone, and all others hang together."""
    if not 3 <= len(outside) <= TOGETHER:
        return
    met: dict[str, int] = {r.address: 0 for r in outside}
    for a, b in combinations(outside, 2):
        if ties.knows(keyed.together(a.address, b.address)):
            met[a.address] += 1
            met[b.address] += 1
    alone = [r for r in outside if not met[r.address]]
    if len(alone) == 1 and ties.knows(keyed.address(alone[0].address)):
        yield _about(alone[0], "group_outlier", Reason("never_together"))


def _circle(
    conn: Connection, keyed: Keyed, report: Report, own_domains: frozenset[str]
) -> Iterator[Fact]:
    """The very same people have been shown to each other before, as in the rounds of a project."""
    shown = [box.address for box in report.headers.shown]
    if len(shown) < CIRCLE:
        return
    key = circle(keyed, shown, own_domains)
    if key and look_up(conn, {key}).seen.get(key, 0) >= FAMILIAR:
        yield Fact("known_circle", reason=Reason("shown_together"))


def _lookalikes(
    conn: Connection,
    keyed: Keyed,
    ties: Ties,
    outside: Sequence[Recipient],
    own_domains: frozenset[str],
) -> Iterator[Fact]:
    found: dict[str, tuple[str, str]] = {}
    for r in outside:
        domain = domain_of(r.address)
        if domain not in found:
            found[domain] = _alike(conn, keyed, ties, domain, own_domains)
        reason, usual = found[domain]
        if reason:
            said = {"label": domain, "usual": usual}
            yield _about(r, "lookalike_domain", Reason(reason, {**said}))


def _alike(
    conn: Connection, keyed: Keyed, ties: Ties, domain: str, own_domains: frozenset[str]
) -> tuple[str, str]:
    """A known slip is one however often it was made; of the others only what is hardly known."""
    if domain in lookalike.KNOWN_SLIPS:
        return "doppelganger", lookalike.KNOWN_SLIPS[domain]
    if ties.seen.get(keyed.of("domain", domain), 0) >= FAMILIAR:
        return "", ""
    for own in sorted(plain_domains(own_domains)):
        if reason := lookalike.alike(domain, own.lstrip(".")):
            return reason, own.lstrip(".")
    variants = sorted(lookalike.spellings(domain))
    spelt = _SPELT.values(conn, {"variants": variants}) if variants else ()
    near = {usual: reason for usual in spelt if (reason := lookalike.alike(domain, usual))}
    if not near:
        return "", ""
    known = look_up(conn, {keyed.of("domain", usual) for usual in near}).seen
    count = {usual: known.get(keyed.of("domain", usual), 0) for usual in near}
    usual = max(sorted(near), key=lambda each: count[each])
    return (near[usual], usual) if count[usual] >= FAMILIAR else ("", "")


def _added(
    conn: Connection, keyed: Keyed, report: Report, outside: Sequence[Recipient]
) -> Iterator[Fact]:
    """Only in a thread of which an earlier mail passed here: a new one adds nobody."""
    before = references(keyed, report)
    if not before:
        return
    rows = _THREADS.values(conn, {"keys": before})
    known = {domain for row in rows for domain in row["domains"]}
    if not known:
        return
    for r in outside:
        if (domain := domain_of(r.address)) not in known:
            yield _about(r, "new_domain_in_reply", Reason("not_in_thread", {"label": domain}))


def references(keyed: Keyed, report: Report) -> tuple[bytes, ...]:
    headers = report.headers
    ids = dict.fromkeys([*headers.references[-20:], headers.in_reply_to])
    return tuple(keyed.message(id) for id in ids if id)


def _locked(
    keyed: Keyed, ties: Ties, sender: str, outside: Sequence[Recipient], now: datetime
) -> Iterator[Fact]:
    for r in outside:
        last = ties.last.get(keyed.locked(sender, r.address))
        if last is not None and now - last < _LOCKED:
            yield _about(r, "locked_before")


def _habits(
    conn: Connection, keyed: Keyed, report: Report, sender: str, new: Sequence[Recipient]
) -> Iterator[Fact]:
    named = {
        str(fact.reason.params["label"])
        for fact in report.facts
        if fact.reason and (fact.name, fact.reason.code) in _NAMES
    }
    keys = {keyed.company(name) for name in named}
    keys |= {keyed.local_part(sender, r.address) for r in new}
    keys |= {keyed.surname(sender, surname(r.name)) for r in new if surname(r.name)}
    if not keys:
        return
    usual: dict[bytes, dict[str, int]] = {}
    for row in _USUAL.rows(conn, {"keys": list(keys)}):
        usual.setdefault(row["key"], {})[row["domain"]] = row["seen"]
    yield from _companies(keyed, usual, named)
    for r in new:
        yield from _elsewhere(keyed, usual, sender, r)


def _companies(keyed: Keyed, usual: dict[bytes, dict[str, int]], named: set[str]) -> Iterator[Fact]:
    for name in sorted(named):
        found = usual.get(keyed.company(name), {})
        if len(found) <= _MEANINGLESS:
            for domain, seen in sorted(found.items()):
                if seen >= _NAMED:
                    said = {"label": name, "domain": domain}
                    yield Fact("company_known", reason=Reason("company_known", {**said}))


def _elsewhere(
    keyed: Keyed, usual: dict[bytes, dict[str, int]], sender: str, r: Recipient
) -> Iterator[Fact]:
    """The autocomplete slip: 佐藤 of another company than always."""
    family, local = surname(r.name), r.address.rpartition("@")[0].lower()
    for reason, key, label in (
        ("same_local_part", keyed.local_part(sender, r.address), ""),
        ("same_surname", keyed.surname(sender, family), family),
    ):
        found = usual.get(key, {})
        shared = reason == "same_local_part" and (len(local) < 4 or local in _ANYBODY)
        if not found or shared or domain_of(r.address) in found:
            continue
        domain = max(sorted(found), key=lambda each: found[each])
        if found[domain] >= FAMILIAR and len(found) <= _MEANINGLESS:
            said = {"usual": domain, "label": label}
            yield _about(r, "usual_elsewhere", Reason(reason, {**said}))
            return


def _about(recipient: Recipient, name: str, reason: Reason | None = None) -> Fact:
    return Fact(name, f"{TO}{recipient.address.lower()}", (), reason)
