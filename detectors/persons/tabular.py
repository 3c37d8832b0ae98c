"""Persons in a table: by its headings, or by what stands in its columns where no heading tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from detectors import grid, linear
from detectors.folding import unify
from detectors.persons import people
from detectors.persons.roster import Row, why
from detectors.report import Reason
from detectors.seen import Box
from detectors.surface import Table
from detectors.words import fold

_PERSON = re.compile(
    r"(?:お|ご)?(?:氏名|名前|姓名|芳名)|(?:ご?本人|代表者|保護者|世帯主|受取人|お?届け?先|ご?依頼主|宛)(?:氏?名|様名?)"
    r"|(?:社員|従業員|職員|顧客|会員|お?客様|受講者|受験者|参加者|出席者|申込者?|契約者|加入者|被保険者|生徒|児童|園児|学生|患者"
    r"|利用者|入居者|株主|組合員|応募者|購入者|寄付者)(?:の?お?(?:氏名|名前)|名)"
    r"|(?:(?:full|customer|employee|member|client|patient|student|recipient|guest)'?s?[-_]?)?"
    r"name(?![a-z])"
)
_CONTACT = re.compile(
    r"(?:ご?担当者?|窓口)(?:の?お?(?:氏名|名前)|名|者)?$|contact(?:person|name)?$|attn"
)
"""Who answers for something: the same few people in every row of a list of something else."""
_FAMILY = re.compile(r"姓$|氏$|苗字|名字|(?:last|family)[-_]?name|surname")
_GIVEN = re.compile(r"名$|(?:first|given)[-_]?name")
_KANA = re.compile(
    r"(?:お?名前の?|氏名の?)?(?:フリガナ|ふりがな|カナ|よみ(?:がな)?|読み)|カナ氏名|セイメイ"
)
_DETAILS: dict[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "住所": (re.compile(r"住所|所在地|居所|address(?!.*mail)"), lambda value: len(value) >= 4),
    "生年月日": (re.compile(r"生年月日|誕生日|生まれ|birth|dob$"), people.has_date),
    "電話": (re.compile(r"電話|携帯|(?<![a-z])tel|phone|mobile|連絡先"), people.has_phone),
    "メール": (re.compile(r"メール|e?-?mail|メアド"), people.has_mail),
}
_FORMS: dict[str, Callable[[str], bool]] = {
    "電話": people.has_phone,
    "メール": people.has_mail,
    "生年月日": people.has_birthday,
    "住所": people.has_address,
}
_CELL = "\ue000"
_IN_ANY_NAME = re.compile(
    "名|様|姓|氏|字|担当|窓口|ガナ|がな|カナ|よみ|読み|セイ|name|contact|attn"
)
"""What none of the above is without: most tables are of things."""
_SIGNS: dict[Callable[[str], bool], re.Pattern[str]] = {
    people.has_phone: re.compile(r"0[-\d() ]{8}|\+81"),
    people.has_mail: re.compile("@"),
    people.has_birthday: re.compile(
        r"[12明大昭平令MTSHR](?:(?:(?<=1)9\d|(?<=2)0[01])\d(?:\s?[年./-]|[01]\d)"
        r"|(?<=[明大昭平令])[治正和成]?\.?\s?[\d元]|(?<=[MTSHR])\.?\s?[\d元])"
    ),
    people.has_address: re.compile("[都道府県市区郡町村〒]"),
}
"""What no value of the form is without: looked for once in all of a column."""
_ANY_SIGN = linear.utf8(
    r"(?s)0[-\pN() ]{8}|\+81|@|[都道府県市区郡町村〒]|[明大昭平令MTSHR].{0,3}[\pN元]"
    r"|(?:19\pN|20[01])\pN(?:.?[年./-]|[01]\pN)"
)
"""What no value of any form is without."""
_HEADING_ROWS = 60
_LONGEST_HEADING = 20
_SAMPLE = 60
_MOST_COLUMNS = 60
_NOBODY = re.compile(
    r"[\W\d_]*|.*(?:合計|小計|総計|以上|サンプル|記入例|記載例|見本|なし|該当なし|未定|同上)"
)


@dataclass(frozen=True, slots=True)
class Columns:
    start: int
    """Index of the first row below the headings."""
    name: tuple[int, ...]
    """One, or family and given name."""
    details: dict[str, int]
    by_name: bool = False
    """Persons are told apart by their names alone."""


def rows(table: Table) -> Sequence[Row]:
    columns = _by_headings(table) or _by_content(table)
    return list(_people(table, columns)) if columns else ()


def _by_headings(table: Table) -> Columns | None:
    top = [
        [cell if len(cell) <= _LONGEST_HEADING else "" for cell in row[:_MOST_COLUMNS]]
        for row in table.rows[:_HEADING_ROWS]
    ]
    text, end = fold(grid.joined(top)), 0
    while found := _IN_ANY_NAME.search(text, end):
        at = text.count(grid.ROW, 0, found.start())
        start = text.rfind(grid.ROW, 0, found.start()) + 1
        end = text.find(grid.ROW, start)
        headings = text[start:end].split(grid.CELL)
        name, by_name = _name_columns(headings)
        if name and (details := _details(table, at, headings)):
            return Columns(at, name, details, by_name)
    return None


def _name_columns(headings: list[str]) -> tuple[tuple[int, ...], bool]:
    family, given = _first(_FAMILY, headings), _first(_GIVEN, headings, whole=True)
    if (person := _first(_PERSON, headings)) is not None and person != family:
        return (person,), False
    if family is not None:
        return (family,) if given is None else (family, given), False
    if (person := _first(_KANA, headings)) is not None:
        return (person,), False
    contact = _first(_CONTACT, headings)
    return (() if contact is None else (contact,)), True


def _first(pattern: re.Pattern[str], headings: list[str], whole: bool = False) -> int | None:
    fits = pattern.fullmatch if whole else pattern.match
    return next((i for i, text in enumerate(headings) if text and fits(text)), None)


def _details(table: Table, start: int, headings: list[str]) -> dict[str, int]:
    """The details that headings promise and half of the filled cells keep, with their columns."""
    found: dict[str, int] = {}
    sample = _Sample(table, start)
    for word, (pattern, form) in _DETAILS.items():
        for index, text in enumerate(headings):
            if text and pattern.search(text) and sample.keeps(index, form, 0.5):
                found[word] = index
                break
    return found


def _by_content(table: Table) -> Columns | None:
    """A column of full names, a third of them frequent ones, beside one of details."""
    rows = [row[:_MOST_COLUMNS] for row in table.rows[:_SAMPLE]]
    if not _ANY_SIGN.search(unify(grid.joined(rows)).encode("utf-8", "replace")):
        return None
    sample = _Sample(table, 0)
    every = range(len(sample.columns))
    details = {
        word: column
        for word, form in _FORMS.items()
        if (column := sample.first(every, form)) is not None
    }
    if not details:
        return None
    left = [column for column in every if column not in details.values()]
    name = sample.first(left, people.is_name)
    if name is None or not sample.keeps(name, people.is_known, 0.3):
        return None
    return Columns(0, (name,), details)


class _Sample:
    """The first rows below the headings, column by column, each made alike once."""

    def __init__(self, table: Table, start: int) -> None:
        rows = [row[:_MOST_COLUMNS] for row in table.rows[start : start + _SAMPLE]]
        columns = [[*filter(None, column)] for column in zip_longest(*rows, fillvalue="")]
        self.columns, values = grid.alike(columns, unify)
        # Where hardly any cell is filled, the column is none.
        self._values = [
            each if filled and 3 * len(filled) >= min(len(rows), 9) else []
            for each, filled in zip(values, columns, strict=True)
        ]

    def first(self, columns: Sequence[int], form: Callable[[str], bool]) -> int | None:
        return next((column for column in columns if self.keeps(column, form, 0.6)), None)

    def keeps(self, column: int, form: Callable[[str], bool], least: float) -> bool:
        """Whether that share of the filled cells is of the form."""
        values = self._values[column] if column < len(self._values) else []
        sign = _SIGNS.get(form)
        if not values or (sign and not sign.search(self.columns[column])):
            return False
        kept = len(values)
        for value in values:
            if not form(value.strip()):
                kept -= 1
                if kept / len(values) < least:
                    return False
        return True


def _people(table: Table, columns: Columns) -> Iterator[Row]:
    """Rows with a name and at least one detail."""
    used = (*columns.name, *columns.details.values())
    left, right = min(used), max(used)
    left, right = left + table.first_column, right + table.first_column
    reason: Reason = why(list(columns.details))
    below = table.rows[columns.start :]
    details = [_detail(row, columns) for row in below]
    names = _folded(["".join([row[i] for i in columns.name if i < len(row)]) for row in below])
    persons = zip(names, details, _folded(details), strict=True)
    for number, (name, written, detail) in enumerate(persons, table.first_row + columns.start):
        if written and 2 <= len(name) <= 60 and not _NOBODY.fullmatch(name):
            key = name if columns.by_name else f"{name}/{detail}"
            yield Row(key, reason, Box(number, left, number, right))


def _detail(row: Sequence[str], columns: Columns) -> str:
    """The first that is filled."""
    for column in columns.details.values():
        if column < len(row) and (value := row[column].strip()):
            return value
    return ""


def _folded(texts: list[str]) -> list[str]:
    """Each folded; all at once, since each call costs."""
    together = _CELL.join(texts)
    if together.count(_CELL) != len(texts) - 1:
        return [fold(text) for text in texts]
    return fold(together).split(_CELL)
