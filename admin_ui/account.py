"""One's own account: where one is signed in, and the password."""

from __future__ import annotations

from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import access, credentials
from admin_ui.enrol import new_password
from admin_ui.frame import Office, Visit
from admin_ui.signin import Nothing, too_soon
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.memory import passwords


class Revoked(Form):
    session: str = Field(min_length=1, max_length=64)


class NewPassword(Form):
    present: str = Field(min_length=1, max_length=credentials.LONGEST)
    password: str = Field(min_length=1)
    again: str = Field(min_length=1)


def show(visit: Visit) -> Response:
    return _page(visit)


def _page(visit: Visit, problems: Problems = NO_PROBLEMS) -> Response:
    with visit.read() as conn:
        open_ones = access.sessions(conn, visit.me.id, visit.now)
    return visit.render(
        "account.html",
        status=422 if problems else 200,
        problems=problems,
        me=visit.me,
        sessions=open_ones,
        done=visit.done(),
    )


def revoke(visit: Visit, form: Revoked | Problems) -> Response:
    if isinstance(form, Problems):
        raise HTTPException(404)
    with visit.write() as tx:
        if not access.end(tx, visit.me.id, form.session):
            raise HTTPException(404)
        tx.record("session.revoked", visit.actor, subject=visit.me.id)
    return visit.go("/account?done=revoked")


def revoke_others(visit: Visit, form: Nothing | Problems) -> Response:
    with visit.write() as tx:
        access.end_others(tx, visit.me.id, visit.me.session, visit.actor)
    return visit.go("/account?done=revoked")


def change(visit: Visit, form: NewPassword | Problems) -> Response:
    problems = form if isinstance(form, Problems) else _problems(visit, form)
    if isinstance(form, Problems) or problems:
        return _page(visit, problems)
    phc = passwords.hashed(form.password)
    with visit.write() as tx:
        credentials.change_password(tx, visit.me.id, phc, visit.me.session, visit.actor)
    return visit.go("/account?done=password")


def _problems(visit: Visit, form: NewPassword) -> Problems:
    found = new_password(visit.words, form.password, form.again, visit.me.email)
    if found:
        return Problems(found)
    fits = credentials.password_fits(visit.office.memory, visit.me, form.present, visit.ip)
    if fits is True:
        return NO_PROBLEMS
    sentence = too_soon(visit, fits) if fits else visit.words.say("今のパスワードが一致しません")
    return Problems((Problem("present", sentence),))


def routes(office: Office) -> list[Route]:
    return [
        office.page("/account", show),
        office.act("/account/revoke", Revoked, revoke),
        office.act("/account/revoke-others", Nothing, revoke_others),
        office.act("/account/password", NewPassword, change),
    ]
