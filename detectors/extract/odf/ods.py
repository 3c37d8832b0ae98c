"""Sheets of OpenDocument: cells as they are shown, where that says no less than their value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from detectors.budget import Budget
from detectors.extract.colours import WHITE
from detectors.extract.excel.cellrows import LAST_COLUMN, ROWS, may_lack_zeros, told
from detectors.extract.excel.formulas import Formula, settle
from detectors.extract.excel.scattered import Sheet, gathered
from detectors.extract.excel.unseen import notes
from detectors.extract.markup import attribute, local
from detectors.extract.odf.looks import Looks
from detectors.extract.odf.paragraphs import Telling
from detectors.extract.odf.unseen import how
from detectors.extract.package import texts
from detectors.extract.reading import Refused, within
from detectors.places import column_letter
from detectors.report import Reason
from detectors.surface import Note, Source, Surface, Text

_CELLS = ("table-cell", "covered-table-cell")
_VALUES = ("string-value", "value", "date-value", "time-value", "boolean-value")
_HIDDEN = ("collapse", "filter")
_DIFFERENT = re.compile(
    r"\"[^\"]*\"|\[(?P<sheet>\$?(?:'(?:[^']|'')*'|[^\[\]'.:]*))"
    r"\.(?P<from>[$A-Z0-9]+)(?::\.(?P<to>[$A-Z0-9]+))?\]|;"
)
"""Strings, references, separators: what OpenDocument writes otherwise than Excel, and what it does
not change."""
_MOST_REPEATED = 1_000
"""Rows that are told of those that repeat one; the others say nothing more."""


def read(
    table: etree._Element, telling: Telling, looks: Looks, source: Source, budget: Budget
) -> Iterator[Surface]:
    """One sheet: its cells, then comments and drawings on it."""
    name = attribute(table, "name")
    hidden = telling.styles.hide(table)
    spot = within(source.spot, name, hidden=hidden)
    if hidden:
        yield Note(spot, "hidden_sheet", Reason("hidden_sheet", {"state": "hidden"}))
    reader = _Reader(Sheet(name), telling, looks, budget)
    reader.take(table)
    sheet = reader.sheet
    _settle(sheet, budget)
    context = (*source.context, name)
    yield from gathered(sheet, spot, context, budget)
    yield from texts(replace(spot, unit=""), reader.formulas, context, hidden=True)
    yield from texts(replace(spot, unit=""), sheet.words, context)
    conditions = next(table.iter("{*}conditional-format"), None) is not None
    yield from notes(sheet.unseen, spot, conditions=conditions)
    for cell, text in sheet.comments:
        yield Text(replace(spot, unit=f"cell:{cell}"), text, context)


def _settle(sheet: Sheet, budget: Budget) -> None:
    """Of formulas without a result: what it is, and where that is not known, what they say by
    themselves."""
    settle(sheet, lambda name: sheet if name.lower() == sheet.name.lower() else None, budget)
    for (row, column), formula in sheet.left.items():
        if not sheet.text(row, column):
            sheet.put(row, column, told(formula.text))


@dataclass(slots=True)
class _Reader:
    sheet: Sheet
    telling: Telling
    looks: Looks
    budget: Budget
    formulas: list[str] = field(default_factory=list)
    """Those that say something beside their result."""
    _hiding: dict[str, str] = field(default_factory=dict)
    _usual: dict[int, str] = field(default_factory=dict)
    """Column → the style of cells that have none, where that hides them."""
    row: int = 1
    column: int = 1

    def take(self, element: etree._Element, hidden: bool = False) -> None:
        """Rows and columns, in groups or not; anything else stands around the cells."""
        for child in element:
            name = local(child)
            if name == "table-row":
                self._take_row(child, hidden)
            elif name == "table-column":
                self._take_column(child, hidden)
            elif name.startswith(("table-row", "table-column", "table-header")):
                self.take(child, hidden or attribute(child, "display") == "false")
            else:
                self.sheet.words.append(self.telling.lines(child))

    def _take_column(self, element: etree._Element, hidden: bool) -> None:
        count = _repeated(attribute(element, "number-columns-repeated"), LAST_COLUMN)
        if hidden or attribute(element, "visibility") in _HIDDEN:
            self.sheet.hidden_columns.hide(self.column, self.column + count - 1)
        style = attribute(element, "default-cell-style-name")
        if self._how(style):
            last = min(self.column + count, LAST_COLUMN + 1)
            self._usual |= dict.fromkeys(range(self.column, last), style)
        self.column += count

    def _how(self, style: str) -> str:
        """How a style hides cells, "" where it does not; cells are white unless they say."""
        if style not in self._hiding:
            look = self.looks.named("table-cell", style)
            self._hiding[style] = how(look._replace(ground=look.ground or WHITE), self.looks)
        return self._hiding[style]

    def _take_row(self, element: etree._Element, hidden: bool) -> None:
        self.budget.time()
        cells: dict[int, str] = {}
        column = 1
        for cell in element:
            if local(cell) in _CELLS:
                column = self._take_cell(cell, column, cells)
        count = _repeated(attribute(element, "number-rows-repeated"), ROWS)
        for row in range(self.row, self.row + min(count, _MOST_REPEATED) if cells else self.row):
            self.sheet.rows[row] = cells
            if hidden or attribute(element, "visibility") in _HIDDEN:
                self.sheet.hidden_rows.add(row)
        self.row += count

    def _take_cell(self, cell: etree._Element, column: int, cells: dict[int, str]) -> int:
        """The column behind it."""
        own = {str(key).rpartition("}")[2]: str(value) for key, value in cell.attrib.items()}
        count = _repeated(own.get("number-columns-repeated", ""), LAST_COLUMN)
        shown = self._shown(cell, column) if len(cell) else ""
        text, formula = _text(shown, own), own.get("formula", "")
        if formula and not text:
            self.sheet.left[self.row, column] = Formula(_as_excel(formula))
        elif formula := told(formula):
            self.formulas.append(formula)
        if text:
            self.budget.take(count)
            cells.update(dict.fromkeys(range(column, column + count), text))
            if own.get("value-type") == "float" and may_lack_zeros(text):
                self.sheet.numeric.add((self.row, column))
            code = self._how(own.get("style-name") or self._usual.get(column, ""))
            if code and any(letter.isalnum() for letter in text):
                self.sheet.unseen.setdefault(code, []).append((self.row, column))
        if own:  # what is told here is not told again by the sweep of attributes
            cell.attrib.clear()
        return column + count

    def _shown(self, cell: etree._Element, column: int) -> str:
        """The text of a cell; a comment on it is kept apart."""
        if len(cell) == 1 and not len(cell[0]) and local(cell[0]) == "p" and not cell[0].attrib:
            return cell[0].text or ""  # what nearly all cells are
        for note in [child for child in cell if local(child) == "annotation"]:
            place = f"{column_letter(column)}{self.row}"
            self.sheet.comments.append((place, self.telling.lines(note)))
            cell.remove(note)
        return self.telling.lines(cell)


def _as_excel(formula: str) -> str:
    """A formula of OpenDocument (part 4) with the references and separators of Excel.

    >>> _as_excel('of:=CONCATENATE([.A2:.B2];[$Sheet2.C3];";")')
    'CONCATENATE(A2:B2,Sheet2!C3,";")'
    """
    return _DIFFERENT.sub(_alike, formula.partition("=")[2])


def _alike(found: re.Match[str]) -> str:
    if found[0] == ";":
        return ","
    if not found["from"]:
        return found[0]
    sheet = found["sheet"].lstrip("$")
    return f"{sheet}!" * bool(sheet) + found["from"] + f":{found['to']}" * bool(found["to"])


def _text(shown: str, own: dict[str, str]) -> str:
    if shown and own.get("value-type") != "float":
        return shown
    value = next((own[name] for name in _VALUES if own.get(name)), "")
    # 1.2E+11 and 123,456 say less than the value, 0123 says more.
    digits = len(shown) if shown.isdigit() else sum(map(str.isdigit, shown))
    return shown if shown and "E" not in shown and digits >= len(value) else value


def _repeated(text: str, most: int) -> int:
    if not text:
        return 1
    if not (text.isdigit() and len(text) < 9 and 0 < int(text) <= most):
        raise Refused("corrupt", type="ods")
    return int(text)
