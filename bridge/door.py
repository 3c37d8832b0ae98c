"""The outside door: where a recipient proves to be the recipient and takes the files.

An app for a process of its own that is given the parcels' keys and no other: whoever breaks in
here finds no letter. Run it without uvicorn's access log (addresses hold tokens) and with
`proxy_headers=False` (`guards.ClientAddress` reads those).

GET and HEAD change nothing but the list of visits, so that mail scanners may follow every link;
everything that matters is a POST, and a blind one does no more than send a code to the
recipient's own mailbox, once a minute.
"""

from __future__ import annotations

import logging

from pydantic import Field, field_validator
from sqlalchemy import RowMapping
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bridge import acts, handover, parcel, proof, visit
from bridge.bucket import Bucket
from bridge.door_pages import ENDED, DoorPages
from bridge.handover import Ended, Handover, Unsatisfiable
from bridge.parcel import File
from gateway.face import assets
from gateway.face.forms import Form, Problem, Problems, read_form
from gateway.face.guards import Site, guarded
from gateway.face.i18n import N_
from gateway.face.language import LanguageSwitch
from gateway.memory.keys import KeyGone
from gateway.memory.opening import Memory
from gateway.memory.vault import Opened

log = logging.getLogger("sekisho.door")

OCTETS = 16_000
"""Of a posted form: the largest has two fields of six digits."""


class Typed(Form):
    number: str = Field(min_length=1, max_length=64)


class Entered(Form):
    code: str = Field(min_length=1, max_length=64)
    word: str = Field(default="", max_length=64)

    @field_validator("code", "word")
    @classmethod
    def _six(cls, typed: str) -> str:
        if typed and not proof.six_digits(typed):
            raise ValueError(N_("6桁の数字を入力してください"))
        return typed


def create_app(memory: Memory, *, secure_cookies: bool) -> ASGIApp:
    """`memory` was opened without letters. `secure_cookies`: people reach the door by https."""
    return Door(memory, secure_cookies).app()


class Door:
    def __init__(self, memory: Memory, secure: bool) -> None:
        self.memory = memory
        self.store = memory.store
        self.secure = secure
        # `__Host-` binds a cookie to this one host, by https, for all paths (RFC 6265bis §4.1.3.2)
        self.cookie = "__Host-door" if secure else "door"
        self.pages = DoorPages(memory, self.cookie)
        self.guesses = Bucket(20, every=6.0)
        self.visits = Bucket(60, every=1.0)

    def app(self) -> ASGIApp:
        app = Starlette(
            routes=self.routes(),
            max_body_size=OCTETS,
            exception_handlers={HTTPException: self.pages.refused, Exception: self.pages.broken},
        )
        config = self.memory.config.bridge
        site = Site((config.url,))
        return guarded(LanguageSwitch(app, self.secure), site, config.trusted_proxies)

    def routes(self) -> list[BaseRoute]:
        posts = {"/find": self.find, "/d/code": self.code, "/d/prove": self.prove}
        posts |= {"/d/reissue": self.reissue, "/d/leave": self.leave}
        return [
            Route("/", self.pages.front),
            Route("/d/", self.pages.show),
            *(Route(path, act, methods=["POST"]) for path, act in posts.items()),
            # a reload or a change of language on the answer to a form
            *(Route(path, _home, methods=["GET"]) for path in posts),
            Route("/d/files/{number:int}", self.take, methods=["POST"]),
            Route("/d/files/{number:int}/{ticket}", self.hand_over),
            Route("/d/{token}", self.enter),
            Route("/healthz", self.health),
            Route("/robots.txt", _robots),
            assets.ROUTE,
        ]

    # -- coming in

    def enter(self, request: Request) -> Response:
        """The token leaves the address bar at once: it would stand in histories, in screenshots
        and in the `Referer` of whatever is clicked next."""
        with self.store.read() as session:
            row = parcel.find(session.connection(), request.path_params["token"])
            here = self.pages.visitor(session.connection(), request)
        if row is None:
            return self.pages.unknown(request)
        known = here is not None and here.parcel["id"] == row["id"]
        if request.method == "HEAD" or known:
            return _to_page()
        if not self.visits.spend(_ip(request)):  # each of them is written down
            return self.pages.too_often(request)
        return self._welcome(request, row)

    async def find(self, request: Request) -> Response:
        """By the number in the mail. Guessing one of 60 bits is hopeless; trying is slow too."""
        typed = await read_form(request, Typed, self.pages.words(request))
        if isinstance(typed, Problems):
            return await run_in_threadpool(self.pages.front, request, typed)
        return await run_in_threadpool(self._find, request, typed.number)

    def _find(self, request: Request, number: str) -> Response:
        if not self.guesses.spend(_ip(request)):
            return self.pages.too_often(request)
        with self.store.read() as session:
            row = parcel.at_pickup(session.connection(), number)
        return self._welcome(request, row) if row else self.pages.unknown(request)

    def _welcome(self, request: Request, row: RowMapping) -> Response:
        with self.store.write() as tx:
            token = visit.enter(tx, row, _ip(request), _agent(request))
        answer = _to_page()
        self._remember(answer, token)
        return answer

    def _remember(self, answer: Response, token: str) -> None:
        """`Lax`, not `Strict`: a link in a webmail is another site's, and with `Strict` a browser
        keeps the cookie back on the redirect that follows it; the first page would always be
        「もう一度リンクを開いてください」. What `Strict` would add, the guard against foreign POSTs
        does, and no GET changes anything."""
        answer.set_cookie(self.cookie, token, secure=self.secure, httponly=True, samesite="lax")

    async def leave(self, request: Request) -> Response:
        def forget() -> None:
            with self.store.write() as tx:
                visit.leave(tx, request.cookies.get(self.cookie, ""))

        await run_in_threadpool(forget)
        answer = RedirectResponse("/", 303)
        answer.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="lax")
        return answer

    # -- the proof

    def code(self, request: Request) -> Response:
        with self.store.write() as tx:
            if here := self.pages.visitor(tx.conn, request):
                proof.ask_code(tx, here.parcel, _ip(request))
        return _to_page()

    async def prove(self, request: Request) -> Response:
        entered = await read_form(request, Entered, self.pages.words(request))
        if isinstance(entered, Problems):
            return await run_in_threadpool(self.pages.show, request, entered)
        return await run_in_threadpool(self._prove, request, entered)

    def _prove(self, request: Request, entered: Entered) -> Response:
        caller = _ip(request), _agent(request)
        try:
            with self.store.write() as tx:
                here = self.pages.visitor(tx.conn, request)
                if here is None:
                    return _to_page()
                result = proof.prove(
                    tx, self.memory, here.parcel, entered.code, entered.word, *caller
                )
                if isinstance(result, proof.Proved):
                    # the cookie from before the proof opens nothing any more (session fixation)
                    visit.leave(tx, request.cookies[self.cookie])
        except KeyGone:
            return _to_page()
        answer = _to_page()
        if isinstance(result, proof.Proved):
            self._remember(answer, result.session_token)
        if isinstance(result, proof.Wrong):
            return self.pages.show(
                request, self._wrong(request, bool(here.parcel["word_hash"]), result.left)
            )
        return answer

    def _wrong(self, request: Request, asked_word: bool, left: int) -> Problems:
        words = self.pages.words(request)
        what = (
            words.many(
                "認証コードまたは合言葉が違うか、コードの有効期限が過ぎています。"
                "あと%(num)s回入力できます",
                left,
            )
            if asked_word
            else words.many(
                "認証コードが違うか、有効期限が過ぎています。あと%(num)s回入力できます", left
            )
        )
        return Problems((Problem("code", what),))

    # -- taking the files

    def take(self, request: Request) -> Response:
        """The press of the button: without it there is no ticket, and without that no file."""
        with self.store.write() as tx:
            here = self.pages.visitor(tx.conn, request)
            if here is None or not here.proved:
                return _to_page()
            number = request.path_params["number"]
            access = visit.start_download(tx, here.parcel, number, _ip(request), _agent(request))
        if access is None:
            return _to_page()
        ticket = handover.ticket(request.cookies[self.cookie], access)
        return RedirectResponse(f"/d/files/{number}/{ticket}", 303)

    def hand_over(self, request: Request) -> Response | Handover:
        access = handover.redeem(
            request.cookies.get(self.cookie, ""), request.path_params["ticket"]
        )
        with self.store.read() as session:
            conn, now = session.connection(), self.store.clock()
            here = self.pages.visitor(conn, request)
            if access is None or here is None or not here.proved:
                return _to_page()
            row = here.parcel
            number = visit.download(conn, row, access, now)
            if number is None or number != request.path_params["number"]:
                return _to_page()
            if not visit.still_open(conn, row["id"], now):
                return _to_page()
            try:
                file = self.pages.file(row, number)
                opened = parcel.open_file(self.memory, conn, row, number)
            except (KeyGone, LookupError, FileNotFoundError):
                return _to_page()
        return self._answer(request, row["id"], access, file, opened)

    def _answer(
        self, request: Request, id: str, access: int, file: File, opened: Opened
    ) -> Response | Handover:
        try:
            asked = handover.span(request.headers, opened.size, handover.etag(file))
        except Unsatisfiable:
            return PlainTextResponse("", 416, {"Content-Range": f"bytes */{opened.size}"})

        def still_open() -> bool:
            with self.store.read() as session:
                return visit.still_open(session.connection(), id, self.store.clock())

        def done(octets: int, ended: Ended) -> None:
            if ended == "closed":
                log.info("a download of %s was cut off: its link was closed meanwhile", id)
            if octets or not opened.size:
                ip, start = _ip(request), asked.start
                with self.store.write() as tx:
                    visit.end_download(tx, access, octets, ip, start=start, ended=ended)

        return Handover(opened, asked, handover.headers_for(file, asked), still_open, done)

    # -- afterwards

    def reissue(self, request: Request) -> Response:
        """Asks the sender, at most once a day: nobody is to be pestered by who found a link."""
        with self.store.write() as tx:
            here = self.pages.visitor(tx.conn, request)
            if here and self.pages.standing(tx.conn, here) in ENDED:
                acts.ask_reissue(tx, here.parcel, _ip(request))
        return _to_page()

    def health(self, request: Request) -> Response:
        with self.store.read() as session:
            session.connection().exec_driver_sql("SELECT 1")
        return PlainTextResponse("ok\n")


def _robots(request: Request) -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /\n")


def _home(request: Request) -> Response:
    return RedirectResponse("/" if request.url.path == "/find" else "/d/", 303)


def _to_page() -> Response:
    return RedirectResponse("/d/", 303)


def _ip(request: Request) -> str:
    return request.client.host if request.client else ""


def _agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
