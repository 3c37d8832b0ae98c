"""Drawings of Windows ([MS-EMF]): the texts in them, and whether they are whole."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused
from detectors.report import Reason
from detectors.surface import Source, Spot, Surface, Unread

_RECORD = struct.Struct("<2L")
_HEADER, _END = 1, 14
_TEXT_OCTETS, _TEXT, _SMALL_TEXT = 83, 84, 108
_NO_RECTANGLE, _OCTETS = 0x100, 0x200


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    spot, lines = source.spot, []
    for kind, record in _records(source.data, budget):
        if line := _line(kind, record):
            lines.append(line)
    yield from texts(Spot(spot.part, spot.path, spot.hidden, ""), lines, source.context)
    yield Unread(spot, Reason("image", {"type": "emf"}))


def _records(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    """From the header to the end record. Raises Refused "corrupt" where the chain breaks."""
    at, kind = 0, _HEADER
    while kind != _END:
        budget.time()
        if at + _RECORD.size > len(data):
            raise Refused("corrupt", type="emf")
        kind, size = _RECORD.unpack_from(data, at)
        if size < _RECORD.size or size % 4 or at + size > len(data):
            raise Refused("corrupt", type="emf")
        yield kind, data[at : at + size]
        at += size


def _line(kind: int, record: bytes) -> str:
    if kind in (_TEXT, _TEXT_OCTETS) and len(record) >= 56:
        letters, at = struct.unpack_from("<2L", record, 44)
        octets = kind == _TEXT_OCTETS
    elif kind == _SMALL_TEXT and len(record) >= 36:
        letters, options = struct.unpack_from("<2L", record, 16)
        octets, at = bool(options & _OCTETS), 36 if options & _NO_RECTANGLE else 52
    else:
        return ""
    written = record[at : at + letters * (1 if octets else 2)]
    return written.decode("cp932" if octets else "utf-16-le", "replace").strip("\0")
