"""Who is in front of us: staff by a session after sign-in, senders by the link of their notice.

Sessions are rows, not signed cookies: what cannot be looked up cannot be ended. A row keeps only
the hash of its cookie, so that a copy of the database opens no page.

Both cookies are `SameSite=Lax`. `Strict` would leave them out whenever somebody follows a link
from a webmail to us, which is how every notice is opened; what changes something is guarded by
`CrossOriginGuard`, which does not rest on cookies.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, insert, select, update
from starlette.responses import Response

from gateway.judgement import asking, people, tokens
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.people import PERSON
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import WebSession, table

SESSION = table(WebSession)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
TOUCH = timedelta(minutes=1)
"""How exact "last seen" is: not every page is worth a write."""
AGENT = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who signed in, with what they may do at this moment."""

    id: str
    name: str
    email: str
    department: str
    roles: frozenset[str]
    """approver, handler, auditor, policy_admin, system_admin"""
    groups: frozenset[str]
    session: str
    """hash of the cookie: names the session among others, opens nothing"""
    seen_at: datetime

    def has(self, *roles: str) -> bool:
        """Any of them."""
        return not self.roles.isdisjoint(roles)


# -- sessions of staff


def enter(tx: Tx, person: str, ip: str, agent: str) -> str:
    """A new session with a new id at every sign-in (no fixation); returns its cookie."""
    cookie = secrets.token_urlsafe(32)
    tx.conn.execute(
        insert(SESSION).values(
            hash=tokens.digest(cookie),
            kind="staff",
            person_id=person,
            created_at=tx.now,
            seen_at=tx.now,
            expires_at=tx.now + ABSOLUTE,
            ip=ip,
            agent=agent[:AGENT],
        )
    )
    return cookie


def _alive(now: datetime) -> ColumnElement[bool]:
    return and_(
        SESSION.c.ended_at.is_(None), SESSION.c.expires_at > now, SESSION.c.seen_at > now - IDLE
    )


def visitor(conn: Connection, cookie: str, now: datetime) -> Visitor | None:
    """Roles are asked for anew each time: what was revoked is gone with the next click."""
    query = (
        select(PERSON, SESSION.c.hash, SESSION.c.seen_at)
        .join(PERSON, PERSON.c.id == SESSION.c.person_id)
        .where(
            SESSION.c.hash == tokens.digest(cookie),
            SESSION.c.kind == "staff",
            _alive(now),
            people.active(now),
        )
    )
    row = conn.execute(query).mappings().first() if cookie else None
    if row is None:
        return None
    return Visitor(
        row["id"],
        row["name"],
        row["email"],
        row["department"],
        people.granted(conn, row["id"], "role", now),
        people.granted(conn, row["id"], "group", now),
        row["hash"],
        row["seen_at"],
    )


def touch(tx: Tx, session: str) -> None:
    tx.conn.execute(update(SESSION).where(SESSION.c.hash == session).values(seen_at=tx.now))


def sessions(conn: Connection, person: str, now: datetime) -> list[RowMapping]:
    """Those that are open now, the last used first."""
    query = select(SESSION).where(SESSION.c.person_id == person, _alive(now))
    return list(conn.execute(query.order_by(SESSION.c.seen_at.desc())).mappings())


def end(tx: Tx, person: str, session: str) -> bool:
    """One session of this person; False where there is none such (or it is another's)."""
    ended = tx.conn.execute(
        update(SESSION)
        .where(SESSION.c.hash == session, SESSION.c.person_id == person, _alive(tx.now))
        .values(ended_at=tx.now)
    )
    return ended.rowcount == 1


def end_others(tx: Tx, person: str, session: str, actor: Actor) -> None:
    """All but this one: after a new password whoever knew the old one is out."""
    for row in sessions(tx.conn, person, tx.now):
        if row["hash"] != session and end(tx, person, row["hash"]):
            tx.record("session.revoked", actor, subject=person)


# -- senders, by the link of a notice


def linked(conn: Connection, token: str, consignment: str, now: datetime) -> str:
    """The person whom this confirm link makes known for this consignment; "" for nobody."""
    row = _opens(conn, token, "confirm", now)
    return str(row["person_id"]) if row and row["subject"] == consignment else ""


@dataclass(frozen=True, slots=True)
class Told:
    """Who follows the link of a notice about several mails, and what it opens: each of which they
    had been told of when it was sent, and nothing that came later."""

    person: str
    at: datetime

    @property
    def mails(self) -> ColumnElement[bool]:
        """For a query over CONSIGNMENT."""
        known = select(asking.NOTICE.c.consignment_id).where(asking.about(self.person, self.at))
        return CONSIGNMENT.c.id.in_(known)


def told(conn: Connection, token: str, now: datetime) -> Told | None:
    row = _opens(conn, token, "gathered", now)
    return Told(row["person_id"], row["created_at"]) if row else None


def _opens(conn: Connection, token: str, purpose: str, now: datetime) -> RowMapping | None:
    row = tokens.find(conn, token, purpose) if token else None
    return row if row and row["expires_at"] > now and not row["used_at"] else None


# -- cookies


@dataclass(frozen=True)
class Cookies:
    """`__Host-` binds a cookie to this very host over https: no sister host can set it."""

    secure: bool

    def name(self, kind: str) -> str:
        return f"__Host-sekisho-{kind}" if self.secure else f"sekisho-{kind}"

    def read(self, cookies: Mapping[str, str], kind: str) -> str:
        return cookies.get(self.name(kind), "")

    def put(self, answer: Response, kind: str, value: str) -> None:
        """Until the browser is closed, at most as long as a session."""
        answer.set_cookie(
            self.name(kind),
            value,
            max_age=int(ABSOLUTE.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, answer: Response, kind: str) -> None:
        answer.delete_cookie(
            self.name(kind), path="/", secure=self.secure, httponly=True, samesite="lax"
        )
