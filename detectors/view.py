"""A surface as one string, and the way back from an offset to a line or a cell.

For what is looked for by the administrator's words and patterns: a table is its rows, one a line,
with a sign between the cells that stands in no text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from detectors import cells, folding
from detectors.places import Stand
from detectors.seen import Box
from detectors.surface import Table, Text

CELL = "\x01"
_LINE = re.compile("\n")
_BREAKS = re.compile(folding.run("\r\n\x01"))


@dataclass(frozen=True)
class View:
    surface: Text | Table
    text: str
    """Unified (`folding`); cells parted by `CELL`."""

    @cached_property
    def spaced(self) -> View:
        """The same in lower case with single blanks; lines and cells stay what they were."""
        return View(self.surface, folding.spaced(self.text))

    @cached_property
    def utf8(self) -> bytes:
        """One character for one: lone surrogates are question marks; tabs between the cells."""
        return self.text.replace(CELL, "\t").encode("utf-8", "replace")

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in _LINE.finditer(self.text)]

    def line_of(self, at: int) -> int:
        """Counted from 0."""
        return bisect_left(self._line_ends, at)

    def line_start(self, at: int) -> int:
        line = self.line_of(at)
        return self._line_ends[line - 1] + 1 if line else 0

    def cell_of(self, at: int) -> int:
        """Counted from 0 in its row."""
        return self.text.count(CELL, self.line_start(at), at)

    def stand(self, start: int, end: int) -> Stand:
        surface, line = self.surface, self.line_of(start)
        if isinstance(surface, Text):
            return Stand(surface.spot, None, line + 1, surface.spot.hidden)
        box = Box(
            surface.first_row + line,
            surface.first_column + self.cell_of(start),
            surface.first_row + self.line_of(end),
            surface.first_column + self.cell_of(end),
        )
        return Stand(surface.spot, box, 0, cells.hidden(surface, box))


def view(surface: Text | Table) -> View:
    return View(surface, folding.unify(written(surface)))


def written(surface: Text | Table) -> str:
    """The text of a view before it is unified."""
    if isinstance(surface, Text):
        return surface.text
    rows = surface.rows
    text = "\n".join(map(CELL.join, rows))
    between = max(len(rows) - 1, 0) + sum(map(len, rows)) - sum(map(bool, rows))
    if "\r" in text or text.count("\n") + text.count(CELL) > between:
        rows = [[_BREAKS.sub(" ", cell) for cell in row] for row in rows]
        text = "\n".join(map(CELL.join, rows))
    return text
