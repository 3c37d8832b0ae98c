"""Where the connections to one next hop lie, and where mails wait for one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from gateway.mail.line import Line
from gateway.mail.places import Crowded, Place

SLOW = 2.0
"""Seconds that a mail waits for a connection in its place; then others may have that."""
QUEUE = 240.0
"""Seconds that it waits in all: with what the hand-over may take, well within the lease."""


@dataclass(slots=True)
class Berth:
    gate: asyncio.Semaphore
    users: int = 0
    aside: int = 0
    """of these that wait without a place: as long as there are any, nobody waits in one"""
    idle: list[Line] = field(default_factory=list)
    watched: bool = False
    """A timer runs, one for all of them."""

    async def turn(self, place: Place) -> bool:
        """Whether a connection is ours to use, at last, till `gate` is released; not where too many
        wait, or this one has waited too long."""
        if not self.gate.locked():
            return await self.gate.acquire()
        if not self.aside:
            with suppress(TimeoutError):
                async with asyncio.timeout(SLOW):
                    return await self.gate.acquire()
        try:
            with place.aside(), self._waited_for():
                async with asyncio.timeout(QUEUE):
                    return await self.gate.acquire()
        except (Crowded, TimeoutError):
            return False

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        self.aside += 1
        try:
            yield
        finally:
            self.aside -= 1
