"""Filters of a PDF besides zlib, undone to see that they can be (ISO 32000 7.4.2 to 7.4.5).

Of a stream that ends too early or holds what its filter does not know, pdfium shows what comes
before and does not say so.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from detectors.budget import Budget
from detectors.extract.reading import Refused

_BLANK = b"\0\t\n\f\r "
_CLEAR, _END = 256, 257
_LAST_RUN = 128
_WIDEST = 1 << 12
"""Codes of LZW have nine to twelve bits."""
LARGEST = 160 << 20
"""Octets of one stream: a page of A3 in colour at 600 dpi has as many."""
_TURN = 1 << 14
"""Octets between two looks at the clock."""


class Damaged(Exception):
    """A stream that cannot be unpacked to its end."""


def _hexadecimal(packed: bytes, early: int, budget: Budget) -> bytes:
    digits = packed.partition(b">")[0].translate(None, _BLANK)
    try:
        return binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    except binascii.Error:
        raise Damaged from None


def _ascii85(packed: bytes, early: int, budget: Budget) -> bytes:
    letters = packed.partition(b"~>")[0].removeprefix(b"<~")
    try:
        return base64.a85decode(letters, ignorechars=_BLANK)
    except ValueError:
        raise Damaged from None


def _run_length(packed: bytes, early: int, budget: Budget) -> bytes:
    pieces: list[bytes] = []
    at = size = 0
    while at < len(packed):
        budget.time()
        piece, at, ended = _runs(packed, at, min(at + _TURN, len(packed)))
        pieces.append(piece)
        size = _within(size + len(piece))
        if ended:
            return b"".join(pieces)
    raise Damaged


def _runs(packed: bytes, at: int, end: int) -> tuple[bytes, int, bool]:
    """(the runs that begin before `end`, where the last of them ends, whether the mark of the end
    came)."""
    runs: list[bytes] = []
    add = runs.append
    while at < end:
        count = packed[at]
        if count == _LAST_RUN:
            return b"".join(runs), at, True
        if count < _LAST_RUN:
            add(packed[at + 1 : at + 2 + count])
            at += 2 + count
        else:
            add(packed[at + 1 : at + 2] * (257 - count))
            at += 2
    if at > len(packed):  # the last one goes on where nothing is
        raise Damaged
    return b"".join(runs), at, False


def _lzw(packed: bytes, early: int, budget: Budget) -> bytes:
    first = [bytes([octet]) for octet in range(256)] + [b"", b""]
    table, before = [*first], b""
    out: list[bytes] = []
    bits = held = size = 0
    width = 9
    for at, octet in enumerate(packed):
        if at % _TURN == 0:
            budget.time()
        held, bits = held << 8 | octet, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & ((1 << bits) - 1)
        if code == _END:
            return b"".join(out)
        if code == _CLEAR:
            table, before, width = [*first], b"", 9
            continue
        if code > len(table) or (code == len(table) and not before):
            raise Damaged
        entry = table[code] if code < len(table) else before + before[:1]
        if before and len(table) < _WIDEST:
            table.append(before + entry[:1])
        out.append(entry)
        before, size = entry, _within(size + len(entry))
        width = min(12, max(9, (len(table) + early).bit_length()))
    raise Damaged


def _within(size: int) -> int:
    if size > LARGEST:
        raise Refused("over_budget", limit="decoded")
    return size


UNDO: dict[bytes, Callable[[bytes, int, Budget], bytes]] = {
    b"ASCIIHexDecode": _hexadecimal,
    b"AHx": _hexadecimal,
    b"ASCII85Decode": _ascii85,
    b"A85": _ascii85,
    b"RunLengthDecode": _run_length,
    b"RL": _run_length,
    b"LZWDecode": _lzw,
    b"LZW": _lzw,
}
"""By name: the octets, EarlyChange of LZW (1, seldom 0), the budget. They raise Damaged, and
Refused where what comes out is larger than any page."""
SLOW = frozenset((b"RunLengthDecode", b"RL", b"LZWDecode", b"LZW"))
"""Seconds for a scanned page, so that they are undone only where there may be text."""
