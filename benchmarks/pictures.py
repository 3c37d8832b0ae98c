"""How well 個人番号 are read out of pictures: `python -m benchmarks.pictures [seed]`.

Prints recall per way (scan, fax, photo …) and what was found that is not there; takes a minute or
two. Exits 1 where the promise is missed (recall 0.9, nothing wrong at high).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from detectors import Limits, Wanted, score
from detectors.report import Confidence
from detectors.surface import Table, Text
from detectors.walk import Walk
from detectors.words import INDIVIDUAL
from tests.detectors.ocr_corpus import Picture, pictures

RECALL, PRECISION = 0.9, 0.98
SEED = 20261122


@dataclass(slots=True)
class Tally:
    pictures: int = 0
    asked: int = 0
    right: int = 0
    wrong: int = 0
    wrong_high: int = 0

    @property
    def recall(self) -> float:
        return self.right / max(self.asked, 1)

    def add(self, other: Tally) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def look(picture: Picture) -> Tally:
    wanted = Wanted((INDIVIDUAL,), picture.name, limits=Limits(seconds=120))
    walk = Walk(wanted)
    walk.file(picture.data, picture.name)
    found = at_least(walk.surfaces, Confidence.MEDIUM)
    high = at_least(walk.surfaces, Confidence.HIGH)
    right = found & picture.numbers
    return Tally(
        1, len(picture.numbers), len(right), len(found - right), len(high - picture.numbers)
    )


def at_least(surfaces: Iterable[Text | Table], least: Confidence) -> set[str]:
    """個人番号 found at `least` or better."""
    surfaces = list(surfaces)
    values = score.revealed(surfaces, {INDIVIDUAL}).get(INDIVIDUAL, [])
    return {
        values[index]
        for finding in score.findings(surfaces, {INDIVIDUAL})
        if finding.confidence.rank >= least.rank
        for place in finding.where
        for index in place.values
    }


def measure(seed: int = SEED) -> dict[str, Tally]:
    """By way; all pictures without a number are one."""
    ways: dict[str, Tally] = {}
    for picture in pictures(seed):
        way = picture.technique.partition(": ")[0]
        ways.setdefault(way, Tally()).add(look(picture))
    return ways


def table(ways: dict[str, Tally]) -> str:
    total = Tally()
    lines = [f"{'pictures':<28}{'files':>7}{'numbers':>9}{'recall':>8}{'wrong':>7}{'at high':>9}"]
    for way, tally in ways.items():
        lines.append(_line(way, tally))
        total.add(tally)
    return "\n".join([*lines, _line("all", total), ""])


def _line(name: str, tally: Tally) -> str:
    recall = f"{tally.recall:.2f}" if tally.asked else ""
    return (
        f"{name:<28}{tally.pictures:>7}{tally.asked:>9}{recall:>8}"
        f"{tally.wrong:>7}{tally.wrong_high:>9}"
    )


def is_kept(ways: dict[str, Tally]) -> bool:
    total = Tally()
    for tally in ways.values():
        total.add(tally)
    precision = total.right / max(total.right + total.wrong, 1)
    return total.recall >= RECALL and precision >= PRECISION and not total.wrong_high


def main() -> int:
    ways = measure(int(sys.argv[1]) if sys.argv[1:] else SEED)
    print(table(ways), end="")
    return 0 if is_kept(ways) else 1


if __name__ == "__main__":
    sys.exit(main())
