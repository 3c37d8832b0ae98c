"""Who is who today: addresses to persons, persons to roles, groups and deputies.

Everything has a day from which and a day until which it holds; every question is asked for a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from detectors.report import Report
from gateway.judgement.identity import Directory, Entry, Sender, domain_of, identify
from gateway.memory.config import Config
from gateway.memory.ids import new_id
from gateway.memory.standing import Statement
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx
from gateway.memory.tables import Address, Deputy, Grant, table
from gateway.memory.validity import PERSON as PERSON
from gateway.memory.validity import active as active
from gateway.memory.validity import holds_at as holds_at

ADDRESS, GRANT, DEPUTY = table(Address), table(Grant), table(Deputy)

ROLES = ("approver", "handler", "auditor", "policy_admin", "system_admin")
CONFLICTS = (
    frozenset({"auditor", "approver"}),
    frozenset({"auditor", "policy_admin"}),
    frozenset({"auditor", "system_admin"}),
    frozenset({"auditor", "handler"}),
    frozenset({"handler", "system_admin"}),
)
"""Roles one person may not hold together: who does a thing does not audit it, and who runs the
system does not see My Numbers."""
ADMINS = "role:system_admin"
"""How a demand names all holders of a role, where it otherwise names a group."""


_AT = Statement(
    select(PERSON)
    .join(ADDRESS, ADDRESS.c.person_id == PERSON.c.id)
    .where(ADDRESS.c.address == bindparam("known"), ADDRESS.c.shared.is_(False))
)
_BEHIND = Statement(
    select(ADDRESS.c.address, ADDRESS.c.shared, PERSON.c.id, PERSON.c.department)
    .outerjoin(PERSON, ADDRESS.c.person_id == PERSON.c.id)
    .where(
        ADDRESS.c.address.in_(bindparam("names", expanding=True)),
        ADDRESS.c.shared.is_(True) | PERSON.c.id.is_not(None),
    )
    .order_by(ADDRESS.c.shared.desc(), ADDRESS.c.id.desc())
)
"""A person's own address after a mailbox of that name, and the first such person last."""
_SHARERS = Statement(
    select(ADDRESS.c.person_id).where(
        ADDRESS.c.address == bindparam("known"), ADDRESS.c.shared.is_(True)
    )
)
_GRANTED = Statement(
    select(GRANT.c.name).where(
        GRANT.c.person_id == bindparam("person"),
        GRANT.c.kind == bindparam("of_kind"),
        holds_at(GRANT, "starts_at", "ends_at", bindparam("now")),
    )
)


def person(conn: Connection, id: str) -> RowMapping | None:
    return conn.execute(select(PERSON).where(PERSON.c.id == id)).mappings().first()


def person_at(conn: Connection, address: str) -> RowMapping | None:
    """The one person whose own address this is (not a shared mailbox)."""
    return _AT.first(conn, {"known": address.lower()})


def members(conn: Connection, group: str, now: datetime) -> frozenset[str]:
    """Persons in a group, or holding a role where it is named "role:…"."""
    kind, _, name = group.partition(":") if group.startswith("role:") else ("group", "", group)
    query = (
        select(GRANT.c.person_id)
        .join(PERSON, PERSON.c.id == GRANT.c.person_id)
        .where(
            GRANT.c.kind == kind,
            GRANT.c.name == name,
            holds_at(GRANT, "starts_at", "ends_at", now),
            active(now),
        )
    )
    return frozenset(conn.execute(query).scalars())


def granted(conn: Connection, person_id: str, kind: str, now: datetime) -> frozenset[str]:
    """Roles (kind "role") or groups (kind "group") of a person."""
    asked = {"person": person_id, "of_kind": kind, "now": now}
    return frozenset(_GRANTED.values(conn, asked))


def deputies(conn: Connection, persons: Iterable[str], now: datetime) -> frozenset[str]:
    query = (
        select(DEPUTY.c.deputy_id)
        .join(PERSON, PERSON.c.id == DEPUTY.c.deputy_id)
        .where(
            DEPUTY.c.person_id.in_(list(persons)),
            holds_at(DEPUTY, "starts_at", "ends_at", now),
            active(now),
        )
    )
    return frozenset(conn.execute(query).scalars())


def deputies_for(conn: Connection, person_id: str, now: datetime) -> frozenset[str]:
    """The persons this one stands in for."""
    query = select(DEPUTY.c.person_id).where(
        DEPUTY.c.deputy_id == person_id, holds_at(DEPUTY, "starts_at", "ends_at", now)
    )
    return frozenset(conn.execute(query).scalars())


def groups_of(conn: Connection, persons: Iterable[str], now: datetime) -> frozenset[str]:
    found = (granted(conn, each, "group", now) for each in persons)
    return frozenset().union(*found)


def mailboxes(conn: Connection, person_id: str) -> frozenset[str]:
    """Shared mailboxes of a person."""
    query = select(ADDRESS.c.address).where(
        ADDRESS.c.person_id == person_id, ADDRESS.c.shared.is_(True)
    )
    return frozenset(conn.execute(query).scalars())


def sharers(conn: Connection, address: str) -> frozenset[str]:
    """The persons behind a shared mailbox."""
    return frozenset(_SHARERS.values(conn, {"known": address.lower()}))


def directory(conn: Connection, config: Config, names: Iterable[str], now: datetime) -> Directory:
    """What is known about these addresses or login names."""
    wanted = {name.lower() for name in names if name}
    entries: dict[str, Entry] = {}
    behind = _BEHIND.rows(conn, {"names": sorted(wanted)}) if wanted else ()
    for name, row in {row["address"]: row for row in behind}.items():
        if row["shared"]:
            entries[name] = Entry(name, "shared")
        else:
            groups = granted(conn, row["id"], "group", now)
            known = tuple(sorted({*groups, row["department"]} - {""}))
            entries[name] = Entry(name, "person", row["id"], groups=known)
    for sender in config.sender:
        if sender.address.lower() in wanted:
            owner = person_at(conn, sender.owner) if sender.owner else None
            entries[sender.address.lower()] = Entry(
                sender.address.lower(), sender.class_, owner=owner["id"] if owner else ""
            )
    return Directory(entries, frozenset(config.smtp.own_domains))


def sent_by(
    conn: Connection,
    config: Config,
    letter: RowMapping | Mapping[str, str],
    report: Report,
    now: datetime,
) -> Sender:
    """Who sent a letter (its auth_user and mail_from), by what the company knows today."""
    written = report.headers.sender[0].address if report.headers.sender else ""
    forwarder = report.headers.forwarded_by
    names = (letter["auth_user"], letter["mail_from"], written, forwarder)
    known = directory(conn, config, names, now)
    return identify(letter["mail_from"], letter["auth_user"], written, known, report)


def ensure(tx: Tx, address: str, name: str = "") -> str:
    """The person behind an own address, made on first sight: a person acts, not a mailbox."""
    if known := person_at(tx.conn, address):
        return str(known["id"])
    id = new_id()
    tx.conn.execute(insert(PERSON).values(id=id, name=name or address, email=address))
    tx.conn.execute(insert(ADDRESS).values(address=address.lower(), person_id=id, shared=False))
    tx.record("person.added", SYSTEM, subject=id, address=address, domain=domain_of(address))
    return id
