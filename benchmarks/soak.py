"""Kills the core again and again while mail pours in, and counts: `python -m benchmarks.soak`.

A round pours mails through the real core to a sink. In a stormy round `kill -9` hits the core or
one of its scan workers at any moment, and the core is started again; in a calm one nothing is
killed, so that a core lives long enough for its memory to show. When all is settled the round
asks: has every mail that was answered 250 arrived, or is it held and said so? Did one arrive
twice only where the ledger says that it may have been delivered before? Is the ledger whole?

It goes on where it stopped: the same data, the next number. The first round that is not right
ends it, and leaves everything as it lay.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.battered import Battered, Round
from tests.e2e.sink import Sink

STORM, CALM = 10, 10
"""Rounds of each, by turns."""
FLAT = 1.15
"""How far the memory of a core may grow over a calm stretch, once it has warmed up."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    log = options.results / "rounds.jsonl"
    number = len(log.read_bytes().splitlines()) if log.exists() else 0
    with Sink() as sink:
        ours = Battered(options.results / "installation", sink)
        try:
            return _rounds(ours, log, number, options)
        finally:
            ours.close()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=60, metavar="N", help="then no new round")
    parser.add_argument("--mails", type=int, default=300, metavar="N", help="in each round")
    parser.add_argument("--results", type=Path, default=Path("results/soak"), metavar="FOLDER")
    return parser.parse_args(arguments)


def _rounds(ours: Battered, log: Path, past: int, options: argparse.Namespace) -> int:
    calm: list[Round] = []
    ours.start()
    end = time.monotonic() + options.minutes * 60
    for number in count(past + 1):
        stormy = (number - 1) % (STORM + CALM) < STORM
        found = ours.round(number, options.mails, random.Random(number) if stormy else None)
        with log.open("a", encoding="utf-8") as file:
            at = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(json.dumps({"at": at, **asdict(found)}) + "\n")
        calm = [] if stormy else [*calm, found]
        print(found, "" if flat(calm) else "MEMORY GROWS", flush=True)
        if not (found.right and flat(calm)):
            return 1
        if time.monotonic() > end:
            break
    ours.stop()
    return 0


def flat(calm: Sequence[Round]) -> bool:
    """Whether a core that was left alone needs no more than it did after its first rounds."""
    memory = [found.memory for found in calm]
    return len(memory) < 6 or median(memory[-2:]) <= FLAT * median(memory[2:4])


if __name__ == "__main__":
    sys.exit(main())
