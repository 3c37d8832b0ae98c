"""Where a program ends, by its own headers: what stands behind is no part of it."""

from __future__ import annotations

import struct

_SECTION = 40


def end(data: bytes) -> int:
    """In octets; 0 where the headers do not say (then nothing is known to be the program's).

    >>> end(b"MZ and no more")
    0
    """
    if data.startswith(b"\x7fELF"):
        return _elf(data)
    found = _pe(data) if data.startswith(b"MZ") else 0
    return found if found <= len(data) else 0


def _pe(data: bytes) -> int:
    """The end of the last section of a PE file."""
    at = int.from_bytes(data[60:64], "little")
    if data[at : at + 4] != b"PE\0\0" or len(data) < at + 24:
        return 0
    (count,) = struct.unpack_from("<H", data, at + 6)
    (optional,) = struct.unpack_from("<H", data, at + 20)
    table, found = at + 24 + optional, 0
    for place in range(table, table + _SECTION * count, _SECTION):
        if len(data) < place + _SECTION:
            return 0
        size, start = struct.unpack_from("<2L", data, place + 16)
        found = max(found, start + size if size else 0)
    return found


def _elf(data: bytes) -> int:
    """The table of sections of an ELF file stands at its end."""
    if len(data) < 64:
        return 0
    wide, order = data[4] == 2, "<" if data[5] == 1 else ">"
    (at,) = struct.unpack_from(order + ("Q" if wide else "L"), data, 40 if wide else 32)
    size, count = struct.unpack_from(order + "2H", data, 58 if wide else 46)
    found = int(at + size * count)
    return found if found <= len(data) else 0
