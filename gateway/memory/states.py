"""The table of states, and every statement that changes the row that moves through it.

Rule 1: whatever changes the state of a consignment is `move`, here, and nothing else.
Rule 2: a move is one conditional UPDATE and one ledger entry in one transaction, or `Overtaken`.
Rule 3: a claim is a lease on the row, not a state: it is not in the ledger, and it runs out by
        itself when its owner dies. The fence grows with every claim and every move, so that an
        owner who was slow and lost the lease cannot write over the one who took it (fencing
        token, Kleppmann 2016).

The diagram in docs/flow.md is generated from `TABLE`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, select, update

from gateway.memory.ids import new_id
from gateway.memory.standing import Statement
from gateway.memory.store import Tx
from gateway.memory.tables import Consignment, Recipient, table


class State(StrEnum):
    RECEIVED = "received"
    TAPPED = "tapped"
    """a copy that was delivered by others: no arrow leads from here to where mail leaves"""
    DELAYED = "delayed"
    HELD = "held"
    RELEASED = "released"
    QUEUED = "queued"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"
    OBSERVED = "observed"
    ERASED = "erased"


class Event(StrEnum):
    """What happens to a consignment; the value is its verb in the ledger."""

    PASS = "queued"
    RELEASE = "released"
    DELAY = "delayed"
    HOLD = "held"
    REFUSE = "refused"
    WITHDRAW = "withdrawn"
    EXPIRE = "expired"
    OBSERVE = "observed"
    REJUDGE = "rejudged"
    SEAL = "sealed"
    FAIL_SEALING = "sealing_failed"
    SETTLE = "settled"
    ERASE = "erased"


TABLE: dict[State, dict[Event, State]] = {
    State.RECEIVED: {
        Event.PASS: State.QUEUED,
        Event.RELEASE: State.RELEASED,
        Event.DELAY: State.DELAYED,
        Event.HOLD: State.HELD,
        Event.REFUSE: State.REFUSED,
    },
    State.TAPPED: {Event.OBSERVE: State.OBSERVED},
    State.DELAYED: {
        Event.PASS: State.QUEUED,
        Event.RELEASE: State.RELEASED,
        Event.WITHDRAW: State.WITHDRAWN,
    },
    State.HELD: {
        Event.PASS: State.QUEUED,
        Event.RELEASE: State.RELEASED,
        Event.DELAY: State.DELAYED,
        Event.REFUSE: State.REFUSED,
        Event.WITHDRAW: State.WITHDRAWN,
        Event.EXPIRE: State.EXPIRED,
        Event.REJUDGE: State.RECEIVED,
    },
    State.RELEASED: {Event.SEAL: State.QUEUED, Event.FAIL_SEALING: State.HELD},
    State.QUEUED: {Event.SETTLE: State.DONE, Event.WITHDRAW: State.WITHDRAWN},
    State.DONE: {Event.ERASE: State.ERASED},
    State.WITHDRAWN: {Event.ERASE: State.ERASED},
    State.REFUSED: {Event.ERASE: State.ERASED},
    State.EXPIRED: {Event.ERASE: State.ERASED},
    State.OBSERVED: {Event.ERASE: State.ERASED},
    State.ERASED: {},
}

C, R = table(Consignment), table(Recipient)

_KNOWN = C.c.id == bindparam("known")
_FIND = Statement(select(C.c.id, C.c.letter_id, C.c.state, C.c.fence).where(_KNOWN))
_WHOLE = Statement(select(C).where(_KNOWN))
_AS_READ = update(C).where(
    _KNOWN, C.c.state == bindparam("in_state"), C.c.fence == bindparam("with_fence")
)
_CHANGE = Statement(_AS_READ)
_PUT_BACK = Statement(_AS_READ.values(attempts=C.c.attempts + bindparam("more")))
_LEASED_BY_NONE = C.c.lease_until.is_(None) | (C.c.lease_until < bindparam("now"))
_WAITING = (
    select(C.c.id)
    .where(
        C.c.state == bindparam("in_state"),
        _LEASED_BY_NONE,
        C.c.due_at.is_(None) | (C.c.due_at <= bindparam("now")),
    )
    .order_by(C.c.changed_at)
    .limit(bindparam("most"))
)
_CLAIM = Statement(
    update(C)
    .where(C.c.id.in_(_WAITING.scalar_subquery()), _LEASED_BY_NONE)
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"), fence=C.c.fence + 1)
    .returning(C)
)

FINAL = frozenset(
    {
        *(State.DONE, State.WITHDRAWN, State.REFUSED, State.EXPIRED),
        *(State.OBSERVED, State.ERASED),
    }
)


class Overtaken(Exception):
    """Somebody else moved or claimed the row first; what we knew of it is no longer true."""


class Impossible(Exception):
    """The table has no such arrow: a mistake of ours, never of a user."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it. A person acts, not a mailbox; an operator acts on behalf of a person."""

    kind: str
    """person | operator | system | client | recipient"""
    id: str = ""
    ip: str = ""
    on_behalf_of: str = ""

    def as_json(self) -> dict[str, str]:
        pairs = ("kind", self.kind), ("id", self.id), ("ip", self.ip), ("for", self.on_behalf_of)
        return {key: value for key, value in pairs if value}


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Ref:
    """What a mover must know of a row: that it still is as it was read."""

    id: str
    letter_id: str
    state: State
    fence: int


def ref(tx: Tx, consignment_id: str) -> Ref | None:
    row = _FIND.first(tx.conn, {"known": consignment_id})
    return ref_of(row) if row else None


def ref_of(row: RowMapping) -> Ref:
    return Ref(row["id"], row["letter_id"], State(row["state"]), row["fence"])


def _as_read(known: Ref) -> dict[str, Any]:
    return {"known": known.id, "in_state": known.state.value, "with_fence": known.fence}


def move(
    tx: Tx,
    consignment: Ref,
    event: Event,
    actor: Actor,
    changes: Mapping[str, Any] | None = None,
    *,
    policy: int | None = None,
    row: dict[str, Any] | None = None,
    **facts: Any,
) -> Ref:
    """Move the row along the arrow `event`, or raise `Overtaken`.

    `changes` are other columns of the same row (due_at, rendition …) set by the same UPDATE;
    `facts` go to the ledger entry's details: strings, numbers, lists and dicts of them.
    `row` is it where it is on no table yet: whoever writes it wakes the next room.
    """
    target = TABLE[consignment.state].get(event)
    if target is None:
        raise Impossible(f"{consignment.state} has no arrow {event.name}")
    columns = {
        "state": target.value,
        "fence": consignment.fence + 1,
        "lease_owner": None,
        "lease_until": None,
        "changed_at": tx.now,
        "due_at": None,
        "attempts": 0,
        **(changes or {}),
    }
    if row is not None:
        row.update(columns)
    elif _CHANGE.run(tx.conn, {**_as_read(consignment), **columns}) == 1:
        tx.nudge(target.value)
    else:
        raise Overtaken(consignment.id)
    tx.record(
        event.value,
        actor,
        letter=consignment.letter_id,
        consignment=consignment.id,
        policy=policy,
        **facts,
    )
    return Ref(consignment.id, consignment.letter_id, target, consignment.fence + 1)


def claim(tx: Tx, state: State, owner: str, lease: timedelta, limit: int = 50) -> list[Ref]:
    """Lease up to `limit` rows that are in `state`, due, and leased by nobody (or by the dead)."""
    return [ref_of(row) for row in claimed(tx, state, owner, lease, limit)]


def claimed(
    tx: Tx, state: State, owner: str, lease: timedelta, limit: int = 50
) -> list[RowMapping]:
    """The same, with all that the rows say."""
    asked = {"in_state": state.value, "now": tx.now, "most": limit}
    return _CLAIM.rows(tx.conn, {**asked, "owner": owner, "until": tx.now + lease})


def leased(tx: Tx, row: Mapping[str, Any], owner: str, lease: timedelta) -> dict[str, Any]:
    """The columns of a claim, for a row that is on no table yet."""
    until = tx.now + lease
    return {"lease_owner": owner, "lease_until": until, "fence": row["fence"] + 1}


def put_back(tx: Tx, consignment: Ref, *, wait: timedelta, tried: bool = True) -> None:
    """End a lease without a move: the row is due again after `wait`."""
    columns = {
        "lease_owner": None,
        "lease_until": None,
        "fence": consignment.fence + 1,
        "due_at": tx.now + wait,
    }
    if _PUT_BACK.run(tx.conn, {**_as_read(consignment), **columns, "more": int(tried)}) != 1:
        raise Overtaken(consignment.id)


def free(tx: Tx, *, keep: str, states: Sequence[State] = tuple(State)) -> int:
    """End every lease but those of `keep`: for a core, or a room of its states, that begins and
    knows itself alone. What a
    killed one held is taken up now, and not when its lease would have run out (20 minutes for a
    mail on its way). The fence stops whoever should still be there after all."""
    ended = tx.conn.execute(
        update(C)
        .where(C.c.lease_owner.is_not(None), C.c.lease_owner != keep)
        .where(C.c.state.in_([state.value for state in states]))
        .values(lease_owner=None, lease_until=None, fence=C.c.fence + 1)
    )
    return ended.rowcount


def split(tx: Tx, consignment: Ref, recipients: Sequence[int], actor: Actor) -> Ref:
    """Move `recipients` (row ids) to a new consignment in the same state, and say so.

    One function for insiders-first, a dropped recipient and one link per outside recipient.
    """
    row = _WHOLE.one(tx.conn, {"known": consignment.id})
    if row["fence"] != consignment.fence or row["state"] != consignment.state:
        raise Overtaken(consignment.id)
    fresh = {**row, "id": new_id(), "parent_id": consignment.id, "fence": 0, "created_at": tx.now}
    fresh |= {"lease_owner": None, "lease_until": None, "changed_at": tx.now}
    tx.conn.execute(insert(C).values(fresh))
    moved = tx.conn.execute(
        update(R)
        .where(R.c.id.in_(recipients), R.c.consignment_id == consignment.id)
        .values(consignment_id=fresh["id"])
    )
    if moved.rowcount != len(recipients):
        raise Overtaken(consignment.id)
    tx.record(
        "split",
        actor,
        letter=consignment.letter_id,
        consignment=str(fresh["id"]),
        parent=consignment.id,
        recipients=len(recipients),
    )
    return Ref(str(fresh["id"]), consignment.letter_id, consignment.state, 0)
