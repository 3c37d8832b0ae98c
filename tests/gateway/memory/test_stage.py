"""A room that fails begins anew alone; one that keeps failing takes the core along."""

from __future__ import annotations

import asyncio

import pytest

from gateway.memory.stage import OFTEN, kept


class Room:
    def __init__(self, failures: int) -> None:
        self.left, self.freed, self.stood = failures, 0, asyncio.Event()

    async def run(self) -> None:
        if self.left:
            self.left -= 1
            raise RuntimeError("broken")
        self.stood.set()
        await asyncio.Event().wait()

    async def free(self) -> None:
        self.freed += 1


@pytest.mark.asyncio
async def test_it_works(caplog: pytest.LogCaptureFixture) -> None:
    room = Room(OFTEN - 1)
    task = asyncio.create_task(kept("scanner", room.run, room.free, pause=0))
    await asyncio.wait_for(room.stood.wait(), 5)
    assert room.freed == OFTEN - 1 and "scanner failed and begins anew" in caplog.text
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_what_fails_again_and_again_is_raised() -> None:
    room = Room(OFTEN)
    with pytest.raises(RuntimeError):
        await kept("scanner", room.run, room.free, pause=0)
    assert room.freed == OFTEN - 1
