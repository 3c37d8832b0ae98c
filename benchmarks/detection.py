"""How well 個人番号 are found, beside simpler rules: `python -m benchmarks.detection`.

Makes mails of every technique in two wordings, prints precision and recall, false alarms, and
what nobody can read; `--ocr` adds pictures (minutes), `--write` puts the tables into
docs/detection.md and the READMEs. Exits 1 where a promise is broken (`tally.shortcomings`).

The detector of other people in the last column is shown where it is installed:
`pip install namemask==0.1.0`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path

from benchmarks.evaluation import page, pictures, tally
from benchmarks.evaluation.corpus import HALVES
from benchmarks.evaluation.rules import RULES, Surfaces, only_high, sekisho
from benchmarks.evaluation.tally import Outcome, Tally, shortcomings
from scripts.between import put_between
from tests.detectors.corpus import Sample

__all__ = ["main", "measure", "only_high", "sekisho"]

SEED, TURNS = 20261121, 4
ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.ja.md", "docs/detection.md")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.write and "namemask" not in RULES:
        raise SystemExit("its column belongs into the page: pip install namemask==0.1.0")
    with ProcessPoolExecutor(options.processes) as pool:
        halves = {half: _half(pool, half, options.turns) for half in HALVES}
        pictured = _pictures(pool) if options.ocr else None
    tables = {
        "eval": page.totals(halves),
        "techniques": page.techniques(halves),
        "others": page.false_alarms(halves),
        "sealed": page.unreadable(halves),
    }
    if pictured:
        tables["pictures"] = page.totals(pictured) + "\n" + page.techniques(pictured)
    print("\n".join(tables.values()), end="")
    if options.write:
        write(tables)
    broken = [(half, one) for half, found in halves.items() for one in shortcomings(found)]
    for found in (pictured or {}).values():
        broken += [("pictures", one) for one in shortcomings(found, recall=0.9)]
    for what, promise in broken:
        print(f"broken, {what}: {promise}", file=sys.stderr)
    return 1 if broken else 0


def _half(pool: Executor, half: str, turns: int) -> Outcome:
    return _together(pool, tally.outcome, [(half, SEED, turn) for turn in range(turns)])


def _pictures(pool: Executor) -> dict[str, Outcome]:
    parts = [(SEED, part) for part in range(pictures.PARTS)]
    return {"pictures": _together(pool, pictures.outcome, parts)}


def _together(
    pool: Executor, work: Callable[..., Outcome], arguments: Iterable[tuple[object, ...]]
) -> Outcome:
    whole = Outcome()
    waiting: list[Future[Outcome]] = [pool.submit(work, *each) for each in arguments]
    for future in waiting:
        whole += future.result()
    return whole


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks.detection", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into the docs")
    parser.add_argument("--ocr", action="store_true", help="pictures, too: takes minutes")
    parser.add_argument("--turns", type=int, default=TURNS, help="mails of each technique")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    return parser.parse_args(arguments)


def write(tables: dict[str, str]) -> None:
    for name in PAGES:
        put_between(ROOT / name, "eval", f"```text\n{tables['eval']}```\n")
    for name, table in tables.items():
        if name != "eval":
            put_between(ROOT / "docs" / "detection.md", name, f"```text\n{table}```\n")


def measure(rule: Callable[[Surfaces], set[str]], samples: Iterable[Sample]) -> Tally:
    """Of texts and tables that no reader has to take apart."""
    counted = Tally()
    for sample in samples:
        counted.count(sample.technique, rule(sample.surfaces), sample.numbers)
    return counted


if __name__ == "__main__":
    sys.exit(main())
