"""A mail in memory, in the clear: in the pieces in which it came, so that nobody copies it.

They go to the worker and to the next hop as they are. A megabyte that is joined, or written to the
disk and read back a moment later, holds the interpreter for as long, and all mails beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from weakref import WeakSet

SMALL = 64 * 1024
"""Octets of a mail that is no matter of memory, and is joined where that spares a write."""
_CRUMB = 16 * 1024
"""Octets of a piece to which what comes next is joined: of who sends one by one, each would be an
object of fifty."""


@dataclass(eq=False)
class Pieces:
    size: int = 0
    _pieces: list[bytes] = field(default_factory=list, repr=False)

    def add(self, block: bytes) -> None:
        self.size += len(block)
        if self._pieces and len(self._pieces[-1]) < _CRUMB:
            self._pieces[-1] += block
        else:
            self._pieces.append(block)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def first(self, octets: int) -> bytes:
        start, missing = list[bytes](), octets
        for piece in self._pieces:
            start.append(piece[:missing])
            if (missing := missing - len(piece)) <= 0:
                break
        return b"".join(start)


class Shelf:
    """Room for so many mails that are not small; one that nobody holds any more makes room by
    itself."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._held: WeakSet[Pieces] = WeakSet()

    def takes(self, mail: Pieces) -> bool:
        """Whether it has a place, or needs none; also again."""
        if len(mail) <= SMALL:
            return True
        if mail not in self._held and len(self._held) >= self._places:
            return False
        self._held.add(mail)
        return True
