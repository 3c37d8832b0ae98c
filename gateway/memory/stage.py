"""How a room works through its rows: claimed ahead of the workers, a few at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


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
    gate, places = asyncio.Semaphore(width), asyncio.Semaphore(ahead * width)

    async def one(claimed: T) -> None:
        async with places, gate:
            await work(claimed)

    async with asyncio.TaskGroup() as group:
        while True:
            async with places:
                found = await claim()
            if not found:
                await rest()
            for each in found:
                group.create_task(one(each))
