"""Who is at the door: sessions, visits, and what was handed over.

A visit shows nothing of a parcel's content. Only a proof and a download count as seeing it, and
both are written down before the first octet leaves.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from bridge import parcel
from bridge.parcel import FILE, PARCEL, Standing
from gateway.judgement.tokens import digest
from gateway.memory.states import Actor
from gateway.memory.store import Access, DoorSession, Tx, table

ACCESS, SESSION = table(Access), table(DoorSession)

LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    parcel: RowMapping
    proved: bool


def enter(tx: Tx, row: RowMapping, ip: str, agent: str) -> str:
    """A link was opened or a pick-up number typed: the cookie that takes the token's place."""
    note(tx, row, "page", ip, agent)
    return begin(tx, row, proved=False)


def begin(tx: Tx, row: RowMapping, *, proved: bool) -> str:
    token = secrets.token_urlsafe(32)
    tx.conn.execute(
        insert(SESSION).values(
            hash=digest(token),
            parcel_id=row["id"],
            created_at=tx.now,
            expires_at=tx.now + LIFE,
            proved=proved,
        )
    )
    return token


def visitor(conn: Connection, token: str, now: datetime) -> Visitor | None:
    """Whose cookie this is, or None. The parcel may be in any standing: the page says which."""
    query = select(SESSION).where(SESSION.c.hash == digest(token), SESSION.c.expires_at > now)
    session = conn.execute(query).mappings().first()
    row = parcel.get(conn, session["parcel_id"]) if session else None
    return Visitor(row, session["proved"]) if session and row else None


def leave(tx: Tx, token: str) -> None:
    tx.conn.execute(delete(SESSION).where(SESSION.c.hash == digest(token)))


def note(tx: Tx, row: RowMapping, kind: str, ip: str, agent: str) -> None:
    """`kind`: page | proved | failed."""
    tx.conn.execute(
        insert(ACCESS).values(parcel_id=row["id"], at=tx.now, kind=kind, ip=ip, agent=agent[:200])
    )


def start_download(tx: Tx, row: RowMapping, number: int, ip: str, agent: str) -> int | None:
    """Before the first octet: id of the access, or None where it may not (any longer) be taken."""
    found = parcel.get(tx.conn, row["id"])
    files = {file["number"]: file for file in parcel.files(tx.conn, row["id"])}
    if found is None or number not in files:
        return None
    # a lock is against guessing; who holds a session has proved already
    stands = parcel.standing({**found, "locked_until": None}, tuple(files.values()), tx.now)
    if stands is not Standing.OPEN or files[number]["taken"] >= found["downloads"]:
        return None
    made = insert(ACCESS).values(
        parcel_id=row["id"], at=tx.now, kind="download", ip=ip, agent=agent[:200], file=number
    )
    id = int(tx.conn.execute(made.returning(ACCESS.c.id)).scalar_one())
    _record(tx, row, "download.started", ip, file=number, access=id)
    return id


def end_download(tx: Tx, access: int, octets: int, complete: bool) -> None:
    """What was really sent. Complete: the last octet of the file went out, in one request or in
    the last of several ranges; only that counts against the number of downloads."""
    query = select(ACCESS).where(ACCESS.c.id == access, ACCESS.c.octets == 0)
    started = tx.conn.execute(query).mappings().first()
    row = parcel.get(tx.conn, started["parcel_id"]) if started else None
    if started is None or row is None:
        return
    tx.conn.execute(
        update(ACCESS).where(ACCESS.c.id == access).values(octets=octets, complete=complete)
    )
    if complete:
        taken = FILE.c.parcel_id == row["id"], FILE.c.number == started["file"]
        tx.conn.execute(update(FILE).where(*taken).values(taken=FILE.c.taken + 1))
    verb = "download.completed" if complete else "download.aborted"
    _record(tx, row, verb, started["ip"], file=started["file"], access=access, octets=octets)


def still_open(conn: Connection, id: str, now: datetime) -> bool:
    """Asked between the chunks of a long download, so that a recall stops that one too."""
    query = select(PARCEL.c.id).where(
        PARCEL.c.id == id, PARCEL.c.state == "open", PARCEL.c.closes_at > now
    )
    return conn.execute(query).first() is not None


def _record(tx: Tx, row: RowMapping, verb: str, ip: str, **facts: Any) -> None:
    actor = Actor("recipient", ip=ip)
    tx.record(verb, actor, letter=row["letter_id"], subject=row["id"], **facts)
