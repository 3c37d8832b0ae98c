"""Mails for a slow server wait aside, and no other mail waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.mail import berth
from gateway.mail.hop import Parcel, Pool, Result
from gateway.mail.places import Crowded, Places
from gateway.mail.route import Hop, Host
from tests.e2e.sink import Sink
from tests.gateway.mail.world import MAIL

A = "sato@partner.example"


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(berth, "SLOW", 0.05)


@pytest.fixture
async def silent() -> AsyncIterator[Hop]:
    """A server that takes connections and says nothing until the end."""
    ends = list[asyncio.StreamWriter]()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield Hop(f"smtp://127.0.0.1:{port}", (Host("127.0.0.1", port, "none"),), "none")
    server.close()
    for end in ends:
        end.close()
        await end.wait_closed()


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    made = Pool("gate.example.co.jp", 2)
    yield made
    await made.close()


async def sent(pool: Pool, places: Places, hop: Hop) -> Result:
    async with places.one() as place:
        return (await pool.send(hop, Parcel("hanako@example.co.jp", (A,), MAIL), place))[A]


async def test_it_works(pool, silent) -> None:
    places = Places(4, aside=100)
    waiting = [asyncio.create_task(sent(pool, places, silent)) for _ in range(20)]
    with Sink() as peer:
        host, _, port = peer.hop.rpartition(":")
        quick = Hop(f"smtp://{peer.hop}", (Host(host, int(port), "none"),), "none")
        async with asyncio.timeout(20):
            assert (await sent(pool, places, quick)).outcome == "delivered"
        await pool.close()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not places.full


async def test_what_finds_no_place_aside_comes_again_later(pool, silent) -> None:
    places = Places(4, aside=1)
    waiting = [asyncio.create_task(sent(pool, places, silent)) for _ in range(4)]
    done, _ = await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    (result,) = [task.result() for task in done]
    assert result.outcome == "deferred" and result.reply.startswith("451 4.4.5 ")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_waits_too_long_comes_again_later(pool, silent, monkeypatch) -> None:
    monkeypatch.setattr(berth, "QUEUE", 0.05)
    places = Places(4, aside=9)
    waiting = [asyncio.create_task(sent(pool, places, silent)) for _ in range(3)]
    done, _ = await asyncio.wait(waiting, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result().status for task in done] == ["4.4.5"]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.2])
async def test_at_the_end_who_waits_is_put_off_and_not_cut_off(pool, silent, after) -> None:
    places = Places(9, aside=9)
    waiting = [asyncio.create_task(sent(pool, places, silent)) for _ in range(5)]
    await asyncio.sleep(after)
    pool.turn_away()
    done, begun = await asyncio.wait(waiting, timeout=2)
    assert [task.result().status for task in done] == ["4.4.5"] * 3
    for task in begun:
        task.cancel()
    await asyncio.gather(*begun, return_exceptions=True)


async def test_a_place_is_given_up_once() -> None:
    places = Places(1, aside=2)
    async with places.one() as place:
        assert places.full
        with place.aside(), place.aside():
            assert not places.full
            with pytest.raises(Crowded), places.aside():
                pass
    async with places.one():
        assert places.full
