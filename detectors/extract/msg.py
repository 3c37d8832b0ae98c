"""Outlook messages (.msg): MAPI properties, one stream each ([MS-OXMSG])."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

import olefile

from detectors import charset
from detectors.budget import Budget
from detectors.extract import html, legacy, lzfu, rtf
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.extract.storage import Storage
from detectors.extract.strings import strings
from detectors.surface import Nested, Source, Spot, Surface

_PROPERTIES = "__properties_version1.0"
_STREAM = "__substg1.0_"
_BODY, _HTML, _RTF, _DATA = "1000", "1013", "1009", "3701"
_NAMES = ("3707", "3704", "3001")
"""Long name, short name, display name of an attachment."""
_CODEPAGES = (0x3FDE, 0x3FFD)
"""Of the body from the internet, then of the message."""
_WIDE, _NARROW, _BINARY, _MANY = "001F", "001E", "0102", ("101F", "101E")
_DEPTH = 4


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    with olefile.OleFileIO(source.data) as ole:
        yield from _Message(Storage(ole, budget), source).surfaces(source.spot)


class _Message:
    """A message in a storage; the files attached to it are storages inside that."""

    def __init__(self, storage: Storage, source: Source) -> None:
        self._storage, self._source = storage, source
        self._charset = _codepage(storage)

    def surfaces(self, spot: Spot) -> Iterator[Surface]:
        if len(self._storage.path) > 2 * _DEPTH:
            raise Refused("over_budget", limit="depth")
        whole = Spot(spot.part, spot.path, spot.hidden, "")
        context = self._source.context
        yield from texts(whole, [*self._words(self._storage)], context)
        line = Spot(spot.part, spot.path, spot.hidden)
        yield from texts(line, [self._text(self._storage, _BODY)], context)
        yield from self._formatted(line)
        for inner in self._storage.inner:
            name = inner.path[-1]
            if name.startswith("__attach_"):
                yield from self._attachment(inner, spot)
            elif name.startswith("__recip_"):
                yield from texts(whole, [*self._words(inner)], context)
            elif name.startswith("__nameid"):  # names of properties, which people make too
                lines = [text for stream in inner.names for text in strings(inner.read(stream))]
                yield from texts(replace(whole, hidden=True), lines, context)
        lines = [*self._octets(self._storage)]
        yield from texts(replace(whole, hidden=True), lines, context)

    def _formatted(self, spot: Spot) -> Iterator[Surface]:
        """Every form of the body: which of them is shown depends on the program."""
        page = self._storage.read(f"{_STREAM}{_HTML}{_BINARY}")
        packed = self._storage.read(f"{_STREAM}{_RTF}{_BINARY}")
        budget, context = self._storage.budget, self._source.context
        if page:
            source = Source(spot, "", page, "text/html", self._charset, context)
            yield from html.read(source, budget)
        if packed:
            data = lzfu.unpack(packed, budget)
            yield from rtf.read(Source(spot, "", data, "text/rtf", context=context), budget)

    def _attachment(self, storage: Storage, spot: Spot) -> Iterator[Surface]:
        name = next((text for tag in _NAMES if (text := self._text(storage, tag))), "")
        inner = within(spot, name)
        whole = Spot(spot.part, spot.path, spot.hidden, "")
        yield from texts(whole, [*self._words(storage)], self._source.context)
        stream = f"{_STREAM}{_DATA}{_BINARY}"
        if stream in storage.names:
            yield Nested(inner, name, storage.read(stream))
        for own in storage.inner:
            if _PROPERTIES in own.names:
                yield from _Message(own, self._source).surfaces(inner)
            else:  # an object of OLE, taken apart
                yield from legacy.read_storage(own, inner, self._source)

    def _words(self, storage: Storage) -> Iterator[str]:
        """Every text property but the body: subject, names, categories, headers."""
        for name in storage.names:
            tag, kind = name[12:16].upper(), name[16:20].upper()
            if name.startswith(_STREAM) and tag != _BODY:
                if kind in (_WIDE, _NARROW) or (kind in _MANY and "-" in name):
                    yield self._decoded(storage.read(name), kind)

    def _octets(self, storage: Storage) -> Iterator[str]:
        """Texts in properties that are no text: sender's search keys, forms, reports."""
        for name in storage.names:
            tag, kind = name[12:16].upper(), name[16:20].upper()
            if name.startswith(_STREAM) and kind == _BINARY and tag not in (_HTML, _RTF):
                yield from strings(storage.read(name))

    def _text(self, storage: Storage, tag: str) -> str:
        names = storage.names
        for kind in (_WIDE, _NARROW):
            if (name := f"{_STREAM}{tag}{kind}") in names:
                return self._decoded(storage.read(name), kind)
        return ""

    def _decoded(self, data: bytes, kind: str) -> str:
        if kind in (_WIDE, _MANY[0]):
            return data.decode("utf-16-le", "replace").rstrip("\x00")
        return charset.decode(data.rstrip(b"\x00"), self._charset)[0]


def _codepage(storage: Storage) -> str:
    """The charset of narrow texts, "" where the message does not say."""
    found = {}
    # Behind a header of 8 octets (attached), 24 (attached message) or 32: entries of 16.
    data = storage.read(_PROPERTIES)
    for kind, tag, _, value in struct.iter_unpack("<HHLQ", data[len(data) % 16 :]):
        if kind == 0x0003 and tag in _CODEPAGES:
            found[tag] = value & 0xFFFFFFFF
    page = next((found[tag] for tag in _CODEPAGES if tag in found), 0)
    return {65001: "utf-8", 50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp",
            51932: "euc-jp", 20127: "", 0: ""}.get(page, f"cp{page}")  # fmt: skip
