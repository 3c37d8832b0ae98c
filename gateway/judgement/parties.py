"""Who may meet a demand, asked of the database by one expression (`mine`), which lists, pages,
notices and acts all use: a right that a page shows and an act refuses, or the other way round,
cannot be.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, literal, or_, select

from gateway.judgement import people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import ACT, CONSIGNMENT, DEMAND
from gateway.memory.letters import LETTER

FIRST = ("confirm", "owner", "admin")
"""What comes before any approval: nobody is asked to approve what its sender would withdraw."""


def mine(conn: Connection, ck: Checkpoint, person: str, now: datetime) -> ColumnElement[bool]:
    """Open demands that this person may meet now. Joined to consignment and letter."""
    acted_on = select(ACT.c.demand_id).where(ACT.c.person_id == person)
    return and_(
        DEMAND.c.state == "open",
        asked_of(conn, ck, person, now),
        or_(DEMAND.c.kind.in_(FIRST), DEMAND.c.id.not_in(acted_on)),
    )


def asked_of(conn: Connection, ck: Checkpoint, person: str, now: datetime) -> ColumnElement[bool]:
    """Demands that are this person's to meet, open or not. Joined to consignment and letter.

    Never one's own mail, nor that of somebody one stands in for or shares a mailbox with, nor one
    that one has confirmed oneself: the third party is a third person (features AP5).
    """
    groups = people.granted(conn, person, "group", now)
    roles = {f"role:{role}" for role in people.granted(conn, person, "role", now)}
    stands_in_for = people.deputies_for(conn, person, now)
    their_groups = people.groups_of(conn, stands_in_for, now)
    mailboxes = people.mailboxes(conn, person)
    fallback = and_(DEMAND.c.asked >= 2, literal(ck.config.holds.fallback_group in groups))
    confirms = or_(
        DEMAND.c.person_id == person,
        DEMAND.c.mailbox.in_(mailboxes),
        DEMAND.c.group.in_(roles),
        fallback,
    )
    approves = or_(
        DEMAND.c.group.in_(groups | roles),
        DEMAND.c.person_id == person,
        and_(DEMAND.c.asked >= 1, DEMAND.c.group.in_(their_groups)),
        fallback,
    )
    no_third = stands_in_for | {person}
    confirmed = select(ACT.c.consignment_id).where(
        ACT.c.person_id == person, ACT.c.act == "confirmed"
    )
    third = and_(
        LETTER.c.sender_id.not_in(no_third),
        LETTER.c.owner_id.not_in(no_third),
        LETTER.c.sender_address.not_in(mailboxes),
        DEMAND.c.consignment_id.not_in(confirmed),
    )
    return or_(
        and_(DEMAND.c.kind.in_(FIRST), confirms),
        and_(DEMAND.c.kind == "approve", approves, third),
    )


def may_meet(conn: Connection, ck: Checkpoint, row: RowMapping, person: str, now: datetime) -> bool:
    query = (
        select(DEMAND.c.id)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == DEMAND.c.consignment_id)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(DEMAND.c.id == row["id"], mine(conn, ck, person, now))
    )
    return conn.execute(query).first() is not None


def askable(conn: Connection, ck: Checkpoint, row: RowMapping, now: datetime) -> frozenset[str]:
    """Everybody who may meet this demand: whom to tell, and whether there is anybody at all."""
    group = people.members(conn, row["group"], now) if row["group"] else frozenset()
    asked = {row["person_id"]} - {""} | group
    if row["mailbox"]:
        asked |= people.sharers(conn, row["mailbox"])
    if row["asked"] >= 1:
        asked |= people.deputies(conn, group, now)
    if row["asked"] >= 2:
        asked |= people.members(conn, ck.config.holds.fallback_group, now)
    return frozenset(p for p in asked if may_meet(conn, ck, row, p, now))
