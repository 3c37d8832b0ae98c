"""What people do with a held mail. Every act names the page it was done on and acts once.

All raise one of the `refusals`, which pages and the command line put into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from detectors.text import mask
from gateway.judgement import asking, demands, judge, notice, parties, people
from gateway.judgement.addressees import OTHER, REGISTERED
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, Dossier, dossier
from gateway.judgement.identity import domain_of
from gateway.judgement.refusals import Incomplete, NotYours, ReasonNeeded, Settled, Stale, Unknown
from gateway.memory.states import TABLE, Actor, Event, State, move, split
from gateway.memory.store import Tx
from gateway.memory.tables import Attempt, table

ATTEMPT = table(Attempt)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a sender filled in."""

    ticked: frozenset[str]
    """"r<recipient row>" and "a<part path>" """
    domains: Mapping[str, str]
    """"r<recipient row>" to what was typed"""
    purpose: str = ""


def confirm(
    tx: Tx,
    ck: Checkpoint,
    id: str,
    person: str,
    seen: str,
    filled: Confirmation,
    actor: Actor,
    **facts: Any,
) -> State:
    """The sender (or owner, or administrator) stands by every recipient and attachment. `facts` are
    what else its record tells."""
    held = held_now(tx.conn, ck, id, seen)
    wanted = [_mine(tx, ck, held, row, person) for row in held.waiting(*parties.FIRST)]
    if not any(wanted):
        raise NotYours(id)
    _check(held, filled)
    held = _purposed(tx, ck, held, filled, actor)
    if held.state is not State.HELD:
        return held.state
    wanted = [_mine(tx, ck, held, row, person) for row in held.waiting(*parties.FIRST)]
    return _stand_by(tx, ck, held, filter(None, wanted), person, seen, actor, **facts)


def let_on(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, actor: Actor, **facts: Any
) -> State:
    """Meet what is asked of administrators; what is asked of others as well still stands."""
    held = held_now(tx.conn, ck, id, seen)
    wanted = _decisions(tx, ck, held, person, ("admin",))
    return _stand_by(tx, ck, held, wanted, person, seen, actor, **facts)


def approve(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, actor: Actor, without: int = 0
) -> State:
    """A third person stands by it, or by what is left without one recipient."""
    held = held_now(tx.conn, ck, id, seen)
    mine = _approvals(tx, ck, held, person)
    if without:
        drop_recipient(tx, ck, id, person, seen, without, actor)
        held = held_now(tx.conn, ck, id)
        mine = _approvals(tx, ck, held, person) if held.waiting("approve") else []
    for row in mine:
        demands.meet(tx, row, person, "approved", seen)
    _record(
        tx,
        held,
        "approved",
        actor,
        policy=held.policy,
        seen=seen,
        recipients=[row["address"] for row in held.outside],
    )
    return _onward(tx, ck, held, actor)


def refuse(
    tx: Tx,
    ck: Checkpoint,
    id: str,
    person: str,
    seen: str | None,
    reason: str,
    actor: Actor,
    **run: Any,
) -> State:
    """Not to be sent; the sender is told by whom and why: of one of a `run` that is refused at
    once (`run.record`) together with the others."""
    held, reason = held_now(tx.conn, ck, id, seen), said(reason)
    for row in _decisions(tx, ck, held, person):
        demands.meet(tx, row, person, "refused", held.seen, reason)
    demands.void(tx, id)
    details = {"policy": held.policy, "seen": held.seen, "why": reason, **run}
    move(tx, held.ref, Event.REFUSE, actor, {"reason": "refused"}, **details)
    if run:
        asking.outcome(tx, ck, held.ref, "refused", after=asking.FOLLOW)
    else:
        notice.refused(tx, ck, id, person, reason)
    return State.REFUSED


def give_back(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, reason: str, actor: Actor
) -> State:
    """Back to the sender with a comment: confirmed and approved again from the start."""
    held, reason = held_now(tx.conn, ck, id, seen), said(reason)
    for row in _decisions(tx, ck, held, person):
        demands.meet(tx, row, person, "returned", seen, reason)
    _record(tx, held, "returned", actor, seen=seen, why=reason)
    notice.returned(tx, ck, id, person, reason)
    demands.reopen(tx, ck, held.ref, held.letter)
    return State.HELD


def pass_on(tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, actor: Actor) -> State:
    """To the deputies now, instead of when the time is up."""
    held = held_now(tx.conn, ck, id, seen)
    for row in _approvals(tx, ck, held, person):
        demands.change(tx, row["id"], asked=max(row["asked"], 1))
        _record(tx, held, "delegated", actor, seen=seen)
        asking.ask(tx, ck, id, row["id"], leave_out=person)
    return State.HELD


def withdraw(tx: Tx, ck: Checkpoint, id: str, person: str, actor: Actor, why: str = "") -> State:
    """The sender takes it back: while held or delayed, and while queued before any attempt."""
    held = dossier(tx.conn, ck.letters, id)
    if held is None or not is_senders(tx.conn, held, person):
        raise Unknown(id)
    if Event.WITHDRAW not in TABLE[held.state] or _attempted(tx, id):
        raise Settled(held)
    demands.void(tx, id)
    move(tx, held.ref, Event.WITHDRAW, actor, {"reason": "withdrawn"}, seen=held.seen, why=why)
    return State.WITHDRAWN


def send_now(tx: Tx, ck: Checkpoint, id: str, person: str, actor: Actor) -> State:
    """End a delay early (今すぐ配送)."""
    held = dossier(tx.conn, ck.letters, id)
    if held is None or not is_senders(tx.conn, held, person):
        raise Unknown(id)
    if held.state is not State.DELAYED:
        raise Settled(held)
    moved = demands.release(tx, held.ref, None, actor)
    return moved.state if moved else State.DELAYED


def drop_recipient(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, recipient: int, actor: Actor
) -> State:
    """Leave one recipient out: it goes to a consignment of its own that ends here."""
    held = held_now(tx.conn, ck, id, seen)
    may_change(tx.conn, ck, held, person, tx.now)
    if recipient not in {row["id"] for row in held.recipients}:
        raise Stale(id)
    if len(held.recipients) == 1:
        return withdraw_all(tx, ck, held, actor)
    part = split(tx, held.ref, [recipient], actor)
    gone = next(row["address"] for row in held.recipients if row["id"] == recipient)
    move(
        tx, part, Event.WITHDRAW, actor, {"reason": "recipient_dropped"}, seen=seen, recipient=gone
    )
    _record(tx, held, "recipient_dropped", actor, seen=seen, who=gone)
    return _rejudge(tx, ck, id, actor)


def drop_attachment(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, part: str, actor: Actor
) -> State:
    """Leave one attachment out for all who are left."""
    held = held_now(tx.conn, ck, id, seen)
    may_change(tx.conn, ck, held, person, tx.now)
    found = [p for p in held.attachments if p.path == part]
    if not found:
        raise Stale(id)
    before = held.consignment["dropped"]
    _change(tx, held, {**before, "parts": [*before.get("parts", ()), part]})
    _record(tx, held, "attachment_dropped", actor, seen=seen, name=found[0].name)
    return _rejudge(tx, ck, id, actor)


def rejudge(tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, actor: Actor) -> State:
    """An administrator has the whole mail read and judged again; what was confirmed or approved
    until now no longer counts."""
    held = held_now(tx.conn, ck, id, seen)
    if person not in people.members(tx.conn, people.ADMINS, tx.now):
        raise NotYours(id)
    demands.void(tx, id)
    before = held.consignment["dropped"]
    _change(tx, held, {key: each for key, each in before.items() if key != "ways"})
    return move(tx, held.ref, Event.REJUDGE, actor, policy=held.policy, seen=seen).state


def choose(
    tx: Tx,
    ck: Checkpoint,
    id: str,
    person: str,
    seen: str,
    way: str,
    filled: Confirmation,
    actor: Actor,
) -> State:
    """Send it in a way that a rule offers. What is asked all the same is confirmed by what was
    filled in; nothing is chosen where that is not enough."""
    held = held_now(tx.conn, ck, id, seen)
    if not any(_mine(tx, ck, held, row, person) for row in held.waiting(*parties.FIRST)):
        raise NotYours(id)
    if way not in held.offered:
        raise Stale(id)
    _change(tx, held, {**held.consignment["dropped"], "ways": sorted(held.chosen | {way})})
    _record(tx, held, "converted", actor, policy=held.policy, seen=seen, way=way)
    after = _again(tx, ck, id, actor)
    if after is None:
        return State.ERASED
    open_now = after.waiting(*parties.FIRST) if after.state is State.HELD else ()
    if not any(_mine(tx, ck, after, row, person) for row in open_now):
        return after.state
    return confirm(tx, ck, id, person, after.seen, filled, actor)


def report_false_alarm(tx: Tx, ck: Checkpoint, id: str, person: str, actor: Actor) -> None:
    """Written down for whoever tunes the policy; nothing is sent by it."""
    held = dossier(tx.conn, ck.letters, id)
    if held is None or not is_senders(tx.conn, held, person):
        raise Unknown(id)
    _record(
        tx,
        held,
        "reported_false",
        actor,
        policy=held.policy,
        rules=sorted({r.rule for v in held.verdicts for r in v.reasons}),
    )


# -- steps


def withdraw_all(tx: Tx, ck: Checkpoint, held: Dossier, actor: Actor) -> State:
    demands.void(tx, held.id)
    move(tx, held.ref, Event.WITHDRAW, actor, {"reason": "withdrawn"}, seen=held.seen)
    return State.WITHDRAWN


def held_now(conn: Connection, ck: Checkpoint, id: str, seen: str | None = None) -> Dossier:
    """The held mail, as it was shown where `seen` names that. Raises Unknown, Settled, Stale."""
    held = dossier(conn, ck.letters, id)
    if held is None:
        raise Unknown(id)
    if held.state is not State.HELD:
        raise Settled(held)
    if seen is not None and seen != held.seen:
        raise Stale(id)
    return held


def _mine(tx: Tx, ck: Checkpoint, held: Dossier, row: RowMapping, person: str) -> RowMapping | None:
    return row if parties.may_meet(tx.conn, ck, row, person, tx.now) else None


def _approvals(tx: Tx, ck: Checkpoint, held: Dossier, person: str) -> list[RowMapping]:
    return _decisions(tx, ck, held, person, ("approve",))


def _decisions(
    tx: Tx,
    ck: Checkpoint,
    held: Dossier,
    person: str,
    kinds: tuple[str, ...] = ("approve", "admin"),
) -> list[RowMapping]:
    rows = [r for r in held.waiting(*kinds) if _mine(tx, ck, held, r, person)]
    if not rows:
        raise NotYours(held.id)
    return rows


def may_change(conn: Connection, ck: Checkpoint, held: Dossier, person: str, now: datetime) -> None:
    """Whoever is asked about it may take something out of it. Raises NotYours."""
    open_now = held.waiting(*parties.FIRST, "approve")
    if not any(parties.may_meet(conn, ck, row, person, now) for row in open_now):
        raise NotYours(held.id)


def is_senders(conn: Connection, held: Dossier, person: str) -> bool:
    """Whose mail it is: the sender, the owner of the machine, everybody of a shared mailbox."""
    letter = held.letter
    return person in (letter["sender_id"], letter["owner_id"]) or person in people.sharers(
        conn, letter["sender_address"]
    )


def keys(held: Dossier) -> tuple[str, ...]:
    """All that has to be ticked."""
    recipients = (f"r{row['id']}" for row in held.outside)
    return (*recipients, *(f"a{part.path}" for part in held.attachments))


def _check(held: Dossier, filled: Confirmation) -> None:
    unticked = tuple(key for key in keys(held) if key not in filled.ticked)
    retyped = held.retyped()
    mistyped = tuple(
        f"r{row['id']}"
        for row in held.outside
        if row["address"] in retyped
        and filled.domains.get(f"r{row['id']}", "").strip().lower() != domain_of(row["address"])
    )
    wanted = any(d["params"].get("purpose") for d in held.waiting(*parties.FIRST))
    purpose = wanted and not filled.purpose.strip()
    if unticked or mistyped or purpose:
        raise Incomplete(unticked, mistyped, purpose)


def _purposed(tx: Tx, ck: Checkpoint, held: Dossier, filled: Confirmation, actor: Actor) -> Dossier:
    """The mail judged for the purpose that is stated now: for another one than an addressee is
    registered for, more may be asked."""
    purpose = mask(filled.purpose.strip())
    if not purpose or purpose == held.purpose:
        return held
    _change(tx, held, {**held.consignment["dropped"], "purpose": purpose})
    asked = [fact.name for fact in held.report.facts if fact.name in (REGISTERED, OTHER)]
    if asked:
        judge.again(tx, ck, held_now(tx.conn, ck, held.id), actor)
    after = dossier(tx.conn, ck.letters, held.id)
    if after is None:
        raise Unknown(held.id)
    return after


def _stand_by(
    tx: Tx,
    ck: Checkpoint,
    held: Dossier,
    wanted: Iterable[RowMapping],
    person: str,
    seen: str,
    actor: Actor,
    **facts: Any,
) -> State:
    for row in wanted:
        demands.meet(tx, row, person, "confirmed", seen)
    told = {
        "recipients": [row["address"] for row in held.outside],
        "attachments": [part.name for part in held.attachments],
        "purpose": held.purpose,
        **facts,
    }
    _record(tx, held, "confirmed", actor, policy=held.policy, seen=seen, **told)
    return _onward(tx, ck, held, actor)


def said(reason: str) -> str:
    """As it may be kept: somebody may quote the very number that is not to leave."""
    if not reason.strip():
        raise ReasonNeeded()
    return mask(reason.strip())


def _onward(tx: Tx, ck: Checkpoint, held: Dossier, actor: Actor) -> State:
    """After an act: release if that was the last demand, else the next ones open."""
    batch = judge.as_decided(held)
    moved = demands.release(tx, held.ref, batch, actor, policy=held.policy, seen=held.seen)
    if moved is None:
        demands.advance(tx, ck, held.ref, held.letter)
        return State.HELD
    return moved.state


def _rejudge(tx: Tx, ck: Checkpoint, id: str, actor: Actor) -> State:
    after = _again(tx, ck, id, actor)
    return after.state if after else State.ERASED


def _again(tx: Tx, ck: Checkpoint, id: str, actor: Actor) -> Dossier | None:
    """What is left, judged anew; None where nothing is."""
    judge.again(tx, ck, held_now(tx.conn, ck, id), actor)
    return dossier(tx.conn, ck.letters, id)


def _record(tx: Tx, held: Dossier, verb: str, actor: Actor, **details: Any) -> None:
    tx.record(verb, actor, letter=held.letter["id"], consignment=held.id, **details)


def _change(tx: Tx, held: Dossier, dropped: dict[str, Any]) -> None:
    """What was taken out of the mail, chosen or stated for it, from now on."""
    mine = CONSIGNMENT.c.id == held.id
    tx.conn.execute(update(CONSIGNMENT).where(mine).values(dropped=dropped))


def _attempted(tx: Tx, id: str) -> bool:
    """Whether it may be on its way or there already: then it can no longer be taken back."""
    query = select(ATTEMPT.c.id).where(ATTEMPT.c.consignment_id == id).limit(1)
    return tx.conn.execute(query).first() is not None
