"""送付先台帳: to whom My Numbers may go, for what and until when; every change on record.

番号法 19条 asks not only whether an address is right but whether its owner is entitled. What one
person registers another approves; until then the addressee is as good as unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from detectors.report import Confidence, Fact, Headers, Reason, Report
from detectors.text import mask
from gateway.face.dates import local
from gateway.judgement.identity import domain_of
from gateway.judgement.policy.case import TO, Recipient, plain
from gateway.judgement.policy.freemail import FREEMAIL
from gateway.mail.address import BadAddress, parse_address
from gateway.memory.standing import Statement, slices
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import Addressee, table

ADDRESSEE = table(Addressee)
Standing = Literal["waiting", "registered", "expired"]
REGISTERED, OTHER = "addressee_registered", "addressee_other_purpose"
FACTS = frozenset({REGISTERED, OTHER, "addressee_expired", "addressee_unknown"})
NUMBER = "jp.individual_number"
_NAMED = Statement(
    select(ADDRESSEE).where(ADDRESSEE.c.address.in_(bindparam("addresses", expanding=True)))
)
_MARK = re.compile(r"【目的[:：]\s*([^】]{1,100})】")
_FIELD = "x-sekisho-purpose: "


class Refused(Exception):
    """Why the ledger was not changed: not_an_address | everybody | twice | same_person | gone."""


@dataclass(frozen=True)
class Entry:
    """What is registered."""

    address: str
    """of a person, or the domain of all of them"""
    name: str
    purpose: str
    last_day: str = ""
    """2027-03-31, "" where the contract has no end"""
    told_word: bool = False


@dataclass(frozen=True)
class Known:
    """How an address stands in the ledger, all its entries together."""

    standing: Literal["registered", "expired"]
    name: str
    purposes: tuple[str, ...]
    last_day: str
    """on which the last of them ends, "" for one that has no end"""
    told_word: bool


def standing(row: RowMapping, at: datetime) -> Standing:
    """On that day in Japan. What ended was entitled once, which is another thing than unknown."""
    day = local(at).date().isoformat()
    if not row["approved_at"]:
        return "waiting"
    return "expired" if row["ended_at"] or "" < row["last_day"] < day else "registered"


# -- changing


def register(tx: Tx, entry: Entry, actor: Actor, why: str = "") -> int:
    """Waits for a second person. Raises Refused."""
    address = _address(entry.address)
    same = select(ADDRESSEE.c.id).where(
        ADDRESSEE.c.address == address,
        ADDRESSEE.c.purpose == entry.purpose,
        ADDRESSEE.c.ended_at.is_(None),
    )
    if tx.conn.execute(same).first():
        raise Refused("twice")
    made = insert(ADDRESSEE).values(
        address=address,
        name=entry.name,
        purpose=entry.purpose,
        told_word=entry.told_word,
        last_day=entry.last_day,
        registered_at=tx.now,
        registered_by=who(actor),
    )
    id = int(tx.conn.execute(made.returning(ADDRESSEE.c.id)).scalar_one())
    tx.record(
        *("addressee.registered", actor),
        subject=f"addressee {id}",
        address=address,
        name=entry.name,
        purpose=entry.purpose,
        last_day=entry.last_day,
        told_word=entry.told_word,
        why=why,
    )
    return id


def approve(tx: Tx, id: int, actor: Actor, why: str = "") -> None:
    """By another person than who registered it. Raises Refused."""
    row = _open(tx, id)
    if row["approved_at"]:
        raise Refused("gone")
    if row["registered_by"] == who(actor):
        raise Refused("same_person")
    values = {"approved_at": tx.now, "approved_by": who(actor)}
    tx.conn.execute(update(ADDRESSEE).where(ADDRESSEE.c.id == id).values(**values))
    said = {"address": row["address"], "why": why}
    tx.record("addressee.approved", actor, subject=f"addressee {id}", **said)


def end(tx: Tx, id: int, actor: Actor, why: str = "") -> None:
    """From now on. Raises Refused."""
    row = _open(tx, id)
    values = {"ended_at": tx.now, "ended_by": who(actor)}
    tx.conn.execute(update(ADDRESSEE).where(ADDRESSEE.c.id == id).values(**values))
    tx.record("addressee.ended", actor, subject=f"addressee {id}", address=row["address"], why=why)


def who(actor: Actor) -> str:
    """The person that an act is counted for."""
    return actor.on_behalf_of or actor.id


def _open(tx: Tx, id: int) -> RowMapping:
    asked = select(ADDRESSEE).where(ADDRESSEE.c.id == id, ADDRESSEE.c.ended_at.is_(None))
    row = tx.conn.execute(asked).mappings().first()
    if row is None:
        raise Refused("gone")
    return row


def _address(written: str) -> str:
    """A domain of free mail is anybody."""
    written = written.strip().lower()
    if written in FREEMAIL:
        raise Refused("everybody")
    try:
        domain = parse_address(written if "@" in written else f"x@{written}", utf8=True).domain
    except BadAddress:
        raise Refused("not_an_address") from None
    if "." not in domain:
        raise Refused("not_an_address")
    return written


# -- asking


def rows(conn: Connection) -> Sequence[RowMapping]:
    """Those that count first, then in the order of their names."""
    ordered = (ADDRESSEE.c.ended_at.is_not(None), ADDRESSEE.c.name, ADDRESSEE.c.id)
    return conn.execute(select(ADDRESSEE).order_by(*ordered)).mappings().all()


def known(conn: Connection, addresses: Collection[str], at: datetime) -> dict[str, Known]:
    """By address as it was asked; who is not in it stands nowhere. Entries that wait for their
    approval say nothing."""
    found: dict[str, list[RowMapping]] = {}
    lower = {address.lower() for address in addresses}
    keys = sorted(lower | {domain_of(address) for address in lower})
    for some in slices(keys):
        for row in _NAMED.rows(conn, {"addresses": some}):
            if standing(row, at) != "waiting":
                found.setdefault(row["address"], []).append(row)
    by_address = {}
    for address in addresses:
        key = address.lower()
        if entries := [*found.get(key, ()), *found.get(domain_of(key), ())]:
            by_address[address] = _together(entries, at)
    return by_address


def _together(entries: Sequence[RowMapping], at: datetime) -> Known:
    """In term counts before out of it, and a person before a domain."""
    in_term = [row for row in entries if standing(row, at) == "registered"]
    rows = in_term or entries
    days = [row["last_day"] for row in rows]
    return Known(
        "registered" if in_term else "expired",
        rows[0]["name"],
        tuple(dict.fromkeys(row["purpose"] for row in rows)),
        "" if in_term and "" in days else max(days),
        any(row["told_word"] for row in rows),
    )


def facts(
    conn: Connection, report: Report, outside: Sequence[Recipient], at: datetime
) -> Iterator[Fact]:
    """How the ledger stood when the mail was first judged, recipient by recipient. Who is not in
    it matters where a My Number leaves; of any other mail it would be true, and noise."""
    if not outside:
        return
    found = known(conn, [recipient.address for recipient in outside], at)
    sensitive = any(
        f.kind == NUMBER and f.confidence is not Confidence.LOW for f in report.findings
    )
    if not (found or sensitive):
        return
    stated = stated_in(report.headers)
    for recipient in outside:
        part = f"{TO}{recipient.address.lower()}"
        if entry := found.get(recipient.address):
            name = f"addressee_{entry.standing}"
            fact = Fact(name, part, (), Reason(name, _said(entry)))
            yield _purposed(fact, stated)
        elif sensitive:
            yield Fact("addressee_unknown", part, (), Reason("addressee_unknown"))


def _said(entry: Known) -> dict[str, str | int]:
    return {
        "label": entry.name,
        "purpose": "、".join(entry.purposes),
        "purposes": "\n".join(entry.purposes),
        "last_day": entry.last_day,
        "told_word": int(entry.told_word),
    }


# -- the purpose that a sender states


def stated_in(headers: Headers) -> str:
    """By a mark in the subject, 【目的：年末調整】, or by a field of the header. Two that differ
    are none: the page asks which of them it is."""
    marked = _MARK.search(unicodedata.normalize("NFKC", headers.subject))
    fields = (wish.removeprefix(_FIELD) for wish in headers.wishes if wish.startswith(_FIELD))
    said = [*([marked[1]] if marked else []), *fields]
    stated = {plain(each): mask(each.strip()[:100]) for each in said if each.strip()}
    return next(iter(stated.values())) if len(stated) == 1 else ""


def purposed(report: Report, stated: str) -> Report:
    """The report of a mail that is sent for this purpose. Who is registered, and for another one,
    is no registered addressee of it: 番号法 19条 allows the purpose and not the person."""
    if not stated:
        return report
    return replace(report, facts=tuple(_purposed(fact, stated) for fact in report.facts))


def _purposed(fact: Fact, stated: str) -> Fact:
    if fact.name != REGISTERED or fact.reason is None or not stated:
        return fact
    if plain(stated) in map(plain, purposes_of(fact.reason.params)):
        return fact
    return replace(fact, name=OTHER, reason=Reason(OTHER, {**fact.reason.params, "stated": stated}))


def purposes_of(said: Mapping[str, str | int]) -> list[str]:
    """What the addressee of such a fact is registered for; facts of older versions hold one."""
    return str(said.get("purposes") or said.get("purpose", "")).splitlines()
