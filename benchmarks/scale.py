"""What a second processor gives: `python -m benchmarks.scale`.

Two installations take the same mails by turns: one may use a single processor, the other two. The
core, which starts a worker for each processor that it may use, is asked nothing else. The tools
that send and take the mails share the same two processors, and need about a third of them. Ends
with 1 where two bring through fewer mails than one (G22).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from benchmarks.goals import missed
from benchmarks.load import program
from benchmarks.peers import Sekisho, folder_on_disk
from benchmarks.report import keep, ratios, table
from benchmarks.turns import Load, turns

MAILS = 600
SIZES, CONNECTIONS = ("2 KB", "50 KB"), (10, 50)
MORE = 1.0
"""Mails a second with two processors ÷ with one."""


class Pinned(Sekisho):
    def __init__(self, folder: Path, processors: Sequence[int]) -> None:
        listed = ",".join(map(str, processors))
        super().__init__(folder, (program("taskset"), "-c", listed))
        self.name = f"{len(processors)} of the processors"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, metavar="N", help="a run")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    options = parser.parse_args(arguments)
    both = sorted(os.sched_getaffinity(0))[:2]
    if len(both) < 2:
        raise SystemExit("this machine has one processor: nothing to compare")
    os.sched_setaffinity(0, both)  # the tools inherit it
    with ExitStack() as stack:
        folder = stack.enter_context(folder_on_disk())
        peers = [
            stack.enter_context(closing(Pinned(folder / str(len(of)), of)))
            for of in (both, both[:1])
        ]
        runs = [
            run
            for size in SIZES
            for run in turns(peers, Load.of(folder, size, options.mails), CONNECTIONS)
        ]
    print(f"{table(runs)}\n\nkept in {keep(options.results, runs)}")
    late = 0
    for (size, connections), beside in ratios(runs).items():
        found = beside[peers[1].name]["msg/s"] or 0
        what = f"G22 {size} c{connections}: two processors ÷ one"
        late += missed(what, found, least=MORE)
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main())
