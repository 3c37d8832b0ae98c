"""A password typed on the page opens a file that could not be inspected.

Two steps, since reading takes seconds and a transaction must not: `to_read` says whether this
person may and what is to be read again, `unlock` puts the new report in the place of the old one
and has the mail judged by it. The password is in neither, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select, update

from detectors.report import Fact, Report, summary
from gateway.judgement import acts, demands, judge, refusals
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT, Dossier
from gateway.judgement.policy.case import Recipient
from gateway.judgement.surroundings import kept
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx

LOCKED = frozenset(
    {"encrypted_zip", "encrypted_archive", "encrypted_office", "encrypted_pdf", "wrong_password"}
)
"""Reasons that a password answers; what S/MIME or PGP closed opens for the recipient alone."""
OPENED = "opened"
"""The fact that stands where `uninspectable` stood: the file is still locked for whoever has no
password, so a later reading without it must not take that for a change (`bridge.recheck`)."""


class StillLocked(refusals.Refused):
    """None of the passwords opens anything more, or what was open is locked again."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be read again, and what for."""

    raw: bytes
    kinds: frozenset[str]


def locked(facts: Iterable[Fact]) -> list[Fact]:
    """Files that a password would open."""
    return [
        fact
        for fact in facts
        if fact.name == "uninspectable" and fact.reason and fact.reason.code in LOCKED
    ]


def to_read(
    conn: Connection, ck: Checkpoint, id: str, person: str, seen: str, now: datetime
) -> Reading:
    """Raises the refusals of `acts`."""
    held = acts.held_now(conn, ck, id, seen)
    acts.may_change(conn, ck, held, person, now)
    kinds = ck.policies.active(conn).policy.kinds
    return Reading(ck.letters.raw(conn, held.letter), kinds)


def unlock(
    tx: Tx, ck: Checkpoint, id: str, person: str, seen: str, report: Report, actor: Actor
) -> State:
    """Judge the mail by what was inside; every consignment of it that is still held.

    What was confirmed or approved before is asked again: it was another knowledge. Raises
    StillLocked and the refusals of `acts`.
    """
    held = acts.held_now(tx.conn, ck, id, seen)
    acts.may_change(tx.conn, ck, held, person, tx.now)
    before = ck.letters.report(held.letter)
    opened = _opened(before, report)
    asked = ck.policies.active(tx.conn).policy.facts
    known_then = kept(tx.conn, before, report, _outside(tx, held), asked, tx.now)
    known = replace(report, facts=(*report.facts, *opened, *known_then))
    tx.conn.execute(
        update(LETTER)
        .where(LETTER.c.id == held.letter["id"])
        .values(
            report=ck.letters.seal_report(held.letter, known),
            summary={**held.letter["summary"], "findings": summary(known)},
        )
    )
    tx.record(
        "unlocked",
        actor,
        letter=held.letter["id"],
        consignment=id,
        seen=seen,
        names=[fact.path[-1] for fact in opened if fact.path],
        findings=summary(known),
    )
    for each in _held_with(tx, ck, held):
        if any(row["state"] == "met" for row in each.demands):
            demands.void(tx, each.id)
        judge.again(tx, ck, each, actor)
    return State(tx.conn.execute(select(CONSIGNMENT.c.state).filter_by(id=id)).scalar_one())


def _opened(before: Report, after: Report) -> tuple[Fact, ...]:
    """What was opened by now, as facts. Nothing may be less open than before."""
    left = {(fact.part, fact.path) for fact in locked(after.facts)}
    known = [fact for fact in before.facts if fact.name == OPENED]
    new = [f for f in locked(before.facts) if (f.part, f.path) not in left]
    same = [part.sha256 for part in before.parts] == [part.sha256 for part in after.parts]
    if not same or not new or any((f.part, f.path) in left for f in known):
        raise StillLocked
    return (*known, *(replace(fact, name=OPENED) for fact in new))


def _outside(tx: Tx, held: Dossier) -> list[Recipient]:
    """Of the whole letter: its report is that of all its consignments."""
    query = (
        select(RECIPIENT)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(CONSIGNMENT.c.letter_id == held.letter["id"], RECIPIENT.c.inside.is_(False))
        .order_by(RECIPIENT.c.id)
    )
    rows = tx.conn.execute(query).mappings()
    return [Recipient(row["address"], False, row["header"], row["name"]) for row in rows]


def _held_with(tx: Tx, ck: Checkpoint, held: Dossier) -> list[Dossier]:
    """The consignments of this letter that wait for somebody, this one among them."""
    query = select(CONSIGNMENT.c.id).where(
        CONSIGNMENT.c.letter_id == held.letter["id"], CONSIGNMENT.c.state == State.HELD.value
    )
    ids = tx.conn.execute(query.order_by(CONSIGNMENT.c.id)).scalars()
    return [acts.held_now(tx.conn, ck, each) for each in ids]
