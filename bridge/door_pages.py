"""What a person outside is shown, in each standing of a parcel.

Before the proof: who sends, until when, and how to make sure that it is genuine. No name of a
file, no count and no size, since a link may be in the wrong hands; and where a parcel was
recalled or is not known, not even the sender.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, RowMapping, func, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bridge import parcel, visit
from bridge.parcel import File, Manifest, Standing
from bridge.proof import CODE
from bridge.visit import Visitor
from gateway.face.forms import NO_PROBLEMS, Problems
from gateway.face.i18n import Words
from gateway.face.pages import Pages
from gateway.memory.keys import KeyGone
from gateway.memory.ledger.append import ENTRY
from gateway.memory.opening import Memory

FOLDER = Path(__file__).parent
GONE = (Standing.EXPIRED, Standing.RECALLED, Standing.ERASED)
ENDED = (Standing.USED_UP, Standing.EXPIRED, Standing.ERASED)
"""Where the recipient may ask for it again."""
FRESH = timedelta(hours=1)
"""How long a code that was asked for is spoken of."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One file as its row on the page."""

    number: int
    name: str
    size: int
    sha256: str
    left: int


class DoorPages:
    def __init__(self, memory: Memory, cookie: str) -> None:
        self.memory = memory
        self.store = memory.store
        self.cookie = cookie
        config = memory.config
        shared = {"company": config.bridge.company, "address": config.bridge.url.rstrip("/") + "/"}

        def common(request: Request, words: Words) -> dict[str, str]:
            return shared

        self.pages = Pages(
            [FOLDER / "templates"],
            [FOLDER / "locale"],
            language=config.language,
            common=common,
        )
        self.words = self.pages.words

    def visitor(self, conn: Connection, request: Request) -> Visitor | None:
        token = request.cookies.get(self.cookie, "")
        return visit.visitor(conn, token, self.store.clock()) if token else None

    # -- without a parcel

    def front(self, request: Request, problems: Problems = NO_PROBLEMS) -> HTMLResponse:
        status = 422 if problems else 200
        return self.pages.render(request, "front.html", status=status, problems=problems)

    def unknown(self, request: Request) -> HTMLResponse:
        """The same for a wrong link and a wrong number, and for what nobody could ever send."""
        return self.pages.render(request, "unknown.html", status=404)

    def reopen(self, request: Request) -> HTMLResponse:
        return self.pages.render(request, "reopen.html", status=403)

    def too_often(self, request: Request) -> HTMLResponse:
        return self._message(request, 429, {"Retry-After": "60"})

    def refused(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        if status == 404:
            return self.unknown(request)
        return self._message(request, status, getattr(error, "headers", None))

    def broken(self, request: Request, error: Exception) -> Response:
        return self._message(request, 500)

    def _message(
        self, request: Request, status: int, headers: dict[str, str] | None = None
    ) -> HTMLResponse:
        return self.pages.render(
            request, "message.html", status=status, headers=headers, code=status
        )

    # -- with one

    def show(self, request: Request, problems: Problems = NO_PROBLEMS) -> HTMLResponse:
        with self.store.read() as session:
            conn, now = session.connection(), self.store.clock()
            here = self.visitor(conn, request)
            if here is None:
                return self.reopen(request)
            row, files = here.parcel, parcel.files(conn, here.parcel["id"])
            stands = self.standing(conn, here)
            asked, recalled = _asked_at(conn, row, now), _recalled_at(conn, row)
        inside = self._manifest(row) if stands is Standing.OPEN else None
        if inside is None:
            gone = Standing.RECALLED if stands is Standing.OPEN else stands
            return self._closed(request, row, gone, recalled)
        if here.proved:
            offers = [_offer(row, file, files) for file in inside.files]
            return self.pages.render(request, "files.html", parcel=row, sent=inside, files=offers)
        return self.pages.render(
            request,
            "proof.html",
            status=422 if problems else 200,
            problems=problems,
            parcel=row,
            sent=inside,
            asked=asked,
        )

    def standing(self, conn: Connection, here: Visitor) -> Standing:
        """A lock is against guessing: who has proved already has nothing to guess."""
        unlocked = {"locked_until": None} if here.proved else {}
        files = parcel.files(conn, here.parcel["id"])
        return parcel.standing({**here.parcel, **unlocked}, files, self.store.clock())

    def file(self, row: RowMapping, number: int) -> File:
        """Raises KeyGone, LookupError."""
        found = (f for f in parcel.manifest(self.memory, row).files if f.number == number)
        file = next(found, None)
        if file is None:
            raise LookupError(f"no file {number}")
        return file

    def _manifest(self, row: RowMapping) -> Manifest | None:
        """None where the key is gone whatever the row says: a backup from before a recall."""
        try:
            return parcel.manifest(self.memory, row)
        except KeyGone:
            return None

    def _closed(
        self, request: Request, row: RowMapping, stands: Standing, recalled: datetime | None
    ) -> HTMLResponse:
        return self.pages.render(
            request,
            "closed.html",
            status=410 if stands in GONE else 403,
            parcel=row,
            standing=stands.value,
            recalled=recalled,
        )


def _offer(row: RowMapping, file: File, files: tuple[RowMapping, ...]) -> Offer:
    taken = next((each["taken"] for each in files if each["number"] == file.number), 0)
    left = max(row["downloads"] - taken, 0)
    return Offer(file.number, file.name, file.size, file.sha256, left)


def _asked_at(conn: Connection, row: RowMapping, now: datetime) -> datetime | None:
    """When a code was last asked for that may still be on its way or in use."""
    query = select(func.max(CODE.c.wanted_at)).where(
        CODE.c.parcel_id == row["id"],
        CODE.c.state.in_(("wanted", "sent", "accepted")),
        CODE.c.wanted_at > now - FRESH,
    )
    return conn.execute(query).scalar()


def _recalled_at(conn: Connection, row: RowMapping) -> datetime | None:
    query = select(func.max(ENTRY.c.at)).where(
        ENTRY.c.subject == row["id"], ENTRY.c.verb == "link.recalled"
    )
    return conn.execute(query).scalar() if row["state"] == "recalled" else None
