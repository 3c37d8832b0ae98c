"""Writes RAR archives without compression, which no free program does (technote of rarlab)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

V4, V5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


def rar4(files: Mapping[str, bytes], main: int = 0, member: int = 0) -> bytes:
    """`main` and `member` are flags: 0x1 a volume, 0x80 locked headers; 0x4 a locked member."""
    blocks = [_block4(0x73, main, bytes(6))]
    for name, data in files.items():
        raw = name.encode("cp932")
        fields = struct.pack(
            "<LLBLLBBHL", len(data), len(data), 2, zlib.crc32(data), 0x5D75_0000, 29, 0x30,
            len(raw), 0x20,
        )  # fmt: skip
        blocks.append(_block4(0x74, 0x8000 | member, fields + raw) + data)
    return V4 + b"".join(blocks) + _block4(0x7B, 0x4000, b"")


def _block4(kind: int, flags: int, fields: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body


def rar5(
    files: Mapping[str, bytes], main: int = 0, crypt: bytes = b"", locked: bool = False
) -> bytes:
    """`main`: 0x1 a volume. `crypt`: an extra record of each member; `locked`: of all headers."""
    blocks = [_block5(4, b"\0\0\x0f" + bytes(16))] if locked else []
    blocks.append(_block5(1, bytes((main,))))
    for name, data in files.items():
        raw = name.encode()
        # No kind of file among the attributes, as Windows writes it.
        fields = b"\x04" + _number(len(data)) + b"\x20" + struct.pack("<L", zlib.crc32(data))
        fields += b"\0\0" + _number(len(raw)) + raw
        blocks.append(_block5(2, fields, len(data), crypt) + data)
    return V5 + b"".join(blocks) + _block5(5, b"\0")


def _block5(kind: int, fields: bytes, size: int | None = None, extra: bytes = b"") -> bytes:
    if extra:
        extra = _number(len(extra)) + extra
    flags = (1 if extra else 0) | (0 if size is None else 2)
    head = bytes((kind, flags)) + (_number(len(extra)) if extra else b"")
    head += _number(size) if size is not None else b""
    body = head + fields + extra
    body = _number(len(body)) + body
    return struct.pack("<L", zlib.crc32(body)) + body


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))
