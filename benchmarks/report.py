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


Figure = Callable[[Sequence[Run]], float | None]


def _percentile(of: int) -> Figure:
    def figure(runs: Sequence[Run]) -> float | None:
        times = [time for run in runs for time in run.accepted]
        return quantiles(times, n=100, method="inclusive")[of - 1] if times else None

    return figure


FIGURES: dict[str, Figure] = {
    "msg/s": lambda runs: median(run.rate for run in runs),
    "CPU s/1,000": lambda runs: median(run.cpu for run in runs),
    "memory MB": lambda runs: median(run.memory for run in runs),
    "accept p50 ms": _percentile(50),
    "p99 ms": _percentile(99),
}


def table(runs: Sequence[Run]) -> str:
    """A line a peer and, below, the first peer ÷ the other."""
    lines = [f"{'':<30}" + "".join(f"{name:>14}" for name in FIGURES)]
    for size, connections in dict.fromkeys((run.size, run.connections) for run in runs):
        same = [run for run in runs if (run.size, run.connections) == (size, connections)]
        names = list(dict.fromkeys(run.peer for run in same))
        rows = [_figures([run for run in same if run.peer == name]) for name in names]
        for name, row in zip(names, rows, strict=True):
            lines.append(_line(f"{size:<6} c{connections:<3} {name}", row, ".1f"))
        ratios = [a / b if a and b else None for a, b in zip(*rows, strict=True)]
        lines.append(_line(f"{'':<12}{' ÷ '.join(names)}", ratios, ".2f"))
    return "\n".join(lines)


def _figures(runs: Sequence[Run]) -> list[float | None]:
    return [figure(runs) for figure in FIGURES.values()]


def _line(title: str, figures: Sequence[float | None], form: str) -> str:
    cells = ("" if figure is None else format(figure, form) for figure in figures)
    return f"{title:<30}" + "".join(f"{cell:>14}" for cell in cells)


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
        "load": os.getloadavg(),
    }
