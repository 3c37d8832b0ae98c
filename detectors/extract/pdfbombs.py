"""Streams of a PDF that would keep its reader busy for minutes, found before it starts.

pdfium cannot be stopped inside of a page. Packed twice, four hundred octets become a page of eight
million words, which take it two minutes.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.reading import CHUNK, Refused

_STREAM = re.compile(rb"stream\r?\n")
_SHOWN = (b"Tj", b"TJ", b"'", b'"')
"""Operators that show text (ISO 32000 table 107)."""
_MOST = 1_000_000
"""Of these in one stream: a page of a dense list has ten thousand."""
_LARGEST = 160 << 20
"""Octets of one stream: a page of A3 in colour at 600 dpi has as many."""
_LAYERS = 4
_HEAD = 4_096
_PRINTED = bytes(range(32, 127)) + b"\t\r\n\f"


def check(data: bytes, budget: Budget) -> None:
    """Raises Refused where a stream is none that a person made."""
    for found in _STREAM.finditer(data):
        budget.time()
        shown = size = 0
        for chunk in _unpacked(_chunks(data, found.end()), _LAYERS):
            if not size and not _is_program(chunk[:_HEAD]):
                break  # a picture, a font
            size += len(chunk)
            shown += sum(map(chunk.count, _SHOWN))
            if shown > _MOST or size > _LARGEST:
                raise Refused("over_budget", limit="decoded")


def _chunks(data: bytes, at: int) -> Iterator[bytes]:
    size = _HEAD  # most streams are short, and what is behind them is not unpacked
    while at < len(data):
        yield data[at : at + size]
        at, size = at + size, CHUNK


def _unpacked(packed: Iterator[bytes], layers: int) -> Iterator[bytes]:
    """What comes out of all layers of zlib, whatever the dictionary says of them; else nothing."""
    first = next(packed, b"")
    if not _is_packed(first):
        return
    plain = _inflated(first, packed)
    head = next(plain, b"")
    if layers > 1 and _is_packed(head):
        yield from _unpacked(_again(head, plain), layers - 1)
    else:
        yield from _again(head, plain)


def _is_packed(head: bytes) -> bool:
    """RFC 1950: deflate, and a multiple of 31."""
    return len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0


def _again(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _inflated(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    for chunk in _again(first, rest):
        while chunk:
            try:
                out = inflate.decompress(chunk, CHUNK * 4)
            except zlib.error:
                return
            if out:
                yield out
            chunk = inflate.unconsumed_tail
        if inflate.eof:
            return


def _is_program(head: bytes) -> bool:
    return len(head.translate(None, _PRINTED)) * 10 < len(head)
