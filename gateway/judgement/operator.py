"""What an operator does with a mail that is held or on its way, on behalf of a person.

It is recorded as the operator's act for that person, and the person must have the right to it.
The third party's approval is a third party's own: no operator gives it, for nobody.
"""

from __future__ import annotations

from gateway.judgement import acts, demands, judge, notice, parties, people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import Dossier, dossier
from gateway.judgement.refusals import NotYours, Refused, Settled, Unknown
from gateway.mail import queue
from gateway.memory.states import Actor, Event, State, move
from gateway.memory.store import Tx


class ThirdParty(Refused):
    """Approvals are open that no operator can give; `missing` is (group, how many) for each."""

    def __init__(self, missing: tuple[tuple[str, int], ...]) -> None:
        super().__init__(missing)
        self.missing = missing


def release(tx: Tx, ck: Checkpoint, id: str, person: str, reason: str, actor: Actor) -> State:
    """Meet what `person` (the sender, the owner, an administrator) was asked for, and let it go.

    Raises Unknown, Settled, ThirdParty while an approval is missing, NotYours.
    """
    held = _held(tx, ck, id)
    if missing := tuple(_approvals_missing(tx, held)):
        raise ThirdParty(missing)
    for row in held.waiting(*parties.FIRST):
        if not parties.may_meet(tx.conn, ck, row, person, tx.now):
            raise NotYours(id)
        demands.meet(tx, row, person, "confirmed", held.seen, reason)
    tx.record(
        "confirmed",
        actor,
        letter=held.letter["id"],
        consignment=id,
        policy=held.policy,
        seen=held.seen,
        recipients=[row["address"] for row in held.outside],
        why=reason,
    )
    batch = judge.as_decided(held)
    moved = demands.release(tx, held.ref, batch, actor, policy=held.policy, seen=held.seen)
    if moved is None:
        raise NotYours(id)
    return moved.state


def refuse(tx: Tx, ck: Checkpoint, id: str, person: str, reason: str, actor: Actor) -> State:
    """Not to be sent; the sender is told. For whoever was asked about it, or an administrator."""
    held = _held(tx, ck, id)
    asked = (parties.may_meet(tx.conn, ck, row, person, tx.now) for row in held.demands)
    if person not in people.members(tx.conn, people.ADMINS, tx.now) and not any(asked):
        raise NotYours(id)
    demands.void(tx, id)
    changes = {"reason": "refused"}
    move(tx, held.ref, Event.REFUSE, actor, changes, policy=held.policy, seen=held.seen, why=reason)
    notice.refused(tx, ck, id, person, reason)
    return State.REFUSED


def withdraw(tx: Tx, ck: Checkpoint, id: str, person: str, reason: str, actor: Actor) -> State:
    """For its sender, who cannot do so alone just now."""
    return acts.withdraw(tx, ck, id, person, actor, reason)


def take_back(tx: Tx, ck: Checkpoint, id: str, person: str, reason: str, actor: Actor) -> State:
    """Out of the queue before any attempt; its sender is told by whom and why. Raises what
    `queue.withdraw` does."""
    state = queue.withdraw(tx, id, actor, reason)
    notice.refused(tx, ck, id, person, reason)
    return state


def _held(tx: Tx, ck: Checkpoint, id: str) -> Dossier:
    held = dossier(tx.conn, ck.letters, id)
    if held is None:
        raise Unknown(id)
    if held.state is not State.HELD:
        raise Settled(held)
    return held


def _approvals_missing(tx: Tx, held: Dossier) -> list[tuple[str, int]]:
    approvals = (d for d in held.demands if d["kind"] == "approve" and d["state"] != "met")
    return [
        (row["group"], row["need"] - len(demands.acted(tx.conn, row["id"], "approved")))
        for row in approvals
    ]
