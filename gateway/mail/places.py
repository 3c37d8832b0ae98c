"""Places for mails that are being handed over: so many at once, whatever their servers do.

A server that takes a minute for each mail would come to hold them all, with the mails that wait for
one of its connections, and no other mail would leave. Who waits for long therefore gives its place
to others, and waits aside.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager


class Crowded(Exception):
    """As many wait aside as may: it is to come again."""


class Places:
    def __init__(self, most: int, aside: int) -> None:
        self._free, self._aside = asyncio.Semaphore(most), aside

    @property
    def full(self) -> bool:
        return self._free.locked()

    async def free(self) -> None:
        """Returns when there is one."""
        await self._free.acquire()
        self._free.release()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Place]:
        await self._free.acquire()
        place = Place(self)
        try:
            yield place
        finally:
            place.give_up()

    @contextmanager
    def aside(self) -> Iterator[None]:
        if not self._aside:
            raise Crowded
        self._aside -= 1
        try:
            yield
        finally:
            self._aside += 1

    def left(self) -> None:
        self._free.release()


class Place:
    """Of one mail."""

    def __init__(self, places: Places) -> None:
        self._places, self._mine = places, True

    def give_up(self) -> None:
        if self._mine:
            self._mine = False
            self._places.left()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """From now on another mail may have it: who waits aside needs none any more. Raises
        Crowded."""
        with self._places.aside():
            self.give_up()
            yield
