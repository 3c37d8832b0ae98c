"""A number told in pieces.

- 「上8桁が 12345678、下4桁は 9018」, or one half in each of two mails
- the fields of a form: 「個人番号1：1234」「個人番号2：5678」「個人番号3：9018」
- with a sign that parts no numbers else: 「個人番号 1234★5678★9018」
- with letters keyed for digits: 「個人番号 l234-5678-9Ol8」

Each piece stands behind a word for its place, or its number; in their order they are twelve digits
that pass the check. Who reads the mail puts them together as easily.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from detectors.digits import S
from detectors.numbers import individual_number
from detectors.runs import Candidate

# One class first: the search then skips all other characters in C.
_HINT = re.compile(
    r"[半桁残終次初後まつ続目hd](?:(?<=[半桁次初後目])|(?<=[残終])り|(?<=ま)ず|(?<=つ)づき|(?<=続)き|(?<=h)alf"
    r"|(?<=d)igits|(?<=[\d一-九]つ))"
    r"[^\d。]{0,12}\d\d"
)
"""What none of them is told without; it is cheaper to search."""
_PLACES = (
    "上|前半?|先頭|頭|最初|はじめ|冒頭|まず|[1一]つ目|first",
    "中|真ん中|次|続き|つづき|[2二]つ目|middle|next|second",
    "下|後半?|末尾|残り|あと|最後|後ろ|終わり|おわり|しっぽ|[3三]つ目|last|remaining|rest|third",
)
_PIECE = re.compile(
    rf"(?:{'|'.join(f'({words})' for words in _PLACES)})(?:の|て)?"
    r"(?:[ \u3000]?[\d一-九]{1,2}[ \u3000]?(?:桁|文字|ケタ|けた|つ|個)"
    r"| ?(?:half|(?:\w{1,6} )?digits))?"
    r"[^\d。]{0,10}(\d[\d \u3000-]{1,9}\d)(?![\dつ])",
    re.IGNORECASE,
)
_REACH = 600
"""Characters from one piece to the next."""
_MOST = 40
"""Pieces of one text that are looked at."""


_FORM = ("個人番号", "マイナ", "ﾏｲﾅ", "共通番号", "umber", "UMBER")
"""One of them stands in a text with such fields; to look for them all takes no time."""
_FIELD = re.compile(
    r"(?<![\d.:/])(?<!\d-)([1-9]|1[0-2]|[①-⑫])(?:[)）\]】]+|[)）\]】]*[\"']?[ \u3000]?[:：=])"
    r"[ \u3000]?[\"']?(\d{1,6})(?![\d:.])"
)
_UNDER = re.compile(rf"(?:{'|'.join(_FORM)})[^\s、。]{{0,8}}[\s:：(（\[【_\"'-]*$")
"""What stands before the first of them, in its line or the one above."""
_PARTED = re.compile(
    rf"(?:{'|'.join(_FORM)})[^\d\n]{{0,16}}"
    rf"(\d{{1,6}}(?P<sign>(?=[^\w\n]*[^\w\n{S}])[^\w\n]{{1,6}})\d{{1,6}}(?:(?P=sign)\d{{1,6}}){{1,10}})"
    r"(?!\d)"
)
_KEY = "[\\dOoIlＯｏＩｌ]{4}"
_KEYED = re.compile(
    rf"(?:{'|'.join(_FORM)})[^\d\n]{{0,12}}?(?<![^\W_])({_KEY}([- ]?){_KEY}\2{_KEY})(?![^\W_])"
)
_MEANT = str.maketrans("OoＯｏIlＩｌ", "00001111", "- ")
_NEXT = 60
"""Characters from one field to the next."""


class _Piece(NamedTuple):
    place: int
    digits: str
    start: int
    end: int


def look(text: str) -> Iterator[Candidate]:
    """The 個人番号 that a text tells in two or three pieces, where the last of them stands; or from
    the first to the last field of a form.

    >>> [one.start for one in look('上11桁が12345678901、下1桁は8')]
    []
    """
    if any(word in text for word in _FORM):
        yield from _fields(text)
        yield from _parted(text)
        yield from _keyed(text)
    if not _HINT.search(text):
        return
    pieces = list(_pieces(text))[:_MOST]
    for at, last in enumerate(pieces):
        near = [one for one in pieces[max(at - 2, 0) : at] if last.start - one.end <= _REACH]
        for others in [*combinations(near, 2), *combinations(near, 1)]:
            told = sorted((*others, last))
            digits = "".join(one.digits for one in told)
            if len({one.place for one in told}) == len(told) and individual_number.is_valid(digits):
                yield Candidate(last.start, last.end, digits, "6-6", "")
                break


def _pieces(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text):
        place = next(at for at in range(3) if found[at + 1])
        digits = "".join(str(int(one)) for one in found[4] if one.isdecimal())
        yield _Piece(place, digits, *found.span(4))


def _fields(text: str) -> Iterator[Candidate]:
    """Numbered from 1 and equally long."""
    fields: list[re.Match[str]] = []
    for field in _FIELD.finditer(text):
        if fields and field.start() - fields[-1].end() > _NEXT:
            fields = []
        if _number(field[1]) != len(fields) + 1:
            fields = []
        if fields or (
            _number(field[1]) == 1
            and _UNDER.search(text, max(field.start() - _NEXT, 0), field.start())
        ):
            fields.append(field)
        lengths = [len(one[2]) for one in fields]
        digits = "".join(str(int(digit)) for one in fields for digit in one[2])
        if len(digits) == 12 and len({*lengths}) == 1 and individual_number.is_valid(digits):
            start, end = fields[0].start(2), fields[-1].end(2)
            yield Candidate(start, end, digits, str(len(digits)), "", careless=True)


def _parted(text: str) -> Iterator[Candidate]:
    """By one sign, the same each time."""
    for found in _PARTED.finditer(text):
        digits = "".join(str(int(digit)) for digit in found[1] if digit.isdecimal())
        if len(digits) == 12 and individual_number.is_valid(digits):
            yield Candidate(*found.span(1), digits, str(len(digits)), found["sign"], careless=True)


def _keyed(text: str) -> Iterator[Candidate]:
    """Most of them digits; with digits alone it is read as any other."""
    for found in _KEYED.finditer(text):
        digits = "".join(str(int(digit)) for digit in found[1].translate(_MEANT))
        letters = sum(map(str.isalpha, found[1]))
        if 0 < letters < 5 and individual_number.is_valid(digits):
            yield Candidate(*found.span(1), digits, str(len(digits)), found[2], careless=True)


def _number(mark: str) -> int:
    return int(mark) if mark.isdecimal() else int(unicodedata.numeric(mark))
