"""What an administrator does on the pages of people. Nobody changes their own rights: that is
another administrator's, or the operator's at the command line."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import credentials
from admin_ui.frame import Office, Visit, with_role
from admin_ui.people_page import find, list_page, person_page
from admin_ui.signin import Nothing
from gateway.face import words as spoken
from gateway.face.dates import TOKYO
from gateway.face.forms import Form, Problem, Problems
from gateway.face.i18n import N_
from gateway.judgement import people, personnel
from gateway.judgement.people import ROLES
from gateway.judgement.personnel import Conflict, Taken
from gateway.mail.address import BadAddress, parse_address

CHANGES = with_role("system_admin")


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


def add(visit: Visit, form: NewPerson | Problems) -> Response:
    if isinstance(form, Problems):
        return list_page(visit, form)
    if not _is_address(form.email):
        return list_page(visit, _problem(visit, form, "email", _NO_ADDRESS))
    try:
        with visit.write() as tx:
            id = personnel.add(tx, form.name, form.email, visit.actor, department=form.department)
    except Taken:
        return list_page(visit, _problem(visit, form, "email", _TAKEN))
    return visit.go(f"/people/{id}?done=added")


_NO_ADDRESS = N_("メールアドレスの形式が正しくありません")
_TAKEN = N_("このアドレスはすでに登録されています")
_NOBODY = N_("このメールアドレスの利用者がいません")
_ONESELF = N_("本人を代理にすることはできません")
_DAYS = N_("終了日は開始日以降にしてください")
_CONFLICT = N_("%(roles)sは、同じ人に同時に付与できません")
_ROLE = N_("選択肢の中から選んでください")


def _is_address(text: str) -> bool:
    try:
        return bool(parse_address(text, utf8=True).domain)
    except BadAddress:
        return False


def _problem(visit: Visit, form: Form, field: str, sentence: str, **values: object) -> Problems:
    typed = {name: str(value) for name, value in form.model_dump().items()}
    return Problems((Problem(field, visit.words.say(sentence, **values)),), typed)


# -- changing one person


def _other(visit: Visit) -> str:
    """The person of the address, who is not oneself."""
    with visit.read() as conn:
        id = str(find(conn, visit)["id"])
    if id == visit.me.id:
        raise HTTPException(404)
    return id


def _back(visit: Visit, done: str) -> Response:
    return visit.go(f"/people/{visit.param('id')}?done={done}")


def grant(visit: Visit, form: Granted | Problems) -> Response:
    id = _other(visit)
    if isinstance(form, Problems):
        return person_page(visit, form)
    if form.kind == "role" and form.name not in ROLES:
        return person_page(visit, _problem(visit, form, "name", _ROLE))
    starts, ends = _midnight(form.starts), _midnight(form.ends, after=True)
    if ends and ends <= (starts or visit.now):
        return person_page(visit, _problem(visit, form, "ends", _DAYS))
    try:
        with visit.write() as tx:
            personnel.grant(tx, id, form.kind, form.name, visit.actor, starts, ends)
    except Conflict as conflict:
        roles = visit.words.say("、").join(
            spoken.role(visit.words, each) for each in sorted(conflict.roles)
        )
        return person_page(visit, _problem(visit, form, "name", _CONFLICT, roles=roles))
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
        return person_page(visit, form)
    starts, ends = _midnight(form.starts), _midnight(form.ends, after=True)
    if ends and ends <= (starts or visit.now):
        return person_page(visit, _problem(visit, form, "ends", _DAYS))
    with visit.read() as conn:
        deputy = people.person_at(conn, form.deputy)
    if deputy is None or deputy["id"] == id:
        sentence = _ONESELF if deputy else _NOBODY
        return person_page(visit, _problem(visit, form, "deputy", sentence))
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
        office.act("/people", NewPerson, add, CHANGES),
        office.act(one + "/grant", Granted, grant, CHANGES),
        office.act(one + "/revoke", Ended, revoke, CHANGES),
        office.act(one + "/appoint", Appointed, appoint, CHANGES),
        office.act(one + "/dismiss", Ended, dismiss, CHANGES),
        office.act(one + "/lock", Nothing, lock, CHANGES),
        office.act(one + "/unlock", Nothing, unlock, CHANGES),
        office.act(one + "/invite", Nothing, invite, CHANGES),
    ]
