"""The sweep: deadlines, reminders, closing, erasing, and the small chores that keep a house.

Each chore is a piece of work of its own for the committer: one that fails is said and tried again
in five seconds, and the others are done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import RowMapping, exists, select, update

from bridge import acts, disposal, erasing, evidence, mails, parcel
from bridge.parcel import FILE, PARCEL
from bridge.visit import ACCESS
from detectors.text import mask
from gateway.judgement import bypass, overdue, weekly, witness
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.memory import pointers
from gateway.memory.committer import Committer
from gateway.memory.keys import KeyGone
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx
from gateway.memory.tables import LedgerEntry, table

log = logging.getLogger("sekisho.sweep")

ENTRY = table(LedgerEntry)
HEARTBEAT = "heartbeat"
EVERY = 5.0
HOURLY = timedelta(hours=1)
STOOD_STILL = timedelta(minutes=2)
CUT_WITHIN = 100
"""Milliseconds."""

Chore = Callable[[Tx], Any]


@dataclass
class Sweep:
    memory: Memory
    committer: Committer
    checkpoint: Checkpoint
    to_cut: bool = False
    """Something was erased since the log of the database was last cut off."""

    async def run(self) -> None:
        """Until cancelled."""
        await self._do(self.wake)
        await self._do(partial(erasing.lost_keys, memory=self.memory))
        last = datetime.min.replace(tzinfo=UTC)
        while True:
            for chore in self.chores():
                self.to_cut |= await self._do(chore) > 0
            await self._beside(self.checkpoint_wal)
            await self._beside(self.memory.store.take_ballast)
            now = self.memory.store.clock()
            if now - last > HOURLY:
                last = now
                await self._beside(erasing.orphans, self.memory, now)
            await asyncio.sleep(EVERY)

    def chores(self) -> list[Chore]:
        """In the order in which they are done; what an erasing one returns is how many."""
        memory, ck = self.memory, self.checkpoint
        return [
            self.beat,
            partial(_silent, overdue.sweep, ck=ck),
            partial(_silent, overdue.undelay),
            partial(_silent, bypass.expire, ck=ck),
            partial(remind, ck=ck, memory=memory),
            close,
            partial(end_unsent, memory=memory),
            partial(tell_senders, ck=ck),
            partial(tell_downloads, ck=ck, memory=memory),
            partial(self._unless_on_hold, erasing.due_parcels),
            partial(self._unless_on_hold, erasing.due_letters),
            partial(self._unless_on_hold, erasing.past_epochs),
            partial(self._unless_on_hold, disposal.past_records),
            erasing.old_tokens,
            memory.ledger.sign,
            partial(_silent, witness.mail_checkpoint, ck=ck, ledger=memory.ledger),
            partial(_silent, weekly.mail_week, ck=ck),
        ]

    def wake(self, tx: Tx) -> None:
        """At the start: the time in which we stood still counts against nobody."""
        last = pointers.read(tx.conn, HEARTBEAT)
        if last and (down := tx.now - datetime.fromisoformat(last)) > STOOD_STILL:
            overdue.stop_clocks(tx, down)
        self.beat(tx)

    def beat(self, tx: Tx) -> None:
        pointers.put(tx, HEARTBEAT, tx.now.isoformat())

    def checkpoint_wal(self) -> None:
        """Beside the committer, never inside a commit. After an erasure the log is cut off, or
        the old pages would stand in it for days; that waits for readers and keeps writers out
        meanwhile, so it is tried for a moment only, and again the next time."""
        if self.memory.store.engine.dialect.name != "sqlite":
            return
        connection = self.memory.store.engine.raw_connection()
        try:
            cursor = connection.cursor()
            patience = _ask(cursor, "PRAGMA busy_timeout")
            cursor.execute(f"PRAGMA busy_timeout={CUT_WITHIN}")
            busy = _ask(
                cursor, f"PRAGMA wal_checkpoint({'TRUNCATE' if self.to_cut else 'PASSIVE'})"
            )
            cursor.execute(f"PRAGMA busy_timeout={patience}")
            cursor.close()
            self.to_cut = self.to_cut and bool(busy)
        finally:
            connection.close()

    def _unless_on_hold(self, chore: Callable[[Tx, Memory], int], tx: Tx) -> int:
        return 0 if evidence.current(tx.conn) else chore(tx, self.memory)

    async def _do(self, chore: Chore) -> int:
        try:
            return await self.committer.commit(chore) or 0
        except Exception:
            log.exception("a chore of the sweep failed")
            return 0

    async def _beside(self, work: Callable[..., Any], *args: Any) -> None:
        try:
            await asyncio.to_thread(work, *args)
        except Exception:
            log.exception("a chore of the sweep failed")


def remind(tx: Tx, ck: Checkpoint, memory: Memory) -> None:
    """Two days before the end, whoever got the mail and has not fetched everything; not where
    the whole time was hardly longer than that."""
    days = timedelta(days=memory.config.bridge.remind_days)
    untaken = exists().where(FILE.c.parcel_id == PARCEL.c.id, FILE.c.taken == 0)
    delivered = exists().where(
        RECIPIENT.c.consignment_id == PARCEL.c.consignment_id, RECIPIENT.c.status == "delivered"
    )
    query = select(PARCEL).where(
        PARCEL.c.state == "open",
        PARCEL.c.reminded_at.is_(None),
        PARCEL.c.closes_at > tx.now,
        PARCEL.c.closes_at <= tx.now + days,
        PARCEL.c.opens_at <= tx.now,
        untaken,
        delivered,
    )
    for row in tx.conn.execute(query.limit(50)).mappings().all():
        if row["closes_at"] - row["created_at"] > days + timedelta(days=1):
            acts.remind(tx, ck, memory, row, SYSTEM)


def close(tx: Tx) -> None:
    """Closing follows from the date; that it happened is written down once for each date."""
    said = exists().where(
        ENTRY.c.subject == PARCEL.c.id,
        ENTRY.c.verb == "link.expired",
        ENTRY.c.at >= PARCEL.c.closes_at,
    )
    over = PARCEL.c.closes_at <= tx.now, PARCEL.c.state.in_(("open", "stopped")), ~said
    for row in tx.conn.execute(select(PARCEL).where(*over).limit(50)).mappings().all():
        tx.record("link.expired", SYSTEM, letter=row["letter_id"], subject=row["id"])


def end_unsent(tx: Tx, memory: Memory) -> None:
    """A mail that was withdrawn after it was sealed: nobody outside ever heard of its link."""
    withdrawn = CONSIGNMENT.c.id == PARCEL.c.consignment_id, CONSIGNMENT.c.reason == "withdrawn"
    query = select(PARCEL).where(
        PARCEL.c.state.in_(("open", "stopped")),
        exists().where(*withdrawn, CONSIGNMENT.c.state.in_(("withdrawn", "erased"))),
    )
    for row in list(tx.conn.execute(query.limit(50)).mappings()):
        acts.recall(tx, memory, row, SYSTEM, "withdrawn")


def tell_downloads(tx: Tx, ck: Checkpoint, memory: Memory) -> None:
    """The door, which holds no key of the letters, only wrote them down."""
    query = select(ACCESS).where(
        ACCESS.c.kind == "download", ACCESS.c.complete.is_(True), ACCESS.c.told.is_(False)
    )
    for access in list(tx.conn.execute(query.limit(100)).mappings()):
        tx.conn.execute(update(ACCESS).where(ACCESS.c.id == access["id"]).values(told=True))
        if row := parcel.get(tx.conn, access["parcel_id"]):
            mails.fetched(tx, ck, row, _name(memory, row, access["file"]), access)


def _name(memory: Memory, row: RowMapping, number: int) -> str:
    try:
        files = parcel.manifest(memory, row).files
    except KeyGone:
        return "—"
    return mask(next((file.name for file in files if file.number == number), "—"))


def tell_senders(tx: Tx, ck: Checkpoint) -> None:
    """Of recipients who ask for a new link: the door can only write it down."""
    told = exists().where(
        LETTER.c.about == PARCEL.c.id,
        LETTER.c.purpose == "reissue_asked",
        LETTER.c.received_at >= PARCEL.c.asked_at,
    )
    asked = select(PARCEL).where(PARCEL.c.asked_at.is_not(None), ~told).limit(50)
    for row in tx.conn.execute(asked).mappings().all():
        if not mails.reissue_asked(tx, ck, row):
            log.error("nobody can be told that %s is asked for again", row["id"])


def _silent(chore: Callable[..., int], tx: Tx, **named: Any) -> None:
    chore(tx, **named)


def _ask(cursor: Any, pragma: str) -> int:
    cursor.execute(pragma)
    return int(cursor.fetchone()[0])
