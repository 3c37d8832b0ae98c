"""Who is told what became of a mail: its envelope sender, as NOTIFY asks for it.

Never `<>` (a loop of reports about reports), never about mails of our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, bindparam, select

from gateway.mail import dsn
from gateway.mail.hop import Result
from gateway.mail.outbox import Outbox
from gateway.memory.config import Config
from gateway.memory.ids import new_id
from gateway.memory.store import Tx
from gateway.memory.tables import Letter, table

LETTER = table(Letter)
_TOLD = select(LETTER.c.id).where(
    LETTER.c.about == bindparam("about"), LETTER.c.purpose == bindparam("purpose")
)

Settled = Sequence[tuple[RowMapping, Result]]
"""Rows of recipients, each with what its server said."""


@dataclass(frozen=True, slots=True)
class Reporter:
    outbox: Outbox
    reporting: str
    """our name, as other servers know it"""
    patience: timedelta
    """after which a mail that still waits is called late, once"""

    @classmethod
    def of(cls, config: Config, outbox: Outbox) -> Reporter:
        return cls(outbox, config.smtp.hostname, config.delivery.delay_warning.clock)

    def settled(
        self, tx: Tx, letter: RowMapping, consignment: RowMapping, told: Settled, until: datetime
    ) -> None:
        """After an attempt: one report of each kind that somebody asked for."""
        late = tx.now - consignment["changed_at"] >= self.patience
        mine = {
            dsn.FAILED: [each for each in told if each[1].outcome == "failed"],
            dsn.RELAYED: [each for each in told if _ends_here(each[1])],
            dsn.DELAYED: [each for each in told if late and _waits(each[1])],
        }
        for kind, results in mine.items():
            self.tell(tx, kind, letter, consignment["id"], results, until)

    def tell(
        self,
        tx: Tx,
        kind: dsn.Kind,
        letter: RowMapping,
        about: str,
        results: Settled,
        until: datetime | None = None,
    ) -> None:
        wanted = [each for each in results if kind.asked_for(each[0]["notify"])]
        if not wanted or not letter["mail_from"] or letter["origin"] != "client":
            return
        asked = {"about": about, "purpose": kind.purpose}
        if kind is dsn.DELAYED and tx.conn.execute(_TOLD, asked).first():
            return
        message = dsn.report(
            kind,
            letter,
            wanted,
            reporting=self.reporting,
            sender=self.outbox.sender,
            id=new_id(),
            now=tx.now,
            until=until if kind is dsn.DELAYED else None,
        )
        self.outbox.enqueue(
            tx,
            message,
            mail_from="",
            to=[letter["mail_from"]],
            inside=True,
            purpose=kind.purpose,
            about=about,
            subject="DSN",
        )


def _waits(result: Result) -> bool:
    return result.outcome in ("deferred", "unknown")


def _ends_here(result: Result) -> bool:
    """Taken by a server that reports nothing, so that ours is the last word (RFC 3461 §5.2.2)."""
    return result.outcome == "delivered" and not result.reports
