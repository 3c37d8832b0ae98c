"""Two thousand mails while everything fails that can, one after the other: the core is killed, the
disk is full or broken at each of its files, the database is locked, the next hop vanishes."""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests import samples
from tests.crash.checks import sound
from tests.crash.faults import OPEN, SYNC, VARIABLE, WRITE, Fault, Faults, preloaded
from tests.crash.test_matrix import numbered
from tests.crash.test_storm import Sender
from tests.e2e.house import House, Process, until
from tests.e2e.sink import BREAK, HANG, MIDST, RESET, Sink

pytestmark = pytest.mark.needs("gcc")

RESULTS = Path(__file__).parents[2] / "results" / "tempest.json"
LAUNCH = (sys.executable, str(Path(__file__).with_name("launch.py")), "patience:2")
SENDERS = 12
PATHS = {
    "/vault": WRITE | SYNC | OPEN,
    "/sekisho.db": WRITE | SYNC,
    "/sekisho.db-wal": WRITE | SYNC,
    "/main.checkpoints": WRITE,
    "/keys/": WRITE | SYNC | OPEN,
    "/var/": WRITE | SYNC | OPEN,
}
VANISHING = ((MIDST, BREAK), (MIDST, RESET), (".", BREAK), (".", RESET), (".", HANG))
MACHINE = "batch@example.co.jp"
HELD = "secret"
"""In the addresses of mails that nobody releases."""


class Battered(House):
    """Its core dies and its disk fails; both are counted."""

    library: Path
    faults: Faults

    def spawn(self, role: str, argv: Sequence[str] = ()) -> Process:
        self.faults.clear()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in preloaded(self.library).items():
                patch.setenv(name, value)
            patch.setenv(VARIABLE, str(self.faults.path))
            return super().spawn(role, argv or LAUNCH)


class Mixed(Sender):
    """One in twenty holds numbers and must stay; the others come from a machine, since whoever
    sends thousands an hour is asked about it."""

    def sender(self, to: str) -> str:
        return super().sender(to) if to.startswith(HELD) else MACHINE

    def raw(self, to: str) -> bytes:
        if to.startswith(HELD):
            return numbered(to)
        lines = random.Random(to).choice((10, 60_000))
        return samples.message("嵐", "a\n" * lines, sender=MACHINE, to=to)


class Tempest:
    def __init__(self, house: Battered, sink: Sink, seed: int) -> None:
        self.house, self.sink, self.draw = house, sink, random.Random(seed)
        self.struck: Counter[str] = Counter()
        self.deaths: list[str] = []
        """of the core, by itself: none is due"""
        self._acts: Sequence[Callable[[], None]] = (
            self.kill, self.fail, self.fail, self.fail, self.wait_turn, self.lock, self.vanish,
        )  # fmt: skip

    def strike(self) -> None:
        self.draw.choice(self._acts)()
        if self.house.processes["core"].poll() is not None:
            self.deaths.append(self.house.said()[-2000:])
            self.house.start()

    def kill(self) -> None:
        self.struck["kill -9"] += 1
        self.house.kill()
        self.house.start()

    def fail(self) -> None:
        path = self.draw.choice(list(PATHS))
        error = self.draw.choice(("ENOSPC", "EIO"))
        self.house.faults.set(Fault(error, PATHS[path], path))
        time.sleep(self.draw.uniform(0.1, 1.5))
        self.struck[f"{error} {path}"] += self.house.faults.clear()

    def wait_turn(self) -> None:
        self.struck["writer's turn"] += 1
        with self.house.memory() as memory, memory.store.write():
            time.sleep(self.draw.uniform(0.1, 2))

    def lock(self) -> None:
        self.struck["foreign lock"] += 1
        foreign = sqlite3.connect(self.house.config.data_dir / "sekisho.db", timeout=30)
        foreign.isolation_level = None
        foreign.execute("BEGIN IMMEDIATE")
        time.sleep(self.draw.choice((0.5, 2, 11)))
        foreign.close()

    def vanish(self) -> None:
        self.struck["next hop vanished"] += 2
        self.sink.once += [self.draw.choice(VANISHING) for _ in range(2)]
        time.sleep(0.3)


def weather(house: Battered, sink: Sink, mails: int, seed: int) -> tuple[Tempest, list[Mixed]]:
    """All mails in, and everything settled afterwards in fair weather."""
    names = [f"{HELD if n % 20 == 7 else 'open'}{n}@partner.example" for n in range(mails)]
    senders = [Mixed(house, names[start::SENDERS]) for start in range(SENDERS)]
    tempest = Tempest(house, sink, seed)
    house.start()
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        tempest.strike()
        time.sleep(tempest.draw.uniform(0.1, 0.5 + mails / 1_000))
    sink.once.clear()
    final = ("done", "erased", "held")
    until(lambda: all(c["state"] in final for c in house.consignments()), 240)
    return tempest, senders


def reckon(house: House, sink: Sink, senders: Sequence[Sender]) -> dict[str, int]:
    """Raises where an invariant does not hold; returns what was counted."""
    arrived = Counter(to for mail in sink.delivered for to in mail.rcpt_to)
    taken: Counter[str] = Counter()
    doubt: Counter[str] = Counter()
    for row in house.consignments():
        facts = house.verbs(row["id"])
        to = next((f["recipients"][0] for verb, f in facts if verb == "received"), "")
        if not to:
            continue  # a notice of ours
        taken[to] += 1
        doubt[to] += sum(f["maybe_delivered_before"] for v, f in facts if v == "attempted")
        if to.startswith(HELD):
            assert row["state"] == "held" and not arrived[to], to
        else:
            assert [verb for verb, _ in facts].count("delivered") == 1, to
            assert taken[to] <= arrived[to], to
    for sender in senders:
        for to in sender.mails:
            assert sender.acknowledged[to] <= taken[to], f"{to}: 250 and lost"
            assert taken[to] <= sender.acknowledged[to] + sender.doubtful[to], to
            assert arrived[to] <= taken[to] + doubt[to], f"{to}: a double that nothing tells of"
    theirs = {to: count for to, count in arrived.items() if to in taken}
    return {
        "mails": sum(len(sender.mails) for sender in senders),
        "answered 250": sum(sum(sender.acknowledged.values()) for sender in senders),
        "held": sum(to.startswith(HELD) for to in taken),
        "arrived": sum(theirs.values()),
        "arrived twice, and the ledger says so": sum(theirs[to] > taken[to] for to in theirs),
        "taken twice since the answer was lost": sum(count > 1 for count in taken.values()),
        "tried again by their senders": sum(sum(sender.tries.values()) for sender in senders),
    }


def tempest(folder: Path, sink: Sink, mails: int, seed: int) -> dict[str, object]:
    began = time.monotonic()
    machine = f'[[sender]]\naddress = "{MACHINE}"\nclass = "system"'
    house = Battered(folder, sink.hop, machine)
    house.library, house.faults = folder, Faults(folder / "faults")
    try:
        found, senders = weather(house, sink, mails, seed)
        assert found.deaths == [], found.deaths[0]
        house.stop()
        sound(house)
        counted = reckon(house, sink, senders)
        outcome = house.verify()
    finally:
        house.close()
    return {
        **counted,
        "struck": dict(found.struck),
        "ledger": f"{outcome.entries} entries, whole: {outcome.whole}",
        "seconds": round(time.monotonic() - began),
    }


@pytest.mark.long
def test_a_hundred_mails_in_any_weather(tmp_path: Path, sink: Sink) -> None:
    tempest(tmp_path, sink, 100, 20261122)


@pytest.mark.long
def test_two_thousand_mails_in_any_weather(tmp_path: Path, sink: Sink) -> None:
    sink.delivered.clear()
    found = tempest(tmp_path, sink, 2_000, 4)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
