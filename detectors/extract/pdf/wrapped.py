"""Numbers that a program broke over the lines of a narrow cell, where no rule says what a cell is.

The lines of one cell look like rows of their own: 「1234-5678-」 over 「9018」. They are one where
they make a number's form, the first had no room for what follows, and another column has fewer
lines in each such row, as a name has; rows of their own would have one for each.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from detectors.digits import D, S
from detectors.extract.pdf.columns import Column, pieces
from detectors.extract.pdf.lines import Field, Line, joined
from detectors.extract.pdf.rules import Rules

_FULL = 12
_FORMS = {1, 4, 12}
"""Digits of a group, where all groups have as many."""
_NEAR = 2.0
"""Of a letter's height, from line to line inside of a cell."""
_BACK = 4
"""Lines: those of other cells may lie between two of one."""
_LEVEL = 0.35
"""Of a letter's height: what stands beside a line has its middle no further above or below it."""
_ENDS = 40
"""Letters at the end of a field, which hold the first piece in any form."""
_DIGIT, _DIGITS = re.compile(f"[{D}]"), re.compile(f"[{D}]+")
_FIRST, _NEXT = re.compile(f"[{D}][{D}{S}]*$"), re.compile(f"[{D}{S}]+")
_SIGN = re.compile(f"[{S}]")

_Cells = Sequence[Field]
"""What stands in one column, from the top down; or in one cell of it."""
_Span = tuple[float, float]
"""Of a row: between which heights the middles of its lines lie, the upper one first."""


def whole(block: Sequence[Line], places: Sequence[Column], rules: Rules) -> list[Line]:
    """The lines of a table, those of a row with such a number as one; [] where it has none."""
    if all(len(place.rows) == len(block) for place in places):
        return []
    columns: list[list[Field]] = [[] for _ in places]
    for line in block:
        for one in pieces(line, places):
            columns[_at(one, places)].append(one)
    spans: list[_Span] = []
    for column, place in zip(columns, places, strict=True):
        numbers = _numbers(column, place, rules)
        if numbers and _are_rows(numbers, [other for other in columns if other is not column]):
            spans += map(_span, numbers)
    return _rows(block, places, spans) if spans else []


def is_rest(above: Sequence[Line], line: Line) -> bool:
    """Whether a line holds nothing but what may go on with a number in the lines above it."""
    if len(line) > 1:
        return False
    return any(_goes_on(one, line[0]) for upper in above[-_BACK:] for one in upper)


def _at(one: Field, places: Sequence[Column]) -> int:
    held = (at for at, column in enumerate(places) if column.holds(one))
    return next(held, max(0, sum(column.left < one.left for column in places) - 1))


# -- pieces of one number


def _numbers(column: _Cells, place: Column, rules: Rules) -> list[_Cells]:
    """The broken numbers of a column, [] where a piece is left over: then they are none."""
    found: list[_Cells] = []
    at = 0
    while at < len(column):
        number = _number(column[at : at + _FULL], place, rules)
        if number:
            found.append(number)
        elif found and found[-1][-1] is column[at - 1] and _goes_on(*column[at - 1 : at + 1]):
            return []
        at += len(number) or 1
    return found


def _number(column: _Cells, place: Column, rules: Rules) -> _Cells:
    """The first fields of a column that are the pieces of one number, [] where they are none."""
    count = _count(_first(column[0]))
    for at, (upper, lower) in enumerate(pairwise(column), 2):
        ruled = rules.part(upper.middle, lower.middle, lower.left, lower.right)
        if not 0 < count < _FULL or ruled or not _goes_on(upper, lower):
            break
        count += _count(lower.text)
        if count == _FULL and _between(column[:at], place) is not None:
            return column[:at]
    return []


def _first(field: Field) -> str:
    found = _FIRST.search(field.text[-_ENDS:])
    return found[0] if found else ""


def _is_piece(field: Field) -> bool:
    return _NEXT.fullmatch(field.text) is not None and 0 < _count(field.text) < _FULL


def _count(text: str) -> int:
    return len(_DIGIT.findall(text))


def _goes_on(upper: Field, lower: Field) -> bool:
    return _is_under(upper, lower) and _is_piece(lower)


def _is_under(upper: Field, lower: Field) -> bool:
    beside = min(upper.right, lower.right) > max(upper.left, lower.left)
    return beside and 0 < upper.middle - lower.middle < _NEAR * min(upper.height, lower.height)


def _between(cell: _Cells, place: Column) -> str | None:
    """What parts the pieces of a number, None where they make no form of one."""
    texts = [_first(cell[0]), *(one.text for one in cell[1:])]
    formed = texts[0] and _count("".join(texts)) == _FULL and all(map(_is_piece, cell[1:]))
    if not formed or _SIGN.match(texts[-1][-1]):
        return None
    for between in ("", " "):
        sizes = {len(group) for group in _DIGITS.findall(between.join(texts))}
        full = all(_is_full(a, b, between, place) for a, b in pairwise(cell))
        if full and len(sizes) == 1 and sizes <= _FORMS:
            return between
    return None


def _is_full(upper: Field, lower: Field, between: str, place: Column) -> bool:
    """Whether what begins the lower piece had no room behind the upper one, or a sign parts them
    that ends no line of its own. A letter more is allowed for: it may be the wider one."""
    if not between and (_SIGN.match(upper.text[-1]) or _SIGN.match(lower.text)):
        return True
    group = _DIGITS.match(lower.text)
    need = 1 + (len(group[0]) if between and group else 1)
    letter = (lower.right - lower.left) / len(lower.text)
    return upper.right - upper.left + need * letter > place.right - place.left


# -- rows


def _are_rows(numbers: Sequence[_Cells], others: Sequence[_Cells]) -> bool:
    """Whether another column has fewer lines than the number in all of its rows."""
    return any(
        all(0 < _lines(column, _span(number)) < len(number) for number in numbers)
        for column in others
    )


def _lines(column: _Cells, span: _Span) -> int:
    top, bottom = (bisect_left(column, -y, key=lambda one: -one.middle) for y in span)
    return bottom - top


def _span(number: _Cells) -> _Span:
    edge = _LEVEL * number[0].height
    return number[0].middle + edge, number[-1].middle - edge


def _rows(block: Sequence[Line], places: Sequence[Column], spans: Sequence[_Span]) -> list[Line]:
    """The lines, what lies in one of the spans as one."""
    apart = _apart(spans)
    bottoms = [-bottom for _, bottom in apart]
    rows: dict[int, list[list[Field]]] = {}
    lines: list[Line | int] = []
    for line in block:
        own: Line = []
        for one in pieces(line, places):
            at = bisect_right(bottoms, -one.middle)
            if at == len(apart) or one.middle > apart[at][0]:
                own.append(one)
                continue
            if at not in rows:
                rows[at] = [[] for _ in places]
                lines.append(at)
            rows[at][_at(one, places)].append(one)
        lines += [own] if own else []
    return [[*_cells(rows[one], places)] if isinstance(one, int) else one for one in lines]


def _apart(spans: Sequence[_Span]) -> list[_Span]:
    """From the top down, those that overlap as one."""
    found: list[_Span] = []
    for top, bottom in sorted(spans, reverse=True):
        if found and top > found[-1][1]:
            found[-1] = found[-1][0], min(bottom, found[-1][1])
        else:
            found.append((top, bottom))
    return found


def _cells(row: Sequence[_Cells], places: Sequence[Column]) -> Iterator[Field]:
    for cell, place in zip(row, places, strict=True):
        if cell:
            between = _between(cell, place) if len(cell) > 1 else None
            yield joined(cell, "\n" if between is None else between)
