"""Coming in and going out: password and code in one form, one answer for every kind of wrong."""

from __future__ import annotations

from pydantic import Field
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import access, credentials
from admin_ui.credentials import TooSoon
from admin_ui.frame import Office, Visit, anyone
from gateway.face.forms import Form, Problem, Problems
from gateway.face.i18n import N_


class SignIn(Form):
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=credentials.LONGEST)
    code: str = Field(min_length=1, max_length=64)
    next: str = Field(default="/", max_length=2_000)


class Nothing(Form):
    """A button and no fields."""


_WRONG = N_("サインインできませんでした。メールアドレス、パスワード、認証コードをご確認ください。")


def show(visit: Visit) -> Response:
    if visit.visitor:
        return visit.go("/")
    asked = local(visit.request.query_params.get("next", "/"))
    return visit.render("signin.html", next=asked, wrong="", done=visit.done())


def enter(visit: Visit, form: SignIn | Problems) -> Response:
    if isinstance(form, Problems):
        back = local(form.typed.get("next", "/"))
        return visit.render("signin.html", status=422, problems=form, next=back, wrong="", done="")
    agent = visit.request.headers.get("user-agent", "")
    found = credentials.sign_in(
        visit.office.memory, form.email, form.password, form.code, visit.ip, agent
    )
    if isinstance(found, credentials.Entered):
        answer = visit.go(local(form.next))
        visit.office.cookies.put(answer, "session", found.cookie)
        return answer
    return _refused(visit, form, found)


def _refused(visit: Visit, form: SignIn, found: TooSoon | None) -> Response:
    wrong = too_soon(visit, found) if found else visit.words.say(_WRONG)
    return visit.render(
        "signin.html",
        status=429 if found else 403,
        problems=Problems((Problem("", wrong),), {"email": form.email}),
        next=local(form.next),
        wrong=wrong,
        done="",
    )


def too_soon(visit: Visit, found: TooSoon) -> str:
    seconds = max(1, -(-int((found.until - visit.now).total_seconds() * 1000) // 1000))
    return visit.words.many("続けて失敗したため、%(num)s秒ほど待ってからお試しください。", seconds)


def leave(visit: Visit, form: Nothing | Problems) -> Response:
    if visit.visitor:
        with visit.write() as tx:
            if access.end(tx, visit.me.id, visit.me.session):
                tx.record("logout", visit.actor, subject=visit.me.id)
    answer = visit.go("/signin?done=left")
    visit.office.cookies.drop(answer, "session")
    return answer


def local(path: str) -> str:
    """A page of ours to go back to: "//elsewhere.example" and "/\\elsewhere" are none."""
    known = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if known and not path.startswith("/signin") else "/"


def routes(office: Office) -> list[Route]:
    return [
        office.page("/signin", show, anyone),
        office.act("/signin", SignIn, enter, anyone),
        office.act("/signout", Nothing, leave, anyone),
    ]
