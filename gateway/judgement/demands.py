"""Demands: opened by a judgement, met by persons, and release when none is open.

Who may meet one is for `parties` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    insert,
    select,
    update,
)

from detectors.headers import TO_US
from detectors.report import Headers
from gateway.judgement import asking, people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import ACT, CONSIGNMENT, DEMAND, demands_of
from gateway.judgement.parties import FIRST
from gateway.judgement.policy.verdict import Batch
from gateway.judgement.policy.verdict import Demand as Asked
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, Event, Ref, State, move
from gateway.memory.store import Tx

ASIDE = "aside"
"""In a letter's summary: its header speaks to us, and to none of its readers."""


def aside(headers: Headers) -> bool:
    return any(wish.startswith(f"{name}: ") for wish in headers.wishes for name in TO_US)


# -- opening


def demand(tx: Tx, ck: Checkpoint, known: Ref, letter: RowMapping, wanted: Sequence[Asked]) -> None:
    """Bring the demands of a held consignment in line with `wanted`.

    One that is asked again (same kind and group) keeps what was done about it, since what is
    left of a mail is never more than what was shown; one that is no longer asked is void.
    """
    present = {(row["kind"], row["group"]): row for row in demands_of(tx.conn, known.id)}
    for ask in wanted:
        kind, group = ask.kind, _group(ask, letter)
        params = {"retype": ask.retype, "purpose": ask.purpose}
        if old := present.pop((kind, group), None):
            change(tx, old["id"], need=ask.need, params=params)
        else:
            _insert(tx, known.id, kind, group, ask.need, params, letter)
    for gone in present.values():
        change(tx, gone["id"], state="void")
    advance(tx, ck, known, letter)


def _group(ask: Asked, letter: RowMapping) -> str:
    if ask.kind == "admin" or (ask.kind == "owner" and not letter["owner_id"]):
        return people.ADMINS
    if ask.kind == "confirm" and not letter["sender_id"] and not letter["sender_address"]:
        return people.ADMINS
    return ask.group


def _insert(
    tx: Tx,
    id: str,
    kind: str,
    group: str,
    need: int,
    params: dict[str, bool],
    letter: RowMapping,
) -> None:
    whose = {"confirm": letter["sender_id"], "owner": letter["owner_id"]}.get(kind, "")
    shared = kind == "confirm" and not whose and not group
    tx.conn.execute(
        insert(DEMAND).values(
            consignment_id=id,
            kind=kind,
            group=group,
            person_id="" if group else whose,
            mailbox=letter["sender_address"].lower() if shared else "",
            need=need,
            params=params,
            state="waiting",
        )
    )


# -- moving on


def advance(tx: Tx, ck: Checkpoint, known: Ref, letter: RowMapping) -> None:
    """Open the demands whose turn it is; their people are told. Nothing else changes."""
    rows = demands_of(tx.conn, known.id)
    turn = [r for r in rows if r["kind"] in FIRST and r["state"] != "met"]
    turn = turn or [r for r in rows if r["kind"] == "approve" and r["state"] != "met"]
    for row in turn:
        if row["state"] == "waiting":
            open_(tx, ck, row)
            asking.ask(tx, ck, known.id, row["id"])


def open_(tx: Tx, ck: Checkpoint, row: RowMapping) -> None:
    holds = ck.config.holds
    within = holds.approve_within if row["kind"] == "approve" else holds.confirm_within
    due = ck.calendar.add(tx.now, within)
    first = tx.now + holds.reminders[0].clock if holds.reminders else due
    change(
        tx,
        row["id"],
        state="open",
        opened_at=tx.now,
        due_at=due,
        next_at=min(first, due),
        stage=0,
        asked=0,
    )


def meet(tx: Tx, row: RowMapping, person: str, act: str, seen: str, reason: str = "") -> None:
    """Write down the act; the demand is met when enough different persons have acted."""
    tx.conn.execute(
        insert(ACT).values(
            demand_id=row["id"],
            consignment_id=row["consignment_id"],
            person_id=person,
            act=act,
            seen=seen,
            reason=reason,
            at=tx.now,
        )
    )
    if act in ("confirmed", "approved") and len(acted(tx.conn, row["id"], act)) >= row["need"]:
        change(tx, row["id"], state="met", next_at=None)


def acted(conn: Connection, demand_id: int, act: str) -> frozenset[str]:
    query = select(ACT.c.person_id).where(ACT.c.demand_id == demand_id, ACT.c.act == act)
    return frozenset(conn.execute(query).scalars())


def void(tx: Tx, id: str) -> None:
    tx.conn.execute(
        update(DEMAND).where(DEMAND.c.consignment_id == id).values(state="void", next_at=None)
    )


def reopen(tx: Tx, ck: Checkpoint, known: Ref, letter: RowMapping) -> None:
    """Back to the sender: all that was confirmed and approved so far no longer counts."""
    rows = demands_of(tx.conn, known.id)
    void(tx, known.id)
    for row in rows:
        params = dict(row["params"])
        _insert(tx, known.id, row["kind"], row["group"], row["need"], params, letter)
    advance(tx, ck, known, letter)


def release(tx: Tx, known: Ref, batch: Batch | None, actor: Actor, **facts: Any) -> Ref | None:
    """Let it go if no demand is open; None while there is one.

    Sealing is due for a treatment, for an attachment that was dropped, and for what was said to
    us alone: what leaves is then a rendition, not the letter.
    """
    if any(row["state"] != "met" for row in demands_of(tx.conn, known.id)):
        return None
    query = select(CONSIGNMENT.c.treatment, CONSIGNMENT.c.dropped, LETTER.c.summary)
    query = query.join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
    row = tx.conn.execute(query.where(CONSIGNMENT.c.id == known.id)).one()
    if batch and batch.delay and known.state is not State.DELAYED:
        due = {"due_at": tx.now + batch.delay.clock}
        return move(tx, known, Event.DELAY, actor, due, **facts)
    sealing = row.treatment or row.dropped.get("parts") or (row.summary or {}).get(ASIDE)
    return move(tx, known, Event.RELEASE if sealing else Event.PASS, actor, **facts)


def change(tx: Tx, demand_id: int, **values: object) -> None:
    tx.conn.execute(update(DEMAND).where(DEMAND.c.id == demand_id).values(**values))
