"""Deadlines of people: reminders, deputies, expiry. Looked at by the sweep, acted on in batches.

1. A reminder goes out after each configured span, then at 8:45 of every business day.
2. An approval whose time is up goes to the deputies too, then to the fallback group too.
3. What nobody did by its last deadline expires: it is cancelled, not sent, and its sender told.
4. Whoever is to hear of several mails hears of them by one (`asking`).
"""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import BigInteger, RowMapping, select, type_coerce, update

from gateway.judgement import asking, demands
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DEMAND
from gateway.memory.states import SYSTEM, Event, State, move, ref
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.holds")


def sweep(tx: Tx, ck: Checkpoint, limit: int = 100) -> int:
    """Everything that is due now; returns how many demands were looked at."""
    rows = tx.conn.execute(
        select(DEMAND)
        .where(DEMAND.c.state == "open", DEMAND.c.next_at <= tx.now)
        .order_by(DEMAND.c.next_at)
        .limit(limit)
    ).mappings()
    found = list(rows)
    for row in found:
        if row["due_at"] > tx.now:
            remind(tx, ck, row)
        elif row["kind"] == "approve" and row["asked"] < 2:
            escalate(tx, ck, row)
        else:
            expire(tx, ck, row["consignment_id"])
    asking.sweep(tx, ck)
    return len(found)


def remind(tx: Tx, ck: Checkpoint, row: RowMapping) -> None:
    reminders, stage = ck.config.holds.reminders, row["stage"] + 1
    if stage < len(reminders):
        following = row["opened_at"] + reminders[stage].clock
    else:
        following = ck.calendar.next_digest(tx.now)
    demands.change(tx, row["id"], stage=stage, next_at=min(following, row["due_at"]))
    asking.ask(tx, ck, row["consignment_id"], row["id"], reminder=True)


def escalate(tx: Tx, ck: Checkpoint, row: RowMapping) -> None:
    """The absent approver is never passed by: a deputy is asked, then the fallback group, and
    after the last deadline the mail expires unsent."""
    holds, asked = ck.config.holds, row["asked"] + 1
    within = holds.approve_within if asked == 1 else holds.confirm_within
    due = ck.calendar.add(tx.now, within)
    following = min(ck.calendar.next_digest(tx.now), due)
    demands.change(tx, row["id"], asked=asked, due_at=due, next_at=following)
    told = asking.ask(tx, ck, row["consignment_id"], row["id"])
    tx.record("escalated", SYSTEM, consignment=row["consignment_id"], asked=asked, told=told)
    if not told:
        log.error("nobody can approve %s", row["consignment_id"])


def expire(tx: Tx, ck: Checkpoint, id: str) -> None:
    known = ref(tx, id)
    if known is None or known.state is not State.HELD:
        return
    demands.void(tx, id)
    move(tx, known, Event.EXPIRE, SYSTEM, {"reason": "expired"})
    asking.outcome(tx, ck, known, "expired", after=timedelta())


def undelay(tx: Tx, limit: int = 100) -> int:
    """Delays whose time has come; one that a restore has leased to nobody waits for a person."""
    free = CONSIGNMENT.c.lease_until.is_(None) | (CONSIGNMENT.c.lease_until < tx.now)
    delayed = CONSIGNMENT.c.state == State.DELAYED.value
    rows = tx.conn.execute(
        select(CONSIGNMENT.c.id).where(delayed, CONSIGNMENT.c.due_at <= tx.now, free).limit(limit)
    ).scalars()
    due = [known for id in rows if (known := ref(tx, id))]
    for known in due:
        demands.release(tx, known, None, SYSTEM)
    return len(due)


def stop_clocks(tx: Tx, down: timedelta) -> None:
    """The service was down for this long: nobody could act, so every deadline moves."""
    micros = down // timedelta(microseconds=1)
    for table, where, columns in (
        (DEMAND, DEMAND.c.state == "open", ("due_at", "next_at")),
        (CONSIGNMENT, CONSIGNMENT.c.state == State.DELAYED.value, ("due_at",)),
    ):
        moved = {name: type_coerce(table.c[name], BigInteger) + micros for name in columns}
        tx.conn.execute(update(table).where(where).values(**moved))
    tx.record("clock.stopped", SYSTEM, seconds=int(down.total_seconds()))
