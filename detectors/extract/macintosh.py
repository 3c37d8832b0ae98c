"""What macOS lays beside the files that it packs: AppleDouble (._name, __MACOSX) and .DS_Store.

A ._ file has the attributes of another one, and of old programs a resource fork (RFC 1740, and
AppleSingle/AppleDouble Formats, 1990). Nearly always there is nothing in it for a person to read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.extract.strings import strings
from detectors.report import Reason
from detectors.surface import Nested, Source, Spot, Surface, Unread

_ENTRY = struct.Struct(">3L")
_HEAD = 26
_DATA, _RESOURCES = 1, 2
_MOST = 64
_EMPTY = 286
"""Octets of a resource fork with nothing in it, as macOS writes it."""
_ATTRIBUTES = 1 << 16
"""Octets of which whatever is no resource may be; more would be a file of its own."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """Texts of the attributes, and the file itself where it is in it (AppleSingle)."""
    spot = Spot(source.spot.part, source.spot.path, True, "")
    yield from texts(spot, strings(source.data), source.context)
    others = len(source.data)
    for kind, data in _entries(source.data):
        budget.time()
        others -= len(data)
        if kind == _DATA and data:
            yield Nested(within(source.spot, source.name), source.name, data)
        elif kind == _RESOURCES and len(data) > _EMPTY:
            yield Unread(source.spot, Reason("unknown_type"))
        elif kind != _RESOURCES:
            others += len(data)
    if others > _ATTRIBUTES:
        yield Unread(source.spot, Reason("unknown_type"))


def read_store(source: Source, budget: Budget) -> Iterator[Surface]:
    """Names of files, and how their folder is shown."""
    spot = Spot(source.spot.part, source.spot.path, True, "")
    yield from texts(spot, strings(source.data), source.context)


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    count = int.from_bytes(data[_HEAD - 2 : _HEAD], "big")
    head = data[_HEAD : _HEAD + count * _ENTRY.size]
    if len(head) < count * _ENTRY.size or count > _MOST:
        raise Refused("corrupt", type="appledouble")
    for kind, at, size in _ENTRY.iter_unpack(head):
        if at + size > len(data):
            raise Refused("corrupt", type="appledouble")
        yield kind, data[at : at + size]
