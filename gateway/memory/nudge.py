"""A bell between rooms: after a commit the next room is woken instead of polling.

In process it is a callback of the store; between processes one datagram on a UNIX socket. A lost
nudge costs a poll, never mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import deque
from pathlib import Path


class Bell:
    """Rooms of one event loop that wait for work; `ring` may come from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rooms: dict[str, asyncio.Event] = {}
        self._rung: deque[str] = deque()
        self._woken = False
        """whether the loop will look: each waking of it is a system call on either side"""

    def ring(self, room: str) -> None:
        # A room looks for work after it has cleared its bell: while one ring waits to be heard
        # another one adds nothing, and costs the loop a turn.
        if (rung := self._rooms.get(room)) and rung.is_set():
            return
        self._rung.append(room)
        if self._woken:
            return
        self._woken = True
        with contextlib.suppress(RuntimeError):  # the loop is closing: nobody is left to wake
            self._loop.call_soon_threadsafe(self._answer)

    async def wait(self, room: str, seconds: float) -> None:
        """Until somebody rings for `room`, or `seconds` have passed."""
        event = self._rooms.setdefault(room, asyncio.Event())
        # not wait_for: before Python 3.12 it swallows a cancellation that meets a ring, and the
        # room would go on for ever while its house waits for it to end
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        event.clear()

    def _answer(self) -> None:
        self._woken = False  # first: who rings from here on wakes the loop again
        while self._rung:
            self._rooms.setdefault(self._rung.popleft(), asyncio.Event()).set()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, bell: Bell) -> None:
        self._bell = bell

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._bell.ring(data[:64].decode("ascii", "replace"))


async def listen(path: Path, bell: Bell) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    ear = _bound(path)
    transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(bell), sock=ear)
    return transport


def _bound(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(str(path))
    path.chmod(0o600)
    ear.setblocking(False)
    return ear


def call(path: Path, room: str) -> None:
    """From a process that has no rooms (pages, command line): ring in the one that has."""
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as voice,
    ):
        voice.setblocking(False)
        voice.sendto(room.encode("ascii"), str(path))
