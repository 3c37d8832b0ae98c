"""Word documents of 97 to 2003 ([MS-DOC]): the text by its piece table, exactly.

The stream of a file that was saved fast holds deleted text between the pieces; what no piece
covers is swept. Word 6 and 95 keep one octet a letter and no table stream.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from detectors.extract.flow import Flow
from detectors.extract.strings import strings
from detectors.extract.word.fields import drawn

_COMPLEX_NUMBER = 0xC1
"""nFib from which on a file is of Word 97."""
_COUNTS, _CHARACTERS, _PARAGRAPHS, _CLX = 0x4C, 0xFA, 0x102, 0x1A2
_DELETED, _INSERTED, _VANISHED, _IN_TABLE, _ROW_END = 0x0800, 0x0801, 0x083C, 0x2416, 0x2417
_REMARKS = 0x5C
"""ccpAtn: letters of the comments ([MS-DOC] 2.5.4)."""
_CONTROLS = {0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x1E: "-", 0x1F: "\u00ad"}
_VISIBLE = {octet: _CONTROLS.get(octet, "") for octet in range(32) if octet not in (9, 10)}
_PARAGRAPH = re.compile("[^\r\x07\x0c]*[\r\x07\x0c]?")
_MARK = re.compile("[\x13\x14\x15]")
_PAGE = 512
_CODE = 2_000
"""Letters of a code that is looked at."""
_MAGIC = (b"\xec\xa5", b"\xdc\xa5")  # of 97 and later, of 6 and 95
_STYLES = 0xA2
_STYLE_SIZES = (b"\x0a\0", b"\x12\0")
"""cbSTDBaseInFile of [MS-DOC] 2.9.273."""
# Octets of an operand by the three highest bits of a property ([MS-DOC] 2.6.1).
_OPERANDS = (1, 1, 2, 4, 2, 2, 0, 3)

_Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Told:
    """`body` and `others` (headers, notes, comments, text boxes) as blocks; `unseen`: hidden
    and deleted text with what stands around it, field codes, and what no piece covers."""

    body: list[str | list[list[str]]]
    others: list[str | list[list[str]]]
    unseen: list[str]
    changed: bool = False
    """Whether deletions or insertions are kept in it."""
    remarked: bool = False
    """Whether it has comments."""
    vanished: bool = False
    """Whether there are letters formatted as hidden."""


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    """Of its first letter in the text."""
    length: int
    at: int
    """Of its first octet in the stream."""
    width: int
    """Octets a letter."""


def tell(main: bytes, table: bytes) -> Told:
    if int.from_bytes(main[2:4], "little") < _COMPLEX_NUMBER and main[2:4] != b"\0\0":
        return _old(main)
    pieces = _pieces(main, table)
    if not pieces:
        return Told([], [], strings(main))
    text = "".join(_text(main, piece) for piece in pieces)
    deleted = _places(main, table, pieces, _CHARACTERS, (_DELETED,))
    inserted = _places(main, table, pieces, _CHARACTERS, (_INSERTED,))
    vanished, codes = _places(main, table, pieces, _CHARACTERS, (_VANISHED,)), _codes(text)
    hidden = [*vanished, *deleted, *codes]
    in_table = _places(main, table, pieces, _PARAGRAPHS, (_IN_TABLE,))
    row_ends = _places(main, table, pieces, _PARAGRAPHS, (_ROW_END,))
    (count,) = struct.unpack_from("<L", main, _COUNTS)
    body, others = Flow(), Flow()
    layout = _Layout(text, _Cover(hidden), in_table, row_ends)
    end = count if 0 < count < len(text) else len(text)
    layout.flow(0, end, body)
    layout.flow(end, len(text), others)
    left = strings(_uncovered(main, pieces))
    return Told(
        [*body.blocks()],
        [*others.blocks()],
        [*layout.unseen, *left],
        changed=bool(deleted or inserted),
        remarked=any(main[_REMARKS : _REMARKS + 4]),
        vanished=_says(text, vanished, codes),
    )


def _says(text: str, spans: _Spans, codes: _Spans) -> bool:
    """Whether there are letters in the spans that are no code of a field."""
    fields = _Cover(codes)
    for start, end in sorted(spans):
        for first, last in fields.within(start, end):
            if any(map(str.isalnum, text[start:first])):
                return True
            start = last
        if any(map(str.isalnum, text[start:end])):
            return True
    return False


def is_whole(main: bytes, table: bytes) -> bool:
    """Whether it begins as it must, and its tables do by the first of them, the styles."""
    if main[:2] not in _MAGIC:
        return False
    if int.from_bytes(main[2:4], "little") < _COMPLEX_NUMBER or len(main) < _STYLES + 8:
        return True
    at, size = struct.unpack_from("<LL", main, _STYLES)
    return size < 6 or table[at + 4 : at + 6] in _STYLE_SIZES


def _old(main: bytes) -> Told:
    start, end = struct.unpack_from("<LL", main, 0x18)
    text = main[start:end].decode("cp932", "replace").replace("\x07", "\t").translate(_VISIBLE)
    return Told([text], [], strings(main[:start] + b"\0" + main[end:]))


def _pieces(main: bytes, table: bytes) -> list[_Piece]:
    """By the piece table ([MS-DOC] 2.8.35); [] where it is broken."""
    at, size = struct.unpack_from("<LL", main, _CLX) if len(main) > _CLX + 8 else (0, 0)
    clx = table[at : at + size]
    while clx[:1] == b"\x01":
        clx = clx[3 + int.from_bytes(clx[1:3], "little") :]
    if clx[:1] != b"\x02":
        return []
    plc = clx[5 : 5 + int.from_bytes(clx[1:5], "little")]
    count = (len(plc) - 4) // 12
    if count < 1:
        return []
    ends = struct.unpack_from(f"<{count + 1}L", plc)
    found = []
    for number in range(count):
        at = int.from_bytes(plc[4 * (count + 1) + 8 * number + 2 :][:4], "little")
        narrow = bool(at & 0x40000000)  # one octet a letter
        at = (at & 0x3FFFFFFF) // 2 if narrow else at
        length = min(max(0, ends[number + 1] - ends[number]), len(main))
        found.append((length, at, 1 if narrow else 2))
    starts = accumulate((length for length, _, _ in found), initial=0)
    return [_Piece(start, *piece) for start, piece in zip(starts, found, strict=False)]


def _text(main: bytes, piece: _Piece) -> str:
    octets = main[piece.at : piece.at + piece.length * piece.width]
    text = octets.decode("cp1252" if piece.width == 1 else "utf-16-le", "replace")
    return text.ljust(piece.length, "\0")[: piece.length]


def _uncovered(main: bytes, pieces: list[_Piece]) -> bytes:
    """The stream without what the pieces cover."""
    left, at = [], 0
    for piece in sorted(pieces, key=lambda piece: piece.at):
        left.append(main[at : piece.at])
        at = max(at, piece.at + piece.length * piece.width)
    return b"\0".join((*left, main[at:]))


def _places(
    main: bytes, table: bytes, pieces: list[_Piece], index: int, wanted: tuple[int, ...]
) -> _Spans:
    """Where in the text one of these properties is set, by the formatted pages ([MS-DOC] 2.9.33,
    2.9.175)."""
    found: _Spans = []
    for start, end, properties in _runs(main, table, index):
        if any(_sprms(properties).get(sprm) for sprm in wanted):
            for piece in pieces:
                first = max(start, piece.at)
                last = min(end, piece.at + piece.length * piece.width)
                if first < last:
                    shift = piece.start * piece.width - piece.at
                    found.append(((first + shift) // piece.width, (last + shift) // piece.width))
    return found


def _runs(main: bytes, table: bytes, index: int) -> Iterator[tuple[int, int, bytes]]:
    """(first octet, end, properties) of runs of characters or of paragraphs."""
    at, size = struct.unpack_from("<LL", main, index) if len(main) > index + 8 else (0, 0)
    plc = table[at : at + size]
    count = max(0, (len(plc) - 4) // 8)
    for (page,) in struct.iter_unpack("<L", plc[4 * (count + 1) :][: 4 * count]):
        octets = main[(page & 0x3FFFFF) * _PAGE :][:_PAGE]
        if len(octets) == _PAGE:
            yield from _page(octets, index)


def _page(octets: bytes, index: int) -> Iterator[tuple[int, int, bytes]]:
    count, entry = octets[-1], 1 if index == _CHARACTERS else 13
    if 4 * (count + 1) + count * entry >= _PAGE:
        return
    bounds = struct.unpack_from(f"<{count + 1}L", octets)
    for number, (start, end) in enumerate(pairwise(bounds)):
        at = 2 * octets[4 * (count + 1) + number * entry]
        if not at:
            continue
        size = octets[at]
        if index == _CHARACTERS:
            yield start, end, octets[at + 1 : at + 1 + size]
        else:  # behind the size, which may be zero and then doubled, the number of the style
            body = at + 1 if size else at + 2
            size = 2 * size - 1 if size else 2 * octets[min(at + 1, _PAGE - 1)]
            yield start, end, octets[body + 2 : body + size]


def _sprms(properties: bytes) -> dict[int, int]:
    """Property → first octet of its operand."""
    found, at = {}, 0
    while at + 3 <= len(properties):
        sprm = int.from_bytes(properties[at : at + 2], "little")
        size = _OPERANDS[sprm >> 13]
        if not size:
            wide = 2 if sprm == 0xD608 else 1
            size = wide + int.from_bytes(properties[at + 2 : at + 2 + wide], "little")
            size -= wide == 2  # the length of a table's definition counts one octet too many
        found[sprm] = properties[at + 2]
        at += 2 + size
    return found


def _codes(text: str) -> _Spans:
    """Field codes: from the beginning of a field to its result."""
    found, open_ = [], []
    for mark in _MARK.finditer(text):
        if mark[0] == "\x13":
            open_.append(mark.start())
        elif open_ and mark[0] == "\x14":
            found += _unseen(text, open_[-1], mark.start())
            open_[-1] = -1
        elif open_ and (start := open_.pop()) >= 0:  # a field without a result
            found += _unseen(text, start, mark.start())
    return found


def _unseen(text: str, start: int, end: int) -> _Spans:
    """A field's code without what is drawn of it."""
    seen = drawn(text[start + 1 : end]) if end - start < _CODE else []
    edges = [start, *(start + 1 + edge for span in seen for edge in span), end]
    return [*zip(edges[::2], edges[1::2], strict=True)]


class _Cover:
    """Whether places of the text lie in spans."""

    def __init__(self, spans: _Spans) -> None:
        self._spans: list[list[int]] = []
        for start, end in sorted(spans):
            if self._spans and start <= self._spans[-1][1]:
                self._spans[-1][1] = max(end, self._spans[-1][1])
            else:
                self._spans.append([start, end])
        self._at = 0

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of [start, end) that are covered; to be asked in the order of the text."""
        while self._at < len(self._spans) and self._spans[self._at][1] <= start:
            self._at += 1
        found = []
        for first, last in self._spans[self._at :]:
            if first >= end:
                break
            found.append((max(first, start), min(last, end)))
        return found


class _Layout:
    def __init__(self, text: str, hidden: _Cover, in_table: _Spans, row_ends: _Spans) -> None:
        self._text, self._hidden = text, hidden
        self._in_table, self._row_ends = _Cover(in_table), _Cover(row_ends)
        marks = (mark.start() for mark in re.finditer("\x07", text)) if in_table else ()
        table = _Cover(in_table)
        self._exact = bool(row_ends) or any(not table.within(at, at + 1) for at in marks)
        """Whether paragraphs tell that they end a row."""
        self.unseen: list[str] = []

    def _is_in_table(self, at: int) -> bool:
        return bool(self._in_table.within(at, at + 1))

    def _ends_row(self, at: int, empty: bool) -> bool:
        """Whether the mark at `at` ends a row: by its properties, or else behind an empty cell.

        Those of wide rows stand in another stream (sprmPHugePapx), so that such an end is no
        paragraph of a table.
        """
        if not self._exact:
            return empty
        return bool(self._row_ends.within(at, at + 1)) or not self._is_in_table(at)

    def flow(self, at: int, end: int, flow: Flow) -> None:
        """Paragraphs and cells of text[at:end]."""
        cells, text = 0, self._text
        for found in _PARAGRAPH.finditer(text, at, end):
            start, stop = found.span()
            if start == stop:
                continue
            in_cell = found[0][-1] == "\x07"
            ends = in_cell and self._ends_row(stop - 1, start == stop - 1 and cells > 0)
            flow.in_table = in_cell or self._is_in_table(stop - 1)
            shown = self._shown(text, start, stop)
            flow.say(shown)
            if in_cell and not ends:
                flow.cell()
                cells += 1
            elif ends:
                flow.row()
                cells = 0

    def _shown(self, text: str, start: int, stop: int) -> str:
        """A paragraph without what is hidden of it, which is kept apart with all around it."""
        covered = self._hidden.within(start, stop)
        if not covered:
            return text[start:stop].translate(_VISIBLE)
        self.unseen.append(text[start:stop].translate(_VISIBLE).strip("\n"))
        shown, at = [], start
        for first, last in covered:
            shown.append(text[at:first])
            at = last
        return "".join((*shown, text[at:stop])).translate(_VISIBLE)
