"""The border between whoever speaks SMTP and the house that takes the mail.

A driver (`driver` on asyncio) calls a `House`; both know only what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from gateway.mail.address import Address

Kind = Literal["plain", "submission", "tls", "tap"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One SMTP reply; `text` may hold several lines. `close` ends the session after it."""

    code: int
    status: str
    """Enhanced status code (RFC 3463), or "" where the protocol has none: 220, EHLO, 334, 354."""
    text: str
    close: bool = False

    def encode(self) -> bytes:
        """All lines with their CRLF, for one write; what is not ASCII becomes `?`."""
        status = f"{self.status} " if self.status else ""
        *first, last = self.text.split("\n")
        before = "".join([f"{self.code}-{status}{line}\r\n" for line in first])
        return f"{before}{self.code} {status}{last}\r\n".encode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One RCPT TO with what its sender asked to be told (RFC 3461), "" where nothing was asked."""

    address: Address
    notify: str = ""
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything known about a mail before its first octet."""

    client_ip: str
    helo: str
    """Safe to write into a Received line, whatever the client said."""
    tls: str
    """Protocol and cipher as "TLSv1.3 TLS_AES_256_GCM_SHA384", or ""."""
    auth_user: str | None
    mail_from: Address | None
    """None is the null path `<>`."""
    rcpt_to: tuple[Recipient, ...]
    body: Literal["7BIT", "8BITMIME"]
    smtputf8: bool
    size_declared: int | None
    """Octets, as the client promised them."""
    envid: str
    ret: Literal["", "FULL", "HDRS"]
    kind: Kind
    received_at: datetime
    client_name: str = ""


class Refusal(Exception):
    """A mail that must not be tried again, as the sink alone can see (a loop, no proof)."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Sink(Protocol):
    """Where one mail's octets go. Ends with exactly one of `commit` (that returned) or `abort`."""

    def write(self, block: bytes) -> None:
        """Takes content, dots unstuffed.

        Raises Refusal for a reply of the house's own, or anything: 451.
        """

    def mended(self) -> None:
        """Line ends were normalised on the way in: a finding. Called once, before `commit`."""

    async def commit(self) -> str:
        """Returns the mail's id once octets and row are durable.

        Raises Refusal for a reply of the house's own, or anything: 451.
        """

    def abort(self) -> None:
        """Nothing of it is wanted: no end of data, too large, or a step before failed."""


class House(Protocol):
    """Who takes the mail."""

    async def authenticate(self, user: str, password: bytes) -> str | None:
        """The account that these prove, or None."""

    def room(self) -> Reply | None:
        """None, or the 452 or 421 that a new mail must get instead of 354."""

    def open(self, envelope: Envelope) -> Sink:
        """A place for one mail. Raises anything: 451."""
