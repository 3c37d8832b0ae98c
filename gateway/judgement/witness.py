"""The day's signed checkpoint by mail to the auditors: a copy that nobody here can take back.

Whoever rewrites database and checkpoint file alike still cannot rewrite a mailbox elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement import notice, people
from gateway.judgement.calendar import DIGEST
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory import pointers
from gateway.memory.ledger.append import Ledger
from gateway.memory.store import Tx

MAILED = "checkpoint_mailed"
AUDITORS = "role:auditor"


def mail_checkpoint(tx: Tx, ck: Checkpoint, ledger: Ledger) -> int:
    """Once a day, from 8:45 on. Returns how many got it; the day counts as done without any."""
    now = tx.now.astimezone(ck.calendar.zone)
    today = now.date().isoformat()
    if now.time() < DIGEST or pointers.read(tx.conn, MAILED) == today:
        return 0
    signed = ledger.last_note()
    if signed is None:
        return 0
    pointers.put(tx, MAILED, today)
    auditors = people.members(tx.conn, AUDITORS, tx.now)
    for person in sorted(auditors):
        notice.write(tx, ck, person, "checkpoint", "ledger", lambda w: _values(w, now, signed))
    return len(auditors)


def _values(words: Words, now: datetime, signed: str) -> dict[str, str]:
    return {
        "day": day(now, words.language),
        "entries": signed.split("\n")[1],
        "note": signed,
    }
