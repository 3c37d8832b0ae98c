"""Lines of fields made tables: what stands one under the other is a column (`pdf.columns`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from detectors.digits import D, S
from detectors.extract.pdf import wrapped
from detectors.extract.pdf.columns import Column, meets, merged, pieces, positions
from detectors.extract.pdf.lines import Field, Line, joined
from detectors.extract.pdf.rules import Rules

_LONE_LINES = 2
"""Lines of one field that may stand inside of a table, where a cell has several."""
_FAR = 4.0
"""Of a line's height: a wider gap ends a table."""
_WRAPPED = 1.5
"""Of a letter's height, from line to line inside of a cell."""
_HEADING_LINES = 4
_BAND = 5
"""Lines between two rules; more are the rows of a table that rules its columns only."""
_FULL = 12
_DIGIT = re.compile(f"[{D}]")
_TAIL, _HEAD = re.compile(f"[{D}][{D}{S}]*$"), re.compile(f"[{D}{S}]*[{D}]")
_VALUE = re.compile(rf"[{D}]{{4}}")
_OPEN = re.compile(r"[（(\[［【][^）)\]］】]*$")
_BORDER = "\t;"
"""Between two fields of digits in running text: a sign that is in no number."""


@dataclass(slots=True)
class Blocks:
    """A page: tables with the line above each, and what stands outside of them."""

    lines: list[str] = field(default_factory=list)
    tables: list[tuple[str, list[list[str]]]] = field(default_factory=list)


def blocks(lines: Sequence[Line], rules: Rules) -> Blocks:
    found = Blocks()
    for block in _cut(lines):
        rows = _unwrapped(_banded(block, rules))
        places = positions(rows)
        if whole := wrapped.whole(rows, places, rules):
            rows, places = whole, positions(whole)
        places = merged(places)
        if sum(len(column.rows) > 1 for column in places) > 1:
            title = found.lines[-1] if found.lines else ""
            found.tables.append((title, _table(rows, places)))
        else:
            found.lines += map(_said, rows)
    return found


def _said(line: Line) -> str:
    """A line in running text."""
    text = line[0].text
    for field_ in line[1:]:
        digits = _DIGIT.match(text[-1:]) and _DIGIT.match(field_.text)
        text += (_BORDER if digits else "\t") + field_.text
    return text


def _cut(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Tables with up to two titles right above them, and every other line alone."""
    table: list[Line] = []
    lone: list[Line] = []
    count = 0
    for line in lines:
        rest = wrapped.is_rest(table, line) or wrapped.is_rest(lone, line)
        if table and (count > _LONE_LINES or _is_far((lone or table)[-1], line)):
            yield table
            yield from ([one] for one in lone)
            table, lone, count = [], [], 0
        if len(line) == 1 and not line[0].cell and not (rest and table and not lone):
            lone.append(line)
            count += not rest
        elif table:
            table += [*lone, line]
            lone, count = [], 0
        else:
            yield from ([one] for one in lone)
            table, lone, count = [line], [], 0
    if table:
        yield table
    yield from ([one] for one in lone)


def _is_far(above: Line, below: Line) -> bool:
    height = min(above[0].height, below[0].height)
    return above[0].bottom - below[0].top > _FAR * height


def _banded(block: Sequence[Line], rules: Rules) -> list[Line]:
    """Lines between the same two rules as one, what stands in the same cell together."""
    bands: list[list[Line]] = []
    for line in block:
        if bands and _is_one_band(bands[-1], line, rules):
            bands[-1].append(line)
        else:
            bands.append([line])
    rows: list[Line] = []
    for band in bands:
        rows += [_row(band)] if len(band) <= _BAND else band
    return rows


def _is_one_band(band: list[Line], line: Line, rules: Rules) -> bool:
    above = [one for one in band[-1] if one.cell]
    below = [one for one in line if one.cell]
    if not above or not below or len(above) < len(band[-1]) or len(below) < len(line):
        return False
    left = min(one.left for one in (*above, *below))
    right = max(one.right for one in (*above, *below))
    return not rules.part(above[0].middle, below[0].middle, left, right)


def _row(band: list[Line]) -> Line:
    cells: dict[int, Field] = {}
    for line in band:
        for one in line:
            key = round(one.left)
            cells[key] = _under(cells[key], one) if key in cells else one
    return [cells[key] for key in sorted(cells)]


def _under(upper: Field, lower: Field) -> Field:
    """Two lines of one cell: a number that was broken is whole again, two stay two."""
    a, b = _TAIL.search(upper.text), _HEAD.match(lower.text)
    digits = len(_DIGIT.findall(f"{a[0]}{b[0]}")) if a and b else _FULL
    made = joined([upper, lower], "" if digits == _FULL else "\n")
    return replace(made, cell=True)


def _unwrapped(block: Sequence[Line]) -> list[Line]:
    """Headings of several lines in one cell as one, 「マイナンバー（個」「人番号）」."""
    heading = 0
    while heading < min(_HEADING_LINES, len(block)) and not any(
        _VALUE.search(one.text) for one in block[heading]
    ):
        heading += 1
    lines = [list(line) for line in block]
    for at in range(heading):
        for above in range(at):
            for one in [*lines[at]]:
                upper = next((up for up in lines[above] if _goes_on(up, one, block)), None)
                if upper and one in lines[at]:
                    lines[above][lines[above].index(upper)] = joined([upper, one], "")
                    lines[at].remove(one)
    return [line for line in lines if line]


def _goes_on(upper: Field, lower: Field, block: Sequence[Line]) -> bool:
    """Whether a cell that is full, or ends inside brackets, goes on in the line under it."""
    height = min(upper.height, lower.height)
    near = 0 < upper.middle - lower.middle < _WRAPPED * height
    if upper.cell or not near or not meets(upper, lower):
        return False
    if _OPEN.search(upper.text):
        return True
    same = [one for line in block for one in line if meets(one, upper)]
    full = max(one.right - one.left for one in same) - 0.3 * height
    return upper.right - upper.left >= full and len(upper.text) >= 4


def _table(block: Sequence[Line], places: Sequence[Column]) -> list[list[str]]:
    rows = []
    for line in block:
        row = [""] * len(places)
        last = -1
        for one in sorted(pieces(line, places), key=lambda one: one.left):
            at = next((i for i, column in enumerate(places) if column.holds(one)), last)
            at = max(at, 0)
            row[at] = f"{row[at]} {one.text}" if row[at] else one.text
            last = at
        rows.append(row)
    return rows
