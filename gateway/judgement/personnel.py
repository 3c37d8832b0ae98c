"""Changing who is who: persons, addresses, roles, groups, deputies, locks; each on record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from gateway.judgement.people import ADDRESS, CONFLICTS, DEPUTY, GRANT, PERSON
from gateway.memory.ids import new_id
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import Token, WebSession, table

SESSION, TOKEN = table(WebSession), table(Token)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class Conflict(Exception):
    """These roles may not meet in one person."""

    def __init__(self, roles: frozenset[str]) -> None:
        super().__init__(", ".join(sorted(roles)))
        self.roles = roles


class Taken(Exception):
    """The address is another person's own one, or a mailbox and a person would share it."""


def add(tx: Tx, name: str, email: str, actor: Actor, **more: Any) -> str:
    """A new person with an own address; `more`: department, language, active_from, active_until.

    Raises Taken."""
    id = new_id()
    tx.conn.execute(insert(PERSON).values(id=id, name=name, email=email.lower(), **more))
    tx.record("person.added", actor, subject=id, address=email, name=name)
    attach(tx, id, email, actor)
    return id


def change(tx: Tx, person_id: str, actor: Actor, **values: Any) -> None:
    """Columns of the person; the entry names them, not what stands in them."""
    tx.conn.execute(update(PERSON).where(PERSON.c.id == person_id).values(**values))
    tx.record("person.changed", actor, subject=person_id, fields=sorted(values))


def attach(tx: Tx, person_id: str, address: str, actor: Actor, *, shared: bool = False) -> None:
    """An own address of this person, or a mailbox shared with others. Raises Taken."""
    address = address.lower()
    there = select(ADDRESS.c.person_id, ADDRESS.c.shared).where(ADDRESS.c.address == address)
    for row in tx.conn.execute(there):
        if row.shared != shared or (not shared and row.person_id != person_id):
            raise Taken(address)
        if row.person_id == person_id:
            return
    tx.conn.execute(insert(ADDRESS).values(address=address, person_id=person_id, shared=shared))
    tx.record("address.added", actor, subject=person_id, address=address, shared=shared)


def detach(tx: Tx, person_id: str, address: str, actor: Actor) -> None:
    gone = tx.conn.execute(
        delete(ADDRESS).where(
            ADDRESS.c.address == address.lower(), ADDRESS.c.person_id == person_id
        )
    )
    if gone.rowcount:
        tx.record("address.removed", actor, subject=person_id, address=address)


def grant(
    tx: Tx,
    person_id: str,
    kind: str,
    name: str,
    actor: Actor,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> None:
    """A role or a group from now or `starts` on. Raises Conflict."""
    if kind == "role":
        refuse_conflict(tx.conn, person_id, name, starts or tx.now, ends)
    tx.conn.execute(
        insert(GRANT).values(
            person_id=person_id,
            kind=kind,
            name=name,
            starts_at=starts or tx.now,
            ends_at=ends,
            granted_by=actor.id,
        )
    )
    tx.record(f"{kind}.granted", actor, subject=person_id, name=name, span=_span(starts, ends))


def refuse_conflict(
    conn: Connection, person_id: str, role: str, starts: datetime, ends: datetime | None
) -> None:
    """Against every role whose time meets this one's, so that no day has both."""
    others = select(GRANT.c.name).where(
        GRANT.c.person_id == person_id,
        GRANT.c.kind == "role",
        or_(GRANT.c.ends_at.is_(None), GRANT.c.ends_at > starts),
        or_(GRANT.c.starts_at.is_(None), GRANT.c.starts_at < (ends or FOREVER)),
    )
    for other in conn.execute(others).scalars():
        if (pair := frozenset({role, other})) in CONFLICTS:
            raise Conflict(pair)


def grants(conn: Connection, person_id: str, now: datetime) -> list[RowMapping]:
    """What holds now or will hold, roles first."""
    query = select(GRANT).where(
        GRANT.c.person_id == person_id, or_(GRANT.c.ends_at.is_(None), GRANT.c.ends_at > now)
    )
    return list(conn.execute(query.order_by(GRANT.c.kind.desc(), GRANT.c.id)).mappings())


def revoke(tx: Tx, person_id: str, grant_id: int, actor: Actor, at: datetime | None = None) -> bool:
    """End a role or group now or at `at`, never later than it ends anyway; False where this
    person has no such one."""
    row = tx.conn.execute(
        update(GRANT)
        .where(
            GRANT.c.id == grant_id,
            GRANT.c.person_id == person_id,
            or_(GRANT.c.ends_at.is_(None), GRANT.c.ends_at > (at or tx.now)),
        )
        .values(ends_at=at or tx.now)
        .returning(GRANT.c.kind, GRANT.c.name)
    ).first()
    if row:
        ending = _span(None, at)
        tx.record(f"{row.kind}.revoked", actor, subject=person_id, name=row.name, span=ending)
    return row is not None


def appoint(
    tx: Tx,
    person_id: str,
    deputy_id: str,
    actor: Actor,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> None:
    """`deputy_id` stands in for the person when asked (see parties.mine)."""
    tx.conn.execute(
        insert(DEPUTY).values(
            person_id=person_id, deputy_id=deputy_id, starts_at=starts or tx.now, ends_at=ends
        )
    )
    tx.record("deputy.named", actor, subject=person_id, deputy=deputy_id, span=_span(starts, ends))


def deputies(conn: Connection, person_id: str, now: datetime) -> list[RowMapping]:
    """Who stands in for this person now or will, with name and email."""
    query = (
        select(DEPUTY, PERSON.c.name, PERSON.c.email)
        .join(PERSON, PERSON.c.id == DEPUTY.c.deputy_id)
        .where(
            DEPUTY.c.person_id == person_id, or_(DEPUTY.c.ends_at.is_(None), DEPUTY.c.ends_at > now)
        )
    )
    return list(conn.execute(query.order_by(DEPUTY.c.id)).mappings())


def dismiss(tx: Tx, person_id: str, row_id: int, actor: Actor, at: datetime | None = None) -> bool:
    row = tx.conn.execute(
        update(DEPUTY)
        .where(
            DEPUTY.c.id == row_id,
            DEPUTY.c.person_id == person_id,
            or_(DEPUTY.c.ends_at.is_(None), DEPUTY.c.ends_at > (at or tx.now)),
        )
        .values(ends_at=at or tx.now)
        .returning(DEPUTY.c.deputy_id)
    ).first()
    if row:
        tx.record(
            "deputy.ended", actor, subject=person_id, deputy=row.deputy_id, span=_span(None, at)
        )
    return row is not None


def lock(tx: Tx, person_id: str, actor: Actor) -> None:
    """At once: open sessions end, links already mailed open nothing any more."""
    tx.conn.execute(update(PERSON).where(PERSON.c.id == person_id).values(locked=True))
    tx.conn.execute(
        update(SESSION)
        .where(SESSION.c.person_id == person_id, SESSION.c.ended_at.is_(None))
        .values(ended_at=tx.now)
    )
    tx.conn.execute(
        update(TOKEN)
        .where(TOKEN.c.person_id == person_id, TOKEN.c.used_at.is_(None))
        .values(used_at=tx.now)
    )
    tx.record("person.locked", actor, subject=person_id)


def unlock(tx: Tx, person_id: str, actor: Actor) -> None:
    tx.conn.execute(update(PERSON).where(PERSON.c.id == person_id).values(locked=False))
    tx.record("person.unlocked", actor, subject=person_id)


def _span(starts: datetime | None, ends: datetime | None) -> dict[str, str]:
    given = {"from": starts, "until": ends}
    return {name: at.isoformat() for name, at in given.items() if at}
