"""What was measured, as a table for people and a file to keep."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from benchmarks import scanning
from scripts.between import put_between

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Run:
    """One peer, one size, one number of connections, once."""

    peer: str
    size: str
    connections: int
    rate: float
    """mails a second until the sink had all"""
    cpu: float
    """seconds for 1,000 mails, of all its processes"""
    memory: float
    """MB (PSS) right after"""
    accepted: list[float] = field(default_factory=list)
    """milliseconds from connecting to the 250, one mail at a time; only with one connection"""
    through: list[float] = field(default_factory=list)
    """of the same mails, until the sink had them"""


Figure = Callable[[Sequence[Run]], float | None]
Ratios = dict[tuple[str, int], dict[str, dict[str, float | None]]]
"""By size and connections: the first peer ÷ each other, by the name of the figure."""


def _percentile(of: int, times_of: Callable[[Run], list[float]]) -> Figure:
    def figure(runs: Sequence[Run]) -> float | None:
        times = [time for run in runs for time in times_of(run)]
        return quantiles(times, n=100, method="inclusive")[of - 1] if times else None

    return figure


FIGURES: dict[str, Figure] = {
    "msg/s": lambda runs: median(run.rate for run in runs),
    "CPU s/1,000": lambda runs: median(run.cpu for run in runs),
    "memory MB": lambda runs: median(run.memory for run in runs),
    "accept p50 ms": _percentile(50, lambda run: run.accepted),
    "p99 ms": _percentile(99, lambda run: run.accepted),
    "through p50 ms": _percentile(50, lambda run: run.through),
}


def table(runs: Sequence[Run]) -> str:
    """A line a peer and, below, the first peer ÷ each of the others."""
    lines = [f"{'':<40}" + "".join(f"{name:>14}" for name in FIGURES)]
    for (size, connections), rows in _cells(runs).items():
        for name, row in rows.items():
            lines.append(_line(f"{size:<6} c{connections:<3} {name}", row, ".1f"))
        first = next(iter(rows))
        for name, ratios in _ratios(rows).items():
            lines.append(_line(f"{'':<12}{first} ÷ {name}", list(ratios.values()), ".2f"))
    return "\n".join(lines)


def short(runs: Sequence[Run]) -> str:
    """The first peer ÷ each of the others: mails a second, CPU a mail, time to the 250."""
    cells = _cells(runs)
    names = list(next(iter(cells.values())))
    lines = [f"{names[0] + ' ÷':<14}" + "".join(f"{name:^27}" for name in names[1:]).rstrip()]
    lines.append(
        " " * 14 + "".join(f"{n:>9}" for n in ("mails/s", "CPU", "250 in")) * (len(names) - 1)
    )
    for (size, connections), rows in cells.items():
        told = ("msg/s", "CPU s/1,000", "accept p50 ms")
        ratios = [each[name] for each in _ratios(rows).values() for name in told]
        said = "".join(f"{'' if each is None else format(each, '.2f'):>9}" for each in ratios)
        lines.append(f"{size}, {connections:>2}".ljust(14) + said.rstrip())
    return "\n".join(lines) + "\n"


def ratios(runs: Sequence[Run]) -> Ratios:
    return {cell: _ratios(rows) for cell, rows in _cells(runs).items()}


def cpu_ratio(runs: Sequence[Run]) -> float:
    """Of a mail, the first peer's ÷ the other's: the figure that a busy machine moves least."""
    cells = [list(rows.values()) for rows in _cells(runs).values()]
    at = list(FIGURES).index("CPU s/1,000")
    ours, theirs = (sum(rows[peer][at] or 0 for rows in cells) for peer in (0, 1))
    return ours / theirs


def write_into_readmes(runs: Sequence[Run]) -> None:
    for name in ("README.md", "README.ja.md"):
        put_between(ROOT / name, "bench", f"```text\n{short(runs)}```\n")


def _cells(runs: Sequence[Run]) -> dict[tuple[str, int], dict[str, list[float | None]]]:
    """Figures by size and connections, and by peer in each."""
    cells: dict[tuple[str, int], dict[str, list[float | None]]] = {}
    for size, connections in dict.fromkeys((run.size, run.connections) for run in runs):
        same = [run for run in runs if (run.size, run.connections) == (size, connections)]
        names = dict.fromkeys(run.peer for run in same)
        cells[size, connections] = {
            name: _figures([run for run in same if run.peer == name]) for name in names
        }
    return cells


def _ratios(rows: dict[str, list[float | None]]) -> dict[str, dict[str, float | None]]:
    (_, ours), *others = rows.items()
    return {
        name: {
            figure: a / b if a and b else None
            for figure, a, b in zip(FIGURES, ours, row, strict=True)
        }
        for name, row in others
    }


def _figures(runs: Sequence[Run]) -> list[float | None]:
    return [figure(runs) for figure in FIGURES.values()]


def _line(title: str, figures: Sequence[float | None], form: str) -> str:
    cells = ("" if figure is None else format(figure, form) for figure in figures)
    return f"{title:<40}" + "".join(f"{cell:>14}" for cell in cells)


def keep(folder: Path, runs: Sequence[Run]) -> Path:
    """Every run as it was, in a file of this minute."""
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC)
    path = folder / f"{at:%Y-%m-%dT%H%M%SZ}.json"
    found = {"at": at.isoformat(), "machine": _machine(), "runs": [asdict(run) for run in runs]}
    path.write_text(json.dumps(found, indent=1), "utf-8")
    return path


def _machine() -> dict[str, object]:
    version = ("postconf", "-dh", "mail_version")
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postfix": subprocess.run(version, capture_output=True, text=True).stdout.strip(),
        **scanning.versions(),
        "load": os.getloadavg(),
    }
