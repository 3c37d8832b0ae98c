"""One connection: octets in, replies out, and its clocks. What they mean is the driver's.

All is done in the turn of the loop in which octets arrive, without a task or a future, as long as
nothing must be waited for: a mail of 2 KB is six readings and seven replies, and asyncio's streams
cost as much for each as everything that is done with it.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from pathlib import Path
from typing import Any

from gateway.mail.listener import Reply
from gateway.mail.smtp_in import LATER
from gateway.memory.measures import REFUSALS

log = logging.getLogger(__name__)

BLOCK = 262_144
"""Octets that may wait to be understood before nothing more is read; a reading is no larger."""
_TURN = 50
"""Commands of one client before the others have their turn."""
_LINGER = 2.0
"""Seconds for the client to read why it was cut off, before a reset overtakes the reply."""
_IDLE = Reply(421, "4.4.2", "timed out", True)
_TOO_LONG = Reply(421, "4.4.2", "session too long", True)


class Connection(asyncio.Protocol):
    """Whoever drives it says what a `_step` is, sets `busy` while it waits for something, and
    then calls `resume`; what arrives meanwhile waits in `pending`."""

    transport: Any = None
    halves = True
    """False from the beginning of a handshake on: TLS has none."""

    def __init__(self, silence: float, session: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.pending = b""
        """Octets that arrived and are not yet understood."""
        self.busy = True
        self.over = False
        """The last reply is said, or nobody is there: what still comes is dropped."""
        self.client_ip = ""
        self._silence = silence
        self._heard = self.loop.time()
        self._ends = self._heard + session
        self._clock: asyncio.TimerHandle | None = None
        self._replies: list[bytes] = []
        """Of this turn, for one write."""
        self._paused = False
        self._deaf = False
        """The client does not read what it is told: nothing more is answered."""
        self._halved = False
        """The client has closed its half: nothing more will come."""

    def _step(self) -> bool:
        """Does one thing with what is pending; False if that is too little for anything."""
        raise NotImplementedError

    def _end(self) -> None:
        """Gives up what was begun; once the last reply is said, and again when nobody is there."""
        raise NotImplementedError

    # -- what the transport tells

    def data_received(self, data: bytes) -> None:
        if self.over:
            return
        self._heard = self.loop.time()
        self.pending = self.pending + data if self.pending else data
        self._work()

    def eof_received(self) -> bool:
        """A client may close its half and wait for the 250."""
        self._halved = True
        self._work()
        halves = self.halves and self.transport and self.transport.can_write_eof()
        return not self.over and bool(halves)

    def pause_writing(self) -> None:
        self._deaf = True

    def resume_writing(self) -> None:
        self._deaf = False
        self._work()

    def connection_lost(self, error: Exception | None) -> None:
        self.busy = self.over = True
        if self._clock:
            self._clock.cancel()
        self._end()

    # -- octets in

    def begin(self, greeting: Reply) -> None:
        self._tick()
        self.resume(greeting)

    def resume(self, reply: Reply | None = None) -> None:
        """Says what was waited for, and goes on with what came meanwhile."""
        if self.over:
            return
        self.busy, self._heard = False, self.loop.time()
        if reply:
            self.say(reply)
        self._work()

    def _work(self) -> None:
        try:
            for _ in range(_TURN):
                if self.busy or self.over or self._deaf:
                    break
                if self._heard >= self._ends:
                    self.say(_TOO_LONG)
                elif not self._step():
                    if self._halved:
                        self.close()
                    break
            else:
                self.loop.call_soon(self._work)
        except Exception as error:
            log.error("session with %s broke off: %s", self.client_ip, named(error))
            self.cut(LATER)
        self._flush()
        self._pace()

    def _pace(self) -> None:
        full = len(self.pending) > BLOCK
        if full != self._paused and self.transport:
            self._paused = full
            (self.transport.pause_reading if full else self.transport.resume_reading)()

    # -- replies out

    def say(self, reply: Reply) -> None:
        """Multi-line replies and those to a pipelined group leave in one write."""
        if reply.code >= 400:
            REFUSALS.labels(str(reply.code), reply.status).inc()
        self._replies.append(reply.encode())
        if reply.code == 221:
            self.close()
        elif reply.close:
            self._dismiss()

    def cut(self, reply: Reply) -> None:
        """A last word to somebody who waits for none."""
        if not self.over:
            self._replies.append(reply.encode())
            self.close()

    def close(self) -> None:
        self._flush()
        self.over = True
        self._end()
        self.transport.close()

    def _dismiss(self) -> None:
        self._flush()
        self.over, self.pending, self._heard = True, b"", self.loop.time()
        self._end()
        self._pace()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)

    def _flush(self) -> None:
        if self._replies:
            self.transport.write(b"".join(self._replies))
            self._replies.clear()

    # -- time

    def _tick(self) -> None:
        """Set anew only when it goes off: octets come more often than that."""
        now = self.loop.time()
        due = self._heard + self._silence
        if not self.busy or now < self._ends:
            due = min(due, self._ends)
        if now < due:
            self._clock = self.loop.call_at(due, self._tick)
        elif self.over or self.transport.get_write_buffer_size():
            self.transport.abort()  # it does not even read our replies
        elif now < self._ends:
            self.cut(_IDLE)
        else:
            self.say(_TOO_LONG)


def named(error: Exception) -> str:
    """Kind and place only: the message may quote what was in the mail."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} ({Path(place.filename).name}:{place.lineno})"
