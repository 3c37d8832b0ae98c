"""The PROXY protocol (versions 1 and 2): the client behind a load balancer, said by it alone.

Read by aiosmtpd; whom to believe is ours. A peer that is named must say it, and nobody else may:
otherwise whoever reaches the port chooses the address that trust hangs on.

On a listener that begins encrypted the header comes before the handshake, and the handshake's
first octets often come with it: they are read in one go, and handed on to it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from aiosmtpd.proxy_protocol import ProxyData, get_proxy

from gateway.mail.admission import within

log = logging.getLogger(__name__)
logging.getLogger("mail.debug").disabled = True  # aiosmtpd's own, which quotes what was sent

PATIENCE = 5.0
"""Seconds for the header, which is the first thing a balancer sends."""
HANDSHAKE = 30.0

_introductions: set[asyncio.Task[None]] = set()
"""The loop holds tasks weakly."""


class NotProxied(ConnectionAbortedError):
    """A named peer that did not say for whom it speaks."""


class Introduction(asyncio.Protocol):
    """Stands in for a `session` until it is known with whom, and TLS is on where that is due."""

    def __init__(
        self,
        proxies: tuple[IPv4Network | IPv6Network, ...],
        tls: ssl.SSLContext | None,
        session: Callable[[str], asyncio.Protocol],
    ) -> None:
        self._proxies = proxies
        self._tls = tls
        self._session = session
        self._reader = asyncio.StreamReader()
        self._halved = False

    def connection_made(self, transport: Any) -> None:
        self._reader.set_transport(transport)
        task = asyncio.get_running_loop().create_task(self._introduce(transport))
        _introductions.add(task)
        task.add_done_callback(_introductions.discard)

    def data_received(self, data: bytes) -> None:
        self._reader.feed_data(data)

    def eof_received(self) -> bool:
        self._halved = True
        self._reader.feed_eof()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self.eof_received()

    async def _introduce(self, transport: Any) -> None:
        peer = address_of(transport)
        try:
            named = peer and within(peer, self._proxies)
            client = await client_behind(peer, self._reader) if named else peer
            self._reader.feed_eof()  # for us; what is left is for whoever comes after us
            await self._hand_over(transport, client, await self._reader.read())
        except (NotProxied, ValueError) as error:
            why = error if isinstance(error, NotProxied) else type(error).__name__
            log.error("%s is one of smtp.proxies, and was cut off: %s", peer, why)
            transport.close()
        except OSError:  # TLS errors too: whoever breaks off a handshake is told nothing
            transport.close()

    async def _hand_over(self, transport: Any, client: str, rest: bytes) -> None:
        if not client or transport.is_closing():
            raise ConnectionAbortedError("gone before we looked")
        session = self._session(client)
        if self._tls:
            if self._halved:
                raise ConnectionAbortedError("no handshake can come")
            transport, rest = await encrypted(transport, session, self._tls, rest), b""
        else:
            transport.set_protocol(session)
        session.connection_made(transport)
        if rest:
            session.data_received(rest)
        if self._halved and not session.eof_received():
            transport.close()
        transport.resume_reading()


def address_of(transport: Any) -> str:
    """The peer's, without the zone of a link-local one; "" if it is gone before we looked."""
    peer = transport.get_extra_info("peername")
    return peer[0].partition("%")[0] if peer else ""


async def client_behind(peer: str, reader: Any) -> str:
    """The client's address; the peer's own for a health check (LOCAL, UNKNOWN). Raises
    NotProxied."""
    try:
        async with asyncio.timeout(PATIENCE):
            data: ProxyData = await get_proxy(reader)
    except (TimeoutError, EOFError):
        raise NotProxied("no PROXY header") from None
    if not data.valid:
        raise NotProxied("no PROXY header that can be read")
    return str(data.src_addr) if _names_a_client(data) else peer


def _names_a_client(data: ProxyData) -> bool:
    return isinstance(data.src_addr, IPv4Address | IPv6Address)


async def encrypted(
    transport: asyncio.Transport,
    protocol: asyncio.Protocol,
    context: ssl.SSLContext | None,
    begun: bytes = b"",
) -> Any:
    """The transport inside TLS. `begun` is what was read of the handshake before. Raises
    OSError, of which those of TLS are."""
    assert context
    loop = asyncio.get_running_loop()
    transport.pause_reading()  # or the next octets would still go to `protocol`
    started = loop.create_task(
        loop.start_tls(
            transport, protocol, context, server_side=True, ssl_handshake_timeout=HANDSHAKE
        )
    )
    if begun:
        await asyncio.sleep(0)  # it is made, and reads from the next turn on …
        await asyncio.sleep(0)  # … in which we come first
        _feed(transport.get_protocol(), begun)
    inside = await started
    if not inside:
        raise ConnectionAbortedError("gone before the end of the handshake")
    return inside


def _feed(protocol: Any, octets: bytes) -> None:
    """As the transport does it with a BufferedProtocol, which TLS is."""
    while octets:
        buffer = protocol.get_buffer(len(octets))
        count = min(len(buffer), len(octets))
        buffer[:count] = octets[:count]
        protocol.buffer_updated(count)
        octets = octets[count:]
