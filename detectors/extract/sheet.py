"""One worksheet, streamed through expat: 30,000 rows without a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pyexpat import ExpatError, ParserCreate
from typing import NoReturn

from detectors.budget import Budget
from detectors.extract.cellformat import shown
from detectors.extract.reading import Refused

ROWS, COLUMNS = 1 << 20, 1 << 14
_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_FONT = re.compile(r'&"[^"]*"|&[A-Z]')
_SPOKEN = ("prompt", "promptTitle", "error", "errorTitle", "tooltip", "display", "location")
_PADDING = 8
"""Octets that a cell costs, an empty one left of a used one too."""


@dataclass(slots=True)
class Grid:
    """What stands in a worksheet; rows and columns counted from 1."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    numeric: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    formulas: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """Headers and footers, prompts, tooltips of links."""

    def dense(self, budget: Budget) -> tuple[list[list[str]], int, int]:
        """(rows, first row, first column), paying for the empty cells in between."""
        if not self.rows:
            return [], 1, 1
        first_row, last_row = min(self.rows), max(self.rows)
        first = min(min(row) for row in self.rows.values())
        widths = {number: max(row) - first + 1 for number, row in self.rows.items()}
        budget.take((last_row - first_row + sum(widths.values())) * _PADDING)
        dense = []
        for number in range(first_row, last_row + 1):
            row = self.rows.get(number, {})
            dense.append([row.get(first + at, "") for at in range(widths.get(number, 0))])
        return dense, first_row, first


def read(data: bytes, strings: list[str], formats: list[str], budget: Budget) -> Grid:
    """The cells of a worksheet part. Raises Refused: "xml_doctype", "corrupt"."""
    return _Reader(strings, formats, budget).feed(data)


class _Reader:
    def __init__(self, strings: list[str], formats: list[str], budget: Budget) -> None:
        self._strings, self._formats, self._budget = strings, formats, budget
        self._grid = Grid()
        self._row = self._column = 0
        self._type = self._format = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._in_data = False

    def feed(self, data: bytes) -> Grid:
        parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _doctype
        try:
            parser.Parse(data, True)
        except ExpatError:
            raise Refused("corrupt", type="xml") from None
        return self._grid

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._open_cell(attributes)
        elif name in ("v", "t") and self._in_data:
            self._into = self._value
        elif name == "f" and self._in_data:
            self._into = self._formula
        elif name == "row":
            self._open_row(attributes)
        elif name == "col":
            self._hide_columns(attributes)
        elif name == "sheetData":
            self._in_data = True
        else:
            if name == "rPh":
                self._into = None
            self._grid.words += [attributes[key] for key in _SPOKEN if attributes.get(key)]

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._close_cell()
        elif name == "sheetData":
            self._in_data = False
        if name in ("v", "t", "f"):
            self._into = None

    def _text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)
        elif not self._in_data and text.strip():
            self._grid.words.append(_FONT.sub(" ", text))

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._budget.time()
        self._row = _bounded(attributes.get("r"), self._row + 1, ROWS)
        self._column = 0
        if attributes.get("hidden") in ("1", "true") or attributes.get("ht") == "0":
            self._grid.hidden_rows.add(self._row)

    def _hide_columns(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true") or attributes.get("width") == "0":
            first = _bounded(attributes.get("min"), 1, COLUMNS)
            last = _bounded(attributes.get("max"), first, COLUMNS)
            self._grid.hidden_columns.update(range(first, last + 1))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        if found := _CELL.fullmatch(attributes.get("r", "")):
            self._column = _bounded(str(_number(found[1])), 1, COLUMNS)
            self._row = _bounded(found[2], 1, ROWS)
        else:
            self._column = min(self._column + 1, COLUMNS)
        style = attributes.get("s", "")
        at = int(style) if style.isdigit() else 0
        self._format = self._formats[at] if at < len(self._formats) else "General"
        self._type = attributes.get("t", "n")
        self._value.clear()
        self._formula.clear()

    def _close_cell(self) -> None:
        if self._formula:
            self._grid.formulas.append("".join(self._formula))
        value = "".join(self._value)
        if not value:
            return
        if self._type == "s":
            at = int(value) if value.strip().isdigit() else -1
            value = self._strings[at] if 0 <= at < len(self._strings) else ""
        elif self._type == "n":
            value, lost = shown(value.strip(), self._format)
            if lost:
                self._grid.numeric.add((self._row, self._column))
        if value:
            self._grid.rows.setdefault(self._row, {})[self._column] = value


def _doctype(*_: object) -> NoReturn:
    raise Refused("xml_doctype")


def _bounded(text: str | None, default: int, most: int) -> int:
    number = int(text) if text and text.isdigit() and len(text) < 9 else default
    if not 1 <= number <= most:
        raise Refused("corrupt", type="xlsx")
    return number


@lru_cache(maxsize=1_024)
def _number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
