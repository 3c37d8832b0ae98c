"""Candidates in tables: whole cells, one digit a cell, groups over columns, lost zeros.

Rows and columns are counted as the sheet counts them, from 1. A table without candidates costs
a search over its joined cells; headings are looked at only where there are some.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice

from detectors import grid, prose
from detectors.context.headings import Headings, is_of
from detectors.digits import DIGIT, FOLD, D, S
from detectors.grid import EDGES
from detectors.layout import parted, spread, stacked
from detectors.places import Stand
from detectors.seen import Box, Clue, Field, Seen, marked_serials
from detectors.surface import Table, Text
from detectors.text import Shapes, candidates
from detectors.words import INDIVIDUAL

_FULL = 12
_MOST = 60_000
"""Candidates of one table: more than a mail may have (`Limits.numbers`), so that it is said."""
_SHORTEST = 9
"""Digits a number stored as a number may be left with; four lost zeros are one in 10,000."""

_WRAPPED = re.compile(r"=?\"(.*)\"|'(.*)|(\d+)\.0+", re.DOTALL)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?1[01]")
_TITLE_ROWS = 5

_LONG = re.compile(f"[{D}][{D}{S}eE]{{{_SHORTEST - 2},}}[{D}]")
_GAP = rf"{grid.CELL}(?:\s*+[-－ー―]?\s*+{grid.CELL}){{0,5}}"
"""Between two boxes: their border, and no more than five cells that are empty or hold a dash: the
columns of 方眼紙 are narrow, and a box is two or three of them wide."""


_END = rf"(?:\.0)?\s*+(?=[{EDGES}])"
_MORE = rf"(?:{_GAP}\s*+[{D}]{{%d}}{_END}){{%d,}}+"
_FILLED = re.compile(rf"[{D}]+(?=(?:\.0)?\s*(?:[{EDGES}]|$))")
_ONE = re.compile(rf"[{EDGES}]\s*+[{D}]{_END}")
_BOXES = re.compile(
    rf"[{EDGES}]\s*+[{D}](?:{_END}{_MORE % (1, _FULL - 1)}|[{D}]{{3}}{_END}{_MORE % (4, 2)})"
)


def look(table: Table, shapes: Shapes) -> list[Seen]:
    """All candidates of a table with headers, column by column."""
    if table.telling is not None and not table.telling:
        return []
    rows = table.sifted
    text = grid.joined(rows)
    each = chain(
        _fields(table, rows, text, shapes),
        _across(table, text),
        _down(table, text),
        stacked.look(table, text),
        spread.look(table),
        parted.look(table),
    )
    found = list(islice(each, _MOST))
    if not found:
        return []
    return marked_serials(
        [one for box, one in under_headings(table, found) if _is_believed(table, box, one)]
    )


def under_headings(
    table: Table, found: Sequence[Field], kind: str = INDIVIDUAL
) -> list[tuple[Box, Seen]]:
    """The candidates `found` with their headers, column by column; one of `kind` goes first."""
    headings = Headings(table, {(box.top, box.left) for box, _, _ in found}, kind)
    named: list[tuple[Box, Seen]] = []
    known: dict[object, int] = {}  # a list is one number from here on, which is quickly compared
    block, last = 0, Box(0, 0, 0, 0)
    for box, clue, padded in sorted(found, key=lambda field: (field[0].left, field[0].top)):
        clue, row = headings.name(box, clue)
        if box.left != last.left or box.top > last.bottom + 1:
            block += 1
        last = box
        # In a form every row is named by itself: its numbers are no column of one kind.
        own = (clue.header.kind, clue.header.word) if clue.header and clue.axis == "row" else ()
        keys = (("block", block, own), ("column", box.left, row, own), ("row", box.top))
        lists = tuple([known.setdefault(key, len(known)) for key in keys])
        named.append((box, Seen(clue, box=box, lists=lists, padded=padded)))
    return named


def _is_believed(table: Table, box: Box, one: Seen) -> bool:
    """What had lost its zeros, or is grouped as nobody would, needs more than its digits."""
    if one.padded:
        return (box.top, box.left) in table.numeric or is_of(one.clue.header, INDIVIDUAL)
    return not one.clue.careless or one.clue.before is not None or one.clue.header is not None


def titles(table: Table) -> list[str]:
    """What stands alone in its row at the top."""
    top = [[cell for cell in row if cell] for row in table.rows[:_TITLE_ROWS]]
    return [row[0][:200] for row in top if len(row) == 1]


def hidden(table: Table, box: Box) -> bool:
    """Whether a reader of the table does not see the box."""
    if not (table.hidden_rows or table.hidden_columns):
        return table.spot.hidden
    return (
        table.spot.hidden
        or all(row in table.hidden_rows for row in range(box.top, box.bottom + 1))
        or all(column in table.hidden_columns for column in range(box.left, box.right + 1))
    )


def stand(surface: Text | Table, box: Box | None, line: int) -> Stand:
    """Where a value stands: in `box` of a table, in `line` of a text."""
    spot = surface.spot
    if box and isinstance(surface, Table) and (surface.hidden_rows or surface.hidden_columns):
        return Stand(spot, box, line, hidden(surface, box))
    return Stand(spot, box, line, spot.hidden)


def _fields(
    table: Table, rows: Sequence[Sequence[str]], text: str, shapes: Shapes
) -> Iterator[Field]:
    """Numbers inside of single cells."""
    where = grid.locator(text)
    last = (-1, -1)
    for run in _LONG.finditer(text):
        start, end = run.span()
        marks = text.count("-", start, end) + text.count("/", start, end)
        if end - start - marks < (_FULL if marks else _SHORTEST):
            continue  # a date, a telephone number; only bare digits have lost zeros
        row, column = where(run.start())
        if (row, column) == last:
            continue
        last = (row, column)
        cell, box = rows[row][column], _at(table, row, column, row, column)
        if (len(cell),) in shapes and cell.isascii() and cell.isdigit():  # most of a long column
            yield box, Clue(cell, str(len(cell))), False
        else:
            yield from _in_cell(box, cell, shapes)


def _at(table: Table, top: int, left: int, bottom: int, right: int) -> Box:
    row, column = table.first_row, table.first_column
    return Box(row + top, column + left, row + bottom, column + right)


def _in_cell(box: Box, cell: str, shapes: Shapes) -> Iterator[Field]:
    value = _unwrapped(cell)
    if value.isascii() and value.isdigit():
        if (len(value),) in shapes:
            yield box, Clue(value, str(len(value))), False
        elif _SHORTEST <= len(value) < _FULL:
            yield box, Clue(value.zfill(_FULL), "12"), True
    elif len(value) >= _FULL and len(DIGIT.findall(value)) >= _FULL:
        found = list(candidates(value, shapes, careless=True))
        if len(found) == 1 and len(value) == found[0].end - found[0].start:
            one = found[0]
            yield box, Clue(one.digits, one.grouping, careless=one.careless), False
        elif found:
            yield from ((box, seen.clue, False) for seen in prose.look(value, shapes))


def _unwrapped(cell: str) -> str:
    """The value as it was before a program wrapped it: ="0123…", '0123…, 123….0, 1.23…E+11."""
    value = cell.strip()
    if value.isdigit():  # as nearly all of a long column are
        return value
    if wrapped := _WRAPPED.fullmatch(value):
        return next(group for group in wrapped.groups() if group is not None).strip()
    return str(int(Decimal(value))) if _SCIENTIFIC.fullmatch(value) else value


def _across(table: Table, text: str) -> Iterator[Field]:
    """Twelve cells of one digit or three of four side by side, and not one more."""
    where = grid.locator(text)
    for found in _BOXES.finditer(text):
        boxes = _FILLED.findall(found[0])
        if sum(map(len, boxes)) == _FULL:
            row, left = where(found.start() + 1)
            box = _at(table, row, left, row, where(found.end())[1])
            shape = "1×12" if len(boxes) == _FULL else "4-4-4"
            yield box, Clue("".join(boxes).translate(FOLD), shape), False


def _down(table: Table, text: str) -> Iterator[Field]:
    """Twelve cells of one digit one under the other, and not one more."""
    if len(table.rows) < _FULL:
        return
    where = grid.locator(text)
    columns: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for found in _ONE.finditer(text):
        row, column = where(found.start() + 1)
        columns[column].append((row, found[0][1:].strip()[0]))
    for column, cells in columns.items():
        for run in _contiguous(cells):
            if len(run) == _FULL:
                box = _at(table, run[0][0], column, run[-1][0], column)
                yield box, Clue("".join(digit for _, digit in run).translate(FOLD), "1×12"), False


def _contiguous(cells: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    start = 0
    for at in range(1, len(cells) + 1):
        if at == len(cells) or cells[at][0] > cells[at - 1][0] + 1:
            yield cells[start:at]
            start = at
