"""The face of a マイナンバーカード or 通知カード in a picture, whose title is often misread.

Such a picture is what people send when they are asked for their number: twelve digits, a name and
little else. A camera loses the small print that says what it is.
"""

from __future__ import annotations

import re
import unicodedata

from detectors.extract.picture.secondlook import is_number
from detectors.persons import people

TITLE = "個人番号カード"
_BARE = "個人番号カート"
"""Without the marks of voiced sounds, which a small picture loses."""
_LETTERS = 4
"""Of these seven, in their order, that a title misread still has; 「会員カード」 has three."""
_SHORT = 60
"""Letters on a face, its digits aside."""
_FOURS = re.compile(r"\d{4} \d{4} \d{4}")


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
