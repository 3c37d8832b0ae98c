"""What a release must reach beside others, and whether it does.

The names are those of the goals in the measurements that the design began with. Each is a ratio of
one run, Sekisho ÷ another; with several numbers of connections the worst of them counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.report import Ratios

SCANNED, POSTFIX, HARAKA = "Postfix + rspamd", "Postfix", "Haraka"


@dataclass(frozen=True, slots=True)
class Goal:
    name: str
    figure: str
    """of `report.FIGURES`"""
    beside: str
    size: str
    connections: Sequence[int]
    least: float | None = None
    most: float | None = None

    def reached(self, ratio: float) -> bool:
        return (self.least or 0) <= ratio <= (self.most or ratio)


GOALS = (
    Goal("G1", "msg/s", SCANNED, "2 KB", (10, 50), least=1.2),
    Goal("G2", "msg/s", SCANNED, "50 KB", (10,), least=1.0),
    Goal("G3", "msg/s", SCANNED, "1 MB", (10,), least=0.8),
    Goal("G4", "msg/s", POSTFIX, "50 KB", (10,), least=0.8),
    Goal("G5", "msg/s", HARAKA, "50 KB", (10,), least=3.0),
    *(
        Goal("G7", figure, SCANNED, size, (1,), most=1.2)
        for size in ("2 KB", "50 KB", "1 MB")
        for figure in ("accept p50 ms", "p99 ms")
    ),
    Goal("G8", "through p50 ms", POSTFIX, "50 KB", (1,), most=1.5),
    Goal("G9", "CPU s/1,000", SCANNED, "50 KB", (10,), most=1.0),
    Goal("G10", "memory MB", SCANNED, "1 MB", (50,), most=1.2),
)
SLOW_DISK = tuple(
    Goal("G6", "msg/s", POSTFIX, size, (connections,), least=least)
    for size in ("2 KB", "50 KB")
    for connections, least in ((1, 0.9), (10, 0.9), (50, 1.5))
)
"""Where each flush takes 4 ms."""


def said(goals: Sequence[Goal], ratios: Ratios) -> Iterator[str]:
    """A line for each goal that was measured."""
    for goal in goals:
        found = [
            ratio
            for each in goal.connections
            if (ratio := _ratio(ratios.get((goal.size, each), {}), goal)) is not None
        ]
        if found:
            worst = min(found) if goal.least else max(found)
            told = "reached" if goal.reached(worst) else "NOT reached"
            yield f"{_title(goal):<64}{worst:>6.2f}  {told}"


def _ratio(cell: Mapping[str, Mapping[str, float | None]], goal: Goal) -> float | None:
    return cell.get(goal.beside, {}).get(goal.figure)


def _title(goal: Goal) -> str:
    limit = f"at least {goal.least}" if goal.least else f"at most {goal.most}"
    connections = ", ".join(map(str, goal.connections))
    return f"{goal.name:<4}{goal.size} c{connections}: {goal.figure} ÷ {goal.beside}, {limit}"


def missed(what: str, found: float, *, least: float = 0.0, most: float = 0.0) -> bool:
    """Prints a figure that is no ratio of the table beside its limit; whether it was missed."""
    out = found < least or bool(most and found > most)
    limit = f"at least {least:,g}" if least else f"at most {most:,g}"
    print(f"{what:<44}{found:>12,.2f}  {limit}{'  missed' * out}", flush=True)
    return out
