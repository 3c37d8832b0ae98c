"""What one inspection may cost. Every reader spends from the same budget and stops when it is gone.

Hostile mail is cheap to write and dear to read: 20,000 encoded words in 332 KiB, a 42 KiB archive
of 4.5 PB, a thousand nested multiparts. A reader that is over its budget says so; the mail is then
held with that reason, never passed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in octets, unless said."""

    nesting: int = 20
    """Levels of multipart and attached messages; Postfix stops at 100."""
    parts: int = 1_000
    header_block: int = 1 << 20
    headers: int = 1_000
    header: int = 256 << 10
    """A To field of a thousand people with their names takes a hundred KiB (where Postfix cuts)."""
    params: int = 50
    encoded_words: int = 4_000
    """In one header field; three to a name, in a long list."""
    addresses: int = 2_000
    boundary: int = 70
    """RFC 2046 section 5.1.1."""
    decoded: int = 200 << 20
    """All that comes out of transfer encodings, archives and documents together."""
    ratio: int = 100
    """Octets out for one octet in, once more than `ratio_from` came out."""
    ratio_from: int = 1 << 20
    numbers: int = 50_000
    """Weighed in one mail; who sends that many is held whatever the next one is."""
    depth: int = 6
    """Files in files: an archive in a mail in an archive …"""
    seconds: float = 20.0


USUAL = Limits()
"""The usual ones; made once, since a mail of some lines notices."""


class OverBudget(Exception):
    """A limit is reached; `code` is the name of the limit in `Limits`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Budget:
    """Spends `limits`. May be copied into another process: the clock is the machine's."""

    limits: Limits = USUAL
    octets: int = 0
    depth: int = 0
    deadline: float = 0.0

    def __post_init__(self) -> None:
        self.deadline = self.deadline or time.monotonic() + self.limits.seconds

    def take(self, octets: int, packed: int = 0) -> None:
        """Spend what has been (better: will be) unpacked, out of `packed` octets where known.

        >>> Budget(Limits(decoded=10)).take(11)
        Traceback (most recent call last):
        detectors.budget.OverBudget: decoded
        """
        self.time()
        self.octets += octets
        if self.octets > self.limits.decoded:
            raise OverBudget("decoded")
        if packed and octets > self.limits.ratio_from and octets > packed * self.limits.ratio:
            raise OverBudget("ratio")

    def deeper(self) -> Budget:
        """`with budget.deeper():` around the reading of a file inside a file."""
        if self.depth >= self.limits.depth:
            raise OverBudget("depth")
        return self

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *raised: object) -> None:
        self.depth -= 1

    @property
    def left(self) -> float:
        """Seconds until the wall clock is over; negative after that."""
        return self.deadline - time.monotonic()

    def time(self) -> None:
        """Call it in loops: raises when the wall clock is over."""
        if time.monotonic() > self.deadline:
            raise OverBudget("seconds")
