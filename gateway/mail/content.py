"""What leaves of a large mail: a head, and a blob that is opened block by block.

Twenty megabytes in one piece hold up every other mail for as often as they are copied, looked
through or written: a thread that does it holds the interpreter, and nothing else runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace

from gateway.mail.dot_stream import LineEnds
from gateway.mail.pieces import Pieces
from gateway.memory.vault import Opened


@dataclass(frozen=True, slots=True)
class Content:
    """Asked for its length and for ASCII as bytes are; of both copies of its bytes, the one that
    was looked at and the one that is sent, every chunk is sealed."""

    head: bytes
    body: Opened | Pieces
    whole_lines: bool
    _ascii: bool

    @classmethod
    def of(cls, head: bytes, body: Opened) -> Content:
        """Reads all of it: not for the loop. Raises Damaged, OSError."""
        return cls(head, body, *_looked_through(body, head))

    @classmethod
    def at_hand(cls, head: bytes, body: Pieces) -> Content:
        """As it was taken in: there nothing passes but whole lines (`DotStream`)."""
        return cls(head, body, True, head.isascii() and all(each.isascii() for each in body))

    def below(self, head: bytes) -> Content:
        """With whole lines of ASCII above it."""
        return replace(self, head=head + self.head)

    def __len__(self) -> int:
        return len(self.head) + len(self.body)

    def isascii(self) -> bool:
        return self._ascii

    def blocks(self) -> Iterator[bytes]:
        """None is empty. Reads: not for the loop. Raises Damaged, OSError."""
        if self.head:
            yield self.head
        yield from self.body if isinstance(self.body, Pieces) else self.body.blocks()

    async def stream(self) -> AsyncIterator[bytes]:
        """The same for the loop: what is to be read is read in a thread."""
        blocks, read = self.blocks(), not isinstance(self.body, Pieces)
        while block := await asyncio.to_thread(next, blocks, b"") if read else next(blocks, b""):
            yield block


def _looked_through(body: Opened, head: bytes) -> tuple[bool, bool]:
    """Whether all lines end with CRLF and nothing is NUL, and whether it is ASCII. Chunk by chunk
    in a thread: each lets go of the interpreter when it is read."""
    ends, ascii = LineEnds(), head.isascii()
    ends.see(head)
    for chunk in body.range(0, body.size):
        ends.see(chunk)
        ascii = ascii and chunk.isascii()
    return ends.whole(), ascii
