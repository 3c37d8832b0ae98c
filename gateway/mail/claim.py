"""What the courier takes up: leased, recorded as an attempt, with all that handing it over needs.

The attempt is recorded before the first octet leaves. One without an end was cut off by a crash:
the mail may have been taken, it is sent again, and the ledger says so. That and an answer that
never came are the only ways to a duplicate (RFC 1047).

A mail that is queued as it is written is taken up with the row itself, by whom is free for it:
nothing of it is read back. All others, and those that are due again, are found by `due`.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, literal, select, update

from gateway.mail.incoming import Written
from gateway.mail.pieces import Pieces, Shelf
from gateway.memory.letters import Letters
from gateway.memory.standing import Statement
from gateway.memory.states import SYSTEM, Ref, State, claimed, leased, ref_of
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, Consignment, Recipient, table

CONSIGNMENT, RECIPIENT, ATTEMPT = table(Consignment), table(Recipient), table(Attempt)
_OURS = ATTEMPT.c.consignment_id.in_(bindparam("ids", expanding=True))
_OPEN = ATTEMPT.c.ended_at.is_(None)
_IN_DOUBT = Statement(
    select(ATTEMPT.c.consignment_id, ATTEMPT.c.ended_at).where(
        _OURS, _OPEN | ATTEMPT.c.outcome.contains("unknown")
    )
)
_CUT_OFF = Statement(update(ATTEMPT).where(_OURS, _OPEN))
_BEGIN = Statement(
    insert(ATTEMPT)
    .from_select(
        ["consignment_id", "hop", "started_at", "outcome"],
        select(
            *(CONSIGNMENT.c.id, literal("")),
            *(bindparam("now", type_=ATTEMPT.c.started_at.type), literal("")),
        ).where(CONSIGNMENT.c.id.in_(bindparam("ids", expanding=True))),
        include_defaults=False,
    )
    .returning(ATTEMPT.c.consignment_id, ATTEMPT.c.id)
)
_FIRST = Statement(insert(ATTEMPT).returning(ATTEMPT.c.id))
_WAITING = Statement(
    select(RECIPIENT)
    .where(
        RECIPIENT.c.consignment_id.in_(bindparam("ids", expanding=True)),
        RECIPIENT.c.status == "waiting",
    )
    .order_by(RECIPIENT.c.id)
)
LEASE = timedelta(minutes=20)
MOST = 20
"""Mails of one claim."""
CARRIED = 32
"""Larger ones that are in memory until they have left: a next hop that is slow must not keep others
from being read while their clients wait. Those beyond it are opened anew."""
FRESH = 2.0
"""Seconds for which it holds that nothing is queued but what comes now: what is due again, or was
queued by another process, waits no longer."""


@dataclass(frozen=True)
class Load:
    """A claimed consignment with what is needed to hand it over."""

    ref: Ref
    attempt: int
    letter: RowMapping
    consignment: RowMapping
    recipients: tuple[RowMapping, ...]
    source: bytes | Path | None
    """where the sealed bytes are: here, or in a file"""
    clear: Pieces | None = None
    """what is in them, where it came a moment ago and nothing must be opened"""


@dataclass
class Claims:
    """All but `taken` is called on the committer's thread."""

    letters: Letters
    owner: str
    room: Callable[[], bool]
    """whether there is room for another load"""
    _taken: deque[Load] = field(default_factory=deque)
    """claimed in the very transaction that queued them"""
    _carried: Shelf = field(default_factory=lambda: Shelf(CARRIED))
    _alone_until: float = 0.0
    """monotonic: till then all that was queued before is known to be claimed"""

    def taken(self) -> list[Load]:
        return [self._taken.popleft() for _ in range(len(self._taken))]

    def take(self, tx: Tx, mail: Written) -> Mapping[str, Any] | None:
        """A row that is about to be written. Returns the columns of its lease, or None where
        nobody is free for it, or others are before it."""
        if time.monotonic() > self._alone_until or not self.room():
            return None
        lease = leased(tx, mail.consignment, self.owner, LEASE)
        row = mail.as_row(lease)
        begun = {"consignment_id": row["id"], "hop": "", "started_at": tx.now}
        attempt = _FIRST.value(tx.conn, begun)
        _say(tx, row, in_doubt=False)
        clear = mail.clear if mail.clear and self._carried.takes(mail.clear) else None
        load = Load(ref_of(row), attempt, mail.letter, row, mail.recipients, mail.source, clear)
        tx.after.append(partial(self._keep, tx, load))
        return lease

    def _keep(self, tx: Tx, load: Load) -> None:
        """Only now is the courier to be woken: there is nothing for `follow` to find."""
        self._taken.append(load)
        tx.nudge(State.QUEUED.value)

    def follow(self, tx: Tx) -> None:
        """What else is being queued needs no second commit to be claimed."""
        self._alone_until = 0.0
        if self.room():
            tx.after.append(partial(self._taken.extend, self.due(tx)))

    def due(self, tx: Tx) -> list[Load]:
        """All that are claimed are read with one statement a table: twenty mails cost as one."""
        rows = claimed(tx, State.QUEUED, self.owner, LEASE, MOST)
        self._alone_until = time.monotonic() + FRESH if len(rows) < MOST else 0.0
        if not rows:
            return []
        asked = {"ids": [row["id"] for row in rows]}
        attempts = _begun(tx, rows, asked)
        letters = self.letters.rows(tx.conn, {row["letter_id"] for row in rows})
        waiting: defaultdict[str, list[RowMapping]] = defaultdict(list)
        for each in _WAITING.rows(tx.conn, asked):
            waiting[each["consignment_id"]].append(each)
        refs = {row["id"]: row["rendition"] or letters[row["letter_id"]]["blob"] for row in rows}
        sources = self.letters.vault.sources(tx.conn, {*refs.values()})
        return [
            Load(
                *(ref_of(row), attempts[row["id"]], letters[row["letter_id"]], row),
                tuple(waiting[row["id"]]),
                sources.get(refs[row["id"]]),
            )
            for row in rows
        ]


def _begun(tx: Tx, rows: list[RowMapping], asked: Mapping[str, list[str]]) -> dict[str, int]:
    """An attempt for each, and a word on those whose last one may have brought the mail."""
    before = _IN_DOUBT.rows(tx.conn, asked)
    if any(each["ended_at"] is None for each in before):
        _CUT_OFF.run(tx.conn, {**asked, "ended_at": tx.now, "outcome": "unknown"})
    doubtful = {each["consignment_id"] for each in before}
    for row in rows:
        _say(tx, row, in_doubt=row["id"] in doubtful)
    begun = _BEGIN.rows(tx.conn, {**asked, "now": tx.now})
    return {each["consignment_id"]: each["id"] for each in begun}


def _say(tx: Tx, row: RowMapping, in_doubt: bool) -> None:
    tx.record(
        "attempted",
        SYSTEM,
        letter=row["letter_id"],
        consignment=row["id"],
        maybe_delivered_before=in_doubt,
    )
