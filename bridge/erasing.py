"""The end of things: key first, then bytes; what is left is the record of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import RowMapping, bindparam, delete, exists, select, update

from bridge import parcel
from bridge.parcel import FILE, PARCEL
from bridge.proof import CODE
from bridge.visit import SESSION
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.tokens import TOKEN
from gateway.memory.keys import Ring
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.standing import Statement
from gateway.memory.states import FINAL, SYSTEM, Actor, Event, State, move, ref_of
from gateway.memory.store import Tx
from gateway.memory.tables import WebSession, table

log = logging.getLogger("sekisho.sweep")

WEB_SESSION = table(WebSession)
ORPHAN = timedelta(hours=25)
"""The longest session and an hour: a younger file may still be on its way to its row."""
_NOT_ERASED = Statement(
    select(CONSIGNMENT).where(
        CONSIGNMENT.c.letter_id == bindparam("known"), CONSIGNMENT.c.state != State.ERASED.value
    )
)
"""Consignments of a letter that say what they held."""


# -- parcels


def wipe(tx: Tx, memory: Memory, row: RowMapping, why: str, actor: Actor = SYSTEM) -> None:
    """End the content of a parcel whose state says so already. May be repeated after a crash."""
    id = row["id"]
    memory.parcels.destroy(row["kek"], why)
    for file in parcel.files(tx.conn, id):
        remove_blob(tx, memory, file["blob"])
    tx.conn.execute(update(FILE).where(FILE.c.parcel_id == id).values(blob=""))
    tx.conn.execute(
        update(PARCEL)
        .where(PARCEL.c.id == id)
        .values(key=b"", manifest=b"", word=b"", word_hash="")
    )
    tx.conn.execute(delete(SESSION).where(SESSION.c.parcel_id == id))
    asked = CODE.c.parcel_id == id, CODE.c.state.in_(("wanted", "sent", "accepted"))
    tx.conn.execute(update(CODE).where(*asked).values(state="void"))
    tx.record("link.erased", actor, letter=row["letter_id"], subject=id, why=why, key=row["kek"])


def due_parcels(tx: Tx, memory: Memory, limit: int = 20) -> int:
    """Parcels whose second date has come."""
    due = PARCEL.c.erase_at <= tx.now, PARCEL.c.state.in_(("open", "stopped"))
    rows = tx.conn.execute(select(PARCEL).where(*due).limit(limit)).mappings().all()
    for row in rows:
        _end(tx, memory, row, "retention over")
    return len(rows)


def lost_keys(tx: Tx, memory: Memory) -> int:
    """Parcels that say they are open and whose key was destroyed: a crash amid a recall, or a
    database from before it. What was recalled stays recalled."""
    rows = tx.conn.execute(select(PARCEL).where(PARCEL.c.state.in_(("open", "stopped")))).mappings()
    gone = [row for row in rows.all() if memory.parcels.is_gone(row["kek"])]
    for row in gone:
        log.error("parcel %s was open and its key is destroyed", row["id"])
        _end(tx, memory, row, "key was destroyed before")
    return len(gone)


def _end(tx: Tx, memory: Memory, row: RowMapping, why: str) -> None:
    tx.conn.execute(
        update(PARCEL)
        .where(PARCEL.c.id == row["id"])
        .values(state="erased", fence=row["fence"] + 1, erase_at=tx.now)
    )
    wipe(tx, memory, row, why)


# -- letters


def due_letters(tx: Tx, memory: Memory, limit: int = 50) -> int:
    """Letters of which every consignment is final and kept for long enough."""
    before = tx.now - timedelta(days=memory.config.retention.content_days)
    other = CONSIGNMENT.alias()
    final = [state.value for state in FINAL - {State.ERASED}]
    later = exists().where(
        other.c.letter_id == CONSIGNMENT.c.letter_id,
        other.c.state.not_in([state.value for state in FINAL]) | (other.c.changed_at > before),
    )
    query = (
        select(CONSIGNMENT.c.letter_id)
        .where(CONSIGNMENT.c.state.in_(final), CONSIGNMENT.c.changed_at <= before, ~later)
        .distinct()
        .limit(limit)
    )
    ids = list(tx.conn.execute(query).scalars())
    for id in ids:
        _erase_letter(tx, memory, id)
    return len(ids)


def _erase_letter(tx: Tx, memory: Memory, id: str) -> None:
    for row in _NOT_ERASED.rows(tx.conn, {"known": id}):
        remove_blob(tx, memory, row["rendition"])
        forgotten: dict[str, object] = dict(rendition="", rendition_kek="", rendition_key=b"")
        if row["state"] != State.DONE.value:  # its ZIP never left, and nobody asks for the password
            forgotten |= {"password": None, "password_kek": ""}
        move(tx, ref_of(row), Event.ERASE, SYSTEM, forgotten)
    letter = memory.content.row(tx.conn, id)
    if letter["erased_at"] is None:
        days = memory.config.retention.features_days
        memory.content.erase(tx, letter, "retention over", days)


# -- keys, files, tokens


def past_epochs(tx: Tx, memory: Memory) -> int:
    """Keys of days that are over. One that still opens a living letter is kept and said: mail is
    never lost because the service stood still for a month."""
    past = list(_past(memory.content.ring, tx.now.date()))
    if not past:  # on all rounds of a day but one: what follows goes through every letter
        return 0
    living = select(LETTER.c.kek).where(LETTER.c.erased_at.is_(None)).distinct()
    renditions = select(CONSIGNMENT.c.rendition_kek).where(CONSIGNMENT.c.rendition != "").distinct()
    needed = set(tx.conn.execute(living.union(renditions)).scalars())
    ended = 0
    for name in past:
        if name in needed:
            log.error("the day of %s is over and letters still need it", name)
        else:
            ended += memory.content.ring.destroy(name, "its day is over")
            tx.record("key.destroyed", SYSTEM, subject=name)
    locked = update(LETTER).where(LETTER.c.kek.in_(past), LETTER.c.erased_at.is_not(None))
    tx.conn.execute(locked.values(key=b"", report=b""))  # which nobody can open any more
    told = update(CONSIGNMENT).where(CONSIGNMENT.c.password_kek.in_(past))
    tx.conn.execute(told.values(password=None, password_kek=""))
    return ended


def _past(ring: Ring, today: date) -> Iterator[str]:
    for path in sorted(ring.folder.glob("epoch-*.key")):
        day = path.stem.removeprefix("epoch-")
        if date.fromisoformat(day) < today:
            yield f"epoch:{day}"


def old_tokens(tx: Tx) -> None:
    """What opens nothing any more."""
    for each in (TOKEN, SESSION, WEB_SESSION):
        tx.conn.execute(delete(each).where(each.c.expires_at < tx.now))


def orphans(memory: Memory, now: datetime) -> int:
    """Files and keys without a row, left behind by a crash. Rows are read before the folders are:
    what is kept in between is younger than a day."""
    with memory.store.read() as session:
        conn = session.connection()
        refs: set[str] = set()
        for column in (LETTER.c.blob, CONSIGNMENT.c.rendition, FILE.c.blob):
            refs |= set(conn.execute(select(column).where(column.startswith("file:"))).scalars())
        parcels = set(conn.execute(select(PARCEL.c.kek)).scalars())
    removed = 0
    for path in _old(memory.vault.files(), now):
        if f"file:{path.name}" not in refs:
            path.unlink(missing_ok=True)
            removed += 1
    for path in _old(memory.parcels.folder.glob("own-*.key"), now):
        if (name := f"own:{path.stem.removeprefix('own-')}") not in parcels:
            removed += memory.parcels.destroy(name, "never became a parcel")
    return removed


def _old(paths: Iterable[Path], now: datetime) -> list[Path]:
    return [p for p in list(paths) if now.timestamp() - _mtime(p, now) > ORPHAN.total_seconds()]


def _mtime(path: Path, now: datetime) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # finished or removed by somebody else just now
        return now.timestamp()


def remove_blob(tx: Tx, memory: Memory, blob: str) -> None:
    memory.vault.remove_row(tx.conn, blob)
    tx.after.append(partial(memory.vault.remove_file, blob))
