"""After a power failure: what was committed loosely in its last moment is gone.

The delivery commits so: that a mail was tried, and what came of it. It is tried again, as after a
crash in the middle of a hand-over, and like there the ledger says that the mail may have been
delivered before. (So does what is learned of it, which is then learned once more.) The machine's
boot tells a power failure from a process that was killed, which loses nothing: what it has written
is the kernel's. On PostgreSQL nothing is committed loosely.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import exists, func, insert, literal, or_, select

from gateway.memory import pointers
from gateway.memory.committer import LOOSE
from gateway.memory.engine import forgets
from gateway.memory.states import State
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, Consignment, LedgerEntry, table

_ATTEMPT, _CONSIGNMENT, _ENTRY = table(Attempt), table(Consignment), table(LedgerEntry)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SERVING = "serving"
"""The boot of the machine that a core serves on; "" once it has ended in order."""
_MARGIN = timedelta(seconds=2 * LOOSE)


def begun(tx: Tx) -> int:
    """By a core that begins. Returns how many mails may have left without a trace: those that were
    due when the power failed. Each gets an attempt without an end."""
    if not forgets(tx.conn.engine):
        return 0
    here = _BOOT.read_text("ascii").strip() if _BOOT.exists() else ""
    before = pointers.read(tx.conn, _SERVING)
    pointers.put(tx, _SERVING, here)
    last = tx.conn.execute(select(func.max(_ENTRY.c.at))).scalar()
    return _doubt(tx, last + _MARGIN) if before and before != here and last else 0


def ended(tx: Tx) -> None:
    pointers.put(tx, _SERVING, "")


def _doubt(tx: Tx, failed_at: datetime) -> int:
    due = or_(_CONSIGNMENT.c.due_at.is_(None), _CONSIGNMENT.c.due_at <= failed_at)
    under_way = exists().where(
        _ATTEMPT.c.consignment_id == _CONSIGNMENT.c.id, _ATTEMPT.c.ended_at.is_(None)
    )
    doubtful = select(
        _CONSIGNMENT.c.id, literal(""), literal(failed_at, _ATTEMPT.c.started_at.type), literal("")
    )
    found = doubtful.where(_CONSIGNMENT.c.state == State.QUEUED.value, due, ~under_way)
    columns = ["consignment_id", "hop", "started_at", "outcome"]
    return tx.conn.execute(insert(_ATTEMPT).from_select(columns, found)).rowcount
