"""What a next hop would take, learned without handing anything over."""

from __future__ import annotations

from gateway.mail.hop import Pool, Refused
from gateway.mail.line import leave
from gateway.mail.route import Hop


class Unreachable(Exception):
    """No host of the hop could be talked to; says why."""


async def learn(hop: Hop, hostname: str) -> tuple[dict[str, str], str]:
    """The EHLO keywords that stand after TLS and AUTH (lower case, with their values), and the
    TLS in force, "" for none. Raises Unreachable."""
    try:
        line = await Pool(hostname, 1).connect(hop)
    except Refused as refused:
        raise Unreachable(refused.reply) from None
    offered = dict(line.client.esmtp_extensions)
    await leave(line)
    return offered, line.tls
