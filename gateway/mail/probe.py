"""What a next hop would take, learned without handing anything over."""

from __future__ import annotations

import contextlib

from aiosmtplib import SMTPException

from gateway.mail import hop as hops
from gateway.mail.route import Hop


class Unreachable(Exception):
    """No host of the hop could be talked to; says why."""


async def learn(hop: Hop, hostname: str) -> tuple[dict[str, str], str]:
    """The EHLO keywords that stand after TLS and AUTH (lower case, with their values), and the
    TLS in force, "" for none. Raises Unreachable."""
    try:
        client = await hops.Pool(hostname, 1)._connect(hop)
    except hops._Refused as refused:
        raise Unreachable(refused.reply) from None
    offered = dict(client.esmtp_extensions)
    _, tls = hops._peer(client)
    with contextlib.suppress(OSError, SMTPException):
        await client.quit()
    client.close()
    return offered, tls
