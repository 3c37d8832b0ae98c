"""Peers by turns with the same mails, so that what else the machine does hits each of them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure
from benchmarks.load import accepted_in, pour, write
from benchmarks.mails import mail
from benchmarks.peers import Peer
from benchmarks.report import Run

TURNS = 3
WARM = 150
"""Mails before the first turn: what is opened, loaded and compiled once."""
LATENCIES = 200
"""Mails a turn that are timed one by one; each waits until the one before has arrived. Of fewer the
99th percentile is the slowest one or two, which is chance."""
AFTERWARDS = 0.3
"""Seconds in which what follows a hand-over is written down: work for that mail, too."""


@dataclass(frozen=True)
class Load:
    size: str
    raw: bytes
    file: Path
    count: int

    @classmethod
    def of(cls, folder: Path, size: str, count: int) -> Load:
        raw = mail(size)
        return cls(size, raw, write(folder, size, raw), count)


def turns(peers: Sequence[Peer], load: Load, connections: Sequence[int]) -> Iterator[Run]:
    for peer in peers:
        _pour(peer, load, min(load.count, WARM), 10)
    for turn in range(1, TURNS + 1):
        for each in connections:
            for peer in peers:
                print(f"{load.size} c{each} {turn}/{TURNS} {peer.name}", file=sys.stderr)
                yield _run(peer, load, each)


def _run(peer: Peer, load: Load, connections: int) -> Run:
    before = sum(map(measure.cpu, peer.pids))
    seconds = _pour(peer, load, load.count, connections)
    time.sleep(AFTERWARDS)
    used = sum(map(measure.cpu, peer.pids)) - before
    memory = sum(map(measure.memory, peer.pids))
    one_by_one = min(load.count, LATENCIES) if connections == 1 else 0
    accepted, through = timed(peer, load.raw, one_by_one)
    rate, cpu = load.count / seconds, used * 1000 / load.count
    return Run(peer.name, load.size, connections, rate, cpu, memory, accepted, through)


def _pour(peer: Peer, load: Load, count: int, connections: int) -> float:
    """Seconds from the first connection until the sink has all of them."""
    wanted, began = peer.sink.taken + count, time.monotonic()
    pour(peer.port, load.file, count, connections)
    return peer.sink.has(wanted) - began


def timed(peer: Peer, raw: bytes, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from connecting to the 250, and until the sink had it, of `count` mails."""
    accepted, through = [], []
    for _ in range(count):
        wanted, began = peer.sink.taken + 1, time.monotonic()
        accepted.append(accepted_in(peer.port, raw) * 1000)
        through.append((peer.sink.has(wanted) - began) * 1000)
    return accepted, through
