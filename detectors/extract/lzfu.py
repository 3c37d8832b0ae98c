"""Compressed RTF of Outlook messages ([MS-OXRTFCP])."""

from __future__ import annotations

import struct

from detectors.budget import Budget
from detectors.extract.reading import Refused

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4_096


def unpack(data: bytes, budget: Budget) -> bytes:
    """What an Outlook message keeps as PR_RTF_COMPRESSED. Raises Refused "corrupt"."""
    if len(data) < 16:
        raise Refused("corrupt", type="rtf")
    _, size, sign = struct.unpack_from("<LL4s", data)
    if sign == b"MELA":
        return data[16 : 16 + size]
    if sign != b"LZFu":
        raise Refused("corrupt", type="rtf")
    budget.take(size, len(data))
    return _expanded(data[16:], size)


def _expanded(packed: bytes, size: int) -> bytes:
    """LZ77 over a ring of 4,096 octets that begins with `_DICTIONARY`."""
    out = bytearray(_DICTIONARY)
    end = len(_DICTIONARY) + size
    at = 0
    while at < len(packed) and len(out) < end:
        flags, at = packed[at], at + 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += packed[at : at + 1]
                at += 1
                continue
            pair, at = int.from_bytes(packed[at : at + 2], "big"), at + 2
            distance = (len(out) - (pair >> 4)) % _WINDOW
            if not 0 < distance <= len(out):  # 0 is the mark of the end
                return bytes(out[len(_DICTIONARY) : end])
            start, count = len(out) - distance, (pair & 15) + 2
            again = out[start : start + count]
            # It may reach into what it is writing: then that repeats.
            out += again if distance >= count else (again * count)[:count]
    return bytes(out[len(_DICTIONARY) : end])
