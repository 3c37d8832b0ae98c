"""Formulas of old workbooks as one writes them ([MS-XLS] 2.2.2), those that join letters.

Excel keeps the result beside each; a program that writes xls often does not, and leaves a zero
where only letters can be the result. Of all other formulas nothing is told.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from detectors.extract.excel.biffstrings import Codec, text_at
from detectors.places import column_letter

_CONCAT, _PAREN, _MISSING, _STRING, _ATTRIBUTE, _BOOL, _INT, _NUMBER = (
    0x08, 0x15, 0x16, 0x17, 0x19, 0x1D, 0x1E, 0x1F
)  # fmt: skip
_FUNCTION, _VARIADIC, _CELL, _AREA, _CELL_THERE, _AREA_THERE = 0x21, 0x22, 0x24, 0x25, 0x3A, 0x3B
_CHOICE = 0x04
# Number → name and how many arguments, 0 where the formula says it ([MS-XLS] 2.5.198.17).
_FUNCTIONS = {
    31: ("MID", 3),
    33: ("VALUE", 1),
    48: ("TEXT", 2),
    115: ("LEFT", 0),
    116: ("RIGHT", 0),
    118: ("TRIM", 1),
    130: ("T", 1),
    162: ("CLEAN", 1),
    214: ("ASC", 1),
    215: ("DBCS", 1),
    336: ("CONCATENATE", 0),
}
_LETTERS = frozenset(name for name, _ in _FUNCTIONS.values()) - {"VALUE"}


def joining(tokens: bytes, name: Callable[[int], str]) -> str:
    """The formula where its result can only be letters, "" of all others and of what is damaged.
    `name` knows the sheets that references count."""
    return _joined(_Reader(tokens, name))


def joining_wide(tokens: bytes, name: Callable[[int], str]) -> str:
    """As `joining`, of a formula of an xlsb."""
    return _joined(_Wide(tokens, name))


def _joined(reader: _Reader) -> str:
    try:
        while reader.at < len(reader.tokens):
            reader.take()
    except (_Other, struct.error, IndexError):
        return ""
    return reader.stack[0] if len(reader.stack) == 1 and reader.letters else ""


class _Other(Exception):
    """Something that keeps or joins no letters."""


class _Reader:
    row = "H"
    """Form of the number of a row."""

    def __init__(self, tokens: bytes, name: Callable[[int], str]) -> None:
        self.tokens, self._name = tokens, name
        self.at = 0
        self.stack: list[str] = []
        self.letters = False
        """What was said last can only be letters."""

    def take(self) -> None:
        kind = self._octets("<B")[0]
        if kind >= 0x40:  # the same, as a value or as an array
            kind = (kind & 0x1F) | 0x20
        was, self.letters = self.letters, False
        if kind == _CONCAT:
            behind, before = self.stack.pop(), self.stack.pop()
            self._say(f"{before}&{behind}", letters=True)
        elif kind == _PAREN:
            self._say(f"({self.stack.pop()})", letters=was)
        elif kind == _STRING:
            self._string()
        elif kind == _ATTRIBUTE:
            self._attribute()
            self.letters = was
        elif kind in (_FUNCTION, _VARIADIC):
            self._call(kind)
        elif kind in (_CELL, _AREA, _CELL_THERE, _AREA_THERE):
            self._reference(kind)
        elif kind == _MISSING:
            self._say("")
        elif kind in (_INT, _BOOL):
            self._say(str(self._octets("<H" if kind == _INT else "<B")[0]))
        elif kind == _NUMBER:
            self._say(repr(self._octets("<d")[0]).removesuffix(".0"))
        else:
            raise _Other

    def _octets(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self.tokens, self.at)
        self.at += struct.calcsize(form)
        return found

    def _say(self, text: str, *, letters: bool = False) -> None:
        if len(text) > 8_192:  # characters of a formula, as in Excel
            raise _Other
        self.stack.append(text)
        self.letters = letters

    def _string(self) -> None:
        text = text_at(self.tokens, self.at, "<B", Codec())
        count, flags = self._octets("<BB")
        self.at += count * (1 + (flags & 1))
        self._say('"' + text.replace('"', '""') + '"', letters=True)

    def _attribute(self) -> None:
        kind, data = self._octets("<BH")
        if kind & _CHOICE:
            raise _Other

    def _call(self, kind: int) -> None:
        count = self._octets("<B")[0] & 0x7F if kind == _VARIADIC else 0
        name, fixed = _FUNCTIONS.get(self._octets("<H")[0], ("", 0))
        count = count if kind == _VARIADIC else fixed
        if not name or not count or count > len(self.stack):
            raise _Other
        given = self.stack[-count:]
        del self.stack[-count:]
        self._say(f"{name}({','.join(given)})", letters=name in _LETTERS)

    def _reference(self, kind: int) -> None:
        there = ""
        if kind in (_CELL_THERE, _AREA_THERE):
            name = self._name(self._octets("<H")[0])
            there = "'" + name.replace("'", "''") + "'!"
        if kind in (_CELL, _CELL_THERE):
            self._say(there + _cell(*self._octets(f"<{self.row}H")))
        else:
            top, bottom, left, right = self._octets(f"<2{self.row}2H")
            self._say(f"{there}{_cell(top, left)}:{_cell(bottom, right)}")


class _Wide(_Reader):
    """Of an xlsb, whose sheets have a million rows ([MS-XLSB] 2.2.2)."""

    row = "L"

    def _string(self) -> None:
        (count,) = self._octets("<H")
        text = self.tokens[self.at : self.at + 2 * count].decode("utf-16-le", "replace")
        self.at += 2 * count
        self._say('"' + text.replace('"', '""') + '"', letters=True)


def _cell(row: int, column: int) -> str:
    return f"{column_letter((column & 0x3FFF) + 1)}{row + 1}"
