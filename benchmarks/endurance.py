"""One core and 100,000 mails: does its memory stay as it is? `python -m benchmarks.endurance`.

Nothing is killed and nothing begun anew: what a mail leaves behind in a process adds up. Sizes
change from slice to slice, as they do in a day. Ends with 1 where the memory after the last slices
is more than `FLAT` times that after the first ones, by which time everything was loaded and used.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median

from benchmarks import measure
from benchmarks.load import pour, write
from benchmarks.mails import mail
from benchmarks.peers import Sekisho, folder_on_disk

MAILS, SLICE = 100_000, 1_000
SIZES = ("2 KB", "2 KB", "2 KB", "50 KB")
CONNECTIONS = 10
FLAT = 1.1


@dataclass(frozen=True)
class Slice:
    mails: int
    """so far"""
    rate: float
    cpu: float
    """seconds for 1,000 of its mails"""
    memory: float
    """MB (PSS) of the core and its workers when all of them were delivered"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, metavar="N")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    found: list[Slice] = []
    with folder_on_disk() as folder, closing(Sekisho(folder / "sekisho")) as peer:
        for done in _slices(peer, folder, options.mails):
            print(f"{done.mails:>7}  {done.rate:6.0f}/s  {done.cpu:5.1f} s  {done.memory:6.1f} MB")
            found.append(done)
    at = datetime.now(UTC)
    options.results.mkdir(parents=True, exist_ok=True)
    kept = options.results / f"endurance-{at:%Y-%m-%dT%H%M%SZ}.json"
    kept.write_text(json.dumps([asdict(each) for each in found], indent=1), "utf-8")
    growth = _growth([each.memory for each in found])
    print(f"memory after the last ÷ the first slices: {growth:.3f}; kept in {kept}")
    return int(growth > FLAT)


def _slices(peer: Sekisho, folder: Path, mails: int) -> Iterator[Slice]:
    files = {size: write(folder, size, mail(size)) for size in dict.fromkeys(SIZES)}
    (pid,) = peer.pids
    for done, size in zip(range(SLICE, mails + 1, SLICE), cycle(SIZES), strict=False):
        began, used = time.monotonic(), measure.cpu(pid)
        pour(peer.port, files[size], SLICE, CONNECTIONS)
        took = peer.sink.has(done) - began
        cpu = (measure.cpu(pid) - used) * 1000 / SLICE
        yield Slice(done, round(SLICE / took, 1), round(cpu, 2), round(measure.memory(pid), 1))


def _growth(memory: Sequence[float]) -> float:
    """The first tenth is warming up; the next one is what the last one is compared with."""
    tenth = max(len(memory) // 10, 1)
    return median(memory[-tenth:]) / median(memory[tenth : 2 * tenth] or memory)


if __name__ == "__main__":
    sys.exit(main())
