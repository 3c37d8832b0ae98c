"""A number right behind its label whose digits are kept apart, or are not all keyed as digits.

- the fields of a form: 「個人番号1：1234」「個人番号2：5678」「個人番号3：9018」
- with a sign that parts no numbers else: 「個人番号 1234★5678★9018」
- with letters for digits: 「個人番号 l234-5678-9Ol8」

None would be read without the label, and all must pass the check.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from detectors.digits import S, decimals
from detectors.numbers import individual_number
from detectors.runs import Candidate

_FIELD = (
    r"([1-9]|1[0-2]|[①-⑫])(?:[)）\]】]+|[)）\]】]*[\"']?[ \u3000]?[:：=])"
    r"[ \u3000]?[\"']?(\d{1,6})(?![\d:.])"
)
_FIRST = re.compile(rf"[^\s、。\d]{{0,8}}[\s:：(（\[【_\"'-]*{_FIELD}")
_FURTHER = re.compile(rf"(?<![\d.:/])(?<!\d-){_FIELD}")
_NEXT = 70
"""Characters within which the next field stands."""
_PARTED = re.compile(
    rf"[^\d\n]{{0,16}}(\d{{1,6}}(?P<sign>(?=[^\w\n]*[^\w\n{S}])[^\w\n]{{1,6}})\d{{1,6}}"
    r"(?:(?P=sign)\d{1,6}){1,10})(?!\d)"
)
_KEY = "[\\dOoIlＯｏＩｌ]{4}"
_KEYED = re.compile(
    rf"[^\d\n]{{0,12}}?(?<![^\W_])({_KEY}(?P<sign>[- ]?){_KEY}(?P=sign){_KEY})(?![^\W_])"
)
_MEANT = str.maketrans("OoＯｏIlＩｌ", "00001111")
_MOST_LETTERS = 4


def look(text: str, named: Sequence[int]) -> Iterator[Candidate]:
    """`named`: where labels may end (`individual_number.named`).

    >>> [(one.start, one.end) for one in look('個人番号 1234★5678★9018', [3])]
    [(5, 19)]
    """
    end = 0
    for at in named:
        # 「個人番号2：」 stands within the fields
        if at > end and (found := _fields(text, at) or _written(text, at)):
            end = found.end
            yield found


def _fields(text: str, at: int) -> Candidate | None:
    """Numbered from 1 and equally long."""
    field = _FIRST.match(text, at)
    fields: list[re.Match[str]] = []
    while field and _number(field[1]) == len(fields) + 1:
        fields.append(field)
        digits = decimals("".join(one[2] for one in fields))
        if len(digits) >= 12 or len(field[2]) != len(fields[0][2]):
            return _candidate(digits, fields[0].start(2), field.end(2), "")
        field = _FURTHER.search(text, field.end(), field.end() + _NEXT)
    return None


def _written(text: str, at: int) -> Candidate | None:
    if found := _PARTED.match(text, at):
        return _candidate(decimals(found[1]), *found.span(1), found["sign"])
    found = _KEYED.match(text, at)
    if found and 0 < sum(map(str.isalpha, found[1])) <= _MOST_LETTERS:
        return _candidate(decimals(found[1].translate(_MEANT)), *found.span(1), found["sign"])
    return None


def _candidate(digits: str, start: int, end: int, sign: str) -> Candidate | None:
    if len(digits) != 12 or not individual_number.is_valid(digits):
        return None
    return Candidate(start, end, digits, str(len(digits)), sign, careless=True)


def _number(mark: str) -> int:
    return int(mark) if mark.isdecimal() else int(unicodedata.numeric(mark))
