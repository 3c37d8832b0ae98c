"""What a process and all its children use, from /proc (proc(5))."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)
"""A process may end while it is looked at."""


def tree(root: int) -> list[int]:
    """`root` and all that descend from it and live."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(*_GONE):
            children[int(_stat(int(entry.name))[1])].append(int(entry.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def cpu(root: int) -> float:
    """CPU seconds so far, with those of children that have ended and were waited for."""
    ticks = 0
    for pid in tree(root):
        with suppress(*_GONE):
            ticks += sum(map(int, _stat(pid)[11:15]))
    return ticks / _TICKS


def memory(root: int) -> float:
    """Megabytes, each shared page counted once (PSS)."""
    kilobytes = 0
    for pid in tree(root):
        with suppress(*_GONE):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def _stat(pid: int) -> list[str]:
    """The fields from the state on; the name before may hold blanks and brackets."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
