"""The cells of a worksheet as nearly every program writes them, read by one expression.

A parser that calls back for each of 750,000 tags takes seven times as long as a library in Rust
that reads values only; one compiled expression takes about twice. It is used only where it
accounts for every tag there is: where it meets another, `usual` gives None and expat reads all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from detectors.budget import Budget
from detectors.extract.excel.cellformat import pads, shown
from detectors.extract.excel.formulas import Formula
from detectors.extract.markup import letters_of
from detectors.places import column_number

_MORE = r'(?: [A-Za-z:]+="[^"<]*")*'
_TOKEN = re.compile(
    r'<c r="([A-Z]{1,3}+)([0-9]{1,7}+)"(?: s="([0-9]++)")?+(?: t="([A-Za-z]++)")?+'
    r"(?:><v>([^<]*+)</v></c>"  # what nearly all cells are, first
    rf"|{_MORE}(?:/>|>(?:<f([^<>/]*+)(?:/>|>([^<]*)</f>))?"
    rf"(?:(?:<v{_MORE}>|<is><t{_MORE}>)([^<]*)(?:</v>|</t></is>)|<v/>)?</c>))(?:</row>)?+"
    r'|<row r="([0-9]{1,7})"([^<>]*)>'
    r"|</row>|(<)"  # any other tag
)
_HIDDEN = re.compile(r' (?:hidden="(?:1|true)"|ht="0(?:\.[0-9]+)?")')
_LITERAL = re.compile(r'"[^"]*[0-9]{2}[^"]*"|[0-9]{7}')
"""What makes a formula worth reading: a text or a number of its own, and no address of a cell."""
_SHARED = re.compile(r'\bsi="([0-9]{1,9})"')
_JOINED = re.compile(r'"\s*&\s*"')
_FRACTION = re.compile(r"[0-9]+\.[0-9]*[1-9]")
_BLOCK = 1 << 14
"""Characters taken at once: the matches of a whole sheet would be ten times its size, and the
collector of garbage would look at all of them again and again."""
_SLOT = 8
"""Octets that a cell costs, an empty one left of a used one too."""
_LACKING = range(8, 13)
"""Digits of a number stored as a number whose leading zeros may be worth putting back."""


@dataclass(slots=True)
class Strings:
    """The strings that cells share, by index, and which of them some cell shows."""

    texts: list[str] = field(default_factory=list)
    used: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.used = bytearray(len(self.texts))

    def at(self, index: str) -> str:
        """The string that a cell names, "" where there is none."""
        number = int(index) if index.isascii() and index.isdigit() and len(index) < 10 else -1
        if not 0 <= number < len(self.texts):
            return ""
        self.used[number] = 1
        return self.texts[number]

    @property
    def spare(self) -> list[str]:
        """Strings that no cell shows: what stood there before, or was put there on purpose."""
        return [text for text, used in zip(self.texts, self.used, strict=True) if not used]


@dataclass(slots=True)
class Cells:
    """Rows of a sheet, the first of them `first_row`, each from column `first_column` on."""

    rows: list[list[str]] = field(default_factory=list)
    first_row: int = 1
    first_column: int = 1
    numeric: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    formulas: list[str] = field(default_factory=list)
    left: dict[tuple[int, int], Formula] = field(default_factory=dict)
    """Formulas whose result the program left to Excel (`formulas.settle`)."""

    def text(self, row: int, column: int) -> str:
        row, column = row - self.first_row, column - self.first_column
        found = self.rows[row] if 0 <= row < len(self.rows) else _NOTHING
        return found[column] if 0 <= column < len(found) else ""

    def put(self, row: int, column: int, text: str) -> None:
        """In the place of a formula: what it says by itself, where its result is not known."""
        if self.text(row, column) == LEFT:  # a damaged sheet may say something else behind it
            text = text or told(self.left[row, column].text)
            self.rows[row - self.first_row][column - self.first_column] = text


def told(formula: str) -> str:
    """A formula that says something by itself, the pieces of its text joined; "" of others.

    >>> told('"1234"&"5678"'), told("SUM(A1:A9)")
    ('"12345678"', '')
    """
    return _JOINED.sub("", formula) if _LITERAL.search(formula) else ""


class Shared:
    """Formulas of which a sheet writes each once, and of all other cells only its number."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, int, str]] = {}

    def of(self, row: int, column: int, text: str, number: str) -> Formula | None:
        """The formula of a cell that has `text`, or else the shared one with `number`."""
        if text:
            self._first.setdefault(number, (row, column, text))
            return Formula(text)
        if number not in self._first:
            return None
        first_row, first_column, text = self._first[number]
        return Formula(text, row - first_row, column - first_column)


def may_lack_zeros(digits: str) -> bool:
    return len(digits) in _LACKING


def usual(data: str, strings: Strings, formats: list[str], budget: Budget) -> Cells | None:
    """The cells of what stands between <sheetData> and its end; None where it is unusual."""
    reader = _Reader(strings, formats, budget)
    at = 0
    while at < len(data):
        budget.time()
        cut = data.find("</row>", at + _BLOCK)
        end = len(data) if cut < 0 else cut + len("</row>")
        if not reader.take(_TOKEN.findall(data, at, end)):
            return None
        at = end
    return reader.close()


class _Columns(dict[str, int]):
    """Column letters → number, worked out once."""

    def __missing__(self, letters: str) -> int:
        self[letters] = number = column_number(letters)
        return number


COLUMNS = _Columns()
ROWS, LAST_COLUMN = 1 << 20, 1 << 14
_NOTHING: list[str] = []
LEFT = "="
"""Stands in a cell until its formula is settled."""
_KNOWN = 4_096
"""Numbers of one style whose text is kept: dates repeat."""
_Token = tuple[str, str, str, str, str, str, str, str, str, str, str]


class _Reader:
    def __init__(self, strings: Strings, formats: list[str], budget: Budget) -> None:
        self._cells = Cells()
        self._strings, self._budget = strings, budget
        self._formats = formats or ["General"]
        self._plain = {str(at) for at, code in enumerate(self._formats) if not pads(code)}
        if "0" in self._plain:
            self._plain.add("")  # a cell without a style has the first
        self._known: dict[str, dict[str, tuple[str, bool]]] = {}
        self._shared = Shared()
        self._row: list[str] = []
        self._number = ""

    def take(self, found: list[_Token]) -> bool:
        """Whether the cells stand in their order, row by row, and mean something."""
        try:
            return self._take(found)
        except (ValueError, IndexError):  # a string that is not there
            return False

    def _take(self, found: list[_Token]) -> bool:
        # The one loop that runs for every cell: what is usual stands inline and first.
        row, number, plain = self._row, self._number, self._plain
        texts, used = self._strings.texts, self._strings.used
        for (
            letters, of_row, style, kind, value, about, formula, other, opened, attributes, odd
        ) in found:  # fmt: skip
            if opened:
                if not self._open(opened, attributes):
                    return False
                row, number = self._row, opened
                continue
            if of_row != number or odd:
                if odd or letters:
                    return False
                continue  # the end of a row
            if not value:
                if other:
                    value = other
                    if formula and (formula := told(unescape(formula))):
                        self._cells.formulas.append(formula)
                elif (formula or about) and self._leave(int(number), letters, formula, about):
                    value, kind = LEFT, "str"
                else:
                    continue
            column = COLUMNS[letters]
            if column != len(row) + 1 and not self._pad(row, column):
                return False
            if kind == "s":
                at = int(value)
                row.append(texts[at])
                used[at] = 1
            elif kind and kind != "n":
                row.append(said(value) if "&" in value or "_x" in value else value)
            elif style in plain and value.isdigit():
                row.append(value)
                if 7 < len(value) < 13:
                    self._cells.numeric.add((int(number), column))
            elif style in plain and "." in value and _FRACTION.fullmatch(value):
                row.append(value)
            else:
                row.append(self._shown(value, style, column))
        return True

    def _leave(self, row: int, letters: str, formula: str, about: str) -> bool:
        """Whether the cell has a formula of which the program leaves the result to Excel."""
        number = found[1] if (found := _SHARED.search(about)) else ""
        left = self._shared.of(row, COLUMNS[letters], unescape(formula), number)
        if left:
            self._cells.left[row, COLUMNS[letters]] = left
        return left is not None

    def _shown(self, value: str, style: str, column: int) -> str:
        known = self._known.setdefault(style, {})
        value = unescape(value).strip() if "&" in value else value.strip()
        if value not in known:
            if len(known) > _KNOWN:
                known.clear()
            at = int(style or 0)
            code = self._formats[at] if at < len(self._formats) else "General"
            known[value] = shown(value, code)
        text, lost = known[value]
        if lost and may_lack_zeros(text):
            self._cells.numeric.add((int(self._number), column))
        return text

    def close(self) -> Cells:
        """Without the empty rows and columns around what is there."""
        cells = self._cells
        while cells.rows and not cells.rows[-1]:
            cells.rows.pop()
        used = [at for at, row in enumerate(cells.rows) if row]
        if used:
            cells.rows = cells.rows[used[0] :]
            cells.first_row += used[0]
            empty = _leading(cells.rows)
            cells.first_column += empty
            cells.rows = [row[empty:] for row in cells.rows] if empty else cells.rows
        last = cells.first_row + len(cells.rows)
        cells.hidden_rows = {
            number
            for number in cells.hidden_rows
            if cells.first_row <= number < last and cells.rows[number - cells.first_row]
        }
        return cells

    def _open(self, text: str, attributes: str) -> bool:
        cells, number = self._cells, int(text)
        if not cells.rows:
            cells.first_row = number
        missing = number - cells.first_row - len(cells.rows)
        if missing < 0 or not 0 < number <= ROWS:
            return False
        if missing:
            self._budget.take(missing * _SLOT)
            cells.rows.extend([_NOTHING] * missing)
        self._row, self._number = [], text
        cells.rows.append(self._row)
        if ("hidden" in attributes or ' ht="0' in attributes) and _HIDDEN.search(attributes):
            cells.hidden_rows.add(number)
        return True

    def _pad(self, row: list[str], column: int) -> bool:
        missing = column - len(row) - 1
        if missing < 0 or column > LAST_COLUMN:
            return False
        self._budget.take(missing * _SLOT)
        row.extend([""] * missing)
        return True


def _leading(rows: list[list[str]]) -> int:
    """Columns that are empty in every row."""
    least = LAST_COLUMN
    for row in rows:
        if row:
            least = min(least, next((at for at, cell in enumerate(row) if cell), least))
            if not least:
                break
    return least


def said(text: str) -> str:
    """The text of an element, its references undone, and Excel's own: _x0031_ is a 1."""
    if "&" in text:
        text = unescape(text)
    return letters_of(text)
