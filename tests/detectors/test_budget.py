"""The spender that every reader shares."""

from __future__ import annotations

import pickle
import time

import pytest

from detectors.budget import Budget, Limits, OverBudget


def test_it_works() -> None:
    purse = Budget(Limits(decoded=100))
    purse.take(60)
    purse.take(40)
    with pytest.raises(OverBudget) as over:
        purse.take(1)
    assert over.value.code == "decoded"


def test_a_bomb_is_known_by_its_ratio_once_it_is_large() -> None:
    purse = Budget(Limits(ratio=100, ratio_from=1_000))
    purse.take(1_000, packed=1)  # small files of one letter are no bombs
    purse.take(2_000, packed=20)
    with pytest.raises(OverBudget, match="ratio"):
        purse.take(2_001, packed=20)


def test_depth_is_given_back() -> None:
    purse = Budget(Limits(depth=1))
    for _ in range(3):
        with purse.deeper(), pytest.raises(OverBudget, match="depth"), purse.deeper():
            pass


def test_the_clock_is_shared_with_a_child() -> None:
    purse = Budget(Limits(seconds=0.01))
    copy = pickle.loads(pickle.dumps(purse))  # noqa: S301
    assert copy.deadline == purse.deadline
    time.sleep(0.02)
    with pytest.raises(OverBudget, match="seconds"):
        copy.take(0)
