"""The hatch through which a mail goes to a worker, and a report comes back: two pipes, in turn.

No transport and no stream: a small mail is one write and one read, and a mail of a megabyte fits
into the pipe. Nothing says that a mail was taken in: the kernel knows what is left in the pipe,
also after its reader has died.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import termios
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

ANSWER_LIMIT = 16 << 20
LENGTH = 4
_PIPE = 1 << 20
"""As much as anybody may ask for (fs.pipe-max-size)."""
_PIECE = 256 << 10


class InBlocks(Protocol):
    """What is too large to be in memory in one piece."""

    def __len__(self) -> int: ...

    def blocks(self) -> Iterator[bytes]:
        """None is empty. Reads: not for the loop."""


class Unanswered(Exception):
    """`reason` is "worker_died", "late" or "too_large"; `taken` tells whether the worker had the
    whole request, so that its death is the mail's doing."""

    def __init__(self, reason: str, taken: bool) -> None:
        super().__init__(reason)
        self.reason, self.taken = reason, taken


class Hatch:
    """Answers are frames: u32 length, and so many octets. After Unanswered, `close` it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        requests, self._in = os.pipe()
        self._out, answers = os.pipe()
        self.theirs = requests, answers
        """What the worker is started with; closed here as soon as it has them (`handed_over`)."""
        with suppress(OSError):  # less for who has many pipes: then it takes more than one turn
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, _PIPE)
        for end in (self._in, self._out):
            os.set_blocking(end, False)
        self._rest: list[memoryview] = []
        self._unread = 0
        """octets of the mail that were not read from its blocks yet"""
        self._drained = asyncio.Event()
        self._said = bytearray()
        self._answer: asyncio.Future[bytes] | None = None
        self.closed = False

    def handed_over(self) -> None:
        """`ask` at once: from now on what is said unasked, or the end of it, closes it."""
        for end in self.theirs:
            os.close(end)
        self._loop.add_reader(self._out, self._hear)

    async def ask(self, *request: bytes, mail: InBlocks | None = None, seconds: float) -> bytes:
        """The answer to the request, in so many pieces, and the mail behind it, within so many
        seconds; without any, the next one that comes. Raises Unanswered, and what reading the mail
        raises: then it is of no more use. One at a time."""
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._answer = answer
        self._rest = [memoryview(part) for part in request if part]
        self._unread = len(mail) if mail else 0
        self._drained.clear()
        timer = self._loop.call_later(seconds, lambda: self._fail("late"))
        try:
            self._feed()
            if mail:
                await self._pour(mail.blocks(), answer)
            return await answer
        finally:
            timer.cancel()
            self._answer = None

    def close(self) -> None:
        if self.closed:
            return
        self._fail("worker_died")
        self.closed = True
        self._loop.remove_reader(self._out)
        self._loop.remove_writer(self._in)
        os.close(self._out)
        os.close(self._in)

    def _feed(self) -> None:
        if self.closed:
            return self._fail("worker_died")
        try:
            if self._rest:
                self._sent(os.writev(self._in, self._rest))
        except BlockingIOError:
            pass
        except OSError:
            return self._fail("worker_died")
        if self._rest:  # one pipe full a turn: a worker that keeps up would hold the loop
            self._loop.add_writer(self._in, self._feed_more)
        else:
            self._drained.set()

    async def _pour(self, blocks: Iterator[bytes], answer: asyncio.Future[bytes]) -> None:
        """One is read while the worker takes the one before it."""
        while self._unread and (block := await asyncio.to_thread(next, blocks, b"")):
            await self._drained.wait()
            if answer.done():
                return
            self._drained.clear()
            self._rest = [memoryview(block)]
            self._unread -= len(block)
            self._feed()

    def _feed_more(self) -> None:
        self._loop.remove_writer(self._in)
        self._feed()

    def _sent(self, octets: int) -> None:
        while self._rest and octets >= len(self._rest[0]):
            octets -= len(self._rest.pop(0))
        if octets:
            self._rest[0] = self._rest[0][octets:]

    def _hear(self) -> None:
        said = os.read(self._out, _PIECE)
        if not said or self._answer is None:  # what nobody has asked for answers no mail
            self.close()
            return
        self._said += said
        end = LENGTH + int.from_bytes(self._said[:LENGTH])
        if len(self._said) < LENGTH:
            return
        if end > ANSWER_LIMIT:
            self._fail("too_large")
        elif len(self._said) > end or not self._taken():
            self.close()
        elif len(self._said) == end and not self._answer.done():
            self._answer.set_result(bytes(self._said[LENGTH:]))
            self._said.clear()

    def _fail(self, reason: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(Unanswered(reason, self._taken()))
        self._drained.set()  # whoever waits for it finds that it failed

    def _taken(self) -> bool:
        if self._rest or self._unread or self.closed:
            return False
        left = fcntl.ioctl(self._in, termios.FIONREAD, bytes(4))
        return not any(left)
