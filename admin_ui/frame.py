"""The frame of the inside web: what every page is given, and how a page is put on the web.

A module of pages exposes `routes(office) -> list[Route]` and is named in `app.MODULES`:

    class Refusal(Form):
        seen: str
        reason: str = Field(min_length=1)

    def show(visit: Visit) -> Response:                     # runs in a thread: SQL is welcome
        with visit.read() as conn:
            held = dossier(conn, visit.office.checkpoint.letters, visit.param("id"))
        return visit.render("hold.html", held=held)

    def refuse(visit: Visit, form: Refusal | Problems) -> Response:
        if isinstance(form, Problems):
            return visit.render("hold.html", status=422, problems=form, …)
        with visit.write() as tx:
            acts.refuse(tx, …, visit.actor)
        return visit.go(f"/holds/{id}?done=refused")

    def routes(office: Office) -> list[Route]:
        return [
            office.page("/holds/{id}", show),                # staff, any role
            office.act("/holds/{id}/refuse", Refusal, refuse, with_role("approver")),
        ]

* `page` answers GET and HEAD, `act` POST. The last argument says who: `signed_in` (default),
  `with_role(…)`, or `anyone`. It only turns away; what a person may see of it is asked of the
  database by the query itself.
* What one may not see does not exist: `raise HTTPException(404)`, also for a missing right.
* Staff pages extend "app.html" (navigation and person are filled in here), others "solo.html".
* A link in a mail is taken by `visit.follow(…)` and known again by `visit.linked(…)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from admin_ui import access
from admin_ui.access import Cookies, Visitor
from admin_ui.navigation import frame_of
from admin_ui.reading import Reader
from gateway.face.dates import moment
from gateway.face.forms import Form, Problems, read_form
from gateway.face.guards import Site
from gateway.face.i18n import Words
from gateway.face.pages import Context, Pages
from gateway.judgement import bypass
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.opening import Memory
from gateway.memory.states import Actor
from gateway.memory.store import Tx

HERE = Path(__file__).parent
F = TypeVar("F", bound=Form)


class Office:
    """What the pages work with; one for each process."""

    def __init__(self, memory: Memory, *, secure_cookies: bool, reader: Reader) -> None:
        self.memory = memory
        self.reader = reader
        self.checkpoint = Checkpoint.of(memory)
        self.site = Site((memory.config.web.url,))
        self.cookies = Cookies(secure_cookies)
        self.offered = frozenset[str]()
        """Paths of the pages that this web has: no link may lead to another."""
        self.pages = Pages(
            [HERE / "templates"],
            [HERE / "locale"],
            language=memory.config.language,
            common=self._common,
        )

    def _common(self, request: Request, words: Words) -> Context:
        return {
            **frame_of(getattr(request.state, "visitor", None), words, self.offered),
            "offered": self.offered,
            "suspended": self._suspended(words),
        }

    def _suspended(self, words: Words) -> dict[str, str] | None:
        """While a bypass is on, every page says so."""
        now = self.memory.store.clock()
        try:
            with self.memory.store.read() as session:
                found = bypass.current(session.connection(), now)
        except SQLAlchemyError:
            return None  # the page itself says what is wrong with the database
        if found is None:
            return None
        until = moment(found.until, words.language, now.astimezone(self.memory.config.zone).date())
        return {
            "title": words.say(
                "保留を一時停止しています（%(until)sまで）。確認や承認を待たずに送信されます。",
                until=until,
            ),
            "kept": self._kept(words),
            "reason": words.say("理由：%(reason)s", reason=found.reason),
        }

    def _kept(self, words: Words) -> str:
        """What a bypass does not let through."""
        if self.memory.config.bypass.individual_numbers != "hold":
            return ""
        return words.say("個人番号を含むメールと、検査できなかったメールは保留します。")

    def page(self, path: str, show: Callable[[Visit], Response], who: Who | None = None) -> Route:
        """GET and HEAD: they change no mail, parcel, right or setting."""
        allowed = who or signed_in

        def endpoint(request: Request) -> Response:
            visit = Visit(self, request)
            return allowed(visit) or show(visit)

        return Route(path, endpoint, name=f"GET {path}")

    def act(
        self,
        path: str,
        form: type[F],
        do: Callable[[Visit, F | Problems], Response],
        who: Who | None = None,
    ) -> Route:
        """POST: the form is read on the loop, everything else in a thread."""
        allowed = who or signed_in

        async def endpoint(request: Request) -> Response:
            visit = Visit(self, request)
            if refusal := await run_in_threadpool(allowed, visit):
                return refusal
            posted = await read_form(request, form, visit.words)
            return await run_in_threadpool(do, visit, posted)

        return Route(path, endpoint, methods=["POST"], name=f"POST {path}")


@dataclass(frozen=True)
class Visit:
    """One request."""

    office: Office
    request: Request

    # -- who

    @cached_property
    def visitor(self) -> Visitor | None:
        """The person who signed in, None for others. Their session counts as used."""
        store = self.office.memory.store
        cookie = self.office.cookies.read(self.request.cookies, "session")
        with self.read() as conn:
            found = access.visitor(conn, cookie, self.now)
        if found and found.seen_at < self.now - access.TOUCH:
            with store.write() as tx:
                access.touch(tx, found.session)
        self.request.state.visitor = found
        return found

    @property
    def me(self) -> Visitor:
        """Where the route is for people who signed in."""
        if self.visitor is None:
            raise HTTPException(404)
        return self.visitor

    @property
    def actor(self) -> Actor:
        return Actor("person", self.me.id, self.ip)

    @property
    def ip(self) -> str:
        client = self.request.client
        return client.host if client else ""

    # -- links in mails

    def follow(self, token: str, kind: str, path: str) -> Response:
        """Exchange a token for a cookie at once: it leaves the address bar, and no history,
        proxy log or shared screen keeps it. Writes nothing: a mail scanner's GET is harmless.

        `kind` names the cookie; "confirm-7Q3F-K2MD" has one for each mail, so that two tabs
        with two mails do not push each other out.
        """
        answer = RedirectResponse(path, status_code=303)
        self.office.cookies.put(answer, kind, token)
        return answer

    def cookie(self, kind: str) -> str:
        return self.office.cookies.read(self.request.cookies, kind)

    def linked(self, conn: Connection, consignment: str) -> str:
        """The person whose confirm link was followed for this consignment; "" for nobody.

        It opens this one mail's confirm page and nothing else.
        """
        return access.linked(conn, self.cookie(f"confirm-{consignment}"), consignment, self.now)

    def told(self, conn: Connection) -> access.Told | None:
        """Who followed the link of a notice about several mails, and which these are."""
        return access.told(conn, self.cookie("gathered"), self.now)

    # -- data

    @cached_property
    def now(self) -> datetime:
        return self.office.memory.store.clock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot."""
        with self.office.memory.store.read() as session:
            yield session.connection()

    def write(self) -> AbstractContextManager[Tx]:
        return self.office.memory.store.write()

    def param(self, name: str) -> str:
        """Of the path."""
        return str(self.request.path_params[name])

    # -- answers

    @cached_property
    def words(self) -> Words:
        return self.office.pages.words(self.request)

    def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        return self.office.pages.render(self.request, template, status=status, **context)

    def go(self, path: str) -> Response:
        """After something was done: a reload does not do it again."""
        return RedirectResponse(path, status_code=303)

    def done(self) -> str:
        """What the address says was just done (`?done=locked`); a template knows its words."""
        return self.request.query_params.get("done", "")

    def did(self) -> list[int]:
        """How many a run did and how many it left, as the address says it (`?did=12&left=0`)."""
        said = [self.request.query_params.get(name, "") for name in ("did", "left")]
        return [int(each) for each in said if each.isdecimal() and len(each) < 9]


# -- who may come: None lets them in

Who = Callable[[Visit], Response | None]


def anyone(visit: Visit) -> Response | None:
    """Also reads who it is, for pages that have two faces."""
    _ = visit.visitor
    return None


def signed_in(visit: Visit) -> Response | None:
    """Others are sent to sign in and come back; a form they posted is not carried along."""
    if visit.visitor:
        return None
    url = visit.request.url
    back = url.path + (f"?{url.query}" if url.query else "")
    if visit.request.method == "POST":
        back = "/"
    return visit.go("/signin" + (f"?next={quote(back, safe='')}" if back != "/" else ""))


def with_role(*roles: str) -> Who:
    """Any of these roles. Others are told that there is no such page."""

    def allowed(visit: Visit) -> Response | None:
        if refusal := signed_in(visit):
            return refusal
        if not visit.me.has(*roles):
            raise HTTPException(404)
        return None

    return allowed
