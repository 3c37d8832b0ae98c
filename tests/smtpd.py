"""aiosmtpd as a real server of another company, on a free port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Peer(Controller):
    """`options` are those of aiosmtpd's SMTP."""

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._sessions: list[SMTP] = []
        super().__init__(object(), hostname="127.0.0.1", port=0)

    def factory(self) -> SMTP:
        self._sessions.append(SMTP(self.handler, **self._options))
        return self._sessions[-1]

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Its port. aiosmtpd's own start asks the configured port, which is 0 here."""
        self._thread = threading.Thread(target=self._run, args=(ready := threading.Event(),))
        self._thread.daemon = True
        self._thread.start()
        ready.wait(10)
        port: int = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        try:
            yield port
        finally:
            asyncio.run_coroutine_threadsafe(self._left(), self.loop).result(10)
            self.stop()

    async def _left(self) -> None:
        """The socket of a client that went before it was greeted stays open without this."""
        for session in self._sessions:
            if session.transport:
                session.transport.close()
        await asyncio.sleep(0)
