"""Columns of a page: what stands one under the other.

A border is rarely said in a PDF, so columns are told by where the fields begin and end. A field
over several columns belongs to the first, as a merged cell of a sheet does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.extract.pdf.lines import Field, Line, joined

_OVERLAP = 0.15
"""Of a letter's height; less is a touch."""


@dataclass(slots=True)
class Column:
    left: float
    right: float
    rows: set[int]

    def holds(self, one: Field) -> bool:
        edge = _OVERLAP * one.height
        return min(self.right, one.right) - max(self.left, one.left) > edge


def positions(block: Sequence[Line]) -> list[Column]:
    """From left to right."""
    every = ((at, one) for at, line in enumerate(block) for one in line)
    found: list[Column] = []
    for at, one in sorted(every, key=lambda pair: pair[1].right - pair[1].left):
        held = [column for column in found if column.holds(one)]
        if not held:
            found.append(Column(one.left, one.right, {at}))
        elif len(held) == 1:
            column = held[0]
            column.left, column.right = min(column.left, one.left), max(column.right, one.right)
            column.rows.add(at)
    return sorted(found, key=lambda one: one.left)


def merged(places: Sequence[Column]) -> list[Column]:
    """From left to right; those that no row uses both of are one."""
    found: list[Column] = []
    for column in places:
        last = found[-1] if found else None
        if last and not last.rows & column.rows:
            last.right = max(last.right, column.right)
            last.rows |= column.rows
        else:
            found.append(column)
    return found


def meets(a: Field, b: Field) -> bool:
    return min(a.right, b.right) - max(a.left, b.left) > _OVERLAP * min(a.height, b.height)


def pieces(line: Line, columns: Sequence[Column]) -> Iterator[Field]:
    """Fields, those over several columns cut where a gap inside lies between two of them."""
    for one in line:
        over = [column for column in columns if column.holds(one)] if one.loose else []
        if len(over) < 2:
            yield one
            continue
        group = [one.loose[0]]
        for piece in one.loose[1:]:
            if any(c.holds(piece) and c.holds(group[-1]) for c in over):
                group.append(piece)
            else:
                yield joined(group, " ")
                group = [piece]
        yield joined(group, " ")
