"""Where SMTP listens, as the configuration writes it, and with which certificate."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import cast

from gateway.mail.listener import Kind
from gateway.memory.config import Config


@dataclass(frozen=True)
class Listen:
    """One entry of smtp.listen: "host:port", or with "/submission" or "/tls" behind it."""

    host: str
    port: int
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Listen:
        """
        >>> Listen.parse("[::]:587/submission")
        Listen(host='::', port=587, kind='submission')
        """
        address, _, kind = text.partition("/")
        host, _, port = address.rpartition(":")
        return cls(host.strip("[]"), int(port), cast(Kind, kind or "plain"))


def tls_context(config: Config) -> ssl.SSLContext | None:
    """None where no certificate is configured. Raises OSError and ssl.SSLError."""
    tls = config.smtp.tls
    if tls.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    return context
