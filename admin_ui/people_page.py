"""Who may do what: the list, and one person with all that happened to their rights.

System administrators and auditors look; what the former change is in `people_acts`.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, or_, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import credentials
from admin_ui.frame import Office, Visit, with_role
from gateway.face import words as spoken
from gateway.face.forms import NO_PROBLEMS, Problems
from gateway.face.lists import SIZE, Pager, View, view
from gateway.judgement import people, personnel
from gateway.judgement.people import ADDRESS, GRANT, PERSON, ROLES
from gateway.memory.ledger.append import DETAIL, ENTRY

LOOKS = with_role("system_admin", "auditor")
SORTS = {"name": PERSON.c.name, "email": PERSON.c.email, "department": PERSON.c.department}
HISTORY = 50


# -- the list


def _matching(shown: View, now: datetime) -> ColumnElement[bool]:
    asked = shown.filters
    found: list[ColumnElement[bool]] = [PERSON.c.id.is_not(None)]
    if q := asked.get("q"):
        columns = (PERSON.c.name, PERSON.c.email, PERSON.c.department)
        found.append(or_(*(column.icontains(q, autoescape=True) for column in columns)))
    if role := asked.get("role"):
        holds = people.holds_at(GRANT, "starts_at", "ends_at", now)
        found.append(
            exists().where(
                GRANT.c.person_id == PERSON.c.id,
                GRANT.c.kind == "role",
                GRANT.c.name == role,
                holds,
            )
        )
    if state := asked.get("state"):
        found.append(people.active(now) if state == "active" else ~people.active(now))
    return and_(*found)


def listing(visit: Visit) -> Response:
    return list_page(visit)


def list_page(visit: Visit, problems: Problems = NO_PROBLEMS) -> Response:
    shown = view(visit.request, sorts=tuple(SORTS), filters=("q", "role", "state"))
    column = SORTS[shown.sort]
    with visit.read() as conn:
        where = _matching(shown, visit.now)
        total = conn.execute(select(func.count()).select_from(PERSON).where(where)).scalar_one()
        query = select(PERSON).where(where).order_by(column.desc() if shown.descending else column)
        rows = conn.execute(query.limit(SIZE).offset(shown.offset)).mappings().all()
        roles = {row["id"]: people.granted(conn, row["id"], "role", visit.now) for row in rows}
        ready = {row["id"]: credentials.has_password(conn, row["id"]) for row in rows}
        anybody = conn.execute(select(PERSON.c.id)).first() is not None
    return visit.render(
        "people.html",
        status=422 if problems else 200,
        problems=problems,
        view=shown,
        pager=Pager(shown, total),
        rows=rows,
        roles=roles,
        ready=ready,
        anybody=anybody,
        all_roles=ROLES,
        may_change=visit.me.has("system_admin"),
        now=visit.now,
        done=visit.done(),
    )


# -- one person


def show(visit: Visit) -> Response:
    return person_page(visit)


def person_page(visit: Visit, problems: Problems = NO_PROBLEMS) -> Response:
    with visit.read() as conn:
        row = find(conn, visit)
        id = row["id"]
        where = ADDRESS.c.person_id == id
        addresses = conn.execute(select(ADDRESS).where(where).order_by(ADDRESS.c.id))
        context = {
            "addresses": addresses.mappings().all(),
            "grants": personnel.grants(conn, id, visit.now),
            "deputies": personnel.deputies(conn, id, visit.now),
            "stands_in_for": [
                people.person(conn, each)
                for each in sorted(people.deputies_for(conn, id, visit.now))
            ],
            "ready": credentials.has_password(conn, id),
            "history": _history(conn, visit, id),
            "groups": _groups(conn, visit),
        }
    return visit.render(
        "person.html",
        status=422 if problems else 200,
        problems=problems,
        none_found=NO_PROBLEMS,
        who=row,
        all_roles=ROLES,
        may_change=visit.me.has("system_admin") and visit.me.id != id,
        myself=visit.me.id == id,
        now=visit.now,
        done=visit.done(),
        **context,
    )


def find(conn: Connection, visit: Visit) -> RowMapping:
    row = people.person(conn, visit.param("id"))
    if row is None:
        raise HTTPException(404)
    return row


def _groups(conn: Connection, visit: Visit) -> list[str]:
    """Names to choose from: those that somebody is in, and the one asked when nobody answers."""
    query = select(GRANT.c.name).where(GRANT.c.kind == "group").distinct()
    fallback = visit.office.memory.config.holds.fallback_group
    return sorted({*conn.execute(query).scalars(), fallback})


def _history(conn: Connection, visit: Visit, id: str) -> list[dict[str, object]]:
    query = (
        select(ENTRY.c.at, ENTRY.c.verb, ENTRY.c.actor_kind, ENTRY.c.actor_id, DETAIL.c.details)
        .outerjoin(DETAIL, and_(DETAIL.c.stream == ENTRY.c.stream, DETAIL.c.seq == ENTRY.c.seq))
        .where(ENTRY.c.subject == id)
        .order_by(ENTRY.c.seq.desc())
        .limit(HISTORY)
    )
    return [
        {
            "at": row["at"],
            "text": _told(visit, row),
            "by": _by(conn, visit, row),
            "tone": "bad" if row["verb"] in ("person.locked", "login.failed") else "",
        }
        for row in conn.execute(query).mappings()
    ]


def _told(visit: Visit, row: RowMapping) -> str:
    about = json.loads(row["details"] or "{}")
    name = str(about.get("name") or about.get("address") or "")
    if row["verb"].startswith("role."):
        name = spoken.role(visit.words, name)
    verb = spoken.verb(visit.words, row["verb"])
    return visit.words.say("%(verb)s：%(name)s", verb=verb, name=name) if name else verb


def _by(conn: Connection, visit: Visit, row: RowMapping) -> str:
    actor = people.person(conn, row["actor_id"]) if row["actor_kind"] == "person" else None
    return str(actor["name"]) if actor else spoken.actor(visit.words, row["actor_kind"])


def routes(office: Office) -> list[Route]:
    return [
        office.page("/people", listing, LOOKS),
        office.page("/people/{id}", show, LOOKS),
    ]
