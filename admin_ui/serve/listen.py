"""Where SMTP listens, as the configuration writes it, and with which certificate."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from gateway.mail.listener import Kind
from gateway.memory.config import Config
from gateway.memory.entrance import Tls

log = logging.getLogger("sekisho.listen")


@dataclass(frozen=True)
class Listen:
    """One entry of smtp.listen: "host:port", or with "/submission" or "/tls" behind it."""

    place: str
    """"host:port" """
    kind: Kind

    @classmethod
    def parse(cls, text: str) -> Listen:
        """
        >>> Listen.parse("[::]:587/submission")
        Listen(place='[::]:587', kind='submission')
        """
        place, _, kind = text.partition("/")
        return cls(place, cast(Kind, kind or "plain"))


class Certificate:
    """The certificate of all listeners. `context` stays the same object: what is loaded into it
    serves every handshake from then on, and connections that stand keep what they have."""

    def __init__(self, config: Config) -> None:
        self._tls = config.smtp.tls
        self.context = tls_context(config)
        self._stamp = self._look()

    async def watch(self, every: float = 10.0) -> None:
        """Until cancelled: a new pair of files is in use within `every` seconds."""
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.renew)

    def renew(self) -> bool:
        """Loads what has changed, if certificate and key fit. What does not is said, and tried
        again with the next change: a renewal writes one file before the other."""
        stamp = self._look()
        if self.context is None or stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            _context(self._tls)  # tried apart: a key that does not fit would end the old pair too
            assert self._tls.certificate
            self.context.load_cert_chain(self._tls.certificate, self._tls.key)
        except (OSError, ssl.SSLError) as error:
            log.error(
                "the certificate stays the old one: %s", error.strerror or type(error).__name__
            )
            return False
        log.info("a new certificate is in use")
        return True

    def _look(self) -> list[tuple[int, int, int]]:
        found = []
        for path in (self._tls.certificate, self._tls.key):
            with suppress(OSError):  # being renewed: loading it says so
                found += [path.stat()] if path else []
        return [(each.st_ino, each.st_mtime_ns, each.st_size) for each in found]


def tls_context(config: Config) -> ssl.SSLContext | None:
    """None where no certificate is configured. Raises OSError and ssl.SSLError."""
    tls = config.smtp.tls
    return _context(tls) if tls.certificate else None


def _context(tls: Tls) -> ssl.SSLContext:
    assert tls.certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    return context
