"""What leaves of a large mail: a head, and a blob that is opened block by block.

Twenty megabytes in one piece hold up every other mail for as often as they are copied, looked
through or written: a thread that does it holds the interpreter, and nothing else runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.mail.dot_stream import LineEnds
from gateway.memory.vault import Opened


@dataclass(frozen=True, slots=True)
class Content:
    """Asked for its length and for ASCII as bytes are; of both copies of its bytes, the one that
    was looked at and the one that is sent, every chunk is sealed."""

    head: bytes
    body: Opened
    whole_lines: bool
    _ascii: bool

    @classmethod
    def of(cls, head: bytes, body: Opened) -> Content:
        """Reads all of it: not for the loop. Raises Damaged, OSError."""
        return cls(head, body, *_looked_through(body, head))

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
        yield from self.body.blocks()


def _looked_through(body: Opened, head: bytes) -> tuple[bool, bool]:
    """Whether all lines end with CRLF and nothing is NUL, and whether it is ASCII. Chunk by chunk
    in a thread: each lets go of the interpreter when it is read."""
    ends, ascii = LineEnds(), head.isascii()
    ends.see(head)
    for chunk in body.range(0, body.size):
        ends.see(chunk)
        ascii = ascii and chunk.isascii()
    return ends.whole(), ascii
