"""What was not read while its client waited is read from the store, whatever its size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from detectors.report import Report
from gateway.judgement import ahead
from gateway.judgement.ahead import Ahead
from gateway.judgement.sandbox import Mail, ScanIncomplete
from gateway.judgement.scanner import LEASE, Scanner
from gateway.mail.address import parse_address
from gateway.mail.intake import AHEAD, Intake
from gateway.mail.listener import Envelope, Recipient
from gateway.mail.loops import Marks
from gateway.memory.committer import Committer
from gateway.memory.nudge import Bell
from gateway.memory.states import State, claimed, ref_of
from tests.mails import SATO, plain
from tests.samples import message

HANAKO = "hanako@example.co.jp"

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def scanner(office, sandbox) -> AsyncIterator[Scanner]:
    committer = Committer(office.memory.store)
    committer.start()
    bell, first = Bell(asyncio.get_running_loop()), Ahead(office.ck, sandbox)
    yield Scanner(office.memory, committer, office.ck, sandbox, first, bell, "test")
    committer.stop()


async def kept(scanner: Scanner, raw: bytes, first: Ahead | None = None) -> str:
    intake = Intake(scanner.memory, scanner.committer, Marks(b"k" * 32), first)
    envelope = Envelope(
        "192.0.2.7", "pc", "", None, parse_address(HANAKO),
        (Recipient(parse_address(SATO)),), "8BITMIME", False, None, "", "", "plain",
        scanner.memory.store.clock(),
    )  # fmt: skip
    arrival = intake.open(envelope)
    arrival.write(raw)
    return await arrival.commit()


async def scan(scanner: Scanner) -> None:
    with scanner.memory.store.write() as tx:
        (row,) = claimed(tx, State.RECEIVED, "test", LEASE, 1)
    await scanner.scan(ref_of(row), row["attempts"])


@pytest.mark.parametrize("octets", [0, 500_000, AHEAD + 1])
async def test_it_works(office, scanner, octets) -> None:
    film = ("現場.mp4", b"\0\0\0\x18ftypmp42" + bytes(octets))
    id = await kept(scanner, message("動画", "ご覧ください。", [film], sender=HANAKO, to=SATO))
    await scan(scanner)
    assert office.read(id).state is State.QUEUED


async def test_what_a_new_policy_looks_for_is_looked_for_before_it_judges(
    office, scanner, monkeypatch
) -> None:
    id, raw = await kept(scanner, plain()), Scanner._raw
    monkeypatch.setattr(Scanner, "_raw", lambda *known: (raw(*known)[0], frozenset()))
    await scan(scanner)
    assert office.read(id).state is State.RECEIVED
    assert office.verbs(id) == ["received"]
    monkeypatch.undo()
    await scan(scanner)
    assert office.read(id).state is State.QUEUED


async def test_what_came_too_late_for_its_client_is_not_read_twice(
    office, scanner, monkeypatch
) -> None:
    await kept(scanner, plain())
    await scan(scanner)  # the first mail tells which kinds the policy asks for
    monkeypatch.setattr(ahead, "PATIENCE", 0.0)
    inspect, read = scanner.sandbox.inspect, list[int]()

    async def counted(raw: Mail, **how: Any) -> Report:
        read.append(len(raw))
        return await inspect(raw, **how)

    monkeypatch.setattr(scanner.sandbox, "inspect", counted)
    mail = plain()
    id = await kept(scanner, mail, scanner.ahead)
    assert office.read(id).state is State.RECEIVED
    await scan(scanner)
    assert office.read(id).state is State.QUEUED
    assert read == [len(mail)]


async def test_what_was_late_and_failed_is_read_by_the_scanner(
    office, scanner, monkeypatch
) -> None:
    monkeypatch.setattr(ahead, "PATIENCE", 0.0)
    inspect, failed = scanner.sandbox.inspect, list[str]()

    async def late(raw: Mail, **how: Any) -> Report:
        await asyncio.sleep(0.05)
        failed.append("late")
        raise ScanIncomplete("late")

    monkeypatch.setattr(scanner.sandbox, "inspect", late)
    id = await kept(scanner, plain(), scanner.ahead)
    monkeypatch.setattr(scanner.sandbox, "inspect", inspect)
    await scan(scanner)
    assert failed and office.read(id).state is State.QUEUED
