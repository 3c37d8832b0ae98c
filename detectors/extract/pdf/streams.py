"""Streams of a PDF, looked at before its reader starts: bombs, and what is damaged.

pdfium cannot be stopped inside of a page. Packed twice, four hundred octets become a page of eight
million words, which take it two minutes. And of a page that is damaged, or packed in a way that it
does not know, it shows what it can, or nothing, and says neither.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile

from detectors.budget import Budget
from detectors.extract.pdf.filters import LARGEST, SLOW, UNDO, Damaged
from detectors.extract.pdf.spoken import Spoken
from detectors.extract.reading import CHUNK, Refused

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_SHOWN = (b"Tj", b"TJ", b"'", b'"')
"""Operators that show text (ISO 32000 table 107)."""
_MOST = 1_000_000
"""Of these in one stream: a page of a dense list has ten thousand."""
_LAYERS = 4
_HEAD = 4_096
_PRINTED = bytes(range(32, 127)) + b"\t\r\n\f"
_DICTIONARY = 1_000
_EARLY = re.compile(rb"/EarlyChange\s+0")
_NO_TEXT = re.compile(rb"/(?:Image|Length1|Length3|FontFile\d?|ICCBased|N)\b")
"""Of a picture, a font or a profile of colours, which viewers show all the same."""
_OBJECTS = re.compile(rb"/ObjStm\b")
"""Other objects, packed together: pages, fields."""
_FILTERS = re.compile(rb"/Filter\s*(?:\[([^\]]*)\]|(/[^\s/<>\[\]()]+))")
_FLATE = frozenset((b"FlateDecode", b"Fl"))
_KNOWN = _FLATE | frozenset(
    b"ASCIIHexDecode AHx ASCII85Decode A85 LZWDecode LZW RunLengthDecode RL Crypt "
    b"CCITTFaxDecode CCF JBIG2Decode DCTDecode DCT JPXDecode".split()
)
"""ISO 32000 table 6, and the short names that viewers take as well."""
_CHECKSUM = "incorrect data check"
"""All was there: a checksum that does not fit hides no text."""

_INLINE = re.compile(rb"(?<![A-Za-z0-9/])BI\s*/[A-Z]")
"""A picture inside of what a page draws (ISO 32000 8.9.7)."""


@dataclass(slots=True)
class Streams:
    """What was found in the streams of a file."""

    damaged: bool = False
    """One that may hold text."""
    inline: bool = False
    """There are pictures that are no objects of their own."""
    spoken: Spoken = field(default_factory=Spoken)


def check(data: bytes, budget: Budget) -> Streams:
    """Raises Refused where no person made it."""
    streams = Streams()
    is_open = b"/Encrypt" not in data  # what is encrypted begins like anything by chance
    streams.spoken.take(data)
    for found in _STREAM.finditer(data):
        budget.time()
        dictionary = _dictionary(data, found.start())
        try:
            _count(data, found, dictionary, streams, budget)
        except Damaged:
            streams.damaged |= is_open and _may_hold_text(dictionary)
    return streams


def _may_hold_text(dictionary: bytes) -> bool:
    # An attached text may begin like something packed by chance: its dictionary does not say so.
    if _OBJECTS.search(dictionary):
        return True
    return bool(_FILTERS.search(dictionary)) and not _NO_TEXT.search(dictionary)


def _count(
    data: bytes, found: re.Match[bytes], dictionary: bytes, streams: Streams, budget: Budget
) -> None:
    """What one stream holds. Raises Damaged, and Refused where it shows more than a page can."""
    shown = size = 0
    streams.spoken.begin()
    for chunk in _contents(data, found.end(), dictionary, budget):
        if not size and not _is_program(chunk[:_HEAD]) and not _OBJECTS.search(dictionary):
            break  # a picture, a font
        size += len(chunk)
        shown += sum(map(chunk.count, _SHOWN))
        if shown > _MOST or size > LARGEST:
            raise Refused("over_budget", limit="decoded")
        streams.spoken.take(chunk)
        streams.inline |= b"BI" in chunk and _INLINE.search(chunk) is not None
    if _is_strange(data[found.end() : found.end() + _HEAD], _filters(dictionary)):
        raise Damaged


def _is_strange(head: bytes, filters: Sequence[bytes]) -> bool:
    """Whether it is packed otherwise than its dictionary says, or in a way that no viewer knows."""
    if not filters or head.lstrip().startswith(b"endstream"):
        return False
    return not _KNOWN.issuperset(filters) or (filters[0] in _FLATE and not _is_packed(head))


def _filters(dictionary: bytes) -> list[bytes]:
    found = _FILTERS.search(dictionary)
    return [name.strip() for name in (found[1] or found[2]).split(b"/")[1:]] if found else []


def _dictionary(data: bytes, at: int) -> bytes:
    """What stands before a stream, back to the beginning of its object."""
    before = data[max(0, at - _DICTIONARY) : at]
    return before[before.rfind(b" obj") + 1 :]


def _contents(data: bytes, at: int, dictionary: bytes, budget: Budget) -> Iterator[bytes]:
    """What is packed in the stream at `at`, in pieces; nothing of what is not packed."""
    filters = _filters(dictionary)
    written = [*takewhile(UNDO.__contains__, filters)]
    if not written:
        yield from _unpacked(_pieces(data, at), _LAYERS)
        return
    octets = data[at : data.find(b"endstream", at)].lstrip()
    if not octets or not (_may_hold_text(dictionary) or SLOW.isdisjoint(written)):
        return  # empty, or a picture
    for name in written:
        octets = UNDO[name](octets, 0 if _EARLY.search(dictionary) else 1, budget)
    if written == filters:
        yield octets
        return
    if filters[len(written)] in _FLATE and octets and not _is_packed(octets):
        raise Damaged
    yield from _unpacked(iter([octets]), _LAYERS)


def _pieces(data: bytes, at: int) -> Iterator[bytes]:
    size = _HEAD  # most streams are short, and what is behind them is not unpacked
    while at < len(data):
        yield data[at : at + size]
        at, size = at + size, CHUNK


def _unpacked(packed: Iterator[bytes], layers: int) -> Iterator[bytes]:
    """What comes out of all layers of zlib, whatever the dictionary says of them; else nothing."""
    first = next(packed, b"")
    if not _is_packed(first):
        return
    plain = _inflated(chain((first,), packed))
    head = next(plain, b"")
    whole = chain((head,), plain)
    yield from _unpacked(whole, layers - 1) if layers > 1 and _is_packed(head) else whole


def _is_packed(head: bytes) -> bool:
    """RFC 1950: deflate, and a multiple of 31."""
    return len(head) > 1 and head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj()
    for chunk in packed:
        while chunk and not inflate.eof:  # behind the end it hands back the same rest for ever
            try:
                out = inflate.decompress(chunk, CHUNK * 4)
            except zlib.error as error:
                if _CHECKSUM in str(error):
                    return
                raise Damaged from None
            if out:
                yield out
            chunk = inflate.unconsumed_tail
        if inflate.eof:
            return


def _is_program(head: bytes) -> bool:
    return len(head.translate(None, _PRINTED)) * 10 < len(head)
