from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Makefile").read_text("utf-8")
TARGETS = ("run", "setup", "test", "check", "eval", "bench", "soak")
"""Of the contract: scripts and people hold on to them."""


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_is_there_and_says_what_it_is_for(target: str) -> None:
    assert re.search(rf"^{target}:[^\n]*## \S", TEXT, re.M)
    phony = re.findall(r"^\.PHONY:(.*)$", TEXT, re.M)
    assert target in " ".join(phony).split()


def test_run_comes_first() -> None:
    assert re.findall(r"^([a-z]+):", TEXT, re.M)[0] == "run"


@pytest.mark.skipif(not shutil.which("make"), reason="make is not here")
@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("run", "sekisho demo --once"),
        ("eval", "-m benchmarks.detection"),
        ("check", "pytest"),
        ("test", "pytest"),
    ],
)
def test_it_would_run(target: str, command: str) -> None:
    made = subprocess.run(
        ["make", "-n", target, "ARGS=--once"], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert made.returncode == 0, made.stderr
    assert command in made.stdout


def test_the_set_up_installs_by_hash() -> None:
    installs = [line for line in TEXT.splitlines() if "install" in line and ".lock" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)
