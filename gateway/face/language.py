"""Which language a reader gets, and the link that changes it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.face.i18n import LANGUAGES, Language

COOKIE = "lang"
YEAR = 365 * 24 * 3600


def language_of(request: HTTPConnection, default: Language = "ja") -> Language:
    """The reader's own choice, else what the browser asks for, else what the house speaks."""
    if chosen := _known(request.cookies.get(COOKIE, "")):
        return chosen
    for tag in _accepted(request.headers.get("accept-language", "")):
        if known := _known(tag.partition("-")[0]):
            return known
    return default


def _known(tag: str) -> Language | None:
    return next((language for language in LANGUAGES if language == tag.strip().lower()), None)


def _accepted(header: str) -> Iterator[str]:
    """Language tags of an Accept-Language field (RFC 9110 §12.5.4), most wanted first."""
    weighted = []
    for item in header[:500].split(","):
        tag, _, parameter = item.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighted.append((-weight, tag.strip()))
    return (tag for _, tag in sorted(weighted, key=lambda pair: pair[0]))


class LanguageSwitch:
    """`?lang=en` on any page: remember the choice and come back without it.

    A GET may do this because a reader's language is no state of a mail, parcel, right or setting.
    """

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or b"lang=" not in _query(scope):
            return await self.app(scope, receive, send)
        asked = parse_qsl(_query(scope).decode("latin-1"), keep_blank_values=True)
        chosen = _known(dict(asked).get("lang", ""))
        if chosen is None:
            return await self.app(scope, receive, send)
        rest = urlencode([(name, value) for name, value in asked if name != "lang"])
        # "//elsewhere.example" would be an address on another host (an open redirect).
        path = "/" + quote(str(scope["path"]).lstrip("/\\"))
        answer = RedirectResponse(path + ("?" + rest if rest else ""), status_code=303)
        answer.set_cookie(
            COOKIE, chosen, max_age=YEAR, secure=self.secure, httponly=True, samesite="lax"
        )
        await answer(scope, receive, send)


def _query(scope: Scope) -> bytes:
    query: bytes = scope.get("query_string", b"")
    return query
