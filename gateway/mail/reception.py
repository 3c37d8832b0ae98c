"""One mail between 354 and its reply: octets into the house's sink, whatever happens on the way."""

from __future__ import annotations

import logging

from gateway.mail.admission import Admission
from gateway.mail.connection import named
from gateway.mail.dot_stream import DotStream
from gateway.mail.listener import Refusal, Reply, Sink
from gateway.mail.smtp_in import LATER, too_large

log = logging.getLogger(__name__)


class Reception:
    def __init__(self, admission: Admission, sink: Sink) -> None:
        self._sink = sink
        self._stream = DotStream(admission.max_size, normalize=admission.normalize)
        self._failure: Reply | None = None
        self._limit = admission.max_size

    def feed(self, block: bytes) -> bytes | None:
        """What follows the end of data; None before it. Read to the true end, whatever the sink
        says: what follows would be read as commands. Raises LineEnding."""
        content = self._stream.feed(block)
        if content and not self._failure:
            self._failure = self._write(content)
        return self._stream.rest if self._stream.done else None

    @property
    def size(self) -> int:
        """Octets so far."""
        return self._stream.size

    @property
    def refusal(self) -> Reply | None:
        return too_large(self._limit) if self._stream.too_large else self._failure

    async def settle(self) -> Reply:
        """Commits it, however long that takes. Raises nothing."""
        try:
            if self._stream.mended:
                self._sink.mended()
            return Reply(250, "2.0.0", f"Ok: queued as {await self._sink.commit()}")
        except Refusal as refusal:
            self.abort()
            return refusal.reply
        except Exception as error:
            self.abort()
            return failed("commit", error)

    def abort(self) -> None:
        try:
            self._sink.abort()
        except Exception as error:
            failed("abort", error)

    def _write(self, content: bytes) -> Reply | None:
        try:
            self._sink.write(content)
        except Refusal as refusal:
            return refusal.reply
        except Exception as error:
            return failed("write", error)
        return None


def failed(act: str, error: Exception) -> Reply:
    log.error("cannot %s a mail: %s", act, named(error))
    return LATER
