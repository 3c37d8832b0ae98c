"""The sender's page behind the link of a notice: no account, one mail, nothing by GET."""

from __future__ import annotations

from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.deeds import SENDERS, Deed
from admin_ui.frame import Office, Visit, anyone
from admin_ui.holdpage import Place, do, show
from gateway.face.forms import Problems
from gateway.judgement import people, tokens
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.people import PERSON
from gateway.memory.states import Actor

_ID = 9
"""Characters of a reference number; a token has 43."""


def open_(visit: Visit) -> Response:
    """A token becomes a cookie at once and leaves the address bar; a number is the page."""
    key = visit.param("key")
    return _page(visit, key) if len(key) == _ID else _exchange(visit, key)


def press(visit: Visit, posted: Deed | Problems) -> Response:
    place = _place(visit, visit.param("key"))
    if place is None:
        return gone(visit, 404, "unknown")
    if isinstance(posted, Deed) and posted.verb not in SENDERS:
        raise HTTPException(404)
    return do(visit, place, Actor("person", place.person, visit.ip), posted)


def _exchange(visit: Visit, token: str) -> Response:
    with visit.read() as conn:
        one = tokens.find(conn, token, "confirm")
        row = one or tokens.find(conn, token, "gathered")
        if row is None or not active(conn, visit, row["person_id"]):
            return gone(visit, 404, "unknown")
    if row["expires_at"] <= visit.now or row["used_at"]:
        return gone(visit, 410, "expired")
    if one is None:
        return visit.follow(token, "gathered", "/confirm")
    id = row["subject"]
    return visit.follow(token, f"confirm-{id}", f"/confirm/{id}")


def _page(visit: Visit, id: str) -> Response:
    place = _place(visit, id)
    if place:
        return show(visit, place)
    # who signed in finds the same mail at the desk, if it is theirs
    return visit.go(f"/holds/{id}") if visit.visitor else gone(visit, 404, "unknown")


def _place(visit: Visit, id: str) -> Place | None:
    with visit.read() as conn:
        listed = _listed(conn, visit, id)
        person = visit.linked(conn, id) or listed
        if not person or not active(conn, visit, person):
            return None
    return Place(id, person, f"/confirm/{id}", "solo.html", "/confirm" if listed else "")


def _listed(conn: Connection, visit: Visit, id: str) -> str:
    """The person who came by a notice about several mails of which this is one."""
    told = visit.told(conn)
    if told is None:
        return ""
    query = select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.id == id, told.mails)
    return told.person if conn.execute(query).first() else ""


def active(conn: Connection, visit: Visit, person: str) -> bool:
    """A link outlives the one who left the company; it opens nothing any more."""
    query = select(PERSON.c.id).where(PERSON.c.id == person, people.active(visit.now))
    return conn.execute(query).first() is not None


def gone(visit: Visit, status: int, why: str) -> Response:
    contact = visit.office.checkpoint.config.holds.contact
    return visit.render("held/link.html", status=status, why=why, contact=contact)


def routes(office: Office) -> list[Route]:
    return [
        office.page("/confirm/{key}", open_, anyone),
        office.act("/confirm/{key}", Deed, press, anyone),
    ]
