"""winmail.dat ([MS-OXTNEF]): what Outlook sends to people without Outlook."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detectors import charset
from detectors.budget import Budget
from detectors.extract import html, lzfu, rtf
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.extract.strings import strings
from detectors.surface import Nested, Source, Spot, Surface

_ATTRIBUTE = struct.Struct("<BLL")
_SUBJECT, _BODY, _PROPERTIES = 0x018004, 0x02800C, 0x069003
_CODEPAGE, _RECIPIENTS = 0x069007, 0x069004
_RENDER, _TITLE, _DATA, _ATTACHED = 0x069002, 0x018010, 0x06800F, 0x069005
_RTF, _HTML, _CONTENT, _LONG_NAME = 0x1009, 0x1013, 0x3701, 0x3707
_FIXED = {
    0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4,
    0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
_NARROW, _WIDE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_MANY, _NAMED = 0x1000, 0x8000
_LONGEST_FIXED, _MOST_ROWS = 16, 10_000
_INTERFACE = 16
"""Octets before an attached object: the identifier of its interface."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    name, content, page = "", b"", ""
    for attribute, data in _attributes(source.data, budget):
        if attribute == _CODEPAGE:
            page = f"cp{int.from_bytes(data[:4], 'little')}"
        elif attribute in (_SUBJECT, _BODY):
            yield from texts(spot, [_narrow(data, page)], source.context)
        elif attribute == _PROPERTIES:
            yield from _message(data, page, spot, source, budget)
        elif attribute == _RECIPIENTS:
            yield from texts(spot, [*_recipients(data, page)], source.context)
        elif attribute == _RENDER:  # the next attachment begins
            yield from _file(name, content, spot, source)
            name, content = "", b""
        elif attribute == _TITLE:
            name = _narrow(data, page)
        elif attribute == _DATA:
            content = data
        elif attribute == _ATTACHED:
            for tag, value in _properties(data, page)[0]:
                if tag == _LONG_NAME:
                    name = str(value)
                elif tag == _CONTENT and isinstance(value, bytes) and value:
                    content = value
                elif isinstance(value, str):
                    yield from texts(spot, [value], source.context, hidden=True)
        else:
            yield from texts(spot, strings(data), source.context, hidden=True)
    yield from _file(name, content, spot, source)


def _file(name: str, content: bytes, spot: Spot, source: Source) -> Iterator[Surface]:
    if name or content:
        yield from texts(spot, [name], source.context)
        yield Nested(within(spot, name), name, content)


def _message(
    data: bytes, page: str, spot: Spot, source: Source, budget: Budget
) -> Iterator[Surface]:
    """The MAPI properties of the message: its formatted body, and every text."""
    for tag, value in _properties(data, page)[0]:
        if isinstance(value, str):
            yield from texts(spot, [value], source.context)
        elif tag == _HTML:
            yield from html.read(Source(spot, "", value, context=source.context), budget)
        elif tag == _RTF and value:
            body = lzfu.unpack(value, budget)
            yield from rtf.read(Source(spot, "", body, context=source.context), budget)
        elif len(value) > _LONGEST_FIXED:
            yield from texts(spot, strings(value), source.context, hidden=True)


def _recipients(data: bytes, page: str) -> Iterator[str]:
    """A row of properties for each ([MS-OXTNEF] 2.1.3.5.1)."""
    (rows,), at = struct.unpack_from("<L", data), 4
    for _ in range(min(rows, _MOST_ROWS)):
        if at >= len(data):
            break
        values, size = _properties(data[at:], page)
        at += size
        yield from (value for _, value in values if isinstance(value, str))


def _attributes(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    """(attribute, octets): level, id, length, octets, checksum."""
    at = 6  # signature and key
    while at + _ATTRIBUTE.size <= len(data):
        budget.time()
        _, attribute, size = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if at + size + 2 > len(data):
            raise Refused("corrupt", type="tnef")
        yield attribute & 0xFFFFFF, data[at : at + size]
        at += size + 2


def _properties(data: bytes, page: str) -> tuple[list[tuple[int, str | bytes]], int]:
    """([(tag, value)], octets used) of a property list ([MS-OXTNEF] 2.1.3.4)."""
    (count,), at = struct.unpack_from("<L", data), 4
    found: list[tuple[int, str | bytes]] = []
    for _ in range(count):
        kind, tag = struct.unpack_from("<HH", data, at)
        at += 4
        if tag & _NAMED:
            name, at = _name(data, at)
            found.append((tag, name))
        values, base = 1, kind & ~_MANY
        if kind & _MANY or base in (_NARROW, _WIDE, _OBJECT, _BINARY):
            (values,), at = struct.unpack_from("<L", data, at), at + 4
        for _ in range(values):
            size = _FIXED.get(base, -1)
            if size < 0:
                (size,), at = struct.unpack_from("<L", data, at), at + 4
            if at + size > len(data):
                raise Refused("corrupt", type="tnef")
            found.append((tag, _value(base, data[at : at + size], page)))
            at += size + -size % 4
    return found, at


def _name(data: bytes, at: int) -> tuple[str, int]:
    """(the name of a named property, where it ends): a GUID, then a number or a text."""
    (named,) = struct.unpack_from("<L", data, at + 16)
    if not named:
        return "", at + 24
    (size,) = struct.unpack_from("<L", data, at + 20)
    name = data[at + 24 : at + 24 + size].decode("utf-16-le", "replace").rstrip("\x00")
    return name, int(at + 24 + size + -size % 4)


def _value(base: int, data: bytes, page: str) -> str | bytes:
    if base == _NARROW:
        return _narrow(data, page)
    if base == _WIDE:
        return data.decode("utf-16-le", "replace").rstrip("\x00")
    return data[_INTERFACE:] if base == _OBJECT else data


def _narrow(data: bytes, page: str) -> str:
    return charset.decode(data.rstrip(b"\x00"), page)[0]
