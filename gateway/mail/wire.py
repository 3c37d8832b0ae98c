"""A connection on which mail is offered: commands in one write where the peer takes it (RFC 2920).

aiosmtplib opens it (TLS, EHLO, AUTH) and then leaves it to us: each of its commands is a write, a
time-out and a turn of the loop of its own, which for a small mail is half of its delivery.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from detectors import linear

LONGEST = 64 * 1024
"""Octets of one reply."""
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_DOTS = linear.octets(rb"\n\.")
"""Seven times as fast as what is replaced, which few mails need."""


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    """-1: what came is no reply"""
    text: str
    """all lines of it"""

    @property
    def agrees(self) -> bool:
        """By its first digit, as RFC 5321 §4.3.2 has it read: who takes 252 for a "no" hands the
        same mail over again and again."""
        return 200 <= self.code < 300


class Wire(asyncio.Protocol):
    def __init__(self, transport: asyncio.Transport) -> None:
        """Takes the connection over, with nothing said that is not answered."""
        self._transport = transport
        self._said = bytearray()
        self._lines: list[bytes] = []
        self._answers: deque[Answer] = deque()
        self._ahead: deque[bytes] = deque()
        self._due = 0
        """answers that are still to come"""
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Future[None] | None = None
        """for who waits, one at a time"""
        self._lost = False
        self._full = False
        """The peer takes less than it is told."""
        transport.set_protocol(self)

    # -- speaking

    def ahead(self, *commands: bytes) -> None:
        """Says them all at once; they are then asked for one by one, in this order."""
        self._say(b"".join(map(_line, commands)), len(commands))
        self._ahead.extend(commands)

    async def ask(self, command: bytes, seconds: float) -> Answer:
        """Its answer, within so many seconds. Raises OSError."""
        if not self._ahead:
            self._say(_line(command), 1)
        elif self._ahead.popleft() != command:
            raise ValueError("asked in another order than it was said")
        return await self._answer(seconds)

    async def pour(self, content: bytes, seconds: float) -> Answer:
        """The content of a mail, whose lines all end with CRLF, to a peer that has said 354."""
        end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
        self._say(_doubled(content) + end, 1)
        return await self._answer(seconds)

    async def stream(self, blocks: AsyncIterator[bytes], seconds: float) -> Answer:
        """The same of a large one in blocks, none of them empty, each of which is said when the
        peer has taken what was said before."""
        self._due += 1
        begins = True
        try:
            async for block in blocks:
                await self._room(seconds)
                if self._answers:
                    return self._interrupted()
                self._say(_doubled(block, begins), 0)
                begins = block.endswith(b"\n")
            self._say(b".\r\n" if begins else b"\r\n.\r\n", 0)
            return await self._answer(seconds)
        except BaseException:  # whatever was said next would be content
            self._cut()
            raise

    async def rest(self, seconds: float) -> None:
        """Hears what was said ahead and not asked for, because of an answer before it. Hangs up
        on a peer that now waits for data: an empty mail is none. Raises nothing."""
        try:
            while self._ahead and not self._lost:
                if (await self.ask(self._ahead[0], seconds)).code == 354:
                    self.close()
        except OSError:
            self.close()

    def close(self) -> None:
        self._lost = True
        self._transport.close()

    def _cut(self) -> None:
        """Without waiting for a peer to take what is left of half a mail."""
        self._lost = True
        self._transport.abort()

    def _say(self, octets: bytes, due: int) -> None:
        if self._lost or self._transport.is_closing():
            raise ConnectionResetError("Connection lost")
        self._due += due
        self._transport.write(octets)

    async def _room(self, seconds: float) -> None:
        """Until the peer has taken most of what was said, or says something itself."""
        while self._full and not self._answers and not self._lost:
            await self._news(seconds)

    def _interrupted(self) -> Answer:
        """Who answers in the middle of a mail has not taken it, whatever it says."""
        self._cut()
        answer = self._answers.popleft()
        return answer if 400 <= answer.code < 600 else Answer(451, "4.5.0 answered amid the data")

    # -- hearing

    async def _answer(self, seconds: float) -> Answer:
        while not self._answers and not self._lost:
            await self._news(seconds)
        if not self._answers:
            raise ConnectionResetError("Connection lost")
        return self._answers.popleft()

    async def _news(self, seconds: float) -> None:
        self._heard = self._loop.create_future()
        timer = self._loop.call_later(seconds, _late, self._heard)
        try:
            await self._heard
        finally:
            timer.cancel()
            self._heard = None

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def data_received(self, data: bytes) -> None:
        self._said += data
        while (end := self._said.find(b"\n")) >= 0:
            line = bytes(self._said[:end]).strip(b" \t\r")
            del self._said[: end + 1]
            self._lines.append(line)
            if line[3:4] != b"-" or not line[:3].isdigit():
                self._take(_read(self._lines))
                self._lines = []
        if len(self._said) + sum(map(len, self._lines)) > LONGEST:
            self._take(Answer(-1, "Response too long"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._wake()

    def _take(self, answer: Answer) -> None:
        """What nobody has asked for would be taken for the answer to the next command."""
        if not self._due:
            self.close()
            return
        self._due -= 1
        self._answers.append(answer)
        self._wake()

    def _wake(self) -> None:
        if self._heard and not self._heard.done():
            self._heard.set_result(None)


def _late(heard: asyncio.Future[None]) -> None:
    if not heard.done():
        heard.set_exception(TimeoutError())


def _doubled(block: bytes, begins: bool = True) -> bytes:
    """Dots at the beginning of lines twice (RFC 5321 §4.5.2); `begins`: a line does here.

    >>> _doubled(b".a\\r\\n.b")
    b'..a\\r\\n..b'
    """
    dots = b"." in block and _DOTS.search(block)  # base64 has none
    doubled = block.replace(b"\n.", b"\n..") if dots else block
    return b"." + doubled if begins and block.startswith(b".") else doubled


def _line(command: bytes) -> bytes:
    if _CONTROL.search(command):
        raise ValueError("a control character in a command")
    return command + b"\r\n"


def _read(lines: list[bytes]) -> Answer:
    """
    >>> _read([b"250-2.0.0 one", b"250 two"])
    Answer(code=250, text='2.0.0 one\\ntwo')
    """
    code = lines[-1][:3]
    if not code.isdigit() or len(code) < 3:
        shown = lines[-1].decode("utf-8", "replace")
        return Answer(-1, f"Malformed SMTP response line: {shown}")
    text = b"\n".join(line[4:].strip() for line in lines)
    return Answer(int(code), text.decode("utf-8", "replace"))
