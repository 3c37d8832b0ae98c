"""The PROXY protocol (versions 1 and 2): the client behind a load balancer, said by it alone.

Read by aiosmtpd; whom to believe is ours. A peer that is named must say it, and nobody else may:
otherwise whoever reaches the port chooses the address that trust hangs on.
"""

from __future__ import annotations

import asyncio
import logging
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from aiosmtpd.proxy_protocol import ProxyData, get_proxy

logging.getLogger("mail.debug").disabled = True  # aiosmtpd's own, which quotes what was sent

PATIENCE = 5.0
"""Seconds for the header, which is the first thing a balancer sends."""


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
