"""Sekisho beside others, in one interleaved run: `python -m benchmarks [--quick]`.

Postfix alone, Postfix with rspamd, and Haraka, the latter two with one rule about the content. All
relay the same mails on this machine to a sink each, by turns, so that what else the machine does
hits each of them. Only the ratios say something: absolute times are this machine's, at this minute.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from benchmarks.goals import GOALS, SLOW_DISK, said
from benchmarks.peers import Missing, Peer, Postfix, Sekisho, folder_on_disk, slow_disk
from benchmarks.report import keep, ratios, table, write_into_readmes
from benchmarks.scanning import Haraka, Scanned
from benchmarks.turns import Load, turns

QUICK = {"2 KB": 200, "50 KB": 100}
FULL = {"2 KB": 2_000, "50 KB": 1_000, "1 MB": 200}
"""Mails a run, by size."""
CONNECTIONS = (1, 10, 50)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    with ExitStack() as stack:
        folder = stack.enter_context(folder_on_disk())
        slow = options.slow_flush or 0
        # on a slow disk beside the one that flushes in the same way: before the 250
        behind = [partial(kind, behind=slow_disk(slow)) for kind in (Sekisho, Postfix)]
        kinds = behind if slow else (Sekisho, Postfix, Scanned, Haraka)
        peers, missing = _peers(folder, stack, kinds)
        loads = [
            Load.of(folder, size, min(count, options.mails or count))
            for size, count in (QUICK if options.quick else FULL).items()
        ]
        # on a slow disk it is the many that show whether they share its flushes
        connections = CONNECTIONS if slow or not options.quick else CONNECTIONS[:2]
        runs = [run for load in loads for run in turns(peers, load, connections)]
    print(table(runs))
    print()
    print("\n".join(said(SLOW_DISK if slow else GOALS, ratios(runs))))
    for what in missing:
        print(f"left out: this machine has no {what}")
    print(f"\nkept in {keep(options.results, runs)}; only the ratios say something")
    if options.write:
        write_into_readmes(runs)
    return 0


def _peers(
    folder: Path, stack: ExitStack, kinds: Iterable[Callable[[Path], Peer]]
) -> tuple[list[Peer], list[str]]:
    """Those that run now, and what is missing for others."""
    peers: list[Peer] = []
    missing: list[str] = []
    for number, kind in enumerate(kinds):
        (place := folder / str(number)).mkdir()
        try:
            peers.append(stack.enter_context(closing(kind(place))))
        except Missing as what:
            missing.append(str(what))
    return peers, missing


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small mails, under two minutes")
    parser.add_argument("--mails", type=int, metavar="N", help="at most N mails a run")
    parser.add_argument(
        "--slow-flush", type=float, metavar="MS", help="beside Postfix alone, on a slow disk"
    )
    parser.add_argument("--write", action="store_true", help="into README.md and README.ja.md")
    parser.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
