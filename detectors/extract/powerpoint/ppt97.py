"""PowerPoint of 97 to 2003 ([MS-PPT]): texts by slide, from the records of the stream.

A file that was saved fast keeps slides that were changed or deleted; what the newest directory
does not lead to is told as hidden.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from detectors.budget import Budget

_ATOM = struct.Struct("<HHL")
_SLIDE, _NOTES, _LIST, _PERSIST, _DIRECTORY = 0x03EE, 0x03F0, 0x0FF0, 0x03F3, 0x1772
_NOTES_OF, _SHOW, _OBJECT = 0x03F1, 0x03F9, 0x1011
_TEXT_CHARS, _TEXT_BYTES, _CSTRING = 0x0FA0, 0x0FA8, 0x0FBA
_HIDDEN = 0x04
_COMMENT = b"\x0f\x00\xe0\x2e"
"""Head of a Comment10Container ([MS-PPT] 2.13.24), which stands inside of what programs added."""
_KINDS = range(0x03E8, 0x3000)
"""Types of records ([MS-PPT] 2.13.24); those of drawings begin with F0."""
_CONTROLS = {0x0B: "\n", 0x0C: "\n", 0x0D: "\n"}
_VISIBLE = {octet: _CONTROLS.get(octet, "") for octet in range(32) if octet not in (9, 10)}


@dataclass(slots=True)
class Slide:
    number: int
    """From 1; 0 for what belongs to no slide."""
    hidden: bool = False
    lines: list[str] = field(default_factory=list)
    noted: bool = False
    """There is a note for the speaker."""
    remarked: bool = False
    """There is a comment on it."""


def read(stream: bytes) -> list[Slide]:
    """The slides in their order, then what is not on a slide, then what is no more."""
    numbers, places, ids = _order(stream)
    slides = {number: Slide(number) for number in numbers.values()}
    rest, gone = Slide(0), Slide(0, hidden=True)
    seen = 0
    for at, kind, body in _records(stream):
        slide = rest
        if kind == _SLIDE:
            seen += 1
            # Without its directory (a file that was encrypted) the slides stand in their order.
            number = numbers.get(places.get(at, -1), 0) if places else seen
            slide = slides.get(number, gone if numbers else rest)
            slide.hidden = slide.hidden or _is_hidden(body)
            slide.remarked = slide.remarked or _COMMENT in body
        elif kind == _NOTES:
            slide = slides.get(numbers.get(ids.get(_notes_of(body), -1), 0), rest)
            slide.noted = any(letter.isalnum() for text in _texts(body) for letter in text)
        if slide is rest:
            for number, line in _outline(body):
                slides.get(number, rest).lines.append(line)
        else:
            slide.lines += _texts(body)
    return [*slides.values(), rest, gone]


def is_whole(stream: bytes) -> bool:
    """Whether its records and those right inside of them fit each other to the last octet."""
    end = _chain(stream, 0, len(stream))
    if end < 0 or stream[end:].strip(b"\0"):
        return False
    return all(
        not (stream[at] & 0x0F == 0x0F and stream[at + 3] < 0x20)
        or _chain(stream, at + _ATOM.size, at + len(body)) == at + len(body)
        for at, _, body in _records(stream[:end])
    )


def _chain(stream: bytes, at: int, end: int) -> int:
    """Where the records that begin at `at` end; -1 where one of them is none."""
    while at + _ATOM.size <= end:
        _, kind, size = _ATOM.unpack_from(stream, at)
        if not (kind in _KINDS or kind >> 8 == 0xF0):
            return at if not stream[at:end].strip(b"\0") else -1
        if at + _ATOM.size + size > end:
            return -1
        at += _ATOM.size + size
    return at


def objects(stream: bytes, budget: Budget) -> Iterator[bytes]:
    """The compound files of embedded objects."""
    for _, kind, body in _records(stream):
        if kind == _OBJECT:
            body = body[_ATOM.size :]
            if body[4:6] in (b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x78\x5e"):
                size = min(int.from_bytes(body[:4], "little"), 256 << 20)
                budget.take(size, len(body))
                body = zlib.decompressobj().decompress(body[4:], size or 1)
            yield body


def _order(stream: bytes) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """(reference → number of the slide, place in the stream → reference, slide id → reference)."""
    numbers: dict[int, int] = {}
    ids: dict[int, int] = {}
    where: dict[int, int] = {}
    for _, kind, body in _records(stream):
        if kind == _DIRECTORY:
            where |= _directory(body[_ATOM.size :])
        for version, inner, octets in _walk(body):
            if inner == _LIST and version >> 4 == 0:
                for _, atom, persist in _walk(octets):
                    if atom == _PERSIST and len(persist) >= 16:
                        reference, _, _, own = struct.unpack_from("<4L", persist)
                        numbers.setdefault(reference, len(numbers) + 1)
                        ids[own] = reference
    return numbers, {place: reference for reference, place in where.items()}, ids


def _directory(body: bytes) -> dict[int, int]:
    found, at = {}, 0
    while at + 4 <= len(body):
        head = int.from_bytes(body[at : at + 4], "little")
        at += 4
        for reference in range(head & 0xFFFFF, (head & 0xFFFFF) + (head >> 20)):
            found[reference] = int.from_bytes(body[at : at + 4], "little")
            at += 4
    return found


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(place, kind, octets with their header) of the outermost records."""
    at = 0
    while at + _ATOM.size <= len(stream):
        _, kind, size = _ATOM.unpack_from(stream, at)
        yield at, kind, stream[at : at + _ATOM.size + size]
        at += _ATOM.size + size


def _walk(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(version and instance, kind, octets) of all records; containers are entered as well."""
    at = 0
    while at + _ATOM.size <= len(stream):
        version, kind, size = _ATOM.unpack_from(stream, at)
        at += _ATOM.size
        container = version & 0x0F == 0x0F
        if not container or kind == _LIST:
            yield version, kind, stream[at : at + size]
        if not container:
            at += size


def _texts(stream: bytes) -> Iterator[str]:
    for _, kind, body in _walk(stream):
        if kind in (_TEXT_CHARS, _CSTRING):
            yield body.decode("utf-16-le", "replace").translate(_VISIBLE)
        elif kind == _TEXT_BYTES:
            yield body.decode("latin-1").translate(_VISIBLE)


def _outline(stream: bytes) -> Iterator[tuple[int, str]]:
    """(number of the slide, text) of a document: its lists hold the titles and bodies of slides."""
    number = instance = 0
    for version, kind, body in _walk(stream):
        if kind == _LIST:
            number, instance = 0, version >> 4
        elif kind == _PERSIST and not instance:
            number += 1
        elif kind in (_TEXT_CHARS, _CSTRING):
            yield number, body.decode("utf-16-le", "replace").translate(_VISIBLE)
        elif kind == _TEXT_BYTES:
            yield number, body.decode("latin-1").translate(_VISIBLE)


def _is_hidden(slide: bytes) -> bool:
    show = next((body for _, kind, body in _walk(slide) if kind == _SHOW), b"")
    return len(show) >= 12 and bool(show[10] & _HIDDEN)


def _notes_of(notes: bytes) -> int:
    atom = next((body for _, kind, body in _walk(notes) if kind == _NOTES_OF), b"")
    return int.from_bytes(atom[:4], "little") if atom else -1
