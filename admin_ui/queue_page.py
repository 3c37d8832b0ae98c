"""What waits for delivery: why, since when, and what the peer said; for who runs the system.

The acts on it are in queue_acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, or_, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.exports import MOST, csv_answer
from admin_ui.frame import Office, Visit, with_role
from admin_ui.trail import CODES, masked, tell, without_addresses
from gateway.face.dates import stamp
from gateway.face.figures import masked_address
from gateway.face.i18n import N_
from gateway.face.lists import SIZE, Pager, View, view
from gateway.face.words import reply
from gateway.face.words import state as state_name
from gateway.judgement import records
from gateway.mail import queue, route
from gateway.mail.queue import CONSIGNMENT, LETTER, RECIPIENT
from gateway.memory.ids import tidy
from gateway.memory.recovery import MOVING
from gateway.memory.states import TABLE, Event, State

ADMIN = with_role("system_admin")
SORTS = {
    "since": CONSIGNMENT.c.changed_at,
    "due": CONSIGNMENT.c.due_at,
    "attempts": CONSIGNMENT.c.attempts,
}
WHY = {
    "recovery": N_("復元後の確認待ち"),
    "under_way": N_("処理中"),
    "again": N_("再送待ち"),
    "first": N_("順番待ち"),
    "later": N_("送信時刻待ち"),
}
FILTERED = ("first", "again", "under_way", "recovery")


@dataclass(frozen=True, slots=True)
class Waiting:
    row: RowMapping
    to: tuple[Mapping[str, Any], ...]
    why: str
    """a key of WHY"""

    @property
    def reply(self) -> str:
        """The last answer of a peer, as it was given."""
        return next((str(each["reply"]) for each in self.to if each["reply"]), "")


def hops(visit: Visit) -> list[tuple[str, str]]:
    """What a mail can be sent by, for a choice; its own way first."""
    known = route.known(visit.office.memory.config)
    return [("", visit.words.say("設定どおりの経路")), *((name, name) for name in known)]


# -- the list


def _view(visit: Visit) -> View:
    return view(visit.request, sorts=tuple(SORTS), filters=("q", "domain", "reply", "why", "state"))


def _query(visit: Visit, shown: View) -> Select[Any]:
    letter = (LETTER.c.subject, LETTER.c.origin, LETTER.c.purpose, LETTER.c.sender_address)
    return (
        select(CONSIGNMENT, *letter, LETTER.c.size)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(CONSIGNMENT.c.state.in_([state.value for state in MOVING]), *_where(visit, shown))
    )


def _where(visit: Visit, shown: View) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if q := shown.filters.get("q", ""):
        to = RECIPIENT.c.address.icontains(q, autoescape=True)
        found.append(
            or_(
                CONSIGNMENT.c.id == tidy(q),
                LETTER.c.sender_address.icontains(q, autoescape=True),
                CONSIGNMENT.c.id.in_(select(RECIPIENT.c.consignment_id).where(to)),
            )
        )
    if domain := shown.filters.get("domain", ""):
        there = RECIPIENT.c.address.iendswith(f"@{domain.removeprefix('@')}", autoescape=True)
        found.append(_waits_for(there))
    if part := shown.filters.get("reply", ""):
        said = RECIPIENT.c.reply.icontains(part, autoescape=True)
        found.append(_waits_for(said | RECIPIENT.c.mx.icontains(part, autoescape=True)))
    if state := shown.filters.get("state", ""):
        found.append(CONSIGNMENT.c.state == state)
    leased = CONSIGNMENT.c.lease_until > visit.now
    match shown.filters.get("why", ""):
        case "recovery":
            found.append(CONSIGNMENT.c.lease_owner == "recovery")
        case "under_way":
            found += [leased, CONSIGNMENT.c.lease_owner != "recovery"]
        case "again":
            found.append(CONSIGNMENT.c.attempts > 0)
        case "first":
            found += [CONSIGNMENT.c.attempts == 0, CONSIGNMENT.c.due_at.is_(None)]
    return found


def _waits_for(recipient: ColumnElement[bool]) -> ColumnElement[bool]:
    """As the command chooses: who has the mail already is not what it waits for."""
    waiting = recipient & (RECIPIENT.c.status == "waiting")
    return CONSIGNMENT.c.id.in_(select(RECIPIENT.c.consignment_id).where(waiting))


def _read(
    conn: Connection, visit: Visit, shown: View, limit: int, offset: int = 0
) -> list[Waiting]:
    order = SORTS[shown.sort]
    query = _query(visit, shown).order_by(
        order.desc() if shown.descending else order, CONSIGNMENT.c.id
    )
    rows = conn.execute(query.limit(limit).offset(offset)).mappings().all()
    to = _recipients(conn, [row["id"] for row in rows])
    return [Waiting(row, tuple(to[row["id"]]), _why(visit, row)) for row in rows]


def _why(visit: Visit, row: RowMapping) -> str:
    if queue.in_recovery(row):
        return "recovery"
    if row["lease_until"] and row["lease_until"] > visit.now:
        return "under_way"
    if row["attempts"]:
        return "again"
    return "later" if row["due_at"] and row["due_at"] > visit.now else "first"


def _recipients(conn: Connection, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """As who runs the system may see them."""
    found: dict[str, list[dict[str, Any]]] = {id: [] for id in ids}
    query = select(RECIPIENT).where(RECIPIENT.c.consignment_id.in_(ids)).order_by(RECIPIENT.c.id)
    for row in conn.execute(query).mappings():
        covered = {"address": masked_address(row["address"])}
        covered["reply"] = without_addresses(row["reply"])
        found[row["consignment_id"]].append({**row, **covered})
    return found


def chosen(
    visit: Visit, upto: datetime, since: datetime | None, after: str
) -> list[tuple[str, datetime]]:
    """Id and age of the rows that the address asks for and that waited at `upto`, oldest first;
    behind the one that is named."""
    age, id = CONSIGNMENT.c.changed_at, CONSIGNMENT.c.id
    query = _query(visit, _view(visit)).with_only_columns(id, age).where(age <= upto)
    if since:
        query = query.where((age > since) | ((age == since) & (id > after)))
    with visit.read() as conn:
        return [(row.id, row.changed_at) for row in conn.execute(query.order_by(age, id))]


def index(visit: Visit) -> Response:
    return listed(visit)


def listed(visit: Visit, status: int = 200, **more: Any) -> Response:
    shown = _view(visit)
    with visit.read() as conn:
        matching = _query(visit, shown).with_only_columns(CONSIGNMENT.c.id).subquery()
        total = conn.execute(select(func.count()).select_from(matching)).scalar_one()
        found = _read(conn, visit, shown, SIZE, shown.offset)
    return visit.render(
        "queue.html",
        status=status,
        view=replace(shown, path="/queue"),
        found=found,
        pager=Pager(replace(shown, path="/queue"), total),
        reasons=WHY,
        others=CODES,
        why_options=[(code, visit.words.say(WHY[code])) for code in FILTERED],
        state_options=[(state.value, state_name(visit.words, state)) for state in MOVING],
        hops=hops(visit),
        **{"did": visit.did(), "going": None, **more},
    )


def index_csv(visit: Visit) -> Response:
    shown, say = _view(visit), visit.words.say
    with visit.read() as conn:
        found = _read(conn, visit, shown, MOST)
    with visit.write() as tx:
        tx.record("audit.exported", visit.actor, list="queue", rows=len(found))
    heading = [
        *(say("待ち始め"), say("受付番号"), say("送信者"), say("宛先"), say("待っている理由")),
        *(say("試行回数"), say("次の試行"), say("最後の応答"), say("応答の意味")),
    ]
    rows = (
        [
            *(stamp(each.row["changed_at"]), each.row["id"]),
            masked_address(each.row["sender_address"]) if each.row["sender_address"] else "",
            *(" ".join(str(to["address"]) for to in each.to), say(WHY[each.why])),
            each.row["attempts"],
            stamp(each.row["due_at"]) if each.row["due_at"] else "",
            *(each.reply, reply(visit.words, each.reply)),
        ]
        for each in found
    )
    return csv_answer(visit, "queue", heading, rows)


# -- one


def show(visit: Visit) -> Response:
    return one(visit)


def one(visit: Visit, status: int = 200, **more: Any) -> Response:
    """Also of one that is on its way no longer: then it says what became of it."""
    with visit.read() as conn:
        query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == visit.param("id"))
        row = conn.execute(query).mappings().first()
        if row is None:
            raise HTTPException(404)
        told = tell(conn, visit.words, map(masked, records.about(conn, subjects=[row["id"]])))
        tried = queue.attempts(conn, row["id"])
        context = {
            "row": row,
            "letter": visit.office.checkpoint.letters.row(conn, row["letter_id"]),
            "to": _recipients(conn, [row["id"]])[row["id"]],
            "tried": tried,
            "told": told,
            "moving": row["state"] in MOVING,
            "why": _why(visit, row),
            "hops": hops(visit),
            "may_withdraw": not tried and Event.WITHDRAW in TABLE[State(row["state"])],
        }
    shown = {"reasons": WHY, "others": CODES, "done": visit.done(), "refused": "", **context}
    return visit.render("queue_one.html", status=status, **{**shown, **more})


def routes(office: Office) -> list[Route]:
    return [
        office.page("/queue", index, ADMIN),
        office.page("/queue.csv", index_csv, ADMIN),
        office.page("/queue/{id}", show, ADMIN),
    ]
