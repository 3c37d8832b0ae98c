"""What the headers of a RAR say before anything in it is unpacked: whole, in parts, locked.

libarchive says none of it in time: it reads the octets of a locked member as if they were plain,
and neither misses an end nor compares the CRC of what is stored. Formats: rarlab's technote.txt
(RAR 5), and the one of RAR 4 before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from detectors.extract.libarchive import MEMBERS
from detectors.extract.reading import Refused

V4, V5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_BLOCK = struct.Struct("<HBHH")
_MAIN4, _FILE4, _END4 = 0x73, 0x74, 0x7B
_VOLUME4, _HEADERS_LOCKED4, _LOCKED4, _LARGE4, _DATA4 = 0x1, 0x80, 0x4, 0x100, 0x8000
_MAIN5, _FILE5, _CRYPT5, _END5 = 1, 2, 4, 5
_EXTRA5, _DATA5, _VOLUME5, _CRYPT_EXTRA5 = 0x1, 0x2, 0x1, 1
_TIME5, _CRC5 = 0x2, 0x4


@dataclass(frozen=True, slots=True)
class Member:
    locked: bool
    crc: int | None


@dataclass(slots=True)
class Shape:
    volume: bool = False
    """One of several files."""
    locked: bool = False
    """Even the names are encrypted."""
    cut: bool = False
    """Its end is missing."""
    members: list[Member] = field(default_factory=list)
    """In the order of the archive."""


def look(data: bytes) -> Shape:
    """Raises Refused: "corrupt", and for other versions "archive_not_supported"."""
    try:
        if data.startswith(V5):
            return _look5(data)
        if data.startswith(V4):
            return _look4(data)
    except (struct.error, IndexError):
        raise Refused("corrupt", type="rar") from None
    raise Refused("archive_not_supported", type="rar")


def _look4(data: bytes) -> Shape:
    at, shape = len(V4), Shape()
    while at < len(data) and len(shape.members) <= MEMBERS:
        _, kind, flags, size = _BLOCK.unpack_from(data, at)
        if size < _BLOCK.size:
            raise Refused("corrupt", type="rar")
        if kind == _MAIN4:
            shape.volume, shape.locked = bool(flags & _VOLUME4), bool(flags & _HEADERS_LOCKED4)
        elif kind == _FILE4:
            (crc,) = struct.unpack_from("<L", data, at + 16)
            shape.members.append(Member(bool(flags & _LOCKED4), crc))
        if kind == _END4 or shape.locked:
            return shape
        at += size + (_packed4(data, at, kind, flags) if flags & _DATA4 or kind == _FILE4 else 0)
    shape.cut = at != len(data)  # RAR 2 wrote no end
    return shape


def _packed4(data: bytes, at: int, kind: int, flags: int) -> int:
    (low,) = struct.unpack_from("<L", data, at + 7)
    high = struct.unpack_from("<L", data, at + 32)[0] if kind == _FILE4 and flags & _LARGE4 else 0
    return int(high << 32 | low)


def _look5(data: bytes) -> Shape:
    at, shape = len(V5), Shape()
    while at < len(data) and len(shape.members) <= MEMBERS:
        size, start = _number(data, at + 4)
        kind, here = _number(data, start)
        flags, here = _number(data, here)
        extra, here = _number(data, here) if flags & _EXTRA5 else (0, here)
        packed, here = _number(data, here) if flags & _DATA5 else (0, here)
        if kind == _MAIN5:
            shape.volume = bool(_number(data, here)[0] & _VOLUME5)
        elif kind == _FILE5:
            locked = _has_crypt(data, start + size - extra, start + size)
            shape.members.append(Member(locked, _crc5(data, here)))
        shape.locked = kind == _CRYPT5
        if kind == _END5 or shape.locked:
            return shape
        at = start + size + packed
    shape.cut = True
    return shape


def _has_crypt(data: bytes, at: int, end: int) -> bool:
    """Among the extra records of a file header: size, type, data."""
    while at < end:
        size, here = _number(data, at)
        if _number(data, here)[0] == _CRYPT_EXTRA5:
            return True
        at = here + size
    return False


def _crc5(data: bytes, at: int) -> int | None:
    flags, at = _number(data, at)
    for _ in range(2):  # unpacked size, attributes
        _, at = _number(data, at)
    at += 4 * bool(flags & _TIME5)
    return int.from_bytes(data[at : at + 4], "little") if flags & _CRC5 else None


def _number(data: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends): seven bits an octet, the lowest first."""
    value = 0
    for count in range(10):
        octet = data[at + count]
        value |= (octet & 0x7F) << 7 * count
        if not octet & 0x80:
            return value, at + count + 1
    raise Refused("corrupt", type="rar")
