"""Excel workbooks of 95 to 2003: the stream of records ([MS-XLS]; BIFF5 and BIFF8).

Values come with the zeros of their formats, hidden rows and columns are known, and what no record
below speaks for is swept for text: comments of old versions, caches, validations.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from detectors.budget import Budget
from detectors.extract.excel.biffformulas import joining
from detectors.extract.excel.biffstrings import Codec, shared, text_at
from detectors.extract.excel.biffstyles import Looks
from detectors.extract.excel.cellformat import code_of, shown
from detectors.extract.excel.cellrows import LAST_COLUMN, ROWS, Strings, may_lack_zeros
from detectors.extract.excel.formulas import Formula, settle
from detectors.extract.excel.scattered import Sheet
from detectors.extract.excel.unseen import hides
from detectors.extract.reading import Refused
from detectors.places import column_letter

_RECORD = struct.Struct("<HH")
_CONTINUE, _FILEPASS, _BOF, _EOF = 0x3C, 0x2F, 0x809, 0x0A
_CODEPAGE, _SHEET, _SST, _FORMAT, _XF = 0x42, 0x85, 0xFC, 0x41E, 0xE0
_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _MULRK, _FORMULA, _STRING = (
    0xFD, 0x204, 0xD6, 0x203, 0x27E, 0xBD, 0x06, 0x207
)  # fmt: skip
_ROW, _COLUMN, _NOTE, _OBJECT, _TXO, _HEADER, _FOOTER = 0x208, 0x7D, 0x1C, 0x5D, 0x1B6, 0x14, 0x15
_CACHED, _CACHED_NUMBER = 0xCD, 0xC9
_FONT, _PALETTE, _BOOK, _THERE, _CONDITIONS = 0x31, 0x92, 0x1AE, 0x17, 0x1B0
_ITSELF = b"\x01\x04"
"""In a SUPBOOK: the sheets of this workbook."""
_SILENT = frozenset((_BOF, _EOF, 0x23E, 0x293, 0x5C, 0x13, 0x8C, 0xE1, 0xC1))
"""Windows, fonts, styles, colours, the name of the user who saved it last."""
_STATES = ("visible", "hidden", "veryHidden", "hidden")
_WORKBOOK, _BIFF8 = 0x05, 0x0600
_NO_LETTERS = 3
_TOKENS = 22
"""Octets of a formula's record before the formula itself ([MS-XLS] 2.4.127)."""


@dataclass(slots=True)
class Book:
    sheets: list[Sheet] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    """Strings that no cell shows."""
    left: bytes = b""
    """The records that nobody has read, one after the other."""
    pictures: bytes = b""
    linked: bool = False
    """It takes values from other files."""


def read(stream: bytes, budget: Budget) -> Book:
    """Raises Refused "encrypted_office", "corrupt"."""
    reader = _Reader(budget)
    for at, kind, segments in records(stream, budget):
        reader.take(at, kind, segments)
    return reader.close()


def cached(stream: bytes, budget: Budget) -> list[str]:
    """The values of a pivot cache ([MS-XLS] 2.1.7.11), which keeps the rows it has counted."""
    found = []
    for _, kind, segments in records(stream, budget):
        if kind == _CACHED:
            found.append(text_at(segments[0], 0, "<H", Codec()))
        elif kind == _CACHED_NUMBER and len(segments[0]) >= 8:
            found.append(shown(repr(struct.unpack_from("<d", segments[0])[0]), "General")[0])
    return found


def records(stream: bytes, budget: Budget) -> Iterator[tuple[int, int, list[bytes]]]:
    """(where it begins, kind, its octets and those of the records that continue it)."""
    at, start, kind = 0, 0, -1
    segments: list[bytes] = []
    while at + _RECORD.size <= len(stream):
        number, size = _RECORD.unpack_from(stream, at)
        body = stream[at + _RECORD.size : at + _RECORD.size + size]
        if number == _CONTINUE:
            segments.append(body)
        else:
            if segments:
                yield start, kind, segments
            budget.time()
            start, kind, segments = at, number, [body]
        at += _RECORD.size + size
    if segments:
        yield start, kind, segments


class _Reader:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._book = Book()
        self._codec = Codec()
        self._strings = Strings()
        self._custom: dict[int, str] = {}
        self._formats: list[str] = []
        self._looks = Looks()
        self._starts: dict[int, Sheet] = {}
        self._sheet = Sheet("")
        self._depth = 0
        self._object = 0
        self._texts: dict[int, str] = {}
        self._awaiting: tuple[int, int, int] | None = None
        self._left: list[bytes] = []
        self._pictures: list[bytes] = []
        self._own: list[bool] = []
        self._there: list[tuple[int, ...]] = []

    def take(self, at: int, kind: int, segments: list[bytes]) -> None:
        body = segments[0]
        try:
            if kind == _BOF:
                self._begin(at, body)
            elif kind == _EOF:
                self._end()
            elif not (
                self._of_book(kind, body, segments)
                or self._of_cells(kind, body)
                or self._of_sheet(kind, body, segments)
                or kind in _SILENT
            ):
                self._left += segments
        except (struct.error, IndexError):
            raise Refused("corrupt", type="xls") from None

    def close(self) -> Book:
        if self._depth or not self._starts:
            raise Refused("corrupt", type="xls")
        book = self._book
        named = {sheet.name.lower(): sheet for sheet in book.sheets}
        for sheet in book.sheets:
            settle(sheet, lambda name: named.get(name.lower()), self._budget)
        book.spare = self._strings.spare
        book.left, book.pictures = b"\0".join(self._left), b"".join(self._pictures)
        return book

    def _begin(self, at: int, body: bytes) -> None:
        version, kind = struct.unpack_from("<HH", body)
        self._depth += 1
        if kind == _WORKBOOK and self._depth == 1:
            self._codec = Codec(wide=version >= _BIFF8)
        elif self._depth == 1:
            self._sheet = self._starts.get(at) or self._stray()
            self._texts = {}

    def _stray(self) -> Sheet:
        """A sheet that the workbook does not name."""
        self._book.sheets.append(Sheet("", "hidden"))
        return self._book.sheets[-1]

    def _end(self) -> None:
        self._depth = max(0, self._depth - 1)
        if not self._depth:
            known = {text for _, text in self._sheet.comments}
            self._sheet.words += [text for text in self._texts.values() if text not in known]
            self._texts = {}

    def _of_book(self, kind: int, body: bytes, segments: list[bytes]) -> bool:
        if kind == _FILEPASS:
            raise Refused("encrypted_office")
        if kind == _CODEPAGE:
            self._codec = Codec(self._codec.wide, int.from_bytes(body[:2], "little"))
        elif kind == _SHEET:
            start, state = struct.unpack_from("<LB", body)
            sheet = Sheet(text_at(body, 6, "<B", self._codec), _STATES[state & 3])
            self._book.sheets.append(sheet)
            self._starts[start] = sheet
        elif kind == _SST:
            self._strings = Strings(shared(segments, self._budget))
        elif kind == _FORMAT:
            form = "<H" if self._codec.wide else "<B"
            code = text_at(body, 2, form, self._codec)
            self._custom[int.from_bytes(body[:2], "little")] = code
        elif kind == _XF:
            code = code_of(int.from_bytes(body[2:4], "little"), self._custom)
            self._formats.append(code)
            self._looks.style(body, code)
        elif kind == _FONT:
            self._looks.font(body)
        elif kind == _PALETTE:
            self._looks.palette(body)
        elif kind == _THERE and self._codec.wide:
            self._left += segments
            self._there = [*struct.iter_unpack("<3H", body[2 : 2 + len(body[2:]) // 6 * 6])]
        elif kind == _BOOK:
            self._own.append(body[2:4] == _ITSELF)
            self._book.linked = self._book.linked or _is_elsewhere(body)
            self._left += segments
        elif kind == 0xEB:  # the pictures of all sheets
            self._pictures += segments
        else:
            return False
        return True

    def _of_cells(self, kind: int, body: bytes) -> bool:
        if kind == _STRING:
            if self._awaiting:
                self._put(*self._awaiting, text_at(body, 0, "<H", self._codec))
        elif kind == _MULRK:
            row, column = struct.unpack_from("<HH", body)
            for style, number in struct.iter_unpack("<HL", body[4:-2]):
                self._number(row, column, style, rk(number))
                column += 1
        elif kind in (_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _FORMULA):
            row, column, style = struct.unpack_from("<3H", body)
            self._awaiting = None
            if kind == _LABELSST:
                text = self._strings.at(str(*struct.unpack_from("<L", body, 6)))
                self._put(row, column, style, text)
            elif kind in (_LABEL, _RSTRING):
                self._put(row, column, style, text_at(body, 6, "<H", self._codec))
            elif kind == _RK:
                self._number(row, column, style, rk(*struct.unpack_from("<L", body, 6)))
            elif kind == _FORMULA and _is_open(body) and (formula := self._joining(body)):
                self._sheet.left[row + 1, column + 1] = Formula(formula)
            elif body[12:14] == b"\xff\xff" and kind == _FORMULA:
                self._awaiting = (row, column, style)
                self._left.append(body[_TOKENS:])
            else:
                self._number(row, column, style, *struct.unpack_from("<d", body, 6))
        else:
            return False
        return True

    def _joining(self, body: bytes) -> str:
        """A formula whose result can only be letters, and stands as a number."""
        if not self._codec.wide or len(body) < _TOKENS:
            return ""
        size = int.from_bytes(body[_TOKENS - 2 : _TOKENS], "little")
        return joining(body[_TOKENS : _TOKENS + size], self._name)

    def _name(self, reference: int) -> str:
        """Of the sheet that references call by this number, "" of those of other files."""
        book, first, _ = self._there[reference]
        return self._book.sheets[first].name if self._own[book] else ""

    def _of_sheet(self, kind: int, body: bytes, segments: list[bytes]) -> bool:
        if kind == _ROW:
            if body[12] & 0x20:
                self._sheet.hidden_rows.add(int.from_bytes(body[:2], "little") + 1)
        elif kind == _COLUMN:
            first, last, width, _, options = struct.unpack_from("<5H", body)
            if options & 1 or not width:
                self._sheet.hidden_columns.hide(first + 1, last + 1)
        elif kind in (_HEADER, _FOOTER):
            if body:
                form = "<H" if self._codec.wide else "<B"
                self._sheet.words.append(text_at(body, 0, form, self._codec))
        elif kind == _OBJECT:
            self._object = int.from_bytes(body[6:8], "little")
            self._left += segments
        elif kind == _TXO:
            if len(segments) > 1 and segments[1]:
                text = self._codec.text(segments[1][1:], segments[1][0])
                self._texts[self._object] = self._texts.get(self._object, "") + text
        elif kind == _CONDITIONS:  # which may colour what is behind letters
            self._sheet.conditions = True
            self._left += segments
        elif kind == _NOTE:
            self._comment(body)
        else:
            return False
        return True

    def _comment(self, body: bytes) -> None:
        row, column = struct.unpack_from("<HH", body)
        if self._codec.wide:
            text = self._texts.get(int.from_bytes(body[6:8], "little"), "")
        else:
            text = self._codec.text(body[6:], 0)
        self._sheet.comments.append((_reference(row, column), text))

    def _number(self, row: int, column: int, style: int, number: float) -> None:
        code = self._formats[style] if style < len(self._formats) else "General"
        text, lost = shown(repr(number).removesuffix(".0"), code)
        self._put(row, column, style, text)
        if lost and may_lack_zeros(text):
            self._sheet.numeric.add((row + 1, column + 1))

    def _put(self, row: int, column: int, style: int, text: str) -> None:
        if text and row < ROWS and column < LAST_COLUMN:
            self._sheet.rows.setdefault(row + 1, {})[column + 1] = text
            how = self._looks.how(style)
            if how and (how := hides(how, text)):
                self._sheet.unseen.setdefault(how, []).append((row + 1, column + 1))


def _is_open(body: bytes) -> bool:
    """Whether a formula's result is a number, or no letters at all ([MS-XLS] 2.5.133)."""
    return body[12:14] != b"\xff\xff" or body[6] == _NO_LETTERS


def rk(number: int) -> float:
    """A number in thirty bits ([MS-XLS] 2.5.217)."""
    if number & 2:
        value = float(number - (1 << 32) >> 2 if number & 0x80000000 else number >> 2)
    else:
        (value,) = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<L", number & 0xFFFFFFFC))
    return value / 100 if number & 1 else value


def _is_elsewhere(body: bytes) -> bool:
    """Whether a SUPBOOK ([MS-XLS] 2.4.271) names another file, and not itself or functions."""
    return 1 < int.from_bytes(body[2:4], "little") < 0x100


def _reference(row: int, column: int) -> str:
    return f"{column_letter(column + 1)}{row + 1}"
