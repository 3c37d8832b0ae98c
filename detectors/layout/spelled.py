"""A number that is spelled out, digit by digit, as it is read to somebody over the telephone:
「さん・きゅう・ゼロ …」, "three nine oh …", "três nove zero …".

Twelve words for digits in a row, of one language, that pass the check. Like what is dictated in
groups (`dictated`) they are believed in a mail that asks for 個人番号.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.numbers import individual_number
from detectors.runs import Candidate

# From zero to nine, in small letters and hiragana.
_JAPANESE = "ぜろ|れい|まる|〇 いち に さん よん|し ご ろく なな|しち はち きゅう|く"
_WESTERN = (
    "zero|rei ichi ni san yon|shi go roku nana|shichi hachi kyuu|kyu|ku",
    "zero|oh|o one two three four five six seven eight nine",
    "zero um|uma dois três|tres quatro cinco seis|meia sete oito nove",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
)
_SIGN = r"[ \t\u3000・、，,。.‐ー/|\r\n-]"
# One class first: the search then skips all other characters in C.
_LOUD = re.compile(
    "[きキろロなナしシはハ](?:(?<=[きキ])[ゅュ]|(?<=[ろロ])[くク]|(?<=[なナ])[なナ]|(?<=[しシはハ])[ちチ])"
    r"|(?i:\b(?:six|seven|nine|seis|meia|nove|sete|nueve|siete|roku|nana|hachi)\b)"
)
"""What twelve digits can hardly be told without; it is cheaper to search."""
_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヴ"))}


class _Language:
    def __init__(self, digits: str, signs: str) -> None:
        self._digit = {
            word: str(digit) for digit, of in enumerate(digits.split()) for word in of.split("|")
        }
        self._word = "|".join(sorted(self._digit, key=len, reverse=True))
        word = f"(?:{self._word})"
        self._row = re.compile(rf"(?<![a-z]){word}(?:{_SIGN}{signs}{word}){{11,}}(?![a-z])")

    def numbers(self, heard: str) -> Iterator[Candidate]:
        for row in self._row.finditer(heard):
            digits = "".join(self._digit[word] for word in re.findall(self._word, row[0]))
            if len(digits) == 12 and individual_number.is_valid(digits):
                yield Candidate(*row.span(), digits, "4-4-4", "", dictated=True)


# Without a sign between them kana are words all the same.
_LANGUAGES = (_Language(_JAPANESE, "{0,3}"), *(_Language(digits, "{1,3}") for digits in _WESTERN))


def look(text: str) -> Iterator[Candidate]:
    """
    >>> text = 'いち、に、さん、よん ご・ろく・なな・はち きゅう、ゼロ、いち、はち です'
    >>> [(one.digits[-2:], text[one.end :]) for one in look(text)]
    [('18', ' です')]
    """
    if not _LOUD.search(text):
        return
    heard = text.lower().translate(_HIRAGANA)
    if len(heard) == len(text):  # İ is two letters
        for language in _LANGUAGES:
            yield from language.numbers(heard)
