from __future__ import annotations

from benchmarks.goals import GOALS, SLOW_DISK, Goal, said
from benchmarks.report import FIGURES, Run, ratios

FAST = Goal("G1", "msg/s", "Postfix", "2 KB", (1, 10), least=1.2)
LEAN = Goal("G9", "CPU s/1,000", "Postfix", "2 KB", (1,), most=1.0)
RUNS = [
    Run(peer, "2 KB", connections, rate, cpu, 1.0)
    for connections in (1, 10)
    for peer, rate, cpu in (("Sekisho", 10.0 * connections, 2.0), ("Postfix", 50.0, 2.0))
]


def test_it_works() -> None:
    fast, lean = said((FAST, LEAN), ratios(RUNS))
    assert fast.endswith("0.20  NOT reached"), "the worst of both numbers of connections"
    assert lean.endswith("1.00  reached")


def test_what_was_not_measured_is_not_said_to_be_reached() -> None:
    assert not list(said((Goal("G3", "msg/s", "Haraka", "1 MB", (10,), least=0.8),), ratios(RUNS)))
    assert not list(said((Goal("G7", "p99 ms", "Postfix", "2 KB", (1,), most=9),), ratios(RUNS)))


def test_each_goal_asks_for_a_figure_that_there_is() -> None:
    assert {goal.figure for goal in (*GOALS, *SLOW_DISK)} <= FIGURES.keys()
