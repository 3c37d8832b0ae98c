"""A small mail is read while its client waits, and never lost where that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from gateway.judgement import ahead as module
from gateway.judgement import judge
from gateway.judgement.ahead import Ahead
from gateway.judgement.sandbox import Sandbox
from gateway.mail.address import parse_address
from gateway.mail.intake import AHEAD, Intake
from gateway.mail.listener import Envelope, Recipient
from gateway.mail.loops import Marks
from gateway.memory.committer import Committer
from gateway.memory.states import State
from tests.mails import SATO, in_body, plain

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Door:
    """The intake of an office, with a real worker behind it."""

    intake: Intake
    nudges: list[str]

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    started = await Sandbox.start(1)
    yield started
    await started.stop()


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


async def test_a_large_mail_is_read_from_the_store(office, door) -> None:
    id = await door.take(plain() + b"x\r\n" * (AHEAD // 3))
    assert office.read(id).state is State.RECEIVED and door.nudges == [State.RECEIVED.value]


async def test_a_client_does_not_wait_long(office, door, monkeypatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    id = await door.take(plain())
    assert office.read(id).state is State.RECEIVED


async def test_a_judgement_that_fails_leaves_the_mail_to_the_scanner(
    office, door, monkeypatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(judge, "_settle", broken)
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
