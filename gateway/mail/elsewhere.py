"""Accounts that live on the next hop: a password is proven there, and kept nowhere here."""

from __future__ import annotations

import ssl

from aiosmtplib import SMTP, SMTPAuthenticationError

from gateway.mail.line import hang_up
from gateway.mail.route import Hop

_PATIENCE = 15.0


async def proves(hop: Hop, hostname: str, user: str, password: str) -> bool:
    """Whether the next hop lets this account sign in. Raises what the network raises: the client
    is then told to come again, and never that its password is wrong.

    Always over TLS with a checked certificate: it is somebody's password.
    """
    host, *_ = hop.hosts
    context = ssl.create_default_context(cafile=hop.ca_file)
    client = SMTP(
        hostname=host.name,
        port=host.port,
        local_hostname=hostname,
        timeout=_PATIENCE,
        use_tls=hop.implicit,
        start_tls=not hop.implicit,
        tls_context=context,
    )
    try:
        await client.connect()
        await client.login(user, password)
    except SMTPAuthenticationError as error:
        if error.code < 500:
            raise
        return False
    finally:
        await hang_up(client)
    return True
