"""A bell wakes who waits, costs a poll when it is lost, and keeps nobody from being stopped."""

import asyncio
import time

import pytest

from gateway.memory import nudge


@pytest.fixture
async def bell():
    return nudge.Bell(asyncio.get_running_loop())


async def waits(bell, room="queued", seconds=5.0):
    began = time.monotonic()
    await bell.wait(room, seconds)
    return time.monotonic() - began


async def test_it_works(bell):
    waiting = asyncio.create_task(waits(bell))
    await asyncio.sleep(0.01)
    await asyncio.to_thread(bell.ring, "queued")
    assert await waiting < 1


async def test_a_ring_before_the_wait_is_not_lost(bell):
    bell.ring("queued")
    await asyncio.sleep(0)
    assert await waits(bell) < 1


async def test_whoever_is_rung_for_before_the_loop_looks_is_woken(bell):
    for rooms in (("queued", "held"), ("held", "queued")):
        waiting = [asyncio.create_task(waits(bell, room)) for room in rooms]
        await asyncio.sleep(0.01)
        for room in rooms:
            bell.ring(room)
        assert max(await asyncio.gather(*waiting)) < 1


async def test_nobody_rings_and_the_wait_ends_by_itself(bell):
    bell.ring("held")
    assert 0.04 < await waits(bell, seconds=0.05) < 1


async def test_between_processes(bell, tmp_path):
    ear = await nudge.listen(tmp_path / "sock", bell)
    waiting = asyncio.create_task(waits(bell))
    await asyncio.sleep(0.01)
    await asyncio.to_thread(nudge.call, tmp_path / "sock", "queued")
    assert await waiting < 1
    ear.close()
    nudge.call(tmp_path / "nobody", "queued")


async def test_being_stopped_in_the_moment_of_a_ring_is_being_stopped(bell):
    async def room():
        while True:
            await bell.wait("queued", 5.0)

    for _ in range(3):
        running = asyncio.create_task(room())
        await asyncio.sleep(0.01)
        bell.ring("queued")
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=1)
        assert done and running.cancelled()
