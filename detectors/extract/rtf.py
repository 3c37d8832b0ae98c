"""Rich Text Format, and its compressed form in Outlook messages ([MS-OXRTFCP])."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.package import texts
from detectors.extract.reading import Refused
from detectors.surface import Source, Spot, Surface

_TOKEN = re.compile(
    rb"\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|\\(?P<symbol>[^a-z'])|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)",
    re.IGNORECASE | re.DOTALL,
)
_BREAKS = {
    b"par": "\n", b"line": "\n", b"row": "\n", b"page": "\n", b"sect": "\n", b"tab": "\t",
    b"cell": "\t", b"emspace": " ", b"enspace": " ", b"endash": "-", b"emdash": "-",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}
# Groups that are no text: fonts, colours, styles, pictures as hexadecimal digits.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet pict objdata themedata colorschememapping datastore listtable "
    b"listoverridetable rsidtbl generator latentstyles xmlnstbl filetbl bin".split()
)
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4_096


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    visible, hidden = _text(source.data, budget)
    spot = source.spot
    yield from texts(Spot(spot.part, spot.path, spot.hidden), [visible], source.context)
    yield from texts(Spot(spot.part, spot.path, True, ""), [hidden], source.context)


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
            for _ in range((pair & 15) + 2):
                out.append(out[-distance])
    return bytes(out[len(_DICTIONARY) : end])


class _Group:
    __slots__ = ("hidden", "silent", "skip")

    def __init__(self, skip: int = 1, hidden: bool = False, silent: bool = False) -> None:
        self.skip, self.hidden, self.silent = skip, hidden, silent


def _text(data: bytes, budget: Budget) -> tuple[str, str]:
    """(what a reader sees, what is marked as hidden)."""
    writer = _Writer()
    for count, token in enumerate(_TOKEN.finditer(data)):
        if not count % 1_024:
            budget.time()
        writer.take(token)
    writer.flush()
    return "".join(writer.visible), "".join(writer.hidden)


class _Writer:
    def __init__(self) -> None:
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self._stack = [_Group()]
        self._octets = bytearray()  # \'82\'4f is one letter of CP932: decoded together
        self._charset = "cp932"
        self._fallback = 0  # characters after \u that stand for it in old readers

    def take(self, token: re.Match[bytes]) -> None:
        if token["hex"]:
            self._raw(bytes((int(token["hex"], 16),)))
        elif token["text"]:
            self._raw(token["text"])
        elif token["brace"]:
            self._brace(token["brace"])
        elif token["word"]:
            self._word(token["word"].lower(), int(token["number"] or 1))
        elif token["symbol"]:
            if token["symbol"] in b"\\{}":
                self._raw(token["symbol"])
            else:
                self._say(_SYMBOLS.get(token["symbol"], ""))

    def _raw(self, octets: bytes) -> None:
        skipped = min(self._fallback, len(octets))
        self._fallback -= skipped
        self._octets += octets[skipped:]

    def _brace(self, brace: bytes) -> None:
        self.flush()
        self._fallback = 0
        if brace == b"{":
            top = self._stack[-1]
            self._stack.append(_Group(top.skip, top.hidden, top.silent))
        elif len(self._stack) > 1:
            self._stack.pop()

    def _word(self, word: bytes, number: int) -> None:
        self.flush()
        top = self._stack[-1]
        if word == b"u":
            self._say(chr(number & 0xFFFF))
            self._fallback = top.skip
        elif word == b"uc":
            top.skip = max(0, min(number, 8))
        elif word == b"v":
            top.hidden = number != 0
        elif word == b"ansicpg":
            self._charset = {1252: "cp1252", 65001: "utf-8"}.get(number, "cp932")
        elif word in _SILENT:
            top.silent = True
        else:
            self._say(_BREAKS.get(word, ""))

    def flush(self) -> None:
        if self._octets:
            # Japanese fonts in a document that says 1252: CP932 wherever it fits.
            try:
                text = self._octets.decode("cp932")
            except UnicodeDecodeError:
                text = self._octets.decode(self._charset, "replace")
            self._octets.clear()
            self._say(text)

    def _say(self, text: str) -> None:
        top = self._stack[-1]
        if text and not top.silent:
            if self._octets:
                self.flush()
            (self.hidden if top.hidden else self.visible).append(text)
