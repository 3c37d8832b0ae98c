"""The structure of a table, so that an approver can judge a list without seeing a value of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Literal

from detectors import grid
from detectors.places import column_letter
from detectors.report import Column, Outline
from detectors.surface import Table
from detectors.text import MASK, mask
from detectors.words import fold, labels

_HEADING_ROWS = 60
_MOST_COLUMNS = 200
_COUNTED = 200
_SAMPLE = 20
_DIGITS = re.compile(r"\d\d")
_NUMBERED = re.compile(rf"\d\d[^{grid.CELL}]*")
"""One match for each cell of a row in which two digits stand together."""
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
_IN_ADDRESS = re.compile("[都道府県市区町村]")
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
    titles = [heading.strip() for heading in headings[:width]]
    titles += [""] * (width - len(titles))
    values = [[*filter(None, column)] for column in _columns(below, width)]
    each = enumerate(zip(titles, values, _contents(titles, values), strict=True))
    columns = tuple(
        Column(
            column_letter(table.first_column + index),
            mask(" ".join(title.split()))[:_LONGEST_HEADING],
            content,
            round(len(filled) * rest),
        )
        for index, (title, filled, content) in each
        if title or filled
    )
    spot = table.spot
    return Outline(spot.part, spot.path, spot.hidden, len(table.rows), columns)


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
        cells = row[:_MOST_COLUMNS]
        filled = len(cells) - cells.count("")
        if 4 * filled <= best_score:
            continue
        bare = filled - len(_NUMBERED.findall(grid.CELL.join(cells)))
        if 2 * bare <= filled or 4 * bare <= best_score:
            continue
        words = [cell for cell in cells if 0 < len(cell) <= 60 and not _DIGITS.search(cell)]
        spoken = [*filter(_is_short, grid.alike([words], fold)[1][0])] if words else []
        if 2 * len(spoken) <= filled or 4 * len(spoken) <= best_score:
            continue
        known = sum(1 for cell in spoken if labels(cell) or _by_heading(cell))
        score = len(spoken) + 3 * known
        if score > best_score:
            best, best_score = at, score
    return best


def _is_short(folded: str) -> bool:
    return len(folded) <= 30


def _by_heading(heading: str) -> Content | None:
    return next((kind for kind, pattern in _BY_HEADING if pattern.search(heading)), None)


def _contents(titles: Sequence[str], values: Sequence[Sequence[str]]) -> list[Content]:
    """What each column holds, by its first values and its heading."""
    samples = [column[:_SAMPLE] for column in values]
    headings = grid.alike([titles], fold)[1][0]
    masked = grid.alike(samples, mask)[0]
    folded = grid.alike(samples, fold)[1]
    return [
        _content(heading, sample, hidden) if any(filled) else "empty"
        for heading, sample, hidden, filled in zip(headings, folded, masked, samples, strict=False)
    ]


def _content(heading: str, sample: list[str], masked: str) -> Content:
    """`heading` and `sample` are folded; `masked` is the sample as it may be shown."""
    together = "\n".join(sample)
    counted = _COUNTABLE.search(together) is not None
    if counted and 2 * sum(map(bool, map(_DATE.fullmatch, sample))) > len(sample):
        return "date"
    if MASK in masked and 2 * sum(MASK in cell for cell in masked.split(grid.CELL)) > len(sample):
        return "masked"
    if counted and 2 * sum(map(bool, map(_NUMBER.fullmatch, sample))) > len(sample):
        return "number"
    if kind := _by_heading(heading):
        return kind
    addresses = sum(map(bool, map(_ADDRESS.search, sample))) if _IN_ADDRESS.search(together) else 0
    return "address" if 2 * addresses > len(sample) else "text"
