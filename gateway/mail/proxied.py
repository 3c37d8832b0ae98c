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
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from aiosmtpd.proxy_protocol import ProxyData, get_proxy

logging.getLogger("mail.debug").disabled = True  # aiosmtpd's own, which quotes what was sent

PATIENCE = 5.0
"""Seconds for the header, which is the first thing a balancer sends."""
HANDSHAKE = 30.0


class NotProxied(ConnectionAbortedError):
    """A named peer that did not say for whom it speaks."""


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
    context: ssl.SSLContext,
    begun: bytes = b"",
) -> Any:
    """The transport inside TLS. `begun` is what was read of the handshake before. Raises
    ConnectionError and SSLError."""
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
    return await started


def _feed(protocol: Any, octets: bytes) -> None:
    """As the transport does it with a BufferedProtocol, which TLS is."""
    while octets:
        buffer = protocol.get_buffer(len(octets))
        count = min(len(buffer), len(octets))
        buffer[:count] = octets[:count]
        protocol.buffer_updated(count)
        octets = octets[count:]
