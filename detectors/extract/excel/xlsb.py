"""Excel's binary workbooks (xlsb): the records of their parts ([MS-XLSB]).

Values come with the zeros of their formats, hidden rows and columns are known, and all parts are
swept for what no record below speaks for: comments, headers, validations.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from detectors.budget import Budget
from detectors.extract.excel.biff import rk
from detectors.extract.excel.biffformulas import joining_wide
from detectors.extract.excel.cellformat import code_of, shown
from detectors.extract.excel.cellrows import LAST_COLUMN, ROWS, Strings, may_lack_zeros
from detectors.extract.excel.formulas import Formula, settle
from detectors.extract.excel.scattered import Sheet, gathered
from detectors.extract.package import Package, Relations, texts
from detectors.extract.reading import Refused, within
from detectors.extract.strings import strings
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Unreadable

_RECORDS = re.compile(r"xl/(?!embeddings/|activeX/|printerSettings/|vbaProject)[^.]*\.bin")
_ROW, _RK, _REAL, _TEXT, _SHARED, _FORMULA_TEXT, _FORMULA = 0, 2, 5, 6, 7, 8, 9
_LAST_CELL, _SHORT, _LAST_SHORT = 11, 12, 18
_SHORTER = {13: _RK, 16: _REAL, 17: _TEXT, 18: _SHARED}
"""Cells without a column, which stand right of the one before: programs write them, Excel reads
them, [MS-XLSB] does not name them."""
_RICH, _ITEM, _FORMAT, _STYLE, _COLUMNS, _BUNDLE = 62, 19, 44, 47, 60, 156
_STYLES, _STYLES_END, _ITSELF, _SAME, _OTHER, _THERE = 617, 618, 357, 358, (355, 361, 667), 362
_STATES = ("visible", "hidden", "veryHidden")


@dataclass(slots=True)
class _Book:
    sheets: list[tuple[Sheet, str]] = field(default_factory=list)
    """With the relation that leads to the part."""
    formats: list[str] = field(default_factory=list)
    """Of the styles of cells."""
    strings: Strings = field(default_factory=Strings)
    own: list[bool] = field(default_factory=list)
    there: list[tuple[int, int, int]] = field(default_factory=list)

    def name(self, reference: int) -> str:
        """Of the sheet that formulas call by this number, "" of those of other files."""
        book, first, _ = self.there[reference]
        return self.sheets[first][0].name if self.own[book] and first >= 0 else ""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    main = package.main()
    sheets = []
    try:
        book = _book(package, main, budget)
        for sheet, kind, target in _worksheets(book, package.relations(main)):
            sheets.append(sheet)
            if target not in package.names:  # lost: Excel would say so, too
                yield Unreadable(source.spot, Reason("corrupt", {"type": "xlsb"}))
            elif kind == "worksheet":
                _Cells(book, sheet).take(package.octets(target), budget)
    except (struct.error, IndexError):
        raise Refused("corrupt", type="xlsb") from None
    named = {sheet.name.lower(): sheet for sheet in sheets}
    for sheet in sheets:
        settle(sheet, lambda name: named.get(name.lower()), budget)
        spot = within(source.spot, sheet.name, hidden=sheet.state != "visible")
        if sheet.state != "visible":
            yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": sheet.state}))
        yield from gathered(sheet, spot, (*source.context, sheet.name), budget)
    whole = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from texts(whole, [sheet.name for sheet in sheets], source.context)
    yield from texts(whole, book.strings.spare, source.context, hidden=True)
    seen = {text for s in sheets for row in s.rows.values() for text in row.values()}
    for name in package.names:
        if _RECORDS.fullmatch(name):
            spare = [text for text in strings(package.read(name)) if text not in seen]
            yield from texts(whole, spare, source.context, hidden=True)
    yield from package.rest()


def _worksheets(book: _Book, relations: Relations) -> Iterator[tuple[Sheet, str, str]]:
    """(sheet, what its part is, the part), with those that the workbook does not name."""
    left = dict(relations)
    for sheet, relation in book.sheets:
        yield sheet, *left.pop(relation, ("", ""))
    for kind, target in left.values():
        if kind == "worksheet":
            yield Sheet("", "hidden"), kind, target


def _records(data: bytes, budget: Budget) -> Iterator[tuple[int, bytes]]:
    """(kind, octets); both the kind and the size come in sevens of bits ([MS-XLSB] 2.1.4)."""
    at, end = 0, len(data)
    while at < end:
        budget.time()
        kind, size = data[at], data[at + 1]
        if kind < 0x80 and size < 0x80:  # as of nearly all
            at += 2
        else:
            kind, at = _sevens(data, at, 2)
            size, at = _sevens(data, at, 4)
        if at + size > end:
            raise IndexError
        yield kind, data[at : at + size]
        at += size


def _sevens(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        octet = data[at]
        value |= (octet & 0x7F) << 7 * place
        at += 1
        if octet < 0x80:
            break
    return value, at


def _text(body: bytes, at: int) -> tuple[str, int]:
    """(an XLWideString, where it ends)."""
    (count,) = struct.unpack_from("<L", body, at)
    end = at + 4 + 2 * (count if count != 0xFFFFFFFF else 0)
    if end > len(body):
        raise IndexError
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _book(package: Package, main: str, budget: Budget) -> _Book:
    book = _Book()
    for kind, body in _records(package.octets(main), budget):
        if kind == _BUNDLE:
            (state,) = struct.unpack_from("<L", body)
            relation, end = _text(body, 8)
            sheet = Sheet(_text(body, end)[0], _STATES[min(state, 2)])
            book.sheets.append((sheet, relation))
        elif kind in (_ITSELF, _SAME, *_OTHER):
            book.own.append(kind in (_ITSELF, _SAME))
        elif kind == _THERE:
            rest = body[4:]
            book.there = [*struct.iter_unpack("<Lll", rest[: len(rest) // 12 * 12])]
    for part, target in package.relations(main).values():
        if part == "styles":
            book.formats = _formats(package.octets(target), budget)
        elif part == "sharedStrings":
            shared = _records(package.octets(target), budget)
            book.strings = Strings([_text(body, 1)[0] for kind, body in shared if kind == _ITEM])
    return book


def _formats(data: bytes, budget: Budget) -> list[str]:
    custom: dict[int, str] = {}
    formats, inside = [], False
    for kind, body in _records(data, budget):
        if kind == _FORMAT:
            custom[int.from_bytes(body[:2], "little")] = _text(body, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            inside = kind == _STYLES
        elif kind == _STYLE and inside:
            formats.append(code_of(int.from_bytes(body[2:4], "little"), custom))
    return formats


class _Cells:
    """Puts the records of one part into its sheet."""

    def __init__(self, book: _Book, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self._row = self._column = 0

    def take(self, data: bytes, budget: Budget) -> None:
        for kind, body in _records(data, budget):
            if kind == _ROW:
                self._row, self._column = struct.unpack_from("<L", body)[0] + 1, 0
                if body[11:12] and body[11] & 0x10:
                    self._sheet.hidden_rows.add(self._row)
            elif kind <= _LAST_CELL or kind == _RICH:
                column, style = struct.unpack_from("<LL", body)
                self._cell(kind, column + 1, style, body[8:])
            elif _SHORT <= kind <= _LAST_SHORT:
                (style,) = struct.unpack_from("<L", body)
                self._cell(_SHORTER.get(kind, kind), self._column + 1, style, body[4:])
            elif kind == _COLUMNS:
                first, last, width, _, options = struct.unpack_from("<4LH", body)
                if options & 1 or not width:
                    self._sheet.hidden_columns.hide(first + 1, last + 1)

    def _cell(self, kind: int, column: int, style: int, value: bytes) -> None:
        self._column = column
        if kind == _SHARED:
            self._put(self._book.strings.at(str(*struct.unpack_from("<L", value))))
        elif kind in (_TEXT, _RICH):
            self._put(_text(value, kind == _RICH)[0])
        elif kind == _FORMULA_TEXT:
            text, end = _text(value, 0)
            self._put(text)
            if not text:
                self._leave(value, end)
        elif kind == _RK:
            self._number(style, rk(*struct.unpack_from("<L", value)))
        elif kind in (_REAL, _FORMULA):
            if kind == _REAL or not self._leave(value, 8):
                self._number(style, *struct.unpack_from("<d", value))

    def _leave(self, value: bytes, at: int) -> bool:
        """Whether the result can only be letters and is none: the formula is worked out later."""
        (size,) = struct.unpack_from("<L", value, at + 2)
        if formula := joining_wide(value[at + 6 : at + 6 + size], self._book.name):
            self._sheet.left[self._row, self._column] = Formula(formula)
        return bool(formula)

    def _number(self, style: int, number: float) -> None:
        style &= 0xFFFFFF  # the octet above tells of phonetic letters
        code = self._book.formats[style] if style < len(self._book.formats) else "General"
        text, lost = shown(repr(number).removesuffix(".0"), code)
        self._put(text)
        if lost and may_lack_zeros(text):
            self._sheet.numeric.add((self._row, self._column))

    def _put(self, text: str) -> None:
        if self._row <= ROWS and self._column <= LAST_COLUMN:
            self._sheet.put(self._row, self._column, text)
