"""What an old Office file carries along beside its pages: whose it is and where it was kept."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detectors.extract.storage import Storage
from detectors.report import Reason
from detectors.surface import Note, Spot

_SUMMARY = "\x05SummaryInformation"
_NAMES = (4, 8)
"""PIDSI_AUTHOR and PIDSI_LASTAUTHOR ([MS-OSHARED] 2.3.3.2.1.1)."""
_TEXTS = {0x1E: 1, 0x1F: 2}
"""Types of texts, with the octets of a letter."""
_MOST = 200
_SAVED_BY = 0x2D2
"""fcSttbSavedBy ([MS-DOC] 2.5.6): Word 97 and 2000 keep the last ten to save it, and where."""


def carried(storage: Storage, spot: Spot) -> Iterator[Note]:
    if any(number in _NAMES for number in _texts(storage.read(_SUMMARY))):
        yield Note(spot, "author", Reason("author"))
    if any(inner.path[-1] == "Revision Log" for inner in storage.inner) or (
        "Revision Log" in storage.names
    ):
        yield Note(spot, "tracked_changes", Reason("tracked_changes"))


def saved_in(main: bytes, table: bytes) -> bool:
    """Whether a Word document names folders that it was saved in."""
    at, size = struct.unpack_from("<LL", main, _SAVED_BY) if len(main) > _SAVED_BY + 8 else (0, 0)
    return b"\\\0" in table[at : at + size]


def _texts(stream: bytes) -> Iterator[int]:
    """Which properties are texts with something in them ([MS-OLEPS] 2.20)."""
    start = int.from_bytes(stream[44:48], "little")
    count = int.from_bytes(stream[start + 4 : start + 8], "little")
    for at in range(start + 8, start + 8 + 8 * min(count, _MOST), 8):
        if len(entry := stream[at : at + 8]) < 8:
            return
        number, offset = struct.unpack("<LL", entry)
        kind, size = stream[start + offset :][:4], stream[start + offset + 4 :][:4]
        letter = _TEXTS.get(int.from_bytes(kind[:2], "little"), 0)
        length = min(int.from_bytes(size, "little") * letter, 1_000)
        if stream[start + offset + 8 :][:length].strip(b"\0 "):
            yield number
