"""The queue as an operator sees it: what is on its way, why it still is, and the two acts on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, select

from gateway.memory.recovery import MOVING, OWNER
from gateway.memory.states import (
    TABLE,
    Actor,
    Event,
    Ref,
    State,
    move,
    put_back,
)
from gateway.memory.store import Attempt, Consignment, Letter, Recipient, Tx, table

CONSIGNMENT, RECIPIENT = table(Consignment), table(Recipient)
ATTEMPT, LETTER = table(Attempt), table(Letter)


class Unknown(LookupError):
    """No such consignment on its way."""


class UnderWay(Exception):
    """Somebody is at it right now; `str` is who."""


class TooLate(Exception):
    """It was tried before, so that it may be there already, or its state has no way back."""


def waiting(conn: Connection, limit: int = 500) -> Sequence[RowMapping]:
    """Oldest first: id, letter_id, state, changed_at, due_at, attempts, lease_owner, lease_until,
    origin, purpose, subject, sender, and `to`, the number of recipients who still wait."""
    C, L = CONSIGNMENT, LETTER
    columns = (C.c.id, C.c.letter_id, C.c.state, C.c.changed_at, C.c.due_at, C.c.attempts)
    lease = (C.c.lease_owner, C.c.lease_until)
    letter = (L.c.origin, L.c.purpose, L.c.subject, L.c.mail_from.label("sender"))
    query = (
        select(*columns, *lease, *letter)
        .join(L, L.c.id == C.c.letter_id)
        .where(C.c.state.in_([state.value for state in MOVING]))
        .order_by(C.c.changed_at)
        .limit(limit)
    )
    return conn.execute(query).mappings().all()


def recipients(conn: Connection, id: str) -> Sequence[RowMapping]:
    """With the last reply of each one's server."""
    query = select(RECIPIENT).where(RECIPIENT.c.consignment_id == id).order_by(RECIPIENT.c.id)
    return conn.execute(query).mappings().all()


def attempts(conn: Connection, id: str) -> Sequence[RowMapping]:
    query = select(ATTEMPT).where(ATTEMPT.c.consignment_id == id).order_by(ATTEMPT.c.id)
    return conn.execute(query).mappings().all()


def get(conn: Connection, id: str) -> RowMapping:
    """The row itself. Raises Unknown where it is not on its way."""
    moving = CONSIGNMENT.c.state.in_([state.value for state in MOVING])
    query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == id, moving)
    row = conn.execute(query).mappings().first()
    if row is None:
        raise Unknown(id)
    return row


def in_recovery(row: RowMapping) -> bool:
    """Leased to nobody by a restore."""
    return bool(row["lease_owner"] == OWNER)


def retry(tx: Tx, id: str, actor: Actor, reason: str) -> State:
    """Due now, and free of a lease that a restore or a dead process left. A delay still runs.

    Raises Unknown, UnderWay.
    """
    row = get(tx.conn, id)
    if row["lease_until"] and row["lease_until"] > tx.now and not in_recovery(row):
        raise UnderWay(row["lease_owner"])
    left = timedelta()
    if row["state"] == State.DELAYED and row["due_at"]:
        left = max(row["due_at"] - tx.now, left)
    put_back(tx, _ref(row), wait=left, tried=False)
    tx.record("retried", actor, letter=row["letter_id"], consignment=id, why=reason)
    tx.nudge(row["state"])
    return State(row["state"])


def withdraw(tx: Tx, id: str, actor: Actor, reason: str) -> State:
    """Taken back before any attempt: later it may have arrived, and to say that it was taken back
    would be false. Raises Unknown, UnderWay, TooLate."""
    row = get(tx.conn, id)
    if attempts(tx.conn, id) or Event.WITHDRAW not in TABLE[State(row["state"])]:
        raise TooLate(row["state"])
    if row["lease_until"] and row["lease_until"] > tx.now and not in_recovery(row):
        raise UnderWay(row["lease_owner"])
    move(tx, _ref(row), Event.WITHDRAW, actor, {"reason": "withdrawn"}, why=reason)
    return State.WITHDRAWN


def _ref(row: RowMapping) -> Ref:
    return Ref(row["id"], row["letter_id"], State(row["state"]), row["fence"])
