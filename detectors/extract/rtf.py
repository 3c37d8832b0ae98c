"""Rich Text Format: the text in its charsets, tables, what is hidden, and the files inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from detectors.budget import Budget, OverBudget
from detectors.extract import html
from detectors.extract.flow import Flow
from detectors.extract.oleobjects import of_rtf
from detectors.extract.package import in_order, texts
from detectors.extract.reading import within
from detectors.extract.strings import strings
from detectors.extract.word.fields import seen
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Unreadable

_TOKEN = re.compile(
    rb"(?P<hex>(?:\\'[0-9A-Fa-f]{2})+)|\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|\\(?P<symbol>[^a-z'])|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|.",
    re.IGNORECASE | re.DOTALL,
)
_DEEPEST = 10_000
"""Groups in groups; Word writes some dozens."""
_NO_DIGIT = re.compile(rb"[^0-9A-Fa-f]+")
_BREAKS = {
    b"par": "\n", b"line": "\n", b"page": "\n", b"sect": "\n", b"tab": "\t", b"emspace": " ",
    b"enspace": " ", b"endash": "-", b"emdash": "-", b"softline": "\n", b"column": "\n",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}
# Groups that are no text: colours, styles, lists, and the older twins of newer ones.
_SILENT = frozenset(
    b"fonttbl colortbl stylesheet themedata colorschememapping listtable listoverridetable rsidtbl "
    b"generator latentstyles xmlnstbl filetbl nonesttables blipuid objclass objname".split()
)
_BINARY = frozenset((b"pict", b"objdata", b"datastore", b"objalias"))
# Text of its own, which stands elsewhere on the page or beside it.
_APART = frozenset(
    b"header headerl headerr headerf footer footerl footerr footerf footnote annotation "
    b"shptxt aftncn ftncn".split()
)
# Behind \* as well, and yet what a reader sees.
_SHOWN = frozenset(b"shpinst shppict ud nesttableprops mmath moMath background fchars".split())
_UNSEEN = frozenset(
    b"info userprops docvar bkmkstart bkmkend xe tc sp sn sv ffname ffdeftext ffhelptext "
    b"ffstattext ffl revtbl title subject author keywords doccomm company hlinkbase comment "
    b"operator manager category".split()
)
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "big5",
    161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    reader = _Reader(source.data, budget)
    reader.run()
    if reader.cut:
        yield Unreadable(source.spot, Reason("corrupt", {"type": "rtf"}))
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    for flow in reader.flows:
        unit = "line" if flow is reader.flows[0] else ""
        here = Spot(spot.part, spot.path, spot.hidden or flow.hidden, unit)
        yield from in_order(flow.blocks(), here, source.context)
    if reader.remarked:
        yield Note(spot, "comments", Reason("comments"))
    if reader.changed:
        yield Note(spot, "tracked_changes", Reason("tracked_changes"))
    if reader.page:
        page = "".join(reader.page).encode("utf-8", "replace")
        inner = Source(spot, "", page, "text/html", "utf-8", source.context)
        yield from html.read(inner, budget)
    yield from _files(reader.binaries, source, budget)


def _files(
    binaries: list[tuple[bytes, bytearray]], source: Source, budget: Budget
) -> Iterator[Surface]:
    """Pictures and embedded objects; other octets are swept for text."""
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    for number, (kind, digits) in enumerate(binaries, start=1):
        budget.take(len(digits) // 2)
        octets = bytes.fromhex(digits[: len(digits) & ~1].decode())
        if kind == b"objdata":
            name, data = of_rtf(octets)
            if name:
                yield Nested(within(spot, name), name, data)
            else:
                yield Unreadable(spot, Reason("corrupt", {"type": "rtf"}))
                yield from texts(spot, strings(octets), source.context, hidden=True)
        elif kind == b"pict":
            name = f"picture{number}"
            yield Nested(within(spot, name), name, octets)
        else:
            yield from texts(spot, strings(octets), source.context, hidden=True)


@dataclass(slots=True)
class _Group:
    flow: Flow
    digits: bytearray | None = None
    """Hexadecimal, of a picture or an object."""
    charset: str = ""
    hidden: bool = False
    silent: bool = False
    tag: bool = False
    """HTML as it stands."""
    skip: int = 1
    code: list[str] | None = None
    """What a field says, in pieces."""
    starred: bool = False
    """Behind \\*: a destination that old readers leave out."""


class _Reader:
    def __init__(self, data: bytes, budget: Budget) -> None:
        self._data, self._budget = data, budget
        body, self._vanished = Flow(), Flow(hidden=True)
        self.flows = [body, self._vanished]
        self.binaries: list[tuple[bytes, bytearray]] = []
        self.changed = self.remarked = self.cut = False
        """`cut`: it ends inside of a picture, or of a group whose text is not told."""
        self.page: list[str] = []
        """The HTML that Outlook has wrapped in RTF ([MS-OXRTFEX]), in pieces."""
        self._is_page = self._not_page = False
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._stack = [_Group(body)]
        self._octets = bytearray()  # \'82\'4f is one letter of CP932: decoded together
        self._charset = "cp932"
        self._high = 0  # the first half of an emoji
        self._fallback = 0  # characters after \u that stand for it in old readers

    def run(self) -> None:
        at, count, data = 0, 0, self._data
        while token := _TOKEN.match(data, at):
            at = token.end()
            count += 1
            if not count % 1_024:
                self._budget.time()
            if token["word"] == b"bin":
                size = max(0, int(token["number"] or 0))
                if (digits := self._stack[-1].digits) is not None:
                    digits += data[at : at + size].hex().encode()
                at += size
            else:
                self._take(token)
        top = self._stack[-1]
        self.cut = top.silent or top.digits is not None
        while len(self._stack) > 1:  # many a program forgets to close them
            self._brace(b"}")
        self._flush()

    def _take(self, token: re.Match[bytes]) -> None:
        if token["hex"]:
            self._raw(bytes.fromhex(token["hex"].replace(b"\\'", b"").decode()))
        elif token["text"]:
            self._plain(token["text"])
        elif token["brace"]:
            self._brace(token["brace"])
        elif token["word"]:
            number = token["number"]
            self._word(token["word"].lower(), None if number is None else int(number))
        elif token["symbol"] == b"*":
            self._stack[-1].starred = True
        elif token["symbol"]:
            if token["symbol"] in b"\\{}":
                self._raw(token["symbol"])
            else:
                self._say(_SYMBOLS.get(token["symbol"], ""))

    def _plain(self, octets: bytes) -> None:
        digits = self._stack[-1].digits
        if digits is None:
            self._raw(octets)
        else:
            digits += _NO_DIGIT.sub(b"", octets)

    def _raw(self, octets: bytes) -> None:
        skipped = min(self._fallback, len(octets))
        self._fallback -= skipped
        self._octets += octets[skipped:]

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._fallback = 0
        if brace == b"{":
            if len(self._stack) > _DEEPEST:
                raise OverBudget("depth")
            self._stack.append(replace(self._stack[-1], starred=False))
        elif len(self._stack) > 1:
            top = self._stack.pop()
            if top.code is not None and top.code is not self._stack[-1].code:
                self._say(seen("".join(top.code)))
            if top.hidden and not self._stack[-1].hidden:
                self._vanished.say("\n")  # two numbers side by side would be none

    def _word(self, word: bytes, number: int | None) -> None:
        self._flush()
        top = self._stack[-1]
        starred, top.starred = top.starred, False
        value = 1 if number is None else number
        if word == b"u":
            self._unit(value & 0xFFFF)
            self._fallback = top.skip
        elif word in _BREAKS:
            self._say(_BREAKS[word])
        elif word in (b"cell", b"nestcell"):
            top.flow.cell()
        elif word in (b"row", b"nestrow"):
            top.flow.row()
        elif word in (b"pard", b"intbl", b"trowd"):
            top.flow.in_table = word != b"pard"
        elif word in (b"v", b"deleted"):
            top.hidden = value != 0
            self.changed = self.changed or word == b"deleted"
        elif word == b"plain":
            top.hidden = False
        elif word == b"revised":
            self.changed = self.changed or value != 0
        else:
            if not self._setting(top, word, value):
                self._destination(top, word, starred)

    def _unit(self, unit: int) -> None:
        """One of UTF-16: two make an emoji, and one of these by itself is no letter."""
        high, self._high = self._high, 0
        if 0xD800 <= unit < 0xDC00:
            self._high = unit
        elif 0xDC00 <= unit < 0xE000:
            self._say(chr(0x10000 + (high - 0xD800 << 10) + unit - 0xDC00) if high else "\ufffd")
        else:
            self._say(chr(unit))

    def _setting(self, top: _Group, word: bytes, value: int) -> bool:
        """How octets are to be read."""
        if word == b"uc":
            top.skip = max(0, min(value, 8))
        elif word == b"ansicpg":
            self._charset = _codec(f"cp{value}" if value != 65001 else "utf-8")
        elif word == b"f":
            self._font = value
            top.charset = self._fonts.get(value, "")
        elif word == b"fcharset":
            self._fonts[self._font] = _CHARSETS.get(value, "")
        elif word == b"fromhtml":
            self._is_page = value != 0
        elif word == b"htmlrtf":
            self._not_page = value != 0
        else:
            return False
        return True

    def _destination(self, top: _Group, word: bytes, starred: bool) -> None:
        if word in _BINARY:
            top.digits = bytearray()
            self.binaries.append((word, top.digits))
        elif word in _SILENT:
            top.silent = True
        elif word in _APART:
            self.remarked = self.remarked or word == b"annotation"
            self._into(top, Flow(hidden=top.flow.hidden))
        elif word == b"htmltag":
            top.tag = True
            self._into(top, Flow(hidden=True))
        elif word == b"fldinst":
            top.code = []
            self._into(top, Flow(hidden=True))
        elif word in _UNSEEN or (starred and word not in _SHOWN):
            self._into(top, Flow(hidden=True))

    def _into(self, top: _Group, flow: Flow) -> None:
        top.flow, top.digits = flow, None
        self.flows.append(flow)

    def _flush(self) -> None:
        if self._octets:
            octets = bytes(self._octets)
            self._octets.clear()
            self._say(_decoded(octets, self._stack[-1].charset, self._charset))

    def _say(self, text: str) -> None:
        if self._octets:
            self._flush()
        top = self._stack[-1]
        if not text or top.silent or top.digits is not None:
            return
        if top.code is not None:
            top.code.append(text)
        if top.tag:
            self.page.append(text)
        elif self._is_page and not self._not_page and not top.flow.hidden:
            self.page.append(escape(text, quote=False))
        (self._vanished if top.hidden else top.flow).say(text)


def _codec(name: str) -> str:
    try:
        b"".decode(name)
    except LookupError:
        return "cp932"
    return name


def _decoded(octets: bytes, font: str, document: str) -> str:
    """Japanese fonts in a document that says 1252: CP932 wherever it fits."""
    for charset in (font or "cp932", "cp932"):
        try:
            return octets.decode(charset)
        except UnicodeDecodeError:
            continue
    return octets.decode(document, "replace")
