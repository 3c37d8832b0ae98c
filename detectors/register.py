"""The company's own list of 個人番号 (My Number) as a filter that gives no number back.

A number becomes a *tag*: the first 20 bits of HMAC-SHA-256 under a key of its own. The register is
one bit for each of the 2^20 tags, set or not, and nothing else: no order, no names, always 128 KiB.

**Why nobody gets the numbers out, not even with the key.** There are 10^11 valid numbers (eleven
free digits; the twelfth follows), and they share 2^20 = 1,048,576 tags: 95,367 valid numbers to
each tag. Whoever has file *and* key and tries all 10^11 keeps, for every real number, some 95,366
others that look exactly alike. A plain or a long keyed hash would give each number back in an
afternoon, which is why the guideline of the 個人情報保護委員会 (Q&A 9-2) takes an encrypted number
for a number; a tag that 95,367 numbers share cannot stand for any of them.

**One key for all builds.** With a new key each time, somebody who keeps old files could intersect
them: of n = 1,000 numbers two builds leave n^2 x 10^11 / 2^40, which is 91 strangers for each of
them and not 95,366, and a third build leaves one stranger for eleven numbers. Under the same key
a number has the same tag for ever, and intersecting tells nothing. Dropping the register destroys
its key, so that old files mean nothing any more.

**Padding.** Tags are filled up to the next power of two, at least 1,024, so that the file does not
tell how many numbers it was made of. The filling follows from the key: chosen anew each time, it
would fall out when two builds are compared.

**What a hit is worth.** `rate` of all numbers that are *not* in the list hit all the same: 0.1 % up
to 1,024 numbers, 1.6 % up to 16,384, 12.5 % up to 131,072. A hit therefore weighs log10(1 / rate)
points, at most 3: as much as its odds, and less than lies between an unlabelled number (0.5) and
`high` (4). It lifts such a number from low to medium and a likely one from medium to high; an
order number that happens to hit is never `high` by that alone, and where its label says what it is
(-5), it stays nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from math import log10

TAG_BITS = 20
TAGS = 1 << TAG_BITS
OCTETS = TAGS // 8
VALID_NUMBERS = 10**11
FEWEST = 1_024
MOST = 1 << 18
"""Tags; with a quarter of all set, a hit says next to nothing and the list is refused."""
_MOST_POINTS = 3.0


class TooMany(ValueError):
    """The list is so long that a hit would say nothing."""


@dataclass(frozen=True)
class Register:
    key: bytes = field(repr=False)
    bits: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != 32 or len(self.bits) != OCTETS:
            raise ValueError("not a register")

    def knows(self, digits: str) -> bool:
        """Whether twelve digits are in the list, or are one of `rate` that look so."""
        tag = tag_of(self.key, digits)
        return bool(self.bits[tag >> 3] >> (tag & 7) & 1)

    @cached_property
    def size(self) -> int:
        """Tags that are set: the number of entries, filled up."""
        return int.from_bytes(self.bits).bit_count()

    @property
    def rate(self) -> float:
        """Share of strangers that hit."""
        return self.size / TAGS

    @property
    def points(self) -> float:
        """What a hit adds to the weight of a candidate."""
        return min(_MOST_POINTS, log10(1 / self.rate)) if self.size else 0.0


def tag_of(key: bytes, digits: str) -> int:
    digest = hmac.digest(key, b"number " + digits.encode(), "sha256")
    return int.from_bytes(digest[:4]) >> (32 - TAG_BITS)


def build(key: bytes, tags: Iterable[int]) -> Register:
    """From the tags of all numbers, in any order. Raises TooMany."""
    bits = bytearray(OCTETS)
    size = sum(_set(bits, tag) for tag in tags)
    if size > MOST:
        raise TooMany
    wanted = max(FEWEST, 1 << (size - 1).bit_length())
    filling = count()
    while size < wanted:
        size += _set(bits, _filler(key, next(filling)))
    return Register(key, bytes(bits))


def _filler(key: bytes, at: int) -> int:
    return int.from_bytes(hmac.digest(key, b"filling %d" % at, "sha256")[:4]) >> (32 - TAG_BITS)


def _set(bits: bytearray, tag: int) -> bool:
    """False where it was set already."""
    mask = 1 << (tag & 7)
    new = not bits[tag >> 3] & mask
    bits[tag >> 3] |= mask
    return new
