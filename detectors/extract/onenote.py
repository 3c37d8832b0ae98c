"""OneNote sections ([MS-ONESTORE]): a sweep for text, and the files that were dropped into it.

The format is a log of changes whose latest state nobody reads but OneNote; all of it is told.
"""

from __future__ import annotations

from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.extract.strings import everything
from detectors.surface import Nested, Source, Spot, Surface

_FILE = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
"""Before each file: its size in 8 octets, 12 octets of zeros, then its octets (2.6.13)."""

_FORMAT = bytes.fromhex("3fdd9a101b91f549a5d01791edc8aed8")
"""At octet 48 of every section (2.3.1, guidFileFormat)."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    data, left, at = source.data, [], 0
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    while (start := data.find(_FILE, at)) >= 0:
        left.append(data[at:start])
        size = int.from_bytes(data[start + 16 : start + 24], "little")
        at = start + 36 + size
        budget.take(size)
        name = f"object{len(left)}"
        yield Nested(within(spot, name), name, data[start + 36 : at])
    found = everything(b"\0".join((*left, data[at:])))
    yield from texts(spot, found, source.context)
    if not found or data[48:64] != _FORMAT:
        raise Refused("format_not_supported", type="one")
