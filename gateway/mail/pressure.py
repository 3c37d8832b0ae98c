"""Back-pressure: new mail is put off before disk, memory or queue run out, not after.

What was put off stays with its sender, who tries again; what would break us in the middle of a
mail takes down those that are at work beside it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.mail.listener import Reply

NO_ROOM = Reply(452, "4.3.1", "not enough space on disk, try again later")
QUEUE_FULL = Reply(452, "4.3.1", "too many mails are waiting here, try again later")
NO_MEMORY = Reply(421, "4.3.2", "short of memory, try again later", True)
_FRESH = 0.5
"""Seconds that a look at disk and memory holds."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Pressure:
    """`floor` octets stay free on the disk of `folder`; `memory` octets are the most of this
    process; `waiting` tells how many mails wait, of whom at most `queue` may."""

    folder: Path
    floor: int
    memory: int
    queue: int
    waiting: int = 0
    clock: Callable[[], float] = time.monotonic
    _seen: tuple[float, Reply | None] = field(default=(-1.0, None), init=False)

    def refusal(self) -> Reply | None:
        """Why no new mail may begin now, or None."""
        if self.waiting >= self.queue:
            return QUEUE_FULL
        at, found = self._seen
        if at < 0 or self.clock() - at > _FRESH:
            found = self._look()
            self._seen = (self.clock(), found)
        return found

    def _look(self) -> Reply | None:
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < self.floor:
            return NO_ROOM
        return NO_MEMORY if resident() > self.memory else None


def resident() -> int:
    """Octets of memory that this process holds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0
