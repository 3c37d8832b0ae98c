"""What a formula that joins letters would show, where its program left the result to Excel.

Programs that write workbooks write `=CONCATENATE(A2,B2,C2)` without a value; whoever opens the file
sees the number. Only what keeps, cuts or joins letters is worked out: all else stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple, Protocol

from detectors.budget import Budget
from detectors.extract.excel.cellformat import shown
from detectors.places import column_number

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"]|\"\")*\")"
    r"|(?P<call>[A-Za-z_][A-Za-z0-9_.]*)\("
    r"|(?P<cell>(?:(?:'(?P<quoted>(?:[^']|'')+)'|(?P<sheet>[^\s!'\"(),&:;{}\[\]]++))!)?"
    r"(?P<area>\$?[A-Za-z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Za-z]{1,3}\$?[0-9]{1,7})?)(?![A-Za-z0-9_(.!]))"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<truth>TRUE|FALSE)|(?P<sign>[&(),]))"
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")
_DEEP, _LONG, _WIDE = 12, 1_000, 256
"""Calls and cells inside of each other, letters of a result, cells of an area: more is unknown."""
_LONGEST = 8_192  # characters of a formula, as in Excel


class Formula(NamedTuple):
    text: str
    down: int = 0
    right: int = 0
    """How far from the cell for which it was written: its references move with it."""


class Sheet(Protocol):
    """Rows and columns counted from 1."""

    @property
    def left(self) -> dict[tuple[int, int], Formula]:
        """The cells whose result is not there."""

    def text(self, row: int, column: int) -> str: ...
    def put(self, row: int, column: int, text: str) -> None: ...


class _Unknown(Exception):
    pass


def settle(sheet: Sheet, named: Callable[[str], Sheet | None], budget: Budget) -> None:
    """Gives the cells of `sheet` that lack a result what can be known of it.

    `named` finds another sheet of the same workbook.
    """
    works = _Works(named, budget)
    for row, column in [*sheet.left]:
        sheet.put(row, column, works.cell(sheet, row, column, 0) or "")


class _Works:
    def __init__(self, named: Callable[[str], Sheet | None], budget: Budget) -> None:
        self._named, self._budget = named, budget
        self._known: dict[tuple[int, int, int], str | None] = {}

    def cell(self, sheet: Sheet, row: int, column: int, depth: int) -> str | None:
        """Its text; None where it has a formula of which the result is not known."""
        formula = sheet.left.get((row, column))
        if formula is None:
            return sheet.text(row, column)
        key = id(sheet), row, column
        if key not in self._known:
            self._budget.time()
            self._known[key] = None  # of a cell that names itself
            self._known[key] = self._result(sheet, formula, depth)
        return self._known[key]

    def _result(self, sheet: Sheet, formula: Formula, depth: int) -> str | None:
        try:
            return _Reading(self, sheet, formula, depth).whole()
        except (_Unknown, ValueError):
            return None

    def sheet(self, name: str) -> Sheet:
        if (found := self._named(name)) is None:
            raise _Unknown
        return found


class _Reading:
    """One formula, read from left to right; a value is the texts of its cells, mostly one."""

    def __init__(self, works: _Works, sheet: Sheet, formula: Formula, depth: int) -> None:
        if depth > _DEEP or len(formula.text) > _LONGEST:
            raise _Unknown
        self._works, self._sheet, self._formula, self._depth = works, sheet, formula, depth
        self._tokens = _tokens(formula.text.removeprefix("="))
        self._next = next(self._tokens, None)

    def whole(self) -> str:
        value = self._joined(0)
        if self._next is not None:
            raise _Unknown
        return _one(value)

    def _joined(self, depth: int) -> list[str]:
        value = self._value(depth)
        while self._is("&"):
            value = [_one(value) + _one(self._value(depth))]
            if len(value[0]) > _LONG:
                raise _Unknown
        return value

    def _value(self, depth: int) -> list[str]:
        token = self._next
        if token is None or depth > _DEEP:
            raise _Unknown
        self._next = next(self._tokens, None)
        if token["text"]:
            return [token["text"][1:-1].replace('""', '"')]
        if token["cell"]:
            return self._area(token)
        if token["call"]:
            return [self._call(token["call"].upper().rpartition(".")[2], depth + 1)]
        if token["sign"] == "(":
            value = self._joined(depth + 1)
            self._expect(")")
            return value
        if plain := token["number"] or token["truth"]:
            return [plain]
        raise _Unknown

    def _call(self, name: str, depth: int) -> str:
        if name not in _FUNCTIONS:
            raise _Unknown
        given: list[list[str]] = []
        while not self._is(")"):
            empty = self._next is not None and self._next["sign"] in (",", ")")
            given.append([""] if empty else self._joined(depth))
            if self._next is None or self._next["sign"] != ")":
                self._expect(",")
        text = _FUNCTIONS[name](given)
        if len(text) > _LONG:
            raise _Unknown
        return text

    def _area(self, token: re.Match[str]) -> list[str]:
        name = token["quoted"].replace("''", "'") if token["quoted"] else token["sheet"]
        sheet = self._works.sheet(name) if name else self._sheet
        corners = [self._corner(found) for found in _CORNER.finditer(token["area"])]
        (top, left), (bottom, right) = corners[0], corners[-1]
        if (bottom - top + 1) * (right - left + 1) > _WIDE:
            raise _Unknown
        every = ((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))
        found = [self._works.cell(sheet, r, c, self._depth + 1) for r, c in every]
        if None in found:
            raise _Unknown
        return [text for text in found if text is not None]

    def _corner(self, found: re.Match[str]) -> tuple[int, int]:
        row, column = int(found[4]), column_number(found[2].upper())
        row += 0 if found[3] else self._formula.down
        return row, column + (0 if found[1] else self._formula.right)

    def _is(self, sign: str) -> bool:
        if self._next is None or self._next["sign"] != sign:
            return False
        self._next = next(self._tokens, None)
        return True

    def _expect(self, sign: str) -> None:
        if not self._is(sign):
            raise _Unknown


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        if not (found := _TOKEN.match(text, at)):
            raise _Unknown
        at = found.end()
        yield found


def _one(value: list[str]) -> str:
    if len(value) != 1:
        raise _Unknown
    return value[0]


def _joining(given: list[list[str]]) -> str:
    return "".join(text for value in given for text in value)


def _textjoin(given: list[list[str]]) -> str:
    between, skips, *rest = given
    texts = [text for value in rest for text in value]
    skipped = _one(skips).upper() not in ("FALSE", "0")
    return _one(between).join(text for text in texts if text or not skipped)


def _text(given: list[list[str]]) -> str:
    value, code = map(_one, given)
    return shown(value, code)[0]


def _mid(given: list[list[str]]) -> str:
    text, start, count = map(_one, given)
    return "".join(islice(text, int(start) - 1, int(start) - 1 + int(count)))


def _left(given: list[list[str]]) -> str:
    text, count = _cut(given)
    return text[:count]


def _right(given: list[list[str]]) -> str:
    text, count = _cut(given)
    return text[max(len(text) - count, 0) :]


def _cut(given: list[list[str]]) -> tuple[str, int]:
    text, *count = map(_one, given)
    return text, max(int(count[0]), 0) if count else 1


def _same(given: list[list[str]]) -> str:
    (value,) = map(_one, given)
    return value.strip()


_FUNCTIONS: dict[str, Callable[[list[list[str]]], str]] = {
    "CONCATENATE": _joining,
    "CONCAT": _joining,
    "TEXTJOIN": _textjoin,
    "TEXT": _text,
    "LEFT": _left,
    "LEFTB": _left,
    "RIGHT": _right,
    "RIGHTB": _right,
    "MID": _mid,
    "MIDB": _mid,
    "TRIM": _same,
    "CLEAN": _same,
    "VALUE": _same,
    "T": _same,
    "ASC": _same,
    "JIS": _same,
    "DBCS": _same,
}
