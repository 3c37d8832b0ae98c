"""A connection to a next hop: opened, secured, signed in where it asks for that, and kept."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from aiosmtplib import SMTP, SMTPException, SMTPHeloError

from gateway.mail import dane
from gateway.mail.route import Hop, Host
from gateway.mail.wire import Wire

IDLE = 20.0
"""Seconds a connection is kept without use; peers close after a minute or more."""
LONGEST = 300.0
"""Seconds after which a kept connection is opened anew, however busy: names, keys and policies
change, and what was checked at its beginning was checked then."""
TIMEOUT = 120.0
TESTING = "sts-testing"
"""In place of what a peer has proved: the policy of its domain, enforced, would stop the mail."""
CONNECT = 30.0
"""Seconds for one address to answer the telephone; there may be others."""


@dataclass(slots=True)
class Line:
    """A connection on which a transaction may begin."""

    client: SMTP
    """what opened it, and knows what the peer can do"""
    wire: Wire
    mx: str
    tls: str
    opened: float
    used: float
    kept: bool = False

    @property
    def fresh(self) -> bool:
        now = time.monotonic()
        kept = now - self.used < IDLE and now - self.opened < LONGEST
        return kept and self.client.is_connected

    def supports(self, extension: str) -> bool:
        return self.client.supports_extension(extension)

    def close(self) -> None:
        self.wire.close()
        self.client.close()


async def leave(line: Line) -> None:
    """As a guest should."""
    with contextlib.suppress(OSError):
        await line.wire.ask(b"QUIT", 2.0)
    line.close()


def client_for(hop: Hop, host: Host, address: str, hostname: str) -> SMTP:
    return SMTP(
        hostname=address,
        port=host.port,
        local_hostname=hostname,
        timeout=TIMEOUT,
        use_tls=hop.implicit,
        start_tls=False,
        tls_context=_context(host.tls, hop.implicit, hop.ca_file),
    )


async def hang_up(client: SMTP) -> None:
    """At once: whoever is there is not the one we want, and gets no polite end of TLS either."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.Transport):
        transport.abort()
        await asyncio.sleep(0)


async def opened(hop: Hop, host: Host, client: SMTP) -> Line:
    await client.connect(timeout=CONNECT)
    client.timeout = TIMEOUT
    await _greet(client)
    if not hop.implicit and host.tls != "none":
        if client.supports_extension("starttls"):
            name = host.names[0] if host.names else host.name
            await client.starttls(server_hostname=name)
            await client.ehlo()
        elif host.tls != "may":
            raise SMTPException("TLS is required and the peer does not offer it")
    socket = client.get_transport_info("ssl_object")
    if host.tls == "dane" and not dane.fits(dane.shown(socket), host.pins, host.names):
        raise SMTPException("the certificate is not the one of the TLSA records")
    if hop.user:
        if socket is None and host.tls != "none":  # "may" is for mail, and not for a password
            raise SMTPException("the peer offers no TLS, without which it is told no password")
        await client.login(hop.user, hop.password)
    now, transport = time.monotonic(), client.transport
    if not isinstance(transport, asyncio.Transport):
        raise ConnectionResetError("Connection lost")
    peer, tls = _peer(host, client), _secured(socket, host, hop)
    return Line(client, Wire(transport), peer, tls, now, now)


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except SMTPHeloError as error:
        if error.code < 500:
            raise
        await client.helo()  # RFC 5321 §3.2; it then offers nothing, TLS neither


@lru_cache(maxsize=64)  # reading the machine's authorities takes 20 ms of the loop
def _context(tls: str, implicit: bool, ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if tls != "verify" and not implicit:
        # opportunistic (RFC 7435): encrypted to whoever answers beats clear text. Under DANE the
        # certificate is judged by its records, and by no authority (RFC 7672 §3.1).
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _peer(host: Host, client: SMTP) -> str:
    """ "mx1.example.com[192.0.2.1]:25" where DNS was asked by us, else as it is configured."""
    at = f"[{client.hostname}]" if host.addresses else ""
    return f"{host.name}{at}:{host.port}"


def _secured(socket: ssl.SSLObject | None, host: Host, hop: Hop) -> str:
    """The TLS in force, and what the peer has proved by it, or missed."""
    missed = TESTING if host.testing and host.tls == "may" else ""
    if socket is None:
        return missed and f"cleartext {missed}"
    cipher = socket.cipher()
    proved = host.tls if host.tls in ("dane", "verify") else "verify" if hop.implicit else missed
    words = (socket.version(), cipher[0] if cipher else "", proved)
    return " ".join(word for word in words if word)
