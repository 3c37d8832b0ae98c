"""Files and pictures as Office embeds them: OLE 1.0 and packager streams, OfficeArt blips."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.noise import is_noise

_BLIP = re.compile(rb"[\x00-\xff]{2}[\x1a-\x1f\x29\x2a]\xf0", re.DOTALL)
"""Record headers F01A to F02A of [MS-ODRAW] 2.2.23."""
_EMF, _WMF, _PICT, _DIB = 0xF01A, 0xF01B, 0xF01C, 0xF01F
_IMAGE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|II\*\x00|MM\x00\*|BM")
_HEADER = struct.Struct("<HHL")
_LONGEST_NAME = 1_024
_GARBAGE = 128
"""Octets, without the heading of an object: fewer tell nothing."""


def native(data: bytes) -> tuple[str, bytes]:
    """(label, content) of an Ole10Native stream: size, 2, label\\0, path\\0, 8 octets, path,
    content."""
    try:
        end = data.index(b"\x00", 6)
        name = data[6:end].decode("cp932", "replace")
        at = data.index(b"\x00", end + 1) + 5
        at += 4 + int.from_bytes(data[at : at + 4], "little")
        size = int.from_bytes(data[at : at + 4], "little")
        content = data[at + 4 : at + 4 + size]
    except ValueError:
        return "object", data[4:]
    # Not every program writes a label: then the whole of it is the file.
    return (name[:_LONGEST_NAME], content) if content else ("object", data[4:])


def of_rtf(data: bytes) -> tuple[str, bytes]:
    """The same of the objdata of RTF: an OLE 1.0 object ([MS-OLEDS] 2.2.5); "" for garbage."""
    at, words = 8, []
    for _ in range(3):  # class, topic, item
        size = int.from_bytes(data[at : at + 4], "little")
        if size > _LONGEST_NAME:
            # Not every program writes what the format asks for: then the whole of it is the file.
            return ("", b"") if is_noise(data, least=_GARBAGE) else ("object", data)
        words.append(data[at + 4 : at + 4 + size].rstrip(b"\x00"))
        at += 4 + size
    size = int.from_bytes(data[at : at + 4], "little")
    content = data[at + 4 : at + 4 + size]
    if words[0] == b"Package":
        return native(data[at : at + 4 + size])
    return words[0].decode("ascii", "replace") or "object", content or data


def blips(data: bytes, budget: Budget) -> Iterator[bytes]:
    """The pictures among OfficeArt records, wherever they stand in `data`."""
    at = 0
    while found := _BLIP.search(data, at):
        _, kind, size = _HEADER.unpack_from(data.ljust(found.start() + 8, b"\0"), found.start())
        body = data[found.end() + 4 : found.end() + 4 + size]
        at = found.end()
        if len(body) < size or size < 32:
            continue
        if picture := _picture(kind, body, budget):
            yield picture
            at += size


def _picture(kind: int, body: bytes, budget: Budget) -> bytes:
    if kind in (_EMF, _WMF, _PICT):
        return _metafile(body, budget)
    if found := _IMAGE.search(body, 0, 64):
        return body[found.start() :]
    return b""


def _metafile(body: bytes, budget: Budget) -> bytes:
    """Behind one or two identifiers of 16 octets a header of 34, then deflated octets."""
    for at in (16, 32):
        header = body[at : at + 34]
        size = int.from_bytes(header[:4], "little")
        if len(header) == 34 and header[32] == 0:
            try:
                budget.take(min(size, 64 << 20), len(body))
                return zlib.decompressobj().decompress(body[at + 34 :], min(size, 64 << 20) or 1)
            except zlib.error:
                continue
    return b""
