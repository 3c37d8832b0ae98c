"""Outlook messages (.msg): MAPI properties, one stream each ([MS-OXMSG])."""

from __future__ import annotations

from collections.abc import Iterator

import olefile

from detectors import charset
from detectors.budget import Budget
from detectors.extract import html, rtf
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Source, Spot, Surface, Unreadable

_BODY, _HTML, _RTF, _DATA = "1000", "1013", "1009", "3701"
_NAMES = ("3707", "3704", "3001")
"""Long name, short name, display name of an attachment."""
_DEPTH = 4


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    with olefile.OleFileIO(source.data) as ole:
        yield from _Message(ole, source, budget).surfaces([], source.spot)


class _Message:
    def __init__(self, ole: olefile.OleFileIO, source: Source, budget: Budget) -> None:
        self._ole, self._source, self._budget = ole, source, budget
        self._entries: list[list[str]] = ole.listdir()

    def surfaces(self, prefix: list[str], spot: Spot) -> Iterator[Surface]:
        """The message in the storage `prefix`; attached messages are storages inside it."""
        if len(prefix) > 2 * _DEPTH:
            raise Refused("over_budget", limit="depth")
        whole = Spot(spot.part, spot.path, spot.hidden, "")
        yield from texts(whole, [*self._words(prefix)], self._source.context)
        body = self._text(prefix, _BODY)
        yield from texts(Spot(spot.part, spot.path, spot.hidden), [body], self._source.context)
        yield from self._formatted(prefix, spot, bool(body.strip()))
        for entry in self._storages(prefix, "__attach_"):
            yield from self._attachment([*prefix, entry], spot)
        for entry in self._storages(prefix, "__recip_"):
            recipients = [*self._words([*prefix, entry])]
            yield from texts(whole, recipients, self._source.context)

    def _formatted(self, prefix: list[str], spot: Spot, has_body: bool) -> Iterator[Surface]:
        page = self._octets([*prefix, f"__substg1.0_{_HTML}0102"])
        packed = self._octets([*prefix, f"__substg1.0_{_RTF}0102"])
        if page:
            source = Source(spot, "", page, "text/html", context=self._source.context)
            yield from html.read(source, self._budget)
        elif packed and not has_body:
            data = rtf.unpack(packed, self._budget)
            source = Source(spot, "", data, "text/rtf", context=self._source.context)
            yield from rtf.read(source, self._budget)

    def _attachment(self, prefix: list[str], spot: Spot) -> Iterator[Surface]:
        name = next((text for tag in _NAMES if (text := self._text(prefix, tag))), "")
        inner = within(spot, name)
        whole = Spot(spot.part, spot.path, spot.hidden, "")
        yield from texts(whole, [name], self._source.context)
        stream = [*prefix, f"__substg1.0_{_DATA}0102"]
        if self._ole.exists(stream):
            yield Nested(inner, name, self._octets(stream))
        storage = [*prefix, f"__substg1.0_{_DATA}000D"]
        if self._ole.exists(storage):
            if self._ole.exists([*storage, "__properties_version1.0"]):
                yield from self.surfaces(storage, inner)
            else:
                yield Unreadable(inner, Reason("format_not_supported", {"type": "ole"}))

    def _storages(self, prefix: list[str], start: str) -> list[str]:
        depth = len(prefix)
        inside = (entry[depth] for entry in self._entries if entry[:depth] == prefix)
        return list(dict.fromkeys(name for name in inside if name.startswith(start)))

    def _words(self, prefix: list[str]) -> Iterator[str]:
        """Every text property but the body: subject, names, categories, headers."""
        for entry in self._entries:
            if entry[:-1] == prefix and entry[-1].startswith("__substg1.0_"):
                tag, kind = entry[-1][12:16].upper(), entry[-1][16:20].upper()
                if kind in ("001F", "001E") and tag != _BODY:
                    yield self._decoded(entry, kind)

    def _text(self, prefix: list[str], tag: str) -> str:
        for kind in ("001F", "001E"):
            entry = [*prefix, f"__substg1.0_{tag}{kind}"]
            if self._ole.exists(entry):
                return self._decoded(entry, kind)
        return ""

    def _decoded(self, entry: list[str], kind: str) -> str:
        data = self._octets(entry)
        if kind == "001F":
            return data.decode("utf-16-le", "replace").rstrip("\x00")
        return charset.decode(data.rstrip(b"\x00"))[0]

    def _octets(self, entry: list[str]) -> bytes:
        if not self._ole.exists(entry):
            return b""
        self._budget.take(self._ole.get_size(entry))
        return bytes(self._ole.openstream(entry).read())
