"""One worksheet: its cells, what is hidden of it, and the words around the cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate
from typing import NoReturn

from detectors.budget import Budget
from detectors.extract.excel import cellrows
from detectors.extract.excel.cellformat import shown
from detectors.extract.excel.cellrows import COLUMNS, LAST_COLUMN, ROWS, Cells, Strings
from detectors.extract.excel.scattered import HiddenColumns, dense
from detectors.extract.markup import letters_of
from detectors.extract.reading import Refused
from detectors.places import column_letter

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_FEW = re.compile(r"[0-9]{1,5}")
_FONT = re.compile(r'&"[^"]*"|&[A-Z]')
_NUMBER = re.compile(r"(?:\d\D{0,2}){11}\d")
_SPOKEN = frozenset(
    "prompt promptTitle error errorTitle tooltip display location text name".split()
)
_ABOUT_CELLS = frozenset(("autoFilter", "filterColumn", "dataValidation", "conditionalFormatting"))
_FOREIGN = re.compile(r"<\?xml [^>]*encoding=[\"'](?!utf-?8[\"'])", re.IGNORECASE)


@dataclass(slots=True)
class Grid:
    """What stands in a worksheet; rows and columns counted from 1."""

    cells: Cells = field(default_factory=Cells)
    hidden_columns: HiddenColumns = field(default_factory=HiddenColumns)
    words: list[str] = field(default_factory=list)
    """Headers and footers, prompts, tooltips of links."""
    columns: list[tuple[int, int, list[str]]] = field(default_factory=list)
    """Row and column of the first cell for which filters, validations and conditional formats have
    words with a number in them, and these words."""


def read(data: bytes, strings: Strings, formats: list[str], budget: Budget) -> Grid:
    """The cells of a worksheet part. Raises Refused: "xml_doctype", "corrupt"."""
    if cut := _cut(data):
        around, inside = cut
        if cells := cellrows.usual(inside, strings, formats, budget):
            grid = _Reader(strings, formats, budget).feed(around)
            grid.cells = cells
            return grid
    return _Reader(strings, formats, budget).feed(data)


def _cut(data: bytes) -> tuple[bytes, str] | None:
    """(the part without its cells, its cells), where nothing in it could mean another thing."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    start, end = text.find("<sheetData>"), text.rfind("</sheetData>")
    # A comment, a CDATA section or an instruction could hide a second <sheetData>.
    if not 0 <= start < end or "<!" in text or text.count("<?") > 1 or _FOREIGN.match(text):
        return None
    start += len("<sheetData>")
    return (text[:start] + text[end:]).encode(), text[start:end]


class _Reader:
    """Any worksheet, streamed through expat: seven times slower and never surprised."""

    def __init__(self, strings: Strings, formats: list[str], budget: Budget) -> None:
        self._strings, self._formats, self._budget = strings, formats, budget
        self._grid = Grid()
        self._rows: dict[int, dict[int, str]] = {}
        self._row = self._column = 0
        self._type = self._format = self._number = ""
        self._shared = cellrows.Shared()
        self._value: list[str] = []
        self._formula: list[str] = []
        self._into: list[str] | None = None
        self._filtered = self._about = ""
        self._spoken = 0  # words before what is said about some cells
        self._in_data = False

    def feed(self, data: bytes) -> Grid:
        parser = ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 1 << 16  # the text of a header must come in one piece
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _doctype
        try:
            parser.Parse(data, True)
        except ExpatError:
            raise Refused("corrupt", type="xml") from None
        cells = self._grid.cells
        cells.rows, cells.first_row, cells.first_column = dense(self._rows, self._budget)
        cells.hidden_rows &= self._rows.keys()
        return self._grid

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._open_cell(attributes)
        elif name in ("v", "t") and self._in_data:
            self._into = self._value
        elif name == "f" and self._in_data:
            self._into, self._number = self._formula, attributes.get("si", "")
        elif name == "row":
            self._open_row(attributes)
        elif name == "col":
            self._hide_columns(attributes)
        elif name == "sheetData":
            self._in_data = True
        else:
            if name == "rPh":
                self._into = None
            elif name in _ABOUT_CELLS:
                self._begin(name, attributes)
            self._grid.words += [
                letters_of(value)
                for key, value in attributes.items()
                if value and (key in _SPOKEN or (len(value) > 11 and _NUMBER.search(value)))
            ]

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self._close_cell()
        elif name == "sheetData":
            self._in_data = False
        elif name in _ABOUT_CELLS:
            self._said()
        if name in ("v", "t", "f"):
            self._into = None

    def _text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)
        elif not self._in_data and text.strip():
            self._grid.words.append(letters_of(_FONT.sub(" ", text)))

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        """Of something that is about some cells; a filter counts its columns from its range."""
        if name == "autoFilter":
            self._filtered = attributes.get("ref", "")
        self._about = attributes.get("sqref", "")
        if name == "filterColumn" and (first := _CELL.match(self._filtered)):
            behind = attributes.get("colId", "")
            column = COLUMNS[first[1].upper()] + int(behind if _FEW.fullmatch(behind) else 0)
            self._about = f"{column_letter(column)}{first[2]}"
        self._spoken = len(self._grid.words)

    def _said(self) -> None:
        words = self._grid.words[self._spoken :]
        if any(map(_NUMBER.search, words)):
            # Newer programs say behind it what it is about.
            about = self._about or next((one for one in reversed(words) if _CELL.match(one)), "")
            if first := _CELL.match(about):
                self._grid.columns.append((int(first[2]), COLUMNS[first[1].upper()], words))
        self._spoken = len(self._grid.words)

    def _open_row(self, attributes: dict[str, str]) -> None:
        self._budget.time()
        self._row = _bounded(attributes.get("r"), self._row + 1, ROWS)
        self._column = 0
        if _is_hidden(attributes, "ht"):
            self._grid.cells.hidden_rows.add(self._row)

    def _hide_columns(self, attributes: dict[str, str]) -> None:
        if _is_hidden(attributes, "width"):
            first = _bounded(attributes.get("min"), 1, LAST_COLUMN)
            last = _bounded(attributes.get("max"), first, LAST_COLUMN)
            self._grid.hidden_columns.hide(first, last)

    def _open_cell(self, attributes: dict[str, str]) -> None:
        if found := _CELL.fullmatch(attributes.get("r", "")):
            self._column = _bounded(str(COLUMNS[found[1].upper()]), 1, LAST_COLUMN)
            self._row = _bounded(found[2], 1, ROWS)
        else:
            self._column = min(self._column + 1, LAST_COLUMN)
        style = attributes.get("s", "")
        at = int(style) if style.isdigit() else 0
        self._format = self._formats[at] if at < len(self._formats) else "General"
        self._type = attributes.get("t", "n")
        self._value.clear()
        self._formula.clear()
        self._number = ""

    def _close_cell(self) -> None:
        value, formula = "".join(self._value), "".join(self._formula)
        if value and (said := cellrows.told(formula)):
            self._grid.cells.formulas.append(said)
        elif not value and (formula or self._number):
            value, self._type = self._leave(formula), "str"
        if self._type == "s":
            value = self._strings.at(value.strip())
        elif self._type == "n":
            value, lost = shown(value.strip(), self._format)
            if lost and cellrows.may_lack_zeros(value):
                self._grid.cells.numeric.add((self._row, self._column))
        else:
            value = letters_of(value)
        if value:
            row = self._rows.setdefault(self._row, {})
            if not (value == cellrows.LEFT and row.get(self._column)):
                row[self._column] = value

    def _leave(self, formula: str) -> str:
        """What stands in a cell of which the program leaves the result to Excel."""
        left = self._shared.of(self._row, self._column, formula, self._number)
        if left is None:
            return ""
        self._grid.cells.left[self._row, self._column] = left
        return cellrows.LEFT


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    """Said to be hidden, or less than a point or a letter in size."""
    return attributes.get("hidden") in ("1", "true") or attributes.get(size, "1")[:2] in ("0", "0.")


def _doctype(*_: object) -> NoReturn:
    raise Refused("xml_doctype")


def _bounded(text: str | None, default: int, most: int) -> int:
    number = int(text) if text and text.isdigit() and len(text) < 9 else default
    if not 1 <= number <= most:
        raise Refused("corrupt", type="xlsx")
    return number
