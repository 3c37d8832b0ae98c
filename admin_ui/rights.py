"""Who sees which mail, asked of the database by one expression that lists and pages share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from gateway.judgement import acts, parties, people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import ACT, CONSIGNMENT, DEMAND, Dossier
from gateway.memory.letters import LETTER
from gateway.memory.states import State

ALL = frozenset({"auditor", "system_admin"})
"""Roles that see every mail; neither decides about one by that."""
COVERED = "system_admin"
"""The role from which subject, file names and recipients of others' mail are covered: it runs the
system. A search, too, must not tell them."""


def own(conn: Connection, person: str) -> ColumnElement[bool]:
    """One's own mails, those of one's machines and of one's shared mailboxes."""
    return or_(
        LETTER.c.sender_id == person,
        LETTER.c.owner_id == person,
        LETTER.c.sender_address.in_(people.mailboxes(conn, person)),
    )


def asked(conn: Connection, ck: Checkpoint, person: str, now: datetime) -> ColumnElement[bool]:
    """Mails that one was asked about, whatever became of them: a late click is told."""
    demanded = (
        select(DEMAND.c.consignment_id)
        .where(DEMAND.c.consignment_id == CONSIGNMENT.c.id, DEMAND.c.opened_at.is_not(None))
        .where(parties.asked_of(conn, ck, person, now))
        .correlate(CONSIGNMENT, LETTER)
    )
    acted = select(ACT.c.consignment_id).where(ACT.c.person_id == person)
    return or_(demanded.exists(), CONSIGNMENT.c.id.in_(acted))


def my_turn(conn: Connection, ck: Checkpoint, person: str, now: datetime) -> ColumnElement[bool]:
    """Mails that wait for this very person."""
    query = (
        select(DEMAND.c.id)
        .where(DEMAND.c.consignment_id == CONSIGNMENT.c.id, parties.mine(conn, ck, person, now))
        .correlate(CONSIGNMENT, LETTER)
    )
    return query.exists()


def concerns(conn: Connection, ck: Checkpoint, person: str, now: datetime) -> ColumnElement[bool]:
    """Mails whose words are for this person: their own, and what they were asked about."""
    return or_(own(conn, person), asked(conn, ck, person, now))


def visible(
    conn: Connection, ck: Checkpoint, person: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """For a query over CONSIGNMENT joined to LETTER."""
    judged = and_(LETTER.c.origin == "client", CONSIGNMENT.c.headline != "")
    if not ALL.isdisjoint(roles):
        return judged
    return and_(judged, concerns(conn, ck, person, now))


def may_see(
    conn: Connection,
    ck: Checkpoint,
    id: str,
    person: str,
    roles: Collection[str],
    now: datetime,
) -> bool:
    query = (
        select(CONSIGNMENT.c.id)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(CONSIGNMENT.c.id == id, visible(conn, ck, person, roles, now))
    )
    return conn.execute(query).first() is not None


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody may do with a mail at this moment."""

    person: str
    sends: bool = False
    """it is their own"""
    confirms: bool = False
    decides: bool = False
    """as the third party"""
    administers: bool = False
    """a demand on the administrators is open, and they are one of them"""
    rejudges: bool = False
    reads: bool = False
    """what is written in it, numbers covered: auditors see what was done, and no content"""


def part_in(conn: Connection, ck: Checkpoint, held: Dossier, person: str, now: datetime) -> Part:
    """The same expression that the acts ask, so that no button leads to a refusal."""
    kinds = {
        row["kind"]
        for row in held.waiting(*parties.FIRST, "approve")
        if parties.may_meet(conn, ck, row, person, now)
    }
    administrator = person in people.members(conn, people.ADMINS, now)
    return Part(
        person,
        sends=acts.is_senders(conn, held, person),
        confirms=not kinds.isdisjoint(parties.FIRST),
        decides="approve" in kinds,
        administers="admin" in kinds,
        rejudges=administrator and held.state is State.HELD,
        reads=may_see(conn, ck, held.id, person, (), now),
    )
