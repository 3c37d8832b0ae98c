"""Text boxes that lie over a sheet, told once more among the labels of its cells.

A number in a box says nothing of itself: 「個人番号」 stands in the cell beside it or above, or in
a box of its own. Of the cells only those without digits are told with them: nothing counts twice.
But where 個人番号 stands in a box, as over a printed form, all of its row is told under that label.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from detectors import words
from detectors.budget import Budget
from detectors.digits import D, S
from detectors.extract.excel.cellrows import LAST_COLUMN, ROWS, Cells
from detectors.extract.excel.scattered import dense
from detectors.surface import Spot, Table

_BARE = re.compile(rf"[\s{D}{S}]+")
_DIGIT = re.compile(f"[{D}]")
_FULL = 12
"""Digits, of which boxes with fewer together can hold no number."""
_LABEL = 20
"""Letters of a label; a longer text is a remark."""
_ABOVE = 9
"""Rows in which a heading over a box is looked for."""


def told(
    drawing: etree._Element, cells: Cells, spot: Spot, context: tuple[str, ...], budget: Budget
) -> Iterator[Table]:
    """The boxes of a drawing (ECMA-376 part 1, 20.5), where their upper left corners lie."""
    boxes: dict[tuple[int, int], list[str]] = defaultdict(list)
    for _, place, text in sorted(_boxes(drawing)):
        boxes[place].append(text)
    digits = sum(len(_DIGIT.findall(text)) for texts in boxes.values() for text in texts)
    named = {row for (row, _), texts in boxes.items() if any(map(words.own_heading, texts))}
    if digits < _FULL and not named:
        return
    rows: dict[int, dict[int, str]] = {}
    for row in {near for below, _ in boxes for near in range(max(below - _ABOVE, 1), below + 1)}:
        at = row - cells.first_row
        labels = cells.rows[at] if 0 <= at < len(cells.rows) else []
        found = {
            cells.first_column + i: text
            for i, text in enumerate(labels)
            if _is_label(text) or (text and row in named)
        }
        rows |= {row: found} if found else {}
    for (row, column), texts in boxes.items():
        before = rows.setdefault(row, {}).get(column, "")
        rows[row][column] = " ".join([before, *texts]).strip()
    made, first_row, first_column = dense(rows, budget)
    yield Table(spot, made, first_row, first_column, context=context)


def _boxes(drawing: etree._Element) -> Iterator[tuple[int, tuple[int, int], str]]:
    """(how far right in its column, (row, column) counted from 1, text) of what may belong."""
    for anchor in drawing:
        text = "".join(piece.text or "" for piece in anchor.iter("{*}t")).strip()
        if not (text and (_BARE.fullmatch(text) or _is_label(text))):
            continue
        corner = [_number(anchor.findtext(f"{{*}}from/{{*}}{n}")) for n in ("row", "col", "colOff")]
        row, column, offset = corner
        if row < ROWS and column < LAST_COLUMN:
            yield offset, (row + 1, column + 1), text


def _is_label(text: str) -> bool:
    return 0 < len(text) <= _LABEL and not _DIGIT.search(text)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
