"""The labels over, beside and under the candidates of one table."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Set
from functools import cached_property

from detectors import grid, words
from detectors.context import turns, unlisted
from detectors.grid import EDGES
from detectors.seen import Box, Clue
from detectors.surface import Table
from detectors.words import Label

_ROWS = 60
_COLUMNS = 40
_BLOCK = 20_000
"""Rows that are folded at a time: a million of them fill the memory."""
_LONGEST = 60
"""Characters of a heading; longer cells hold sentences."""
# Headings that no list of words has: 「患者番号」, "Case ID", 「本人番号」.
_ENDING = re.compile(
    rf"(?:番号|{unlisted.ENDS}|mn|m\.n\.|12桁"
    rf"|額|税収|残高|売上高?|単価|量|数|計|円)(?:\([^(){EDGES}]*\)|\))?(?=[{EDGES}])"
)
_LETTERS = "個人番号"
_SPREAD = re.compile(f"(?<=[{EDGES}])" + f"{grid.CELL}{{1,3}}".join(_LETTERS) + f"(?=[{EDGES}])")
_NAMES = (_LETTERS, "マイナンバー")
_FIRST_PIECE = re.compile(
    f"(?<=[{EDGES}])(?:{'|'.join(name[:end] for name in _NAMES for end in range(1, len(name)))})"
    f"(?=[{EDGES}])"
)
_SORT = re.compile(r"(?:区分|種別|種類|属性|形態|タイプ|個人|法人|団体)$")
"""Over 「個人」, which is a value then."""
_BARE = ("番号", "ナンバー", "数字", "number")
_NO_BLANKS = dict.fromkeys(map(ord, " \u3000\n"))


def is_of(label: Label | None, kind: str) -> bool:
    return label is not None and label.kind == kind


class Headings:
    def __init__(self, table: Table, numbers: Set[tuple[int, int]], kind: str) -> None:
        """`numbers` are the cells in which candidates begin, in the sheet's count."""
        self.table, self.kind, self.numbers = table, kind, numbers
        self.first_row = min(row for row, _ in numbers)
        self.columns: dict[int, list[tuple[int, Label]]] = defaultdict(list)
        self.rows: dict[int, list[tuple[int, Label]]] = defaultdict(list)
        self._read()
        self._spread: list[tuple[int, int, Label]] = self._merged()

    def name(self, box: Box, clue: Clue) -> tuple[Clue, int]:
        """The clue with its header, and the row of the heading over it, where its column begins."""
        row, over = self._over(box)
        header, axis, aside = over, "column", False
        if not is_of(over, self.kind):
            beside = self._beside(box)
            if beside and (over is None or self._is_name(box, beside)):
                header, axis, aside = beside, "row", self._is_aside(box, beside, clue)
            elif header is None and clue.before is None:
                header, axis = self._caption(box), "row"
        bare = header is None and box.left in self._bare
        clue = clue._replace(header=header, axis=axis, aside=aside, hr=clue.hr or self.hr)
        return clue._replace(unclaimed=clue.unclaimed or bare), row

    @cached_property
    def _bare(self) -> set[int]:
        """The columns over which 「番号」 stands and no more: the page or the mail says which."""
        tops: dict[int, int] = {}
        for row, column in self.numbers:
            tops[column] = min(row, tops.get(column, row))
        return {column for column, top in tops.items() if self._over_is_bare(top, column)}

    def _over_is_bare(self, row: int, column: int) -> bool:
        above, at = row - self.table.first_row - 1, column - self.table.first_column
        cells = self.table.rows[above] if above >= 0 else []
        return at < len(cells) and words.fold(cells[at]) in _BARE

    @cached_property
    def hr(self) -> tuple[str, ...]:
        """Words of payroll or tax among the headings."""
        top = (cell for row in self.table.rows[:_ROWS] for cell in row[:_COLUMNS])
        text = "\n".join(cell for cell in top if 2 <= len(cell) <= 40 and not cell.isdigit())
        return tuple(dict.fromkeys(word for _, word in words.hr_words(words.fold(text))))[:3]

    def _read(self) -> None:
        for start in range(0, len(self.table.rows), _BLOCK):
            self._read_block(start)

    def _read_block(self, first: int) -> None:
        """All cells that are headings; what is in none of the places where one can begin is not."""
        folded, _ = words.fold_with_gaps(grid.joined(self.table.rows[first : first + _BLOCK]))
        starts = {label.start for label in words.labels(folded)}
        starts |= {found.start() for found in _ENDING.finditer(folded)}
        starts |= {found.start() for found in _SPREAD.finditer(folded)}
        starts |= {found.start() for found in _FIRST_PIECE.finditer(folded)}
        where = grid.locator(folded)
        known: dict[str, Label | None] = {}
        pieces: set[tuple[int, int]] = set()
        for at, index in dict.fromkeys(where(start) for start in sorted(starts)):
            row = first + at
            cell = self.table.rows[row][index].strip()
            place = (row + self.table.first_row, index + self.table.first_column)
            if len(cell) > _LONGEST or place in self.numbers or (row, index) in pieces:
                continue
            over = self._stacked(row, index)  # the rows that the label stands over
            pieces |= {(one, index) for one in over}
            cell = self._down(over, index) if len(over) > 1 else self._along(row, index, cell)
            if cell not in known:
                known[cell] = words.heading(cell)
            if label := known[cell]:
                self._add(label, over, place[1])

    def _add(self, label: Label, over: range, column: int) -> None:
        """It is the label of each of the rows that it stands over, and of its column below."""
        rows = [row + self.table.first_row for row in over]
        self.columns[column].append((rows[-1], label))
        for row in rows:
            insort(self.rows[row], (column, label), key=lambda pair: pair[0])

    def _along(self, row: int, index: int, cell: str) -> str:
        """The label of which the cell is the first letter, one a cell: 「個」「人」「番」「号」."""
        if len(cell) > 1:
            return cell
        cells = self.table.rows[row][index : index + 3 * len(_LETTERS)]
        return "".join(cells).translate(_NO_BLANKS)[: len(_LETTERS)]

    def _stacked(self, row: int, index: int) -> range:
        """The rows over which the pieces of a name stand one under the other, or `row` alone."""
        longest = max(map(len, _NAMES))
        for end in range(row + 2, min(row + longest, len(self.table.rows)) + 1):
            over = range(row, end)
            if not self._down(over[-1:], index):
                break  # a whole name over an empty cell is the heading of its column
            said = self._down(over, index)
            if said in _NAMES and not self._are_fields(over, index):
                return over
            if not any(name.startswith(said) for name in _NAMES):
                break
        return range(row, row + 1)

    def _down(self, over: range, index: int) -> str:
        """What stands in a column, row under row."""
        column = (cells[index : index + 1] for cells in self.table.rows[over.start : over.stop])
        return words.fold("".join(cell for cells in column for cell in cells))

    def _are_fields(self, over: range, index: int) -> bool:
        """Whether 「個人」 is what a field over it says, and 「番号」 the next one."""
        above = self.table.rows[over.start - 1][index : index + 1] if over.start else []
        return any(_SORT.search(cell.strip()) for cell in above)

    def _merged(self) -> list[tuple[int, int, Label]]:
        """Headings of the kind over several columns, with the row and the last of their columns."""
        found: list[tuple[int, int, Label]] = []
        every = ((*of, column) for column, labels in self.columns.items() for of in labels)
        for row, label, column in every:
            if label.kind != self.kind or row >= self.first_row:
                continue
            cells = self.table.rows[row - self.table.first_row]
            if sum(map(bool, cells)) < 2:
                continue  # a title over the whole table is no heading
            end = column - self.table.first_column + 1
            while end < len(cells) and not cells[end]:
                end += 1
            last = end + self.table.first_column - 1 if end < len(cells) else 1 << 20
            if last > column:
                found.append((row, last, label._replace(start=column)))
        found.sort()
        return found[-_ROWS:]

    def _over(self, box: Box) -> tuple[int, Label | None]:
        found = self.columns.get(box.left, [])
        at = bisect_left(found, box.top, key=lambda pair: pair[0])
        row, label = found[at - 1] if at else (0, None)
        for merged, last, over in self._spread:
            if row < merged and over.start < box.left <= last:
                row, label = merged, over
        return row, label

    def _beside(self, box: Box) -> Label | None:
        found = self.rows.get(box.top, [])
        at = bisect_left(found, box.left, key=lambda pair: pair[0])
        for column, label in reversed(found[max(at - 9, 0) : at]):
            cell = self._cell(box.top, column)
            behind = column + 1
            if behind < box.left and turns.is_state(self._cell(box.top, behind).strip()):
                continue  # 「個人番号カード | 交付準備中 | …」
            if is_of(label, self.kind) or words.is_plain_label(cell, label):
                return label
        return None

    def _is_name(self, box: Box, label: Label) -> bool:
        """Whether the row says nothing but what it is, as in a form; not the name of a document."""
        if label.kind != self.kind:
            return False
        row = self.rows[box.top]
        cell = next(self._cell(box.top, column) for column, one in row if one is label)
        return words.is_name(cell, label)

    def _is_aside(self, box: Box, label: Label, clue: Clue) -> bool:
        """Whether it names a paper or work of which another cell tells something first, or has its
        number, and this one is a piece of something else: `JPN-MyNumber | … | +81 90 …`."""
        column = next(at for at, one in self.rows[box.top] if one is label)
        between = range(column + 1, box.left)
        if self._is_name(box, label):
            return clue.glued and any((box.top, at) in self.numbers for at in between)
        return any(self._cell(box.top, at).strip() for at in between)

    def _caption(self, box: Box) -> Label | None:
        """A label of the kind right under or right behind, with no value of its own."""
        for row, column, beyond in (
            (box.bottom + 1, box.left, (box.bottom + 2, box.left)),
            (box.top, box.right + 1, (box.top, box.right + 2)),
        ):
            label = next((one for at, one in self.rows.get(row, []) if at == column), None)
            own = beyond in self.numbers or (row, column + 1) in self.numbers
            if label and is_of(label, self.kind) and not own:
                return label
        return None

    def _cell(self, row: int, column: int) -> str:
        return self.table.rows[row - self.table.first_row][column - self.table.first_column]
