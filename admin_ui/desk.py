"""The desk: the list of held mails with its file, and the page of one of them after sign-in.

What a person may see and do is asked of the database by the same expressions in the list, on the
page and in the acts; a mail that is not theirs does not exist.
"""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import bursts, desk_list
from admin_ui.deeds import Deed
from admin_ui.exports import csv_answer
from admin_ui.frame import Office, Visit
from admin_ui.holdpage import Place, do, show
from admin_ui.rights import COVERED, may_see
from gateway.face.forms import Problems
from gateway.face.lists import SIZE, Pager, View
from gateway.judgement.burst import Burst
from gateway.memory.ids import tidy


def index(visit: Visit) -> Response:
    shown = desk_list.asked_view(visit)
    with visit.read() as conn:
        together = _bursts(conn, visit, shown)
        theirs = [id for each in together for id in each.ids]
        total = desk_list.count(conn, visit, shown, theirs)
        rows = desk_list.rows(conn, visit, shown, SIZE, without=theirs)
    return visit.render(
        "holds.html",
        view=shown,
        rows=rows,
        bursts=together,
        did=visit.did(),
        done=visit.done(),
        pager=Pager(shown, total),
        mine="mine" in shown.filters,
        everything=desk_list.sees_all(visit),
        covers=visit.me.has(COVERED),
        here="/holds?mine" if "mine" in shown.filters else "/holds",
    )


def _bursts(conn: Connection, visit: Visit, shown: View) -> list[Burst]:
    """Each is one thing in the list, unless single mails are looked for."""
    wanted = shown.filters in ({}, {"kind": "admin"})
    return bursts.found(conn, visit) if wanted else []


def index_csv(visit: Visit) -> Response:
    """The rows of the list as it is filtered, without the limit of a page."""
    shown = desk_list.asked_view(visit)
    with visit.read() as conn:
        found = desk_list.rows(conn, visit, shown, desk_list.MOST, first=0)
    with visit.write() as tx:
        tx.record("audit.exported", visit.actor, list="holds", rows=len(found))
    heading, lines = desk_list.heading(visit.words), desk_list.lines(visit.words, found)
    return csv_answer(visit, "holds", heading, lines)


def page(visit: Visit) -> Response:
    return show(visit, _place(visit))


def press(visit: Visit, posted: Deed | Problems) -> Response:
    return do(visit, _place(visit), visit.actor, posted)


def _place(visit: Visit) -> Place:
    id, me = tidy(visit.param("id")), visit.me
    with visit.read() as conn:
        if not may_see(conn, visit.office.checkpoint, id, me.id, me.roles, visit.now):
            raise HTTPException(404)
    return Place(id, me.id, f"/holds/{id}", "app.html", covered=me.has(COVERED))


def routes(office: Office) -> list[Route]:
    return [
        office.page("/holds", index),
        office.page("/holds.csv", index_csv),
        office.page("/holds/{id}", page),
        office.act("/holds/{id}", Deed, press),
    ]
