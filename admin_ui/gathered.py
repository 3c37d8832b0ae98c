"""The mails of a sender that one notice tells of: all of them seen, each opened by itself, and all
of them stopped at once.

Nothing is sent from here: each recipient and attachment is looked at on the page of its mail, or,
where mails are alike, on the list of these (`together`). To stop them all, their number is typed,
and it is done to what was shown alone.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, and_, func, select
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import desk_list
from admin_ui.access import Told
from admin_ui.confirm import active, gone
from admin_ui.frame import Office, Visit, anyone
from admin_ui.rights import concerns, my_turn, own
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.lists import SIZE, Pager, View, view
from gateway.judgement import acts, refusals, run
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.shown import digest
from gateway.mail import queue
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, Overtaken, State
from gateway.memory.store import Tx

LONGEST = 20.0
"""Seconds for which a browser waits; what is left then takes another time."""


class Stop(Form):
    seen: str = ""
    number: str = Field(default="", max_length=20)
    """as it was typed"""


@dataclass(frozen=True)
class Waiting:
    """What is still to be decided of what was told."""

    person: str
    held: int
    delayed: int
    """that leave by themselves"""
    own: tuple[str, ...]
    """ids of those that this person sent, oldest first: whoever stands in for a sender decides
    about each"""

    @property
    def number(self) -> int:
        return self.held + self.delayed

    @property
    def seen(self) -> str:
        return digest(list(self.own))


def index(visit: Visit) -> Response:
    return _page(visit)


def stop(visit: Visit, form: Stop | Problems) -> Response:
    """Take back all that was shown."""
    if isinstance(form, Problems):
        return _page(visit, 422, problems=form)
    with visit.read() as conn:
        told = follower(conn, visit)
        if told is None:
            return gone(visit, 404, "unknown")
        waiting = _waiting(conn, visit, told)
    if form.seen != waiting.seen:
        return _page(visit, 409, changed=True)
    if wrong := miscounted(visit, form.number, len(waiting.own)):
        return _page(visit, 422, problems=Problems((wrong,)))
    ck, actor = visit.office.checkpoint, Actor("person", waiting.person, visit.ip)

    def act(tx: Tx, id: str) -> State:
        return acts.withdraw(tx, ck, id, waiting.person, actor)

    return visit.go(f"/confirm?{each_of(visit, waiting.own, act)}")


def each_of(visit: Visit, ids: Sequence[str], act: queue.Act) -> str:
    """Each by itself, for as long as a browser waits; for the address: how many it did."""
    did, until = 0, time.monotonic() + LONGEST
    for done in queue.each(visit.write, ids, act, (refusals.Refused, Overtaken)):
        did += sum(not isinstance(each, Exception) for each in done.values())
        if time.monotonic() > until:
            break
    return f"did={did}&left={len(ids) - did}"


def miscounted(visit: Visit, typed: str, number: int, field: str = "number") -> Problem | None:
    """Where another number was typed than is shown; "１，８００" is one."""
    plain = unicodedata.normalize("NFKC", typed).replace(",", "")
    if plain.isascii() and plain.isdigit() and int(plain) == number:
        return None
    return Problem(field, visit.words.say("表示されている件数と一致しません"))


def _page(visit: Visit, status: int = 200, **more: Any) -> Response:
    shown = view(visit.request, sorts=("due", "at"))
    with visit.read() as conn:
        told = follower(conn, visit)
        if told is None:
            # who signed in has a list of their own
            return visit.go("/holds?mine=1") if visit.visitor else gone(visit, 404, "unknown")
        waiting = _waiting(conn, visit, told)
        lines = _lines(conn, visit, told, shown)
        runs = found(conn, visit, told)
    context = {"waiting": waiting, "lines": lines, "runs": runs}
    context["pager"] = Pager(shown, waiting.number)
    defaults = {"view": shown, "problems": NO_PROBLEMS, "changed": False, "did": visit.did()}
    defaults["done"] = visit.done()
    return visit.render("held/gathered.html", status=status, **{**defaults, **context, **more})


def found(conn: Connection, visit: Visit, told: Told) -> list[run.Found]:
    """What may be confirmed by a list."""
    ck = visit.office.checkpoint
    return run.found(conn, ck, told.person, told.mails) if ck.config.holds.together else []


def follower(conn: Connection, visit: Visit) -> Told | None:
    """Who came by the link of a notice about several mails."""
    told = visit.told(conn)
    return told if told and active(conn, visit, told.person) else None


def _waiting(conn: Connection, visit: Visit, told: Told) -> Waiting:
    query = select(CONSIGNMENT.c.id).join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
    query = query.where(_open(conn, visit, told))
    counted = query.with_only_columns(CONSIGNMENT.c.state, func.count())
    by = {state: number for state, number in conn.execute(counted.group_by(CONSIGNMENT.c.state))}
    query = query.where(own(conn, told.person)).order_by(LETTER.c.received_at, CONSIGNMENT.c.id)
    held, delayed = (by.get(state, 0) for state in desk_list.OPEN)
    return Waiting(told.person, held, delayed, tuple(conn.execute(query).scalars()))


def _open(conn: Connection, visit: Visit, told: Told) -> ColumnElement[bool]:
    """Over CONSIGNMENT joined to LETTER: still theirs, and not decided."""
    theirs = concerns(conn, visit.office.checkpoint, told.person, visit.now)
    return and_(told.mails, CONSIGNMENT.c.state.in_(desk_list.OPEN), theirs)


def _lines(conn: Connection, visit: Visit, told: Told, shown: View) -> list[desk_list.Line]:
    turn = my_turn(conn, visit.office.checkpoint, told.person, visit.now)
    query = desk_list.table(turn).where(_open(conn, visit, told))
    query = desk_list.ordered(query, shown).limit(SIZE).offset(shown.offset)
    return desk_list.told(conn, visit.words, conn.execute(query).mappings().all())


def routes(office: Office) -> list[Route]:
    return [office.page("/confirm", index, anyone), office.act("/confirm", Stop, stop, anyone)]
