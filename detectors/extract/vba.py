"""The source of macros in an Office file ([MS-OVBA]): a number may stand in a module as text.

Compiled code is searched as well: Office runs it, and the source beside it may say another thing.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import olefile

from detectors.extract.strings import strings

_MODULE = re.compile(rb"\x01[\x00-\xff]{2}\x00Attribut", re.DOTALL)
"""Where a compressed module begins ([MS-OVBA] 2.3.4.3): its source starts with Attribute."""
_CHUNK = 4_096
_MOST = 16 << 20


def words(data: bytes) -> Iterator[str]:
    """Lines of source, and texts of forms and of compiled code, of a vbaProject.bin."""
    if not data.startswith(olefile.MAGIC):
        yield from strings(data)
        return
    with olefile.OleFileIO(data) as ole:
        for entry in ole.listdir():
            yield from of_stream(ole.openstream(entry).read())


def of_stream(data: bytes) -> Iterator[str]:
    """Of one stream, module or not."""
    start = len(data)
    if found := _MODULE.search(data):
        start = found.start()
        yield expanded(data[start:]).decode("cp932", "replace")
    yield from strings(data[:start])


def expanded(data: bytes) -> bytes:
    """A compressed container, as far as it can be read ([MS-OVBA] 2.4.1).

    >>> expanded(bytes.fromhex("0119b000616263646566676800696a6b6c6d6e6f7000717273747576"
    ...     "2e"))
    b'abcdefghijklmnopqrstuv.'
    """
    out = bytearray()
    at = 1
    while at + 2 <= len(data) and len(out) < _MOST:
        (header,) = struct.unpack_from("<H", data, at)
        end = min(at + (header & 0x0FFF) + 3, len(data))
        if header & 0x8000:
            _expand(data[at + 2 : end], out)
        else:
            out += data[at + 2 : end]
        at = end
    return bytes(out)


def _expand(chunk: bytes, out: bytearray) -> None:
    """Literals, and copies of what stands before in the same chunk."""
    start, at = len(out), 0
    while at < len(chunk):
        flags, at = chunk[at], at + 1
        for bit in range(8):
            if at >= len(chunk):
                return
            if not flags >> bit & 1:
                out.append(chunk[at])
                at += 1
                continue
            token = int.from_bytes(chunk[at : at + 2], "little")
            at += 2
            width = max((len(out) - start - 1).bit_length(), 4)  # of the offset
            length, offset = (token & 0xFFFF >> width) + 3, (token >> 16 - width) + 1
            if offset > len(out) - start or len(out) - start + length > _CHUNK:
                return
            for _ in range(length):
                out.append(out[-offset])
