"""A disk that is full or breaks at each durable step, and then is well again: the core stays up,
nobody is told 250 of what is not durable, nothing is lost and nothing unapproved leaves."""

from __future__ import annotations

import smtplib
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.crash.acts import confirm
from tests.crash.checks import daily, sound
from tests.crash.faults import OPEN, SYNC, VARIABLE, WRITE, Fault, Faults, preloaded
from tests.crash.test_matrix import copies, leaves_sealed, numbered, plain, send_to_the_dying
from tests.e2e.house import House, hand_over, until
from tests.e2e.sink import BREAK, HANG, MIDST, RESET, Sink
from tests.e2e.zygote import Child, Zygote

pytestmark = [pytest.mark.slow, pytest.mark.needs("gcc")]

_numbers = count(1)
WAL, LARGE = "/sekisho.db-wal", 200_000


class Failing(House):
    """Its core is forked, and its disk fails where it is told to."""

    zygote: Zygote
    faults: Faults

    def spawn(self, role: str, argv: Sequence[str] = ("nowhere",)) -> Child:
        point = argv or ("nowhere",)
        told = {VARIABLE: str(self.faults.path)}
        argv = [*point, role, str(self.path)]
        return self.zygote.spawn(
            argv, self.stderr, self.folder / "tmp", told, module="tests.crash.launch"
        )


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    made = Zygote(preloaded(tmp_path_factory.mktemp("faults")))
    yield made
    made.close()


@pytest.fixture
def house(tmp_path: Path, sink: Sink, zygote: Zygote) -> Iterator[Failing]:
    made = Failing(tmp_path, sink.hop, "[scan]\nworkers = 1")
    made.zygote, made.faults = zygote, Faults(tmp_path / "faults")
    yield made
    made.close()


@pytest.fixture
def to() -> str:
    return f"suzuki{next(_numbers)}@partner.example"


def stays_up(house: House) -> None:
    assert house.processes["core"].poll() is None, house.said()[-3000:]


def settles(house: Failing, sink: Sink, to: str, expected: int = 1) -> None:
    """With the disk well again, and the same core."""
    house.faults.clear()
    stays_up(house)
    copies(house, sink, to, expected)
    stays_up(house)
    house.stop()
    sound(house)


INTAKE = [
    (Fault("ENOSPC", OPEN, "/vault/"), LARGE),
    (Fault("ENOSPC", WRITE, "/vault/"), LARGE),
    (Fault("EIO", WRITE, "/vault/"), LARGE),
    (Fault("EIO", SYNC, "/vault/"), LARGE),
    (Fault("EIO", SYNC, "/vault"), LARGE),
    (Fault("ENOSPC", WRITE, WAL), 100),
    (Fault("EIO", WRITE, WAL), 100),
    (Fault("EIO", SYNC, WAL), 100),
    (Fault("ENOSPC", WRITE, WAL), LARGE),
    (Fault("ENOSPC", WRITE, "/keys/letters/"), 100),
    (Fault("EIO", SYNC, "/keys/letters/"), 100),
]


@pytest.mark.parametrize("fault, size", daily(INTAKE, 1, 5, 10))
def test_a_disk_that_fails_while_a_mail_is_taken(
    house: Failing, sink: Sink, to: str, fault: Fault, size: int
) -> None:
    house.start()
    house.faults.set(fault)
    assert send_to_the_dying(house, plain(to, size), to) == ""
    assert house.faults.clear() > 0
    assert [c for c in house.consignments() if c["state"] != "done"] == []
    assert list((house.config.data_dir / "vault").glob("*.part")) == []
    stays_up(house)
    house.send(plain(to, size), to)
    settles(house, sink, to)


WITHIN = [
    "append:received", "commit:received", "append:judged", "append:attempted", "commit:attempted",
    "append:delivered", "commit:delivered",
]  # fmt: skip
FAILURES = {
    "ENOSPC/1/sekisho.db-wal/4": WITHIN,
    "EIO/2/sekisho.db-wal/2": WITHIN,
    "ENOSPC/1/main.checkpoints/4": ("append:received", "append:delivered"),
}


STEPS = [(point, failure) for failure, points in FAILURES.items() for point in points]


@pytest.mark.parametrize("point, failure", daily(STEPS, 1, 6, 12, 15))
def test_a_disk_that_fails_at_a_step_of_delivery(
    house: Failing, sink: Sink, to: str, point: str, failure: str
) -> None:
    house.start(argv=(f"{point}={failure}",))
    id = send_to_the_dying(house, plain(to, 100), to)
    until(lambda: house.faults.hits, 10, saying=house.said()[-2000:])
    if not id:
        assert "append:received" in point or "append:judged" in point  # one commit does both
        house.faults.clear()
        id = house.send(plain(to, 100), to)
    settles(house, sink, to)
    assert [v for v, _ in house.verbs(id)].count("delivered") == 1


SEALING = [
    "append:sealed=ENOSPC/1/sekisho.db-wal/4",
    "bridge.packing:pack@before=EIO/2/parcels/1",
    "bridge.packing:pack@before=ENOSPC/5/parcels/2",
    "commit:sealed=EIO/2/sekisho.db-wal/2",
]


@pytest.mark.parametrize("point", daily(SEALING, 1, 3))
def test_a_disk_that_fails_while_it_is_sealed(
    house: Failing, sink: Sink, to: str, point: str
) -> None:
    house.start()
    id = house.send(numbered(to), to)
    house.reaches(id, "held")
    house.stop()
    confirm(house.path, id)
    house.start(argv=(point,))
    until(lambda: house.faults.hits, 10, saying=house.said()[-2000:])
    # once it is sealed and on the disk it may leave, whatever becomes of the disk
    assert sink.to(to) == [] or point.startswith("commit:sealed")
    house.faults.clear()
    again(house, id)
    settles(house, sink, to)
    leaves_sealed(sink, to)


def again(house: House, id: str) -> None:
    """What was put back for a while is due now."""
    with house.memory() as memory, memory.store.write() as tx:
        until_now = "UPDATE consignment SET due_at = NULL WHERE id = :id AND state = 'released'"
        tx.conn.execute(text(until_now), {"id": id})


VANISHING = [(MIDST, BREAK, 1), (MIDST, RESET, 1), (".", BREAK, 2), (".", RESET, 2), (".", HANG, 2)]


@pytest.mark.parametrize("when, how, expected", daily(VANISHING, 0, 3))
def test_the_next_hop_vanishes_in_the_middle(
    house: Failing, sink: Sink, to: str, when: str, how: str, expected: int
) -> None:
    """Twice where the mail had arrived whole and nobody could know; the ledger says so before."""
    house.start(argv=("patience:1",))
    sink.once.append((when, how))
    id = house.send(plain(to, LARGE), to)
    settles(house, sink, to, expected)
    warned = [f["maybe_delivered_before"] for v, f in house.verbs(id) if v == "attempted"]
    assert warned == [False, True]
    assert sink.once == []


# -- locks


def test_a_writer_that_is_slow_delays_and_loses_nothing(
    house: Failing, sink: Sink, to: str
) -> None:
    house.start()
    with house.memory() as memory, ThreadPoolExecutor() as pool:
        with memory.store.write():
            sent = pool.submit(house.send, plain(to, 100), to)
            with pytest.raises(TimeoutError):
                sent.result(1.5)
        assert sent.result(20)
    settles(house, sink, to)


@pytest.mark.long
def test_a_database_locked_for_longer_than_anybody_waits(
    house: Failing, sink: Sink, to: str
) -> None:
    """By one who does not keep the order: no 250 meanwhile, and the core outlives it."""
    house.start()
    foreign = sqlite3.connect(house.config.data_dir / "sekisho.db", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(smtplib.SMTPResponseException) as refused:
            with house.client(40) as client:
                hand_over(client, plain(to, 100), to)
        assert refused.value.smtp_code == 451
    finally:
        foreign.close()
    stays_up(house)
    house.send(plain(to, 100), to)
    settles(house, sink, to)
