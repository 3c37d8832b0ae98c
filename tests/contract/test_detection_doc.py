from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.evaluation.corpus import HALVES, techniques
from benchmarks.evaluation.rules import RULES
from detectors.numbers import KINDS
from detectors.score import DEFAULT_KINDS
from scripts.between import between

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "detection.md"
TABLES = {"numbers": "techniques", "others": "others", "ordinary": "others", "sealed": "sealed"}
ADVICE = "run python -m benchmarks.detection --write"


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_figures_are_the_same_everywhere(readme: str) -> None:
    assert between(ROOT / readme, "eval") == between(PAGE, "eval"), ADVICE
    assert all(f"\n{rule} " in between(PAGE, "eval") for rule in (*RULES, "namemask")), ADVICE


@pytest.mark.parametrize("half", HALVES)
def test_every_technique_is_in_the_tables(half: str) -> None:
    lines = {name: between(PAGE, name).splitlines() for name in set(TABLES.values())}
    for kind, technique, _ in techniques(HALVES[half]):
        assert any(line.startswith(f"{technique}  ") for line in lines[TABLES[kind]]), ADVICE


@pytest.mark.parametrize("kind", sorted({*KINDS, *DEFAULT_KINDS}))
def test_every_kind_is_described_with_whether_it_is_sought(kind: str) -> None:
    line = next(
        line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{kind}`")
    )
    assert line.endswith("| yes |") == (kind in DEFAULT_KINDS)
