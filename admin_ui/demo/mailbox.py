"""The demo's next hop: takes every mail, keeps it in memory, shows it on a page.

A stand-in for everybody's mail program, inside and outside. Never part of an installation.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from admin_ui.demo.office import DOMAIN
from gateway.face import assets
from gateway.face.guards import Site, guarded
from gateway.face.language import LanguageSwitch
from gateway.face.pages import Pages

FLOOR = Path(__file__).parents[1]
KEPT = 200
LINK = re.compile(r"(https?://[!-~]+)")


@dataclass(frozen=True)
class Arrived:
    number: int
    at: datetime
    recipients: tuple[str, ...]
    message: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain", "html"))
        return str(part.get_content()) if part is not None else ""

    @property
    def pieces(self) -> list[str]:
        """Text and links in turn: every second piece is a link."""
        return LINK.split(self.text)

    @property
    def attachments(self) -> list[tuple[str, int]]:
        return [
            (part.get_filename() or "?", len(part.get_payload(decode=True) or b""))
            for part in self.message.iter_attachments()
        ]


@dataclass
class Mailbox:
    mails: deque[Arrived] = field(default_factory=lambda: deque(maxlen=KEPT))
    count: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.count += 1
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message = email.message_from_bytes(raw, policy=email.policy.default)
        self.mails.appendleft(
            Arrived(self.count, datetime.now(UTC), tuple(envelope.rcpt_tos), message, raw)
        )
        self.changed.set()
        return f"250 2.0.0 Ok: kept as {self.count}"

    async def listen(self, host: str, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: SMTP(
                self,
                hostname="mailbox.example",
                enable_SMTPUTF8=True,
                data_size_limit=10**8,
                loop=loop,
            ),
            host,
            port,
        )

    def find(self, to: str, subject: str = "", after: int = 0) -> Arrived | None:
        """The newest mail to `to` with `subject` in its subject, later than number `after`."""
        for mail in self.mails:
            if (
                mail.number > after
                and to in mail.recipients
                and subject in str(mail.message["subject"])
            ):
                return mail
        return None

    async def wait_for(
        self, to: str, subject: str = "", after: int = 0, seconds: float = 30
    ) -> Arrived:
        """Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while (found := self.find(to, subject, after)) is None:
                self.changed.clear()
                await self.changed.wait()
            return found


def create_app(mailbox: Mailbox, url: str) -> ASGIApp:
    pages = Pages([FLOOR / "templates"], [FLOOR / "locale"])

    def index(request: Request) -> Response:
        everybody = {r for mail in mailbox.mails for r in mail.recipients}
        people = sorted(everybody, key=lambda each: (not each.endswith(f"@{DOMAIN}"), each))
        chosen = request.query_params.get("to", "")
        shown = [m for m in mailbox.mails if not chosen or chosen in m.recipients]
        return pages.render(request, "demo/mailbox.html", mails=shown, people=people, chosen=chosen)

    def one(request: Request) -> Response:
        number = request.path_params["number"]
        found = next((m for m in mailbox.mails if m.number == number), None)
        status = 200 if found else 404
        return pages.render(request, "demo/mail.html", status=status, mail=found)

    routes = [Route("/", index), Route("/mails/{number:int}", one), assets.ROUTE]
    site = Site((url,))
    return guarded(LanguageSwitch(Starlette(routes=routes), site.https), site)
