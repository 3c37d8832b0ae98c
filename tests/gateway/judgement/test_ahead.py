"""A small mail is read while its client waits, and never lost where that goes wrong."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from weakref import ref

import pytest
import pytest_asyncio
from sqlalchemy import select

from gateway.judgement import ahead as module
from gateway.judgement import judge
from gateway.judgement.ahead import Ahead
from gateway.mail.address import parse_address
from gateway.mail.claim import CONSIGNMENT, Claims
from gateway.mail.intake import AHEAD, Intake
from gateway.mail.listener import Envelope, Recipient
from gateway.mail.loops import Marks
from gateway.mail.pieces import Shelf
from gateway.memory.committer import Committer
from gateway.memory.states import State, ref_of
from tests.mails import SATO, in_body, plain

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Door:
    """The intake of an office, with a real worker behind it."""

    intake: Intake
    nudges: list[str]

    @property
    def committer(self) -> Committer:
        return self.intake.committer

    async def take(self, raw: bytes) -> str:
        store = self.intake.memory.store
        envelope = Envelope(
            "192.0.2.7", "pc", "", None, parse_address("hanako@example.co.jp"),
            (Recipient(parse_address(SATO)),), "8BITMIME", False, None, "", "", "plain",
            store.clock(),
        )  # fmt: skip
        arrival = self.intake.open(envelope)
        arrival.write(raw)
        id = await arrival.commit()
        await self.intake.committer.commit(lambda tx: None)  # rooms are rung after we are told
        return id


@pytest_asyncio.fixture(loop_scope="module")
async def door(office, sandbox, monkeypatch) -> AsyncIterator[Door]:
    monkeypatch.setattr(module, "PATIENCE", 60.0)  # the machine may be busy
    memory = office.memory
    committer, nudges = Committer(memory.store), list[str]()
    memory.store.listeners.append(nudges.append)
    committer.start()
    ahead = Ahead(office.ck, sandbox)
    made = Door(Intake(memory, committer, Marks(b"k" * 32), ahead), nudges)
    await made.take(plain())  # the first mail tells which kinds the policy asks for
    nudges.clear()
    yield made
    committer.stop()


async def test_it_works(office, door) -> None:
    id = await door.take(plain())
    assert office.read(id).state is State.QUEUED
    assert office.verbs(id) == ["received", "judged", "queued"]
    assert door.nudges == [State.QUEUED.value]


async def test_what_must_be_held_is_held_with_the_250(office, door) -> None:
    id = await door.take(in_body(1, sender="hanako@example.co.jp"))
    assert office.read(id).state is State.HELD


async def _claims(door) -> Claims:
    """Of a courier that knows of nothing else that is queued."""
    claims, committer = Claims(door.intake.memory.content, "courier", lambda: True), door.committer
    await committer.commit(claims.due)
    committer.takers[State.QUEUED.value] = claims.take
    return claims


async def test_what_passes_is_taken_up_as_it_is_written(office, door) -> None:
    claims = await _claims(door)
    id = await door.take(plain())
    (load,) = claims.taken()
    with office.memory.store.read() as session:
        conn = session.connection()
        row = conn.execute(select(CONSIGNMENT).where(CONSIGNMENT.c.id == id)).mappings().one()
        waiting = judge.WAITING.rows(conn, {"known": id})
        letter = office.memory.content.row(conn, id)
        sources = office.memory.vault.sources(conn, [letter["blob"]])
    assert dict(load.consignment) == dict(row) and dict(load.letter) == dict(letter)
    assert [dict(each) for each in load.recipients] == [dict(each) for each in waiting]
    assert load.source == sources[letter["blob"]] and load.ref == ref_of(row)
    assert row["lease_owner"] == "courier" and row["lease_until"] > row["changed_at"]
    assert office.verbs(id) == ["received", "judged", "queued", "attempted"]
    assert door.nudges == [State.QUEUED.value]


LONG = b"".join((plain(), *([b"<" + b"x" * 62 + b">\r\n"] * 4_000)))
"""More than goes without saying."""


@pytest.mark.parametrize("raw", [plain(), LONG])
async def test_it_is_taken_up_with_its_octets_and_they_are_nowhere_else(door, raw) -> None:
    """Not even till the collector comes by: it comes hours later."""
    claims = await _claims(door)
    gc.disable()
    try:
        await door.take(raw)
        (load,) = claims.taken()
        assert load.clear and b"".join(load.clear) == raw
        octets = ref(load.clear)
        del load
        await door.committer.commit(lambda tx: None)
        assert octets() is None
    finally:
        gc.enable()


async def test_a_courier_with_its_hands_full_opens_what_was_sealed(office, door) -> None:
    claims = await _claims(door)
    claims._carried = Shelf(1)
    await door.take(LONG)
    id = await door.take(LONG)
    first, second = claims.taken()
    assert first.clear and second.clear is None and second.ref.id == id
    assert office.memory.content.opened(second.source, second.letter).whole() == LONG


async def test_what_finds_no_place_in_memory_is_read_from_the_store(office, door) -> None:
    door.intake.in_hand = Shelf(0)
    assert office.read(await door.take(LONG)).state is State.RECEIVED
    assert office.read(await door.take(plain())).state is State.QUEUED


async def test_what_nobody_is_free_for_waits_to_be_claimed(office, door) -> None:
    claims = await _claims(door)
    claims.room = lambda: False
    id = await door.take(plain())
    assert not claims.taken() and door.nudges == [State.QUEUED.value]
    assert [load.ref.id for load in await door.committer.commit(claims.due)] == [id]


async def test_what_is_undone_is_not_taken_up(office, door, monkeypatch) -> None:
    claims = await _claims(door)
    monkeypatch.setattr(judge, "_settle", _broken)
    id = await door.take(plain())
    assert not claims.taken() and office.verbs(id) == ["received"]


async def test_a_large_mail_is_read_from_the_store(office, door) -> None:
    id = await door.take(plain() + b"x\r\n" * (AHEAD // 3))
    assert office.read(id).state is State.RECEIVED and door.nudges == [State.RECEIVED.value]


async def test_a_client_does_not_wait_long(office, door, monkeypatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    id = await door.take(plain())
    assert office.read(id).state is State.RECEIVED


def _broken(*_: object) -> None:
    raise RuntimeError


async def test_a_judgement_that_fails_leaves_the_mail_to_the_scanner(
    office, door, monkeypatch
) -> None:
    monkeypatch.setattr(judge, "_settle", _broken)
    id = await door.take(plain())
    assert office.read(id).state is State.RECEIVED
    assert office.verbs(id) == ["received"]
    assert door.nudges == [State.RECEIVED.value]


async def test_a_worker_that_dies_costs_no_mail(office, door) -> None:
    for worker in list(door.intake.ahead.sandbox._alive):
        worker.kill()
    id = await door.take(plain())
    assert office.read(id).state in (State.RECEIVED, State.QUEUED)


async def test_another_policy_is_seen_before_it_judges(office, door) -> None:
    door.intake.ahead._kinds = frozenset({"card_number"})
    id = await door.take(plain())
    assert office.read(id).state is State.RECEIVED
    assert office.read(await door.take(plain())).state is State.QUEUED


async def test_no_mail_is_judged_by_what_it_was_not_read_for(office, door) -> None:
    """Another one that comes before it has seen the new policy by then."""
    door.intake.ahead._kinds = frozenset({"card_number"})
    ids = await asyncio.gather(door.take(plain()), door.take(plain()))
    assert [office.read(id).state for id in ids] == [State.RECEIVED, State.RECEIVED]
