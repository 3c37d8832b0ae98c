"""Learning from what was delivered: behind the courier, in batches, each mail once.

The ledger says in order what was settled, so its number is the place to go on from; after a crash
nothing is learned twice and nothing is left out. What bounced or was taken back acquaints nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, func, select

from detectors.report import Report
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import DOMAIN, THREAD, TIE, forget, learn
from gateway.judgement.acquaintance.passed import Passed, circle
from gateway.judgement.acquaintance.recall import references
from gateway.judgement.policy.checks.password import locked
from gateway.judgement.tap import OBSERVED
from gateway.memory import pointers
from gateway.memory.committer import Committer
from gateway.memory.letters import LETTER
from gateway.memory.nudge import Bell
from gateway.memory.standing import Statement
from gateway.memory.states import Event, State
from gateway.memory.store import Tx
from gateway.memory.tables import LedgerEntry, Recipient, table

log = logging.getLogger("sekisho.acquaintance")

ENTRY, RECIPIENT = table(LedgerEntry), table(Recipient)
PLACE = "acquaintance"
BATCH = 500
"""Entries of the ledger that are looked through in one transaction."""
_PATIENCE = 5.0
_GATHER = 0.2
"""Seconds in which others are settled: nobody waits for it, and many cost little more than one."""

_PASSED = (Event.SETTLE.value, Event.OBSERVE.value)
"""A copy that the tap has seen was delivered by others: two weeks of it, and nobody is new."""

_SETTLED = Statement(
    select(ENTRY.c.seq, ENTRY.c.verb, ENTRY.c.letter_id, ENTRY.c.subject)
    .where(ENTRY.c.seq > bindparam("after"), ENTRY.c.stream == "main")
    .order_by(ENTRY.c.seq)
    .limit(BATCH)
)
_LETTERS = Statement(
    select(
        LETTER.c.id,
        LETTER.c.origin,
        LETTER.c.received_at,
        LETTER.c.sender_address,
        LETTER.c.summary,
    ).where(LETTER.c.id.in_(bindparam("ids", expanding=True)))
)
_OUTSIDE = Statement(
    select(RECIPIENT.c.consignment_id, RECIPIENT.c.address, RECIPIENT.c.name)
    .where(
        RECIPIENT.c.consignment_id.in_(bindparam("ids", expanding=True)),
        RECIPIENT.c.status.in_(("delivered", OBSERVED)),
        RECIPIENT.c.inside.is_(False),
    )
    .order_by(RECIPIENT.c.id)
)


@dataclass(frozen=True)
class Learner:
    committer: Committer
    keyed: Keyed
    bell: Bell
    keep: timedelta

    async def run(self) -> None:
        """Until cancelled. A fault of ours is said and tried again: no mail waits for it."""
        while True:
            try:
                looked = await self.committer.commit(self.once, durable=False)
            except Exception:
                log.exception("acquaintance could not be learned")
                looked = 0
            if looked < BATCH:
                await self.bell.wait(State.DONE.value, _PATIENCE)
                await asyncio.sleep(_GATHER)

    def once(self, tx: Tx) -> int:
        """One batch; how many entries were looked at."""
        after = _place(tx.conn)
        entries = _SETTLED.rows(tx.conn, {"after": after})
        if not entries:
            return 0
        settled = [e for e in entries if e["verb"] in _PASSED]
        learn(tx.conn, self.keyed, list(_passed(tx, settled)))
        last = int(entries[-1]["seq"])
        if last // 20_000 != after // 20_000:
            forget(tx.conn, tx.now - self.keep)
        pointers.put(tx, PLACE, str(last))
        return len(entries)


@dataclass(frozen=True)
class Known:
    domains: int
    ties: int
    threads: int
    since: datetime | None
    behind: int
    """entries of the ledger that were not looked at yet"""


def known(conn: Connection) -> Known:
    def count(rows: Table) -> int:
        return int(conn.execute(select(func.count()).select_from(rows)).scalar_one())

    since = conn.execute(select(func.min(DOMAIN.c.first_at))).scalar()
    newest = conn.execute(select(func.max(ENTRY.c.seq))).scalar() or 0
    behind = int(newest) - _place(conn)
    return Known(count(DOMAIN), count(TIE), count(THREAD), since, behind)


def noted(keyed: Keyed, report: Report, own_domains: frozenset[str]) -> dict[str, Any]:
    """What is kept of a report for the day that its mail has passed: digests, and no word of it."""
    greeted = {
        keyed.company(str(fact.reason.params["label"])).hex()
        for fact in report.facts
        if fact.name == "company_named" and fact.reason and fact.reason.params.get("greeted")
    }
    id = report.headers.message_id
    shown = (box.address for box in report.headers.shown)
    told = {
        "circle": circle(keyed, shown, own_domains).hex(),
        "thread": keyed.message(id).hex() if id else "",
        "before": [key.hex() for key in references(keyed, report)],
        "greeted": sorted(greeted),
        "locked": locked(report),
    }
    return {key: value for key, value in told.items() if value}


def _passed(tx: Tx, settled: Sequence[RowMapping]) -> Iterator[Passed]:
    ids = {entry["letter_id"] for entry in settled}
    letters = {row["id"]: row for row in _LETTERS.rows(tx.conn, {"ids": [*ids]})}
    outside: dict[str, list[tuple[str, str]]] = {}
    for row in _OUTSIDE.rows(tx.conn, {"ids": [entry["subject"] for entry in settled]}):
        outside.setdefault(row["consignment_id"], []).append((row["address"].lower(), row["name"]))
    for entry in settled:
        letter, to = letters.get(entry["letter_id"]), outside.get(entry["subject"])
        if letter and to and letter["origin"] == "client" and letter["sender_address"]:
            yield _of(letter, tuple(to), whole=entry["subject"] == letter["id"])


def _of(letter: RowMapping, to: tuple[tuple[str, str], ...], whole: bool) -> Passed:
    """`whole`: the part that kept the letter's number, so that a split mail shows a circle once."""
    known = (letter["summary"] or {}).get(PLACE, {})
    return Passed(
        letter["sender_address"].lower(),
        to,
        letter["received_at"],
        bytes.fromhex(known.get("thread", "")),
        tuple(map(bytes.fromhex, known.get("before", ()))),
        tuple(map(bytes.fromhex, known.get("greeted", ()))),
        bytes.fromhex(known.get("circle", "")) if whole else b"",
        bool(known.get("locked")),
    )


def _place(conn: Connection) -> int:
    return int(pointers.read(conn, PLACE) or 0)
