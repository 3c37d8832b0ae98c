"""Who may do what: the list, one person, and everything that changes them.

System administrators change, auditors look. Nobody changes their own rights: that is another
administrator's, or the operator's at the command line.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, func, or_, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import credentials
from admin_ui.frame import Office, Visit, with_role
from admin_ui.signin import Nothing
from gateway.face import words as spoken
from gateway.face.dates import TOKYO
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.i18n import N_
from gateway.face.lists import SIZE, Pager, View, view
from gateway.judgement import people, personnel
from gateway.judgement.people import ADDRESS, GRANT, PERSON, ROLES
from gateway.judgement.personnel import Conflict, Taken
from gateway.mail.address import BadAddress, parse_address
from gateway.memory.ledger.append import DETAIL, ENTRY

CHANGES = with_role("system_admin")
LOOKS = with_role("system_admin", "auditor")
SORTS = {"name": PERSON.c.name, "email": PERSON.c.email, "department": PERSON.c.department}
HISTORY = 50


class NewPerson(Form):
    name: str = Field(min_length=1, max_length=100)
    email: str = Field(min_length=1, max_length=254)
    department: str = Field(default="", max_length=100)


class Granted(Form):
    kind: Literal["role", "group"]
    name: str = Field(min_length=1, max_length=100)
    starts: date | Literal[""] = ""
    ends: date | Literal[""] = ""
    """the last day"""


class Appointed(Form):
    deputy: str = Field(min_length=1, max_length=254)
    starts: date | Literal[""] = ""
    ends: date | Literal[""] = ""


class Ended(Form):
    id: int


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
    return _list(visit)


def _list(visit: Visit, problems: Problems = NO_PROBLEMS) -> Response:
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


def add(visit: Visit, form: NewPerson | Problems) -> Response:
    if isinstance(form, Problems):
        return _list(visit, form)
    if not _is_address(form.email):
        return _list(visit, _problem(visit, form, "email", _NO_ADDRESS))
    try:
        with visit.write() as tx:
            id = personnel.add(tx, form.name, form.email, visit.actor, department=form.department)
    except Taken:
        return _list(visit, _problem(visit, form, "email", _TAKEN))
    return visit.go(f"/people/{id}?done=added")


_NO_ADDRESS = N_("メールアドレスの形式が正しくありません")
_TAKEN = N_("このアドレスはすでに登録されています")
_NOBODY = N_("このメールアドレスの利用者がいません")
_ONESELF = N_("本人を代理にすることはできません")
_DAYS = N_("終了日は開始日以降にしてください")
_ROLE = N_("選択肢の中から選んでください")


def _is_address(text: str) -> bool:
    try:
        return bool(parse_address(text, utf8=True).domain)
    except BadAddress:
        return False


def _problem(visit: Visit, form: Form, field: str, sentence: str, **values: object) -> Problems:
    typed = {name: str(value) for name, value in form.model_dump().items()}
    return Problems((Problem(field, visit.words.say(sentence, **values)),), typed)


# -- one person


def show(visit: Visit) -> Response:
    return _person(visit)


def _person(visit: Visit, problems: Problems = NO_PROBLEMS) -> Response:
    with visit.read() as conn:
        row = _found(conn, visit)
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


def _found(conn: Connection, visit: Visit) -> RowMapping:
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
    return f"{verb}：{name}" if name else verb


def _by(conn: Connection, visit: Visit, row: RowMapping) -> str:
    actor = people.person(conn, row["actor_id"]) if row["actor_kind"] == "person" else None
    return str(actor["name"]) if actor else spoken.actor(visit.words, row["actor_kind"])


# -- changing one person; the same steps before each


def _other(visit: Visit) -> str:
    """The person of the address, who is not oneself."""
    with visit.read() as conn:
        id = str(_found(conn, visit)["id"])
    if id == visit.me.id:
        raise HTTPException(404)
    return id


def _back(visit: Visit, done: str) -> Response:
    return visit.go(f"/people/{visit.param('id')}?done={done}")


def grant(visit: Visit, form: Granted | Problems) -> Response:
    id = _other(visit)
    if isinstance(form, Problems):
        return _person(visit, form)
    if form.kind == "role" and form.name not in ROLES:
        return _person(visit, _problem(visit, form, "name", _ROLE))
    starts, ends = _midnight(form.starts), _midnight(form.ends, after=True)
    if ends and ends <= (starts or visit.now):
        return _person(visit, _problem(visit, form, "ends", _DAYS))
    try:
        with visit.write() as tx:
            personnel.grant(tx, id, form.kind, form.name, visit.actor, starts, ends)
    except Conflict as conflict:
        roles = "・".join(spoken.role(visit.words, each) for each in sorted(conflict.roles))
        sentence = "%(roles)sは、同じ人に同時に付与できません"
        return _person(visit, _problem(visit, form, "name", N_(sentence), roles=roles))
    return _back(visit, "granted")


def revoke(visit: Visit, form: Ended | Problems) -> Response:
    id = _other(visit)
    with visit.write() as tx:
        if isinstance(form, Problems) or not personnel.revoke(tx, id, form.id, visit.actor):
            raise HTTPException(404)
    return _back(visit, "revoked")


def appoint(visit: Visit, form: Appointed | Problems) -> Response:
    id = _other(visit)
    if isinstance(form, Problems):
        return _person(visit, form)
    starts, ends = _midnight(form.starts), _midnight(form.ends, after=True)
    if ends and ends <= (starts or visit.now):
        return _person(visit, _problem(visit, form, "ends", _DAYS))
    with visit.read() as conn:
        deputy = people.person_at(conn, form.deputy)
    if deputy is None or deputy["id"] == id:
        sentence = _ONESELF if deputy else _NOBODY
        return _person(visit, _problem(visit, form, "deputy", sentence))
    with visit.write() as tx:
        personnel.appoint(tx, id, deputy["id"], visit.actor, starts, ends)
    return _back(visit, "appointed")


def dismiss(visit: Visit, form: Ended | Problems) -> Response:
    id = _other(visit)
    with visit.write() as tx:
        if isinstance(form, Problems) or not personnel.dismiss(tx, id, form.id, visit.actor):
            raise HTTPException(404)
    return _back(visit, "dismissed")


def lock(visit: Visit, form: Nothing | Problems) -> Response:
    id = _other(visit)
    with visit.write() as tx:
        personnel.lock(tx, id, visit.actor)
    return _back(visit, "locked")


def unlock(visit: Visit, form: Nothing | Problems) -> Response:
    id = _other(visit)
    with visit.write() as tx:
        personnel.unlock(tx, id, visit.actor)
    return _back(visit, "unlocked")


def invite(visit: Visit, form: Nothing | Problems) -> Response:
    id = _other(visit)
    with visit.write() as tx:
        credentials.invite(tx, visit.office.checkpoint, id, visit.actor)
    return _back(visit, "invited")


def _midnight(day: date | Literal[""], *, after: bool = False) -> datetime | None:
    """Of the day in Tokyo, or of the one after it: an end names the last day that counts."""
    if not day:
        return None
    return datetime.combine(day + timedelta(days=after), time(), TOKYO)


def routes(office: Office) -> list[Route]:
    one = "/people/{id}"
    return [
        office.page("/people", listing, LOOKS),
        office.act("/people", NewPerson, add, CHANGES),
        office.page(one, show, LOOKS),
        office.act(one + "/grant", Granted, grant, CHANGES),
        office.act(one + "/revoke", Ended, revoke, CHANGES),
        office.act(one + "/appoint", Appointed, appoint, CHANGES),
        office.act(one + "/dismiss", Ended, dismiss, CHANGES),
        office.act(one + "/lock", Nothing, lock, CHANGES),
        office.act(one + "/unlock", Nothing, unlock, CHANGES),
        office.act(one + "/invite", Nothing, invite, CHANGES),
    ]
