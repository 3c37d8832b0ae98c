"""What is half written when the room ends, on real files with a real limit."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.memory.ballast import Ballast
from gateway.memory.keys import write_durably
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.note import Checkpoint
from gateway.memory.ledger.verify import verify
from gateway.memory.opening import Memory
from gateway.memory.stage import at_last, unless_stuck
from gateway.memory.states import SYSTEM
from gateway.memory.vault import Vault, new_data_key


@contextmanager
def room(octets: int) -> Iterator[None]:
    """No file grows beyond so much: a write that would is cut, the next one refused."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_half_a_checkpoint_does_not_spoil_the_next_one(memory: Memory) -> None:
    ledger = memory.ledger
    size = ledger.path.stat().st_size if ledger.path.exists() else 0
    with room(size + 40):
        ledger.publish(Checkpoint(ledger.origin, 1, bytes(32)))
    assert (ledger.path.stat().st_size if ledger.path.exists() else 0) == size
    with memory.store.write() as tx:
        tx.record("started", SYSTEM)
    with memory.store.read() as session:
        found = verify(lines(session.connection()), list(ledger.checkpoints()), ledger.public)
    assert found.whole
    signed = ledger.last_signed()
    assert signed and signed.size == found.entries


def test_half_a_key_is_none(tmp_path: Path) -> None:
    with room(10), pytest.raises(OSError):
        write_durably(tmp_path / "own-A.key", bytes(61))
    assert list(tmp_path.iterdir()) == []


def test_half_a_blob_makes_room_again(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    with room(100_000), pytest.raises(OSError):
        vault.seal(bytes(500_000), new_data_key(), "letter A")
    assert list(vault.files()) == []


def test_a_file_that_cannot_be_removed_undoes_no_commit(memory: Memory) -> None:
    def failing() -> None:
        raise OSError("input/output error")

    with memory.store.write() as tx:
        tx.record("started", SYSTEM)
        tx.after.append(failing)
    with memory.store.read() as session:
        assert memory.ledger.head(session.connection()).size > 0


def test_ballast_takes_room_and_gives_it_up_when_there_is_hardly_any(tmp_path: Path) -> None:
    light = Ballast(tmp_path / "ballast", 1_000_000)
    assert light.take() and not light.take()
    assert light.path.stat().st_blocks * 512 >= 1_000_000
    assert not light.give_up()
    short = Ballast(light.path, 8 * shutil.disk_usage(tmp_path).total)
    assert short.give_up() and not light.path.exists()
    assert not short.give_up() and not short.take()


@pytest.mark.slow
async def test_a_room_goes_on_when_nothing_can_be_written() -> None:
    left = [OSError("full"), OSError("full")]

    async def work() -> str:
        if left:
            raise left.pop()
        return "written"

    assert await unless_stuck(work, "nothing") == "nothing"
    assert await at_last(work, 10) == "written"
    left.append(OSError("full"))
    with pytest.raises(OSError):
        await at_last(work, -1)
