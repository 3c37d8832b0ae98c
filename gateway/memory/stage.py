"""How a room works through its rows: claimed ahead of the workers, a few at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger("sekisho.stage")
T = TypeVar("T")
PASSING = (SQLAlchemyError, OSError)
"""What a full or failing disk and a locked database raise."""
PAUSE = 1.0


async def unless_stuck(work: Callable[[], Awaitable[T]], otherwise: T) -> T:
    """`otherwise` where nothing can be written now. That passes; a room that ended of it would
    take the whole core along, and with it the listener that says 451."""
    try:
        return await work()
    except PASSING:
        log.exception("nothing could be claimed")
        return otherwise


async def at_last(work: Callable[[], Awaitable[T]], patience: float) -> T:
    """Again and again for `patience` seconds, within the lease: what was done or heard already
    should be written down, late rather than never. Raises the last error."""
    end = time.monotonic() + patience
    while True:
        try:
            return await work()
        except PASSING as error:
            if time.monotonic() > end:
                raise
            log.warning("could not be written down yet: %s", type(error).__name__)
            await asyncio.sleep(PAUSE)


async def work_through(
    claim: Callable[[], Awaitable[Sequence[T]]],
    work: Callable[[T], Awaitable[None]],
    rest: Callable[[], Awaitable[None]],
    *,
    width: int,
    ahead: int,
) -> None:
    """Until cancelled: `width` pieces of work at once, up to `ahead` claimed for each of them.

    A slow one keeps its own place busy and nobody else's, so that what comes after it is not kept
    waiting. `rest` waits for news when nothing could be claimed; `work` raises nothing.
    """
    nothing: Sequence[T] = ()
    gate, places = asyncio.Semaphore(width), asyncio.Semaphore(ahead * width)

    async def one(claimed: T) -> None:
        async with places, gate:
            await work(claimed)

    async with asyncio.TaskGroup() as group:
        while True:
            async with places:
                found = await unless_stuck(claim, nothing)
            if not found:
                await rest()
            for each in found:
                group.create_task(one(each))
