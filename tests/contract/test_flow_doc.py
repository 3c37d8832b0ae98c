from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from gateway.memory.states import TABLE, State
from scripts.between import between

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "flow.md"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "state-diagram.py"
    spec = importlib.util.spec_from_file_location("state_diagram", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_diagram_is_the_one_the_code_moves_by(script: ModuleType) -> None:
    drawn = between(PAGE, script.NAME)
    assert drawn == script.diagram(), "run scripts/state-diagram.py --write"


def test_the_diagram_has_every_arrow_of_the_table(script: ModuleType) -> None:
    drawn = script.diagram()
    arrows = sum(len(ways) for ways in TABLE.values())
    assert drawn.count(" --> ") == arrows + 3  # and the two of the start and the one of the end
    assert "HELD --> EXPIRED: expired" in drawn


@pytest.mark.parametrize("state", State)
def test_every_state_is_explained(state: State) -> None:
    page = PAGE.read_text("utf-8")
    assert f"\n| {state.name} | " in page
