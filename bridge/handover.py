"""Handing a file over: what a request asked for, the headers that keep a browser from opening
the file as a page of ours, and the octets, counted as they leave.

A download is a POST (it opens an access record that counts once) and the GET it leads to. Browsers
resume, and phones fetch twice, with GET only, so the GET must be repeatable; its address holds a
ticket that is good for the visitor's session alone. A GET changes nothing by itself: without the
POST there is no ticket, and what it adds to the record is what was sent.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bridge.parcel import File
from gateway.memory.vault import Opened

LOOK_AGAIN = 5.0
"""Seconds between two looks at whether the parcel is still open: a recall ends a slow download."""

Ended = Literal["", "left", "closed", "broken"]
"""What cut an answer off: nothing, whoever asked, the end of the link (recalled, stopped, run out),
or an error or end of ours."""

CONTENT_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


class Unsatisfiable(Exception):
    """A range outside of the file (416)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Octets start … end (exclusive) of a file of `size`."""

    start: int
    end: int
    size: int
    partial: bool


def span(headers: Headers, size: int, etag: str) -> Span:
    """What is asked for (RFC 9110 §14). Several ranges at once are answered with the whole file,
    as the RFC allows: nobody resumes that way, and overlapping ones were an attack
    (CVE-2011-3192). With an `If-Range` for another file likewise (§13.1.5)."""
    whole = Span(0, size, size, partial=False)
    asked = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", headers.get("range", "").strip())
    if asked is None or asked.group() == "bytes=-" or headers.get("if-range", etag) != etag:
        return whole
    first, last = asked.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last or size) + 1, size)
        if last and int(last) < start:
            return whole  # not a range at all: to be ignored
    if start >= end:
        raise Unsatisfiable
    return Span(start, end, size, partial=True)


def ticket(session: str, access: int) -> str:
    """Binds an access record to the session it was opened in. The cookie's own token is the key:
    there is nothing to store, and nothing to steal that the cookie would not give."""
    mac = hmac.digest(session.encode(), f"download {access}".encode(), hashlib.sha256)
    return f"{access}-{mac.hex()[:32]}"


def redeem(session: str, offered: str) -> int | None:
    """The access record of a ticket, None where it is not of this session."""
    number = offered.partition("-")[0]
    if not re.fullmatch(r"[0-9]{1,18}", number):
        return None
    genuine = hmac.compare_digest(ticket(session, int(number)).encode(), offered.encode())
    return int(number) if genuine else None


def disposition(name: str) -> str:
    """RFC 6266: the true name as RFC 8187 writes it, and an ASCII one for what is older. Neither
    lets a quote, a line break or a slash through, whatever the name holds.

    >>> print(disposition("扶養.xlsx"))
    attachment; filename="file.xlsx"; filename*=UTF-8''%E6%89%B6%E9%A4%8A.xlsx
    """
    plain = name if re.fullmatch(r"[A-Za-z0-9 ._()+-]+", name) else ""
    suffix = re.search(r"\.[A-Za-z0-9]{1,8}\Z", name)
    older = plain or "file" + (suffix.group() if suffix else "")
    return f"attachment; filename=\"{older}\"; filename*=UTF-8''{quote(name, safe='')}"


def etag(file: File) -> str:
    return f'"{file.sha256}"'


def headers_for(file: File, asked: Span) -> dict[str, str]:
    fields = {
        # never what the file claims to be: nothing here may run as a page of this host
        "Content-Type": "application/octet-stream",
        "Content-Disposition": disposition(file.name),
        "Content-Length": str(asked.end - asked.start),
        "Content-Security-Policy": CONTENT_POLICY,
        "Accept-Ranges": "bytes",
        "ETag": etag(file),
    }
    if asked.partial:
        fields["Content-Range"] = f"bytes {asked.start}-{asked.end - 1}/{asked.size}"
    return fields


class Handover:
    """The answer to one GET: decrypted chunk by chunk, never laid down anywhere in the clear.

    `still_open()` is asked between chunks; `done(octets, ended)` is told what was really sent, and
    what broke it off. Both are called in a thread.
    """

    def __init__(
        self,
        opened: Opened,
        asked: Span,
        headers: dict[str, str],
        still_open: Callable[[], bool],
        done: Callable[[int, Ended], None],
    ) -> None:
        self.opened = opened
        self.asked = asked
        self.headers = headers
        self.still_open = still_open
        self.done = done
        self.sent = 0
        self.ended: Ended = "broken"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 206 if self.asked.partial else 200,
                "headers": [(k.lower().encode(), v.encode()) for k, v in self.headers.items()],
            }
        )
        if scope["method"] == "HEAD":
            return await send({"type": "http.response.body", "body": b""})
        try:
            async with anyio.create_task_group() as tasks:
                gone = anyio.Event()
                tasks.start_soon(_watch, receive, gone)
                await self._send_all(send, gone)
                tasks.cancel_scope.cancel()
        finally:
            # a server that is shutting down still writes down what it has handed over
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self.done, self.sent, self.ended)

    async def _send_all(self, send: Send, gone: anyio.Event) -> None:
        pieces = self.opened.range(self.asked.start, self.asked.end)
        looked = time.monotonic()
        while piece := await to_thread.run_sync(next, pieces, b""):
            if time.monotonic() - looked > LOOK_AGAIN:
                looked = time.monotonic()
                if not await to_thread.run_sync(self.still_open):
                    self.ended = "closed"
                    return  # without the last message the server cuts the line
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if gone.is_set():  # a server sends into the void without a word
                self.ended = "left"
                return
            self.sent += len(piece)
        self.ended = ""
        await send({"type": "http.response.body", "body": b""})


async def _watch(receive: Receive, gone: anyio.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
