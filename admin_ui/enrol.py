"""The page behind an invitation: own password, own authenticator, and in."""

from __future__ import annotations

import io

import pyotp
import segno
from pydantic import Field
from sqlalchemy import RowMapping
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import access, credentials
from admin_ui.frame import Office, Visit, anyone
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.i18n import N_, Words
from gateway.memory import passwords

WEAK = {
    "short": N_("12文字以上にしてください"),
    "long": N_("128文字以内にしてください"),
    "simple": N_("同じ文字の繰り返しが多すぎます"),
    "personal": N_("メールアドレスの名前を含めないでください"),
}
_CODE = N_("コードが一致しません。認証アプリに表示されている最新のコードを入力してください")


class Enrolment(Form):
    password: str = Field(min_length=1)
    again: str = Field(min_length=1)
    code: str = Field(min_length=1, max_length=64)


def follow(visit: Visit) -> Response:
    return visit.follow(visit.param("token"), "enrol", "/enrol")


def show(visit: Visit) -> Response:
    with visit.read() as conn:
        person = credentials.invited(conn, visit.cookie("enrol"), visit.now)
    return _page(visit, person) if person else _gone(visit)


def enrol(visit: Visit, form: Enrolment | Problems) -> Response:
    token, key = visit.cookie("enrol"), credentials.key(visit.office.memory)
    with visit.read() as conn:
        person = credentials.invited(conn, token, visit.now)
    if person is None:
        return _gone(visit)
    if isinstance(form, Problems):
        return _page(visit, person, form)
    step = credentials.matching_step(credentials.offered(key, token), form.code, visit.now)
    problems = _problems(visit.words, form, person, step)
    if problems:
        return _page(visit, person, problems)
    phc = passwords.hashed(form.password)
    agent = visit.request.headers.get("user-agent", "")
    with visit.write() as tx:
        if credentials.enrol(tx, key, token, phc, step, visit.ip) is None:
            return _gone(visit)
        cookie = access.enter(tx, person["id"], visit.ip, agent)
    answer = visit.go("/")
    visit.office.cookies.drop(answer, "enrol")
    visit.office.cookies.put(answer, "session", cookie)
    return answer


def _problems(words: Words, form: Enrolment, person: RowMapping, step: int) -> Problems:
    found = new_password(words, form.password, form.again, person["email"])
    if not step:
        found += (Problem("code", words.say(_CODE)),)
    return Problems(found)


def new_password(words: Words, password: str, again: str, email: str) -> tuple[Problem, ...]:
    """Why this password may not be set, at the field it concerns."""
    if weak := credentials.weakness(password, email):
        return (Problem("password", words.say(WEAK[weak])),)
    if password != again:
        return (Problem("again", words.say("2つのパスワードが一致しません")),)
    return ()


def _page(visit: Visit, person: RowMapping, problems: Problems = NO_PROBLEMS) -> Response:
    secret = credentials.offered(credentials.key(visit.office.memory), visit.cookie("enrol"))
    uri = pyotp.TOTP(secret).provisioning_uri(name=person["email"], issuer_name="Sekisho")
    return visit.render(
        "enrol.html",
        status=422 if problems else 200,
        problems=problems,
        who=person,
        uri=uri,
        picture=_picture(uri),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


def _picture(uri: str) -> str:
    """The QR code as SVG inside the page: attributes only, since the content policy refuses
    styles; always dark on white, or cameras do not read it."""
    out = io.BytesIO()
    segno.make(uri, error="m").save(
        out,
        kind="svg",
        scale=4,
        border=4,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        nl=False,
        svgclass=None,
        lineclass=None,
    )
    return out.getvalue().decode()


def _gone(visit: Visit) -> Response:
    """One page for unknown, used and expired: a guess learns nothing."""
    return visit.render("enrol_gone.html", status=404, contact=_contact(visit))


def _contact(visit: Visit) -> str:
    return visit.office.memory.config.holds.contact


def routes(office: Office) -> list[Route]:
    return [
        office.page("/enrol/{token}", follow, anyone),
        office.page("/enrol", show, anyone),
        office.act("/enrol", Enrolment, enrol, anyone),
    ]
