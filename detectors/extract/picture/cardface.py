"""The face of a マイナンバーカード or 通知カード in a picture, whose title is often misread.

Such a picture is what people send when they are asked for their number: twelve digits, a name and
little else. A camera loses the small print that says what it is.
"""

from __future__ import annotations

import re
import unicodedata

from detectors.extract.picture.words import PRINTED, is_number
from detectors.numbers import drivers_license
from detectors.persons import people

TITLE = "個人番号カード"
_BARE = "個人番号カート"
"""Without the marks of voiced sounds, which a small picture loses."""
_LETTERS = 4
"""Of these seven, in their order, that a title misread still has; 「会員カード」 has three."""
_SHORT = 60
"""Letters on a face, its digits aside."""
_FOURS = re.compile(r"\d{4} \d{4} \d{4}")
_MOST = 400
"""Signs on a side of a card, with the small print under it and what the camera made of the rest."""
_BORN = re.compile(r"生年月日|年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日昌晶]\s*生")
_OTHERS = re.compile(r"免許|公安|有効|交付|条件|保険|会員|診察|学生|在留|旅券|口座|注文|No\.")
"""On cards that have other numbers."""


def is_face(text: str) -> bool:
    """Whether a text read off a picture is that of a card, by its title or by there being no more
    than a number in groups of four and a person's name.

    >>> is_face("人カード\\n番号は別紙")
    False
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    numbers = [line for line in lines if is_number(line)]
    if len(numbers) != 1 or len(re.sub(r"[\s\d]", "", text)) > _SHORT:
        return False
    if any(map(_is_title, lines)):
        return True
    named = any(people.is_known(_name(line)) for line in lines)
    return named and _FOURS.fullmatch(numbers[0]) is not None and len(lines) <= 5


def is_back(text: str) -> bool:
    """Whether it is that of the side that has the number: one number, a day of birth, and nothing
    that other cards say. What stands before the number is print of two millimetres.

    >>> is_back("人人番号 1234 5678 9018\\n昭和50年12月5日生"), is_back("1234 5678 9018")
    (True, False)
    """
    if len(text) > _MOST or not _BORN.search(text) or _OTHERS.search(text):
        return False
    printed = {found[0] for found in PRINTED.finditer(text)}
    own = [number for number in printed if is_number(number)]
    # A licence has its number in one.
    is_licence = own[:1] and own[0].isdecimal() and drivers_license.is_valid(own[0])
    return len(own) == 1 and not is_licence


def is_on(text: str, said: str) -> bool:
    """Whether a code of squares says a number of which a third or more is printed beside it, with
    somebody's day of birth: tickets and labels have codes of their numbers, too.

    >>> is_on("O1 5678 9018 昭和50年12月5日生", "123456789018"), is_on("5678", "123456789018")
    (True, False)
    """
    if len(said) != 12 or not is_number(said) or not _BORN.search(text):
        return False
    groups = said[:4], said[4:8], said[8:]
    return said in re.sub(r"\s", "", text) or any(
        re.search(rf"(?<!\d){group}(?!\d)", text) for group in groups
    )


def _name(line: str) -> str:
    return re.sub(r"[|\s]|氏名", "", line)


def _is_title(line: str) -> bool:
    plain = unicodedata.normalize("NFD", re.sub(r"\s", "", line))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return len(letters) <= len(_BARE) + 2 and _common(letters, _BARE) >= _LETTERS


def _common(a: str, b: str) -> int:
    """How many letters both have in the same order."""
    row = [0] * (len(b) + 1)
    for sign in a:
        before, row = row, [0]
        for at, other in enumerate(b):
            same = before[at] + 1 if sign == other else 0
            row.append(max(same, before[at + 1], row[at]))
    return row[-1]
