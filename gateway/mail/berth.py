"""Where the connections to one next hop lie, and where mails wait for one of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
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
    aside: set[asyncio.Timeout] = field(default_factory=set)
    """of these that wait without a place: as long as there are any, nobody waits in one"""
    closed: bool = False
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
            with place.aside():
                async with asyncio.timeout(0 if self.closed else QUEUE) as patience:
                    self.aside.add(patience)
                    try:
                        return await self.gate.acquire()
                    finally:
                        self.aside.discard(patience)
        except (Crowded, TimeoutError):
            return False

    def turn_away(self) -> None:
        """Who waits need wait no more, nor whoever comes: nothing was begun, and it is said so."""
        self.closed = True
        for patience in self.aside:
            patience.reschedule(0)
