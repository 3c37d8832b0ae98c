"""The queue as an operator sees it: what is on its way, why it still is, and the acts on it.

Each act is recorded with who did it and why, and none is done on what is being handed over.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from gateway.mail import dsn
from gateway.mail.hop import Result, quotable
from gateway.mail.reporter import Reporter
from gateway.memory import letters
from gateway.memory.recovery import MOVING, OWNER
from gateway.memory.standing import Statement
from gateway.memory.states import (
    TABLE,
    Actor,
    Event,
    Overtaken,
    Ref,
    State,
    move,
    put_back,
)
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, Consignment, Letter, Recipient, table

CONSIGNMENT, RECIPIENT = table(Consignment), table(Recipient)
ATTEMPT, LETTER = table(Attempt), table(Letter)

TURN, BREATH = 0.2, 0.02
"""Seconds for which many acts keep the write lock, and for which others may have it then: the lock
goes to who is quickest, and that is who has just let go of it."""
_THIS = CONSIGNMENT.c.id == bindparam("known")
_KNOWN = Statement(select(CONSIGNMENT).where(_THIS))
_MINE = RECIPIENT.c.consignment_id == bindparam("known")
_RECIPIENTS = Statement(select(RECIPIENT).where(_MINE).order_by(RECIPIENT.c.id))
_TRIED = ATTEMPT.c.consignment_id == bindparam("known")
_ATTEMPTS = Statement(select(ATTEMPT).where(_TRIED).order_by(ATTEMPT.c.id))
_SEND_BY = Statement(update(CONSIGNMENT).where(_THIS))
_END = Statement(update(RECIPIENT).where(RECIPIENT.c.id == bindparam("known")))


class Unknown(LookupError):
    """No such consignment on its way."""


class UnderWay(Exception):
    """Somebody is at it right now; `str` is who."""


class TooLate(Exception):
    """It was tried before, so that it may be there already, or its state has no way back."""


class NoSender(Exception):
    """Nobody it could be given back to: a mail of our own, or one from `<>`."""


class NoSuchHop(ValueError):
    """Not a next hop of the configuration. Mail goes nowhere that was not written down."""


REFUSALS = (Unknown, UnderWay, TooLate, NoSender, NoSuchHop, Overtaken)


def waiting(conn: Connection) -> Sequence[RowMapping]:
    """All, oldest first: id, letter_id, state, changed_at, due_at, attempts, lease_owner,
    lease_until, origin, purpose, subject, sender."""
    C, L = CONSIGNMENT, LETTER
    columns = (C.c.id, C.c.letter_id, C.c.state, C.c.changed_at, C.c.due_at, C.c.attempts)
    lease = (C.c.lease_owner, C.c.lease_until)
    letter = (L.c.origin, L.c.purpose, L.c.subject, L.c.mail_from.label("sender"))
    query = (
        select(*columns, *lease, *letter)
        .join(L, L.c.id == C.c.letter_id)
        .where(C.c.state.in_([state.value for state in MOVING]))
        .order_by(C.c.changed_at)
    )
    return conn.execute(query).mappings().all()


def recipients(conn: Connection, id: str) -> Sequence[RowMapping]:
    """With the last reply of each one's server."""
    return _RECIPIENTS.rows(conn, {"known": id})


def attempts(conn: Connection, id: str) -> Sequence[RowMapping]:
    return _ATTEMPTS.rows(conn, {"known": id})


def known(conn: Connection, id: str) -> RowMapping | None:
    """The row itself, also of one that is on its way no longer."""
    return _KNOWN.first(conn, {"known": id})


def get(conn: Connection, id: str) -> RowMapping:
    """The row itself. Raises Unknown where it is not on its way."""
    row = known(conn, id)
    if row is None or row["state"] not in MOVING:
        raise Unknown(id)
    return row


def in_recovery(row: RowMapping) -> bool:
    """Leased to nobody by a restore."""
    return bool(row["lease_owner"] == OWNER)


def retry(tx: Tx, id: str, actor: Actor, reason: str) -> State:
    """Due now, and free of a lease that a restore or a dead process left. A delay still runs.

    Raises Unknown, UnderWay.
    """
    row = _still(tx, id)
    _due(tx, row)
    tx.record("retried", actor, letter=row["letter_id"], consignment=id, why=reason)
    return State(row["state"])


def send_by(tx: Tx, id: str, actor: Actor, reason: str, hop: str, hops: Iterable[str]) -> State:
    """By way of `hop`, one of the configuration's `hops`, from now on; "" is its own way again.

    Raises Unknown, UnderWay, NoSuchHop.
    """
    if hop and hop not in hops:
        raise NoSuchHop(hop)
    row = _still(tx, id)
    _SEND_BY.run(tx.conn, {"known": id, "next_hop": hop})
    _due(tx, row)
    tx.record("rerouted", actor, letter=row["letter_id"], consignment=id, hop=hop, why=reason)
    return State(row["state"])


def give_back(tx: Tx, id: str, actor: Actor, reason: str, reporter: Reporter) -> State:
    """To its sender, with the reason and the last word of each server: no more attempts. Whoever
    has it already keeps it. Raises Unknown, UnderWay, TooLate, NoSender."""
    row = _still(tx, id)
    letter = letters.BY_ID.one(tx.conn, {"known": row["letter_id"]})
    if row["state"] != State.QUEUED:
        raise TooLate(row["state"])
    if letter["origin"] != "client" or not letter["mail_from"]:
        raise NoSender(id)
    tx.record("given_back", actor, letter=letter["id"], consignment=id, why=reason)
    ended = [
        (each, _ended(tx, each, reason))
        for each in recipients(tx.conn, id)
        if each["status"] == "waiting"
    ]
    reporter.tell(tx, dsn.FAILED, letter, id, ended)
    move(tx, _ref(row), Event.SETTLE, actor, failed=len(ended))
    return State.DONE


def _ended(tx: Tx, recipient: RowMapping, reason: str) -> Result:
    last = f"; last answer: {recipient['reply']}" if recipient["reply"] else ""
    reply = quotable(f"550 5.3.0 given back by the administrator: {reason}{last}")
    columns = {"status": "failed", "reply": reply, "settled_at": tx.now}
    _END.run(tx.conn, {"known": recipient["id"], **columns})
    return Result("failed", reply, recipient["mx"], recipient["tls"])


def find(conn: Connection, *, domain: str = "", reply: str = "") -> list[str]:
    """Ids of what is queued with a waiting recipient of `domain`, whose server last said
    something with `reply` in it; oldest first."""
    C, R = CONSIGNMENT, RECIPIENT
    query = select(C.c.id).join(R, R.c.consignment_id == C.c.id).distinct()
    query = query.where(C.c.state == State.QUEUED.value, R.c.status == "waiting")
    if domain:
        query = query.where(R.c.address.iendswith(f"@{domain}", autoescape=True))
    if reply:
        query = query.where(R.c.reply.icontains(reply, autoescape=True))
    ordered = select(C.c.id).where(C.c.id.in_(query)).order_by(C.c.changed_at, C.c.id)
    return list(conn.execute(ordered).scalars())


Act = Callable[[Tx, str], State]
Done = dict[str, State | Exception]


def each(
    write: Callable[[], AbstractContextManager[Tx]],
    ids: Iterable[str],
    act: Act,
    refusals: tuple[type[Exception], ...] = REFUSALS,
) -> Iterator[Done]:
    """`act` on each by itself: what refuses one keeps no other from it. Its new state, or its
    refusal, by id; as much at a time as a commit holds that others can wait for. What was yielded
    stands, whatever becomes of the rest."""
    left = deque(ids)
    while left:
        with write() as tx:
            done = _turn(tx, left, act, refusals)
        yield done
        if left:
            time.sleep(BREATH)


def _turn(tx: Tx, left: deque[str], act: Act, refusals: tuple[type[Exception], ...]) -> Done:
    done: Done = {}
    until = time.monotonic() + TURN
    while left and (not done or time.monotonic() < until):
        id = left.popleft()
        try:
            with tx.apart():
                done[id] = act(tx, id)
        except refusals as refused:
            done[id] = refused
    return done


def withdraw(tx: Tx, id: str, actor: Actor, reason: str) -> State:
    """Taken back before any attempt: later it may have arrived, and to say that it was taken back
    would be false. Raises Unknown, UnderWay, TooLate."""
    row = get(tx.conn, id)
    if attempts(tx.conn, id) or Event.WITHDRAW not in TABLE[State(row["state"])]:
        raise TooLate(row["state"])
    _still(tx, id)
    move(tx, _ref(row), Event.WITHDRAW, actor, {"reason": "withdrawn"}, why=reason)
    return State.WITHDRAWN


def _still(tx: Tx, id: str) -> RowMapping:
    """The row, unless somebody is at it."""
    row = get(tx.conn, id)
    if row["lease_until"] and row["lease_until"] > tx.now and not in_recovery(row):
        raise UnderWay(row["lease_owner"])
    return row


def _due(tx: Tx, row: RowMapping) -> None:
    left = timedelta()
    if row["state"] == State.DELAYED and row["due_at"]:
        left = max(row["due_at"] - tx.now, left)
    put_back(tx, _ref(row), wait=left, tried=False)
    tx.nudge(row["state"])


def _ref(row: RowMapping) -> Ref:
    return Ref(row["id"], row["letter_id"], State(row["state"]), row["fence"])
