"""個人番号 in three cells one under the other, as narrow columns of a form have them.

「1234 | 5678 | 9012」 downwards is one number only where the second and the third row hold nothing
but such groups: in a list every row says something more. Years and amounts stand like that, too, so
that a heading of the kind has to be there, and is not sure by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors import grid
from detectors.digits import FOLD, D
from detectors.grid import EDGES
from detectors.seen import Box, Clue, Field
from detectors.surface import Table

_GROUP = rf"[{D}]{{4}}(?:\.0)?"
_ROWS = re.compile(
    rf"(?:{grid.ROW}[\s{grid.CELL}]*+(?:{_GROUP}(?=[\s{EDGES}])[\s{grid.CELL}]*+)++(?={grid.ROW}))++"
)
"""Rows of nothing but groups, as many as there are."""
_FILLED = re.compile(_GROUP)


def look(table: Table, text: str) -> Iterator[Field]:
    """No zeros were put back; `text` is the table as `grid.joined` has it."""
    where = grid.locator(text)
    for found in _ROWS.finditer(text):
        rows = found[0].count(grid.ROW)
        if not 2 <= rows <= 3:
            continue
        # Two of them stand under the row that says whose number it is, three by themselves.
        first = where(found.start() + 1)[0] - (rows == 2)
        for column in range(len(table.rows[first]) if first >= 0 else 0):
            groups = [_group(table, row, column) for row in range(first, first + 3)]
            if all(groups) and not (rows == 3 and first and _group(table, first - 1, column)):
                top, left = table.first_row + first, table.first_column + column
                clue = Clue("".join(groups).translate(FOLD), "4-4-4", careless=True)
                yield Box(top, left, top + 2, left), clue, False


def _group(table: Table, row: int, column: int) -> str:
    cells = table.rows[row]
    cell = cells[column].strip() if column < len(cells) else ""
    return cell[:4] if _FILLED.fullmatch(cell) else ""
