"""Small mails before large ones, which wait a moment and not for ever."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.mail import precedence
from tests.gateway.mail.test_listener import (  # noqa: F401
    END,
    FileHouse,
    Serve,
    connected,
    eventually,
    house,
    serve,
)

LARGE = b"Subject: x\r\n\r\n" + 4_000 * (b"x" * 998 + b"\r\n")


async def test_nobody_waits_for_nobody() -> None:
    began = time.monotonic()
    for _ in range(100):
        await precedence.give_way()
    assert time.monotonic() - began < precedence.MOST


async def test_who_gives_way_goes_on_as_soon_as_the_last_is_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precedence, "MOST", 60.0)
    with precedence.first():
        with precedence.first():
            waiting = asyncio.create_task(precedence.give_way())
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 5)


async def test_who_gives_way_goes_on_all_the_same() -> None:
    with precedence.first():
        await asyncio.wait_for(precedence.give_way(), 5)
        assert precedence.wanted()
    assert not precedence.wanted()


async def test_a_failure_stands_in_nobodys_way() -> None:
    with pytest.raises(OSError), precedence.first():
        raise OSError
    assert not precedence.wanted()


async def test_a_large_mail_is_not_read_while_a_small_one_waits(
    serve: Serve,  # noqa: F811
    house: FileHouse,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precedence, "MOST", 60.0)
    port = await serve()
    async with connected(port) as wire:
        await wire.ask_for_data()
        with precedence.first():
            wire.writer.write(LARGE + END)
            answer = asyncio.create_task(wire.reader.readline())
            await asyncio.sleep(0.2)
            assert not answer.done() and not house.mails()
        assert (await asyncio.wait_for(answer, 20)).startswith(b"250 ")
    assert list(house.mails().values()) == [LARGE]


async def test_a_large_mail_that_gives_way_can_hang_up(
    serve: Serve,  # noqa: F811
    house: FileHouse,  # noqa: F811
) -> None:
    port = await serve()
    with precedence.first():
        async with connected(port) as wire:
            await wire.ask_for_data()
            wire.writer.write(LARGE)
            await eventually(lambda: bool(house.leftovers()))
            wire.writer.transport.abort()
        await eventually(lambda: not house.leftovers())
    assert not house.mails()
