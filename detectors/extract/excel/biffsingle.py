"""Worksheets of Excel 2 to 4 (BIFF2 to BIFF4), which simple programs write to this day.

The records stand in the file as they are, without a compound file around them; all but the
oldest are those of later versions. Strings that no cell holds are swept.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract.excel.biff import records, rk
from detectors.extract.excel.biffstrings import Codec, text_at
from detectors.extract.excel.cellformat import shown
from detectors.extract.excel.cellrows import LAST_COLUMN, may_lack_zeros
from detectors.extract.excel.scattered import Sheet, gathered
from detectors.extract.package import texts
from detectors.extract.reading import Refused
from detectors.extract.strings import strings
from detectors.surface import Source, Spot, Surface

_BOF, _EOF, _CODEPAGE, _FILEPASS = (0x09, 0x209, 0x409), 0x0A, 0x42, 0x2F
_INTEGER, _NUMBER, _LABEL, _FORMULA, _STRING, _RK = 0x02, 0x03, 0x04, 0x06, 0x07, 0x7E
_OLDEST = {
    0x02: (_INTEGER, 7, "<B"), 0x03: (_NUMBER, 7, "<B"), 0x04: (_LABEL, 7, "<B"),
    0x06: (_FORMULA, 7, "<B"), 0x07: (_STRING, 0, "<B"),
}  # fmt: skip
_LATER = {
    0x203: (_NUMBER, 6, "<H"), 0x204: (_LABEL, 6, "<H"), 0x206: (_FORMULA, 6, "<H"),
    0x406: (_FORMULA, 6, "<H"), 0x207: (_STRING, 0, "<H"), 0x27E: (_RK, 6, "<H"),
}  # fmt: skip
_RECORDS = _OLDEST | _LATER
"""Number → what it is, where its value begins, and the form of the length of its letters."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    reader = _Reader()
    try:
        for _, kind, segments in records(source.data, budget):
            reader.take(kind, segments[0])
    except (struct.error, IndexError):
        raise Refused("corrupt", type="xls") from None
    for sheet in reader.sheets:
        yield from gathered(sheet, source.spot, source.context, budget)
    whole = Spot(source.spot.part, source.spot.path, True, "")
    yield from texts(whole, strings(b"\0".join(reader.left)), source.context)
    if reader.open:
        raise Refused("corrupt", type="xls")


class _Reader:
    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.left: list[bytes] = []
        self.open = 0
        """Sheets whose end has not come."""
        self._codec = Codec(wide=False)
        self._formula = (0, 0)

    def take(self, kind: int, body: bytes) -> None:
        if kind in _BOF:
            self.sheets.append(Sheet(""))
            self.open += 1
        elif kind == _EOF:
            self.open = max(self.open - 1, 0)
        elif kind == _FILEPASS:
            raise Refused("encrypted_office")
        elif kind == _CODEPAGE:
            self._codec = Codec(False, int.from_bytes(body[:2], "little"))
        elif kind in _RECORDS and self.open:
            self._cell(*_RECORDS[kind], body)
        elif self.open:  # what stands behind the end is no sheet's
            self.left.append(body)

    def _cell(self, kind: int, at: int, form: str, body: bytes) -> None:
        if kind == _STRING:
            self._put(*self._formula, text_at(body, 0, form, self._codec))
            return
        row, column = struct.unpack_from("<HH", body)
        if kind == _LABEL:
            self._put(row, column, text_at(body, at, form, self._codec))
        elif kind == _INTEGER:
            self._put(row, column, str(*struct.unpack_from("<H", body, at)))
        elif kind == _RK:
            self._number(row, column, rk(*struct.unpack_from("<L", body, at)))
        else:
            self._formula = (row, column)
            self._number(row, column, *struct.unpack_from("<d", body, at))

    def _number(self, row: int, column: int, number: float) -> None:
        if number == number:  # the place of a text is kept by what is no number
            text, lost = shown(repr(number).removesuffix(".0"), "General")
            self._put(row, column, text)
            if lost and may_lack_zeros(text):
                self.sheets[-1].numeric.add((row + 1, column + 1))

    def _put(self, row: int, column: int, text: str) -> None:
        if column < LAST_COLUMN:
            self.sheets[-1].put(row + 1, column + 1, text)
