"""How well 個人番号 are found, beside two simpler rules: `python -m benchmarks.detection`.

Prints precision and recall, recall per technique, and what each rule reports wrongly; `--write`
puts the same into docs/detection.md and the READMEs. Exits 1 where the promise is missed
(precision 0.98, recall 0.97, nothing wrong at high).
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from detectors import score
from detectors.numbers import individual_number
from detectors.report import Confidence
from detectors.surface import Table
from detectors.words import INDIVIDUAL
from scripts.between import put_between
from tests.detectors.corpus import Sample, Surfaces, samples

PRECISION, RECALL = 0.98, 0.97
SEED, ROUNDS = 20261121, 20
ROOT = Path(__file__).parents[1]
_TWELVE = re.compile(r"(?<!\d)\d{4}[ .-]?\d{4}[ .-]?\d{4}(?!\d)")
_KEYWORD = re.compile(
    "my number|マイナンバー|個人番号|共通番号|個人識別番号|個人識別ナンバー|通知カード", re.I
)
Rule = Callable[[Surfaces], set[str]]


@dataclass(slots=True)
class Tally:
    right: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong.total(), 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.asked.total(), 1)


def sekisho(surfaces: Surfaces, least: Confidence = Confidence.MEDIUM) -> set[str]:
    """Values at `least` or better."""
    values = score.revealed(surfaces, {INDIVIDUAL}).get(INDIVIDUAL, [])
    return {
        values[index]
        for finding in score.findings(surfaces, {INDIVIDUAL})
        if finding.confidence.rank >= least.rank
        for place in finding.where
        for index in place.values
    }


def only_high(surfaces: Surfaces) -> set[str]:
    return sekisho(surfaces, Confidence.HIGH)


def keyword_nearby(surfaces: Surfaces) -> set[str]:
    """Twelve digits or 4-4-4, check digit, a keyword within 300 characters on either side."""
    return {
        number
        for text in map(_flat, surfaces)
        for number, start, end in _passing(text)
        if _KEYWORD.search(text[max(start - 300, 0) : end + 300])
    }


def check_digit_only(surfaces: Surfaces) -> set[str]:
    return {number for text in map(_flat, surfaces) for number, _, _ in _passing(text)}


def _flat(surface: object) -> str:
    if isinstance(surface, Table):
        return "\n".join("\t".join(row) for row in surface.rows)
    return str(getattr(surface, "text", ""))


def _passing(text: str) -> Iterable[tuple[str, int, int]]:
    for match in _TWELVE.finditer(text):
        number = re.sub(r"\D", "", match[0])
        if individual_number.is_valid(number):
            yield number, match.start(), match.end()


def measure(rule: Rule, corpus: Iterable[Sample]) -> Tally:
    tally = Tally()
    for sample in corpus:
        found = rule(sample.surfaces)
        tally.right += len(found & sample.numbers)
        tally.asked[sample.technique] += len(sample.numbers)
        tally.missed[sample.technique] += len(sample.numbers - found)
        tally.wrong[sample.technique] += len(found - sample.numbers)
    return tally


RULES: dict[str, Rule] = {
    "sekisho (medium, high)": sekisho,
    "sekisho (high)": only_high,
    "keyword within 300": keyword_nearby,
    "check digit only": check_digit_only,
}


def main() -> int:
    corpus = list(samples(seed=SEED, rounds=ROUNDS))
    tallies = {name: measure(rule, corpus) for name, rule in RULES.items()}
    totals, techniques = summary(corpus, tallies), per_technique(tallies)
    print(f"{totals}\n{techniques}", end="")
    if sys.argv[1:] == ["--write"]:
        write(totals, techniques)
    ours, high = tallies["sekisho (medium, high)"], tallies["sekisho (high)"]
    kept = ours.precision >= PRECISION and ours.recall >= RECALL and not high.wrong.total()
    return 0 if kept else 1


def summary(corpus: list[Sample], tallies: dict[str, Tally]) -> str:
    numbers = sum(len(sample.numbers) for sample in corpus)
    lines = [f"{len(corpus)} mails, {numbers} numbers", ""]
    lines.append(f"{'rule':<24}{'precision':>10}{'recall':>8}{'wrong':>7}")
    for name, tally in tallies.items():
        wrong = tally.wrong.total()
        lines.append(f"{name:<24}{tally.precision:>10.3f}{tally.recall:>8.3f}{wrong:>7}")
    return "\n".join([*lines, ""])


def per_technique(tallies: dict[str, Tally]) -> str:
    asked = next(iter(tallies.values())).asked
    table: dict[str, list[str]] = defaultdict(list)
    for tally in tallies.values():
        for technique, count in asked.items():
            recall = f"{1 - tally.missed[technique] / count:.2f}" if count else ""
            table[technique].append(recall or f"{tally.wrong[technique]} wrong")
    lines = [f"{'technique':<42}" + "".join(f"{name[:22]:>24}" for name in tallies)]
    for technique, cells in table.items():
        lines.append(f"{technique:<42}" + "".join(f"{cell:>24}" for cell in cells))
    return "\n".join([*lines, ""])


def write(totals: str, techniques: str) -> None:
    for page in ("README.md", "README.ja.md", "docs/detection.md"):
        put_between(ROOT / page, "eval", f"```text\n{totals}```\n")
    put_between(ROOT / "docs/detection.md", "techniques", f"```text\n{techniques}```\n")


if __name__ == "__main__":
    sys.exit(main())
