"""送付先台帳: to whom My Numbers may go, for what and until when. Those who handle My Numbers and
those who keep the rules register and approve, never the same person both; auditors look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import Field
from sqlalchemy import Connection, RowMapping
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, with_role
from gateway.face import words as spoken
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.words.faults import FAULTS
from gateway.judgement import addressees, people
from gateway.judgement.addressees import Entry, Refused, Standing, standing

READS = with_role("handler", "policy_admin", "auditor")
KEEPS = with_role("handler", "policy_admin")
ROLES = ("handler", "policy_admin")


class Registered(Form):
    address: str = Field(min_length=1, max_length=254)
    name: str = Field(min_length=1, max_length=100)
    purpose: str = Field(min_length=1, max_length=100)
    last_day: date | Literal[""] = ""
    told_word: bool = False


class Chosen(Form):
    id: int


@dataclass(frozen=True)
class Line:
    row: RowMapping
    standing: Standing
    ended: bool
    said: str
    registered_by: str
    approved_by: str
    last_day: date | None
    mine: bool
    """registered by who looks, who may not approve it"""


def show(visit: Visit) -> Response:
    return _page(visit)


def add(visit: Visit, form: Registered | Problems) -> Response:
    if isinstance(form, Problems):
        return _page(visit, form)
    last = form.last_day.isoformat() if form.last_day else ""
    entry = Entry(form.address, form.name, form.purpose, last, form.told_word)
    try:
        with visit.write() as tx:
            addressees.register(tx, entry, visit.actor)
    except Refused as refused:
        typed = {name: str(value) for name, value in form.model_dump().items()}
        said = Problem("address", _why(visit, refused))
        return _page(visit, Problems((said,), typed))
    return visit.go("/addressees?done=registered")


def _why(visit: Visit, refused: Refused) -> str:
    return visit.words.say(FAULTS[f"addressee_{refused}"])


def approve(visit: Visit, form: Chosen | Problems) -> Response:
    return _act(visit, form, "approved")


def end(visit: Visit, form: Chosen | Problems) -> Response:
    return _act(visit, form, "ended")


# -- steps


def _act(visit: Visit, form: Chosen | Problems, done: Literal["approved", "ended"]) -> Response:
    if isinstance(form, Problems):
        return _page(visit, form)
    act = addressees.approve if done == "approved" else addressees.end
    try:
        with visit.write() as tx:
            act(tx, form.id, visit.actor)
    except Refused as refused:
        return _page(visit, refused=_why(visit, refused), status=409)
    return visit.go(f"/addressees?done={done}")


def _page(
    visit: Visit, problems: Problems = NO_PROBLEMS, refused: str = "", status: int = 200
) -> Response:
    with visit.read() as conn:
        lines = [_line(conn, visit, row, visit.now) for row in addressees.rows(conn)]
    return visit.render(
        "addressees.html",
        status=422 if problems else status,
        problems=problems,
        refused=refused,
        lines=lines,
        may_change=visit.me.has(*ROLES),
        done=visit.done(),
    )


def _line(conn: Connection, visit: Visit, row: RowMapping, now: datetime) -> Line:
    stands, ended = standing(row, now), row["ended_at"] is not None
    return Line(
        row,
        stands,
        ended,
        spoken.addressee(visit.words, "ended" if ended else stands),
        named(conn, row["registered_by"]),
        named(conn, row["approved_by"]),
        date.fromisoformat(row["last_day"]) if row["last_day"] else None,
        row["registered_by"] == visit.me.id,
    )


def named(conn: Connection, person: str) -> str:
    found = people.person(conn, person) if person else None
    return str(found["name"]) if found else person


def routes(office: Office) -> list[Route]:
    return [
        office.page("/addressees", show, READS),
        office.act("/addressees", Registered, add, KEEPS),
        office.act("/addressees/approve", Chosen, approve, KEEPS),
        office.act("/addressees/end", Chosen, end, KEEPS),
    ]
