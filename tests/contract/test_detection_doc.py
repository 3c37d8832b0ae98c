from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import detection
from detectors.numbers import KINDS
from detectors.score import DEFAULT_KINDS
from scripts.between import between
from tests.detectors.corpus import samples

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "detection.md"


@pytest.mark.slow
def test_the_figures_are_the_ones_of_today() -> None:
    corpus = list(samples(seed=detection.SEED, rounds=detection.ROUNDS))
    tallies = {name: detection.measure(rule, corpus) for name, rule in detection.RULES.items()}
    totals = f"```text\n{detection.summary(corpus, tallies)}```\n"
    advice = "run python -m benchmarks.detection --write"
    for page in ("README.md", "README.ja.md", "docs/detection.md"):
        assert between(ROOT / page, "eval") == totals, advice
    techniques = f"```text\n{detection.per_technique(tallies)}```\n"
    assert between(PAGE, "techniques") == techniques, advice


@pytest.mark.parametrize("kind", sorted({*KINDS, *DEFAULT_KINDS}))
def test_every_kind_is_described_with_whether_it_is_sought(kind: str) -> None:
    line = next(
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{kind}`")
    )
    assert line.endswith("| yes |") == (kind in DEFAULT_KINDS)
