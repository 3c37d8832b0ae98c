"""Lists of persons: tables with names and something that finds or tells the person.

個人情報保護法 第16条 knows the 個人データ of such a list; how many persons stand in it decides what
policy asks. Kind "jp.personal_list"; a "value" is one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from detectors.report import Confidence, Reason
from detectors.seen import Box
from detectors.surface import Table
from detectors.words import fold

KIND = "jp.personal_list"
_NAME = re.compile(
    r"(?:お|ご)?(?:氏名|名前|姓名)|(?:社員|従業員|顧客|会員|お?客様|担当者?|受講者|参加者|生徒|患者)名|fullname|name|姓"
)
_DETAILS = {
    "住所": re.compile(r"住所|所在地|address"),
    "生年月日": re.compile(r"生年月日|誕生日|birth"),
    "電話": re.compile(r"電話|携帯|tel|phone"),
    "メール": re.compile(r"メール|e-?mail"),
}
_HEADING_ROWS = 60
_FEWEST, _SOME, _MANY = 5, 20, 100


@dataclass(frozen=True, slots=True)
class Persons:
    """One list: the key of each person, with the row they stand in."""

    people: tuple[tuple[str, Box], ...]
    confidence: Confidence
    reason: Reason


def persons(table: Table) -> Persons | None:
    """The list of persons that a table is, or None; fewer than five are a signature, not a list."""
    for at, row in enumerate(table.rows[:_HEADING_ROWS]):
        headings = [fold(cell) if len(cell) <= 20 else "" for cell in row]
        name = next((i for i, text in enumerate(headings) if _NAME.match(text)), None)
        details = _details(headings)
        if name is None or not details:
            continue
        people = tuple(_people(table, at + 1, name, list(details.values())))
        if len(people) < _FEWEST:
            return None
        reason = Reason("personal_columns", {"label": "・".join(details)})
        return Persons(people, _confidence(len(people)), reason)
    return None


def _details(headings: Sequence[str]) -> dict[str, int]:
    """Which details the headings promise, and in which column each stands first."""
    found = (
        (word, next((i for i, text in enumerate(headings) if pattern.search(text)), None))
        for word, pattern in _DETAILS.items()
    )
    return {word: index for word, index in found if index is not None}


def _people(table: Table, start: int, name: int, details: list[int]) -> Iterator[tuple[str, Box]]:
    """Rows with a name and at least one detail."""
    width = max(name, *details)
    for row, cells in enumerate(table.rows[start:], table.first_row + start):
        person = cells[name].strip() if name < len(cells) else ""
        known = [cells[i].strip() for i in details if i < len(cells)]
        if person and any(known):
            left = table.first_column + min(name, *details)
            yield fold(f"{person}/{known[0]}"), Box(row, left, row, table.first_column + width)


def _confidence(count: int) -> Confidence:
    if count >= _MANY:
        return Confidence.HIGH
    return Confidence.MEDIUM if count >= _SOME else Confidence.LOW
