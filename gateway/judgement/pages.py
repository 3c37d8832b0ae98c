"""Huge pages for what a worker has loaded, so that a fork copies fewer entries (Linux 6.1).

For every document a child is forked, and each page of 4 KiB is an entry that is copied, and taken
away again when the child ends: half of what a fork costs is models and tables nobody writes to.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

_HUGE = 2 << 20
_COLLAPSE = 25
"""MADV_COLLAPSE of <linux/mman.h>; before Linux 6.1 it is refused, and all stays as it was."""
_OWN = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0\s*(?:\[heap\])?$", re.MULTILINE)
_libc = ctypes.CDLL(None)


def collapse() -> None:
    """All memory of this process that is no file's."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        mapped = maps.read()
    for start, length in _blocks(mapped):
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(length), _COLLAPSE)


def _blocks(maps: str) -> Iterator[tuple[int, int]]:
    """(start, octets) of whole huge pages.

    >>> list(_blocks("00100000-00700000 rw-p 00000000 00:00 0     [heap]"))
    [(2097152, 4194304)]
    """
    for found in _OWN.finditer(maps):
        start = -(-int(found[1], 16) // _HUGE) * _HUGE
        length = (int(found[2], 16) - start) // _HUGE * _HUGE
        if length > 0:
            yield start, length
