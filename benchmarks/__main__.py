"""Sekisho beside Postfix alone, in one interleaved run: `python -m benchmarks [--quick]`.

Both relay the same mails on this machine to a sink each, by turns, so that what else the machine
does hits both. Only the ratios say something: absolute times are this machine's, at this minute.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure
from benchmarks.load import accepted_in, pour, write
from benchmarks.mails import mail
from benchmarks.peers import Peer, Postfix, Sekisho
from benchmarks.report import Run, keep, table

QUICK = {"2 KB": 200, "50 KB": 100}
FULL = {"2 KB": 2_000, "50 KB": 1_000, "1 MB": 200}
"""Mails a run, by size."""
CONNECTIONS = (1, 10)
TURNS = 3
LATENCIES = 30
"""Mails a turn whose acceptance is timed; each waits for the one before."""
AFTERWARDS = 0.3
"""Seconds in which what follows a hand-over is written down: work for that mail, too."""
DISK = Path("/var/tmp")
"""Durable on a file system in memory would be durable for free."""


@dataclass(frozen=True)
class Load:
    size: str
    raw: bytes
    file: Path
    count: int


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(_folder()))
        peers: list[Peer] = []
        for kind in (Sekisho, Postfix):
            (place := folder / kind.name).mkdir()
            peers.append(stack.enter_context(closing(kind(place))))
        loads = [
            Load(size, raw, write(folder, size, raw), min(count, options.mails or count))
            for size, count in (QUICK if options.quick else FULL).items()
            for raw in (mail(size),)
        ]
        runs = [run for load in loads for run in _turns(peers, load)]
    print(table(runs))
    print(f"\nkept in {keep(options.results, runs)}; only the ratios say something")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small mails, under two minutes")
    parser.add_argument("--mails", type=int, metavar="N", help="at most N mails a run")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    return parser.parse_args(arguments)


def _folder() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory(prefix="sekisho-bench-", dir=DISK)
    Path(made.name).chmod(0o755)
    return made


def _turns(peers: Sequence[Peer], load: Load) -> Iterator[Run]:
    for peer in peers:
        _pour(peer, load, min(load.count, 50), 10)  # what is opened and loaded once
    for turn in range(1, TURNS + 1):
        for connections in CONNECTIONS:
            for peer in peers:
                print(f"{load.size} c{connections} {turn}/{TURNS} {peer.name}", file=sys.stderr)
                yield _run(peer, load, connections)


def _run(peer: Peer, load: Load, connections: int) -> Run:
    before = measure.cpu(peer.pid)
    seconds = _pour(peer, load, load.count, connections)
    time.sleep(AFTERWARDS)
    used = measure.cpu(peer.pid) - before
    memory = measure.memory(peer.pid)
    accepted = _accepted(peer, load) if connections == 1 else []
    rate, cpu = load.count / seconds, used * 1000 / load.count
    return Run(peer.name, load.size, connections, rate, cpu, memory, accepted)


def _pour(peer: Peer, load: Load, count: int, connections: int) -> float:
    """Seconds from the first connection until the sink has all of them."""
    wanted, began = peer.sink.taken + count, time.monotonic()
    pour(peer.port, load.file, count, connections)
    return peer.sink.has(wanted) - began


def _accepted(peer: Peer, load: Load) -> list[float]:
    count = min(load.count, LATENCIES)
    wanted = peer.sink.taken + count
    found = [accepted_in(peer.port, load.raw) * 1000 for _ in range(count)]
    peer.sink.has(wanted)
    return found


if __name__ == "__main__":
    sys.exit(main())
