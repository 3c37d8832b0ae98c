"""Ballast: a file of `store.ballast` octets that is given up first when the disk is full.

What new mail may use ends at `smtp.limits.free_disk`, but others write to the same disk. With its
last octet gone nobody could even refuse, release or erase, since each of them is a commit; the
room of this file is what they are done in. It is taken again when there is plenty.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger("sekisho.ballast")
PLENTY = 3
"""Times its own size that must be free for it to be taken again."""


@dataclass(frozen=True, slots=True)
class Ballast:
    path: Path
    size: int
    """Octets; given up where less than a quarter of it is free"""

    def give_up(self) -> bool:
        """Before every commit, in any process: where the disk is nearly full, and it is there."""
        if self._free() >= self.size // 4:
            return False
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        log.error("the disk is full: %d octets of ballast are given up", self.size)
        return True

    def take(self) -> bool:
        """By the core, beside its work. False where it is there, or there is no plenty."""
        if self.path.exists() or self._free() < PLENTY * self.size:
            return False
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, self.size)
        except OSError:
            with suppress(FileNotFoundError):
                self.path.unlink()
            raise
        finally:
            os.close(handle)
        return True

    def _free(self) -> int:
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize
