"""「対応が必要なもの」: what waits for this very person, the most urgent first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, or_, select
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import bursts, credentials, rights
from admin_ui.alarms import SENTENCES, alarms
from admin_ui.frame import Office, Visit, anyone
from bridge.parcel import PARCEL
from gateway.face.i18n import Words
from gateway.face.words import Article
from gateway.judgement import parties, people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DEMAND, dossier
from gateway.judgement.grounds import grounds
from gateway.judgement.identity import plain_domains
from gateway.memory.letters import LETTER
from gateway.memory.states import State

MOST = 50
"""Rows of one kind: who has more to do begins with the first ones."""
RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One mail on the list."""

    id: str
    kind: str
    """confirm | owner | admin | approve; "" for one's own that waits for somebody else"""
    due_at: datetime | None
    subject: str
    sender: str
    outside: tuple[str, ...]
    """names or addresses outside the company"""
    worst: Article | None


def show(visit: Visit) -> Response:
    if visit.visitor is None:
        with visit.read() as conn:
            begun = credentials.anybody(conn)
        return visit.go("/signin") if begun else _first(visit)
    me, ck, words = visit.me, visit.office.checkpoint, visit.words
    with visit.read() as conn:
        together = bursts.found(conn, visit)
        theirs = [id for each in together for id in each.ids]
        asked = list(_asked(conn, ck, words, me.id, visit.now, theirs))
        mine = list(_own(conn, ck, words, me.id, visit.now, {each.id for each in asked}))
        parcels = _reissues(conn, me.id, visit.now)
        raised = list(alarms(conn, visit.now)) if me.has("system_admin") else []
    return visit.render(
        "home.html",
        bursts=together,
        asked=asked,
        mine=mine,
        parcels=parcels,
        alarms=[(each, words.many(SENTENCES[each.code], each.number)) for each in raised],
        now=visit.now,
        done=visit.done(),
    )


def _first(visit: Visit) -> Response:
    """Nobody has enrolled yet: what a newcomer does next."""
    config = visit.office.memory.config
    domains = plain_domains(config.smtp.own_domains)
    return visit.render("welcome.html", domains=domains, url=config.web.url)


def _asked(
    conn: Connection,
    ck: Checkpoint,
    words: Words,
    person: str,
    now: datetime,
    together: Sequence[str],
) -> Iterator[Waiting]:
    """But for what an administrator is asked about `together`."""
    single = or_(DEMAND.c.kind != "admin", CONSIGNMENT.c.id.not_in(together))
    query = (
        select(DEMAND.c.kind, DEMAND.c.due_at, CONSIGNMENT.c.id)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == DEMAND.c.consignment_id)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(CONSIGNMENT.c.state == State.HELD.value, parties.mine(conn, ck, person, now))
        .where(single)
        .order_by(DEMAND.c.due_at, DEMAND.c.id)
        .limit(MOST)
    )
    for row in conn.execute(query).all():
        if found := _waiting(conn, ck, words, row.id, row.kind, row.due_at):
            yield found


def _own(
    conn: Connection, ck: Checkpoint, words: Words, person: str, now: datetime, shown: set[str]
) -> Iterator[Waiting]:
    """One's own that wait for others, or for their time to go."""
    states = (State.HELD.value, State.DELAYED.value)
    query = (
        select(CONSIGNMENT.c.id, CONSIGNMENT.c.due_at)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(CONSIGNMENT.c.state.in_(states), rights.own(conn, person))
        .order_by(CONSIGNMENT.c.created_at.desc())
        .limit(MOST)
    )
    for row in conn.execute(query).all():
        if row.id not in shown and (found := _waiting(conn, ck, words, row.id, "", row.due_at)):
            yield found


def _waiting(
    conn: Connection, ck: Checkpoint, words: Words, id: str, kind: str, due: datetime | None
) -> Waiting | None:
    held = dossier(conn, ck.letters, id)
    if held is None:
        return None
    sender = people.person(conn, held.letter["sender_id"])
    reasons = grounds(words, held)
    first = min((d["due_at"] for d in held.waiting(*_KINDS) if d["due_at"]), default=None)
    return Waiting(
        id,
        kind,
        due or first,
        held.letter["subject"],
        sender["name"] if sender else held.letter["sender_address"],
        tuple(row["name"] or row["address"] for row in held.outside),
        reasons[0] if reasons else None,
    )


_KINDS = (*parties.FIRST, "approve")


def _reissues(conn: Connection, person: str, now: datetime) -> list[RowMapping]:
    """Links that their recipients asked to be made anew."""
    query = select(PARCEL.c.id, PARCEL.c.recipient, PARCEL.c.asked_at).where(
        PARCEL.c.sender_id == person, PARCEL.c.asked_at > now - RECENT
    )
    return list(conn.execute(query.order_by(PARCEL.c.asked_at).limit(MOST)).mappings())


def routes(office: Office) -> list[Route]:
    return [office.page("/", show, anyone)]
