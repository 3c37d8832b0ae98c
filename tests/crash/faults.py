"""A disk that fails: ENOSPC or EIO from the calls that a real core makes, where a test says so.

`faults.c` stands between the core and the C library. Nothing of it is in the product: the core
that meets it is the one that is shipped, and so is the SQLite below it.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SEKISHO_TEST_FAULTS"
WRITE, SYNC, OPEN = 1, 2, 4
_FORM = struct.Struct("iiii240s")
_ALWAYS = 2**30


@dataclass(frozen=True)
class Fault:
    """`error` is its name in errno; `path` a part of a path; `left` how often it strikes."""

    error: str
    calls: int
    path: str
    left: int = _ALWAYS

    def __str__(self) -> str:
        calls = {WRITE: "write", SYNC: "fsync", OPEN: "open"}
        done = "+".join(word for bit, word in calls.items() if self.calls & bit)
        return f"{self.error}-{done}-{self.path.strip('/')}"


class Faults:
    """The switch of one house. Its file is what the preloaded core has mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(bytes(_FORM.size))
        with path.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), _FORM.size)

    def set(self, fault: Fault) -> None:
        self.clear()
        number = getattr(errno, fault.error)
        # the error last: it is what switches the rest on
        self._mapped[4:] = _FORM.pack(0, fault.calls, fault.left, 0, fault.path.encode())[4:]
        self._mapped[:4] = struct.pack("i", number)

    def clear(self) -> int:
        """How often the last one has struck."""
        self._mapped[:4] = bytes(4)
        return self.hits

    @property
    def hits(self) -> int:
        return int(_FORM.unpack(self._mapped[:])[3])


def preloaded(folder: Path) -> dict[str, str]:
    """What the environment of a process must hold for its disk to fail."""
    library = folder / "faults.so"
    if not library.exists():
        source = Path(__file__).with_name("faults.c")
        compiler = ["gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library)]
        subprocess.run([*compiler, str(source), "-ldl"], check=True)
    return {**os.environ, "LD_PRELOAD": str(library)}
