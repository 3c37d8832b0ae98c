"""Who is at the door: sessions, visits, and what was handed over.

A visit shows nothing of a parcel's content. Only a proof and a download count as seeing it, and
both are written down before the first octet leaves.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from bridge import parcel
from bridge.handover import Ended
from bridge.parcel import FILE, PARCEL, Standing
from gateway.judgement.tokens import digest
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import Access, DoorSession, table

ACCESS, SESSION = table(Access), table(DoorSession)

LIFE = timedelta(hours=1)
STRETCHES = 500
"""Of a file that was fetched here and there, how many are remembered, the longest."""


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
    """Before the first octet: id of the access, or None where it may not (any longer) be taken.

    A download that was broken off, or never began, is taken up again under its old id: it counts
    once however often it has to be resumed. So there is never more than one unfinished download
    of a file, and ten at once cannot get past the last one that is allowed.
    """
    found = parcel.get(tx.conn, row["id"])
    files = {file["number"]: file for file in parcel.files(tx.conn, row["id"])}
    if found is None or number not in files:
        return None
    # a lock is against guessing; who holds a session has proved already
    stands = parcel.standing({**found, "locked_until": None}, tuple(files.values()), tx.now)
    if stands is not Standing.OPEN or files[number]["taken"] >= found["downloads"]:
        return None
    id = _unfinished(tx, row["id"], number) or _new_download(tx, row, number, ip, agent)
    tx.conn.execute(update(ACCESS).where(ACCESS.c.id == id).values(at=tx.now))
    _record(tx, row, "download.started", ip, file=number, access=id)
    return id


def _unfinished(tx: Tx, id: str, number: int) -> int | None:
    query = select(ACCESS.c.id).where(
        ACCESS.c.parcel_id == id,
        ACCESS.c.kind == "download",
        ACCESS.c.file == number,
        ACCESS.c.complete.is_(False),
    )
    return tx.conn.execute(query).scalar()


def _new_download(tx: Tx, row: RowMapping, number: int, ip: str, agent: str) -> int:
    made = insert(ACCESS).values(
        parcel_id=row["id"], at=tx.now, kind="download", ip=ip, agent=agent[:200], file=number
    )
    return int(tx.conn.execute(made.returning(ACCESS.c.id)).scalar_one())


def download(conn: Connection, row: RowMapping, access: int, now: datetime) -> int | None:
    """Number of the file that may be fetched (again, or a range of it) under this access."""
    query = select(ACCESS.c.file).where(
        ACCESS.c.id == access,
        ACCESS.c.parcel_id == row["id"],
        ACCESS.c.kind == "download",
        ACCESS.c.at > now - LIFE,
    )
    return conn.execute(query).scalar()


def end_download(
    tx: Tx, access: int, octets: int, ip: str, *, start: int = 0, ended: Ended = "left"
) -> None:
    """What one request really sent: so many octets from `start` on, and what ended it. The
    download counts once as many octets went out as the file has, in one request or in several
    ranges. It is not the last octet that decides: who never fetches that one would download for
    ever, and a viewer that looks at the end of a zip first has not got it yet. The record says
    `completed` once nothing is missing any more; `have` is what went out of the file so far."""
    done = tx.conn.execute(select(ACCESS).where(ACCESS.c.id == access)).mappings().one()
    mine = FILE.c.parcel_id == done["parcel_id"], FILE.c.number == done["file"]
    size = int(tx.conn.execute(select(FILE.c.size).where(*mine)).scalar_one())
    before = done["parts"].get("parts", [])
    parts = _united([*before, [start, min(start + octets, size)]])
    kept = sorted(parts, key=lambda part: part[0] - part[1])[:STRETCHES]
    now = {"octets": done["octets"] + octets, "parts": {"parts": kept}}
    if now["octets"] >= size and not done["complete"]:
        now["complete"] = True
        tx.conn.execute(update(FILE).where(*mine).values(taken=FILE.c.taken + 1))
    tx.conn.execute(update(ACCESS).where(ACCESS.c.id == access).values(now))
    row = parcel.get(tx.conn, done["parcel_id"])
    if row is None:
        return
    had, have = _length(before), _length(parts)
    facts = {"file": done["file"], "access": access, "start": start, "octets": octets}
    facts |= {"have": have, "of": size}
    if have == size and (had < size or octets >= size):
        _record(tx, row, "download.completed", ip, **facts)
    elif ended:
        _record(tx, row, "download.aborted", ip, **facts, ended=ended)
    else:
        _record(tx, row, "download.part", ip, **facts)


def _united(parts: Iterable[list[int]]) -> list[list[int]]:
    """Stretches of which none overlaps or touches another.

    >>> _united([[0, 10], [90, 100], [5, 15]])
    [[0, 15], [90, 100]]
    """
    found: list[list[int]] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([start, end])
    return found


def _length(parts: Iterable[list[int]]) -> int:
    return sum(end - start for start, end in parts)


def still_open(conn: Connection, id: str, now: datetime) -> bool:
    """Asked between the chunks of a long download, so that a recall stops that one too."""
    query = select(PARCEL.c.id).where(
        PARCEL.c.id == id, PARCEL.c.state == "open", PARCEL.c.closes_at > now
    )
    return conn.execute(query).first() is not None


def _record(tx: Tx, row: RowMapping, verb: str, ip: str, **facts: Any) -> None:
    actor = Actor("recipient", ip=ip)
    tx.record(verb, actor, letter=row["letter_id"], subject=row["id"], **facts)
