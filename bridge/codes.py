"""The core's half of the proof: codes that the door asked for are made, mailed and timed.

The clock of a code starts when the recipient's server took the mail, not when it was asked for:
with a peer that makes newcomers wait half an hour it would be over before it arrived.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update

from bridge import mails, parcel
from bridge.parcel import Standing
from bridge.proof import CODE, ROOM, digest, new_secret
from gateway.judgement.checkpoint import Checkpoint
from gateway.mail.courier import Hook
from gateway.mail.hop import Result
from gateway.memory.committer import Committer
from gateway.memory.nudge import Bell
from gateway.memory.opening import Memory
from gateway.memory.stage import unless_stuck
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.codes")


@dataclass(frozen=True)
class CodeStage:
    memory: Memory
    committer: Committer
    checkpoint: Checkpoint
    bell: Bell

    async def run(self) -> None:
        while True:
            if not await unless_stuck(lambda: self.committer.commit(self.send), 0):
                await self.bell.wait(ROOM, 2.0)

    def send(self, tx: Tx, limit: int = 20) -> int:
        """Mail the codes that are wanted; returns how many were looked at."""
        wanted = select(CODE).where(CODE.c.state == "wanted").order_by(CODE.c.id).limit(limit)
        rows = tx.conn.execute(wanted).mappings().all()
        for row in rows:
            try:
                with tx.apart():
                    self._mail(tx, row)
            except Exception:
                log.exception("the code %s could not be mailed", row["id"])
                _set(tx, row["id"], state="failed")
        return len(rows)

    def _mail(self, tx: Tx, row: RowMapping) -> None:
        found = parcel.get(tx.conn, row["parcel_id"])
        stands = found and parcel.standing(found, parcel.files(tx.conn, found["id"]), tx.now)
        if found is None or stands not in (Standing.OPEN, Standing.LOCKED):
            _set(tx, row["id"], state="void")
            return
        secret = new_secret()
        hashed = digest(parcel.key(self.memory, found), f"code {row['id']}", secret)
        letter = mails.code(tx, self.checkpoint, found, secret)
        _set(tx, row["id"], state="sent", hash=hashed, letter_id=letter)


def code_delivered(memory: Memory) -> Hook:
    """What the courier calls in the transaction that settles a mail of purpose "code"."""
    bridge = memory.config.bridge

    def settled(tx: Tx, letter: RowMapping, recipient: RowMapping, result: Result) -> None:
        mine = CODE.c.letter_id == letter["id"], CODE.c.state.in_(("sent", "accepted"))
        row = tx.conn.execute(select(CODE).where(*mine)).mappings().first()
        if row is None:
            return
        if result.outcome == "failed":
            _set(tx, row["id"], state="failed")
        else:
            taken = result.outcome == "delivered"
            valid = bridge.code_valid if taken else bridge.code_valid_unknown
            _set(tx, row["id"], state="accepted", expires_at=tx.now + valid.clock)
        tx.record(
            "link.code_sent",
            SYSTEM,
            letter=letter["id"],
            subject=row["parcel_id"],
            recipient=recipient["address"],
            outcome=result.outcome,
            reply=result.reply,
        )

    return settled


def _set(tx: Tx, id: int, **values: object) -> None:
    tx.conn.execute(update(CODE).where(CODE.c.id == id).values(**values))
