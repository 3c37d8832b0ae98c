"""A small web that uses everything in `gateway.face`: the living style sheet of its tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from detectors.report import Confidence, Fact, Finding, Place, Reason
from gateway.face import assets
from gateway.face.forms import OCTETS, Form, Problems, read_form
from gateway.face.guards import Site, guarded
from gateway.face.i18n import Words
from gateway.face.language import LanguageSwitch
from gateway.face.lists import Pager, view
from gateway.face.pages import NavItem, Pages
from gateway.face.words import articles, compare

FOLDER = Path(__file__).parent / "templates"
DUE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

FINDING = Finding(
    "jp.individual_number",
    Confidence.HIGH,
    (Place("2", ("扶養控除申告_2026.xlsx", "内訳"), "C5:C40", True, 36, tuple(range(36))),),
    (Reason("check_digit_ok", {"n": 36}), Reason("column_header", {"label": "個人番号"})),
)
HIDDEN = Fact("hidden_sheet", "2", ("扶養控除申告_2026.xlsx", "内訳"))


class Entry(Form):
    name: str = Field(min_length=1, max_length=20)
    reason: str = Field(min_length=1)
    ok: tuple[str, ...] = ()


def common(request: Request, words: Words) -> dict[str, object]:
    return {
        "nav": [
            NavItem("/", "inbox", words.say("対応が必要なもの"), 7),
            NavItem("/sheet", "scroll-text", words.say("監査ログ")),
        ],
        "person": SimpleNamespace(name="鈴木 一郎", note="総務部・承認者"),
    }


pages = Pages([FOLDER], common=common)


def _sheet(request: Request, problems: Problems | None = None) -> Response:
    words = pages.words(request)
    shown = view(request, sorts=("-at", "login", "verb", "number"), filters=("q",))
    events = [
        SimpleNamespace(at=DUE, text="検査して保留", by="システム（自動）", tone="warn"),
        SimpleNamespace(at=DUE, text="山田 花子さんが宛先2件と添付1件を確認"),
        SimpleNamespace(at=DUE, text="承認の期限", next=True),
    ]
    more = {"problems": problems} if problems else {}
    return pages.render(
        request,
        "sheet.html",
        status=422 if problems else 200,
        due=DUE,
        articles=articles(words, [FINDING], [HIDDEN]),
        lookalike=compare(words, "sr-offlce.example.jp", "sr-office.example.jp"),
        events=events,
        view=shown,
        pager=Pager(shown, 1204),
        **more,
    )


async def sheet(request: Request) -> Response:
    if request.method == "POST":
        entry = await read_form(request, Entry, pages.words(request))
        if isinstance(entry, Problems):
            return _sheet(request, entry)
    return _sheet(request)


async def door(request: Request) -> Response:
    return pages.render(request, "door.html")


async def form(request: Request) -> Response:
    entry = await read_form(request, Entry, pages.words(request))
    if isinstance(entry, Problems):
        return PlainTextResponse(
            "\n".join(f"{each.field}: {each.sentence}" for each in entry), status_code=422
        )
    return PlainTextResponse(f"{entry.name} {entry.reason} {list(entry.ok)}")


def web(url: str) -> ASGIApp:
    app = Starlette(
        routes=[
            Route("/", sheet),
            Route("/sheet", sheet, methods=["GET", "POST"]),
            Route("/door", door),
            Route("/form", form, methods=["POST"]),
            assets.ROUTE,
        ],
        max_body_size=OCTETS,
    )
    site = Site((url,))
    return guarded(LanguageSwitch(app, site.https), site)
