"""How a room works through its rows: claimed ahead of the workers, a few at once; and how a room
that fails begins anew while the others go on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from gateway.memory.measures import RESTARTS

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


OFTEN = 3
"""Failures within `SOON` seconds after which it is no accident: the whole core begins anew."""
SOON = 60.0


async def kept(
    name: str,
    room: Callable[[], Awaitable[None]],
    free: Callable[[], Awaitable[object]],
    pause: float = 1.0,
) -> None:
    """Until cancelled: `room`, again after each failure; `free` lets go what it had claimed."""
    failures: deque[float] = deque(maxlen=OFTEN)
    while True:
        try:
            await room()
            return
        except Exception:
            failures.append(time.monotonic())
            if len(failures) == OFTEN and failures[-1] - failures[0] < SOON:
                raise
            log.exception("%s failed and begins anew", name)
        RESTARTS.labels(name).inc()
        await asyncio.sleep(pause)
        await free()


async def work_through(
    claim: Callable[[], Awaitable[Sequence[T]]],
    work: Callable[[T], Awaitable[None]],
    rest: Callable[[], Awaitable[None]],
    *,
    width: int,
    ahead: int,
    most: int = 1,
) -> None:
    """Until cancelled: `width` pieces of work at once, up to `ahead` claimed for each of them. A
    claim that brings less than `most` has left nothing.

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
            for each in found:
                group.create_task(one(each))
            if len(found) < most:
                await rest()
