"""The structure of a table, so that an approver can judge a list without seeing a value of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from detectors.places import column_letter
from detectors.report import Column, Outline
from detectors.surface import Table
from detectors.text import MASK, mask
from detectors.words import fold, labels

_HEADING_ROWS = 60
_MOST_COLUMNS = 200
_COUNTED = 200
_SAMPLE = 20
_BETWEEN = "\ue000"
_DIGITS = re.compile(r"\d{2}")
_LONGEST_HEADING = 60

Content = Literal["number", "text", "date", "person", "address", "masked", "empty"]
_BY_HEADING: tuple[tuple[Content, re.Pattern[str]], ...] = (
    ("address", re.compile(r"住所|所在地|address|メール|mail")),
    ("date", re.compile(r"年月日|日付|日時|誕生日|(?:期|納|締切|発行|支払|入社|退社)日|date")),
    (
        "person",
        re.compile(r"氏名|姓名|名前|担当者?$|フリガナ|ふりがな|カナ|(?:社員|会員|顧客)名|name"),
    ),
)
_DATE = re.compile(r"(?:\d{4}|[mtshr令平昭]\w?\d{1,2})[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ t].*)?")
_NUMBER = re.compile(r"[-+¥$]?[\d,]+(?:\.\d+)?[%円]?")
_COUNTABLE = re.compile(r"[\d,]")
"""No date and no number is without."""
_ADDRESS = re.compile(r"(?:東京都|北海道|(?:京都|大阪)府|..?.県)|[市区町村].*\d")


def outline(table: Table) -> Outline:
    """Letter, masked heading, content class and count of each column that is not wholly empty.

    Of a long list that came as text the first rows are counted, and the rest is taken to be alike.
    """
    at = _heading_row(table.rows)
    headings = table.rows[at] if at is not None else ()
    start = 0 if at is None else at + 1
    below = table.rows[start:] if table.telling is None else table.rows[start:_COUNTED]
    rest = (len(table.rows) - start) / max(len(below), 1)
    width = min(max(map(len, [headings, *below]), default=0), _MOST_COLUMNS)
    columns = []
    cells = _columns(below, width)
    for index in range(width):
        heading = headings[index].strip() if index < len(headings) else ""
        values = [*filter(None, cells[index])]
        if heading or values:
            columns.append(
                Column(
                    column_letter(table.first_column + index),
                    mask(" ".join(heading.split()))[:_LONGEST_HEADING],
                    _content(heading, values),
                    round(len(values) * rest),
                )
            )
    spot = table.spot
    return Outline(spot.part, spot.path, spot.hidden, len(table.rows), tuple(columns))


def _columns(rows: Sequence[Sequence[str]], width: int) -> Sequence[Sequence[str]]:
    """The cells of the first `width` columns; of ragged rows in time for the cells there are."""
    found: list[list[str]] = [[] for _ in range(width)]
    if len(rows) * width > 4 * sum(map(len, rows)):
        for row in rows:
            for column, cell in zip(found, row, strict=False):
                column.append(cell)
        return found
    cut = rows if max(map(len, rows), default=0) <= width else [row[:width] for row in rows]
    return [*zip_longest(*cut, fillvalue=""), *found][:width]


def _heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """The row among the first that reads most like headings: words, none of them a number."""
    best, best_score = None, 1
    for at, row in enumerate(rows[:_HEADING_ROWS]):
        filled = [*filter(None, row[:_MOST_COLUMNS])]
        if 4 * len(filled) <= best_score:
            continue
        bare = [cell for cell in filled if not _DIGITS.search(cell)]
        if 2 * len(bare) <= len(filled) or 4 * len(bare) <= best_score:
            continue
        spoken = [fold(cell) for cell in bare if len(cell) <= 60]
        spoken = [cell for cell in spoken if len(cell) <= 30]
        if 2 * len(spoken) <= len(filled) or 4 * len(spoken) <= best_score:
            continue
        known = sum(1 for cell in spoken if labels(cell) or _by_heading(cell))
        score = len(spoken) + 3 * known
        if score > best_score:
            best, best_score = at, score
    return best


def _by_heading(heading: str) -> Content | None:
    return next((kind for kind, pattern in _BY_HEADING if pattern.search(heading)), None)


def _content(heading: str, values: list[str]) -> Content:
    if not values:
        return "empty"
    together = _BETWEEN.join(values[:_SAMPLE])  # made alike at once: each call costs
    masked = mask(together)
    covered = sum(MASK in value for value in masked.split(_BETWEEN)) if MASK in masked else 0
    folded = fold(together)
    sample = folded.split(_BETWEEN)
    counted = _COUNTABLE.search(folded) is not None
    if counted and 2 * sum(map(bool, map(_DATE.fullmatch, sample))) > len(sample):
        return "date"
    if 2 * covered > len(sample):
        return "masked"
    if counted and 2 * sum(map(bool, map(_NUMBER.fullmatch, sample))) > len(sample):
        return "number"
    if kind := _by_heading(fold(heading)):
        return kind
    addresses = sum(1 for value in sample if _ADDRESS.search(value))
    return "address" if 2 * addresses > len(sample) else "text"
