"""Words that were read off a page, with their places: the lines they make, labels as they are
misread, and twelve digits as they are printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from detectors.extract.picture.combs import Place
from detectors.numbers import individual_number

PRINTED = re.compile(r"(?<!\d)(?:\d{4} \d{4} \d{4}|\d{12})(?!\d)")
"""Twelve digits as they are printed, which may be a 個人番号 (`is_number`)."""
_BLANK = r"\s*"
_SPELLINGS = tuple(
    (re.compile(_BLANK.join(signs)), label)
    for signs, label in (
        (("個", "[人入大八]", "[^\\s情]", "[号弓写呈]"), "個人番号"),
        (("個", "人", "番", r"(?=\d{4})"), "個人番号 "),  # its last letter lost at a box
        # any letter but those of 法人番号, 求人番号, 本人番号 …
        (("[^\\s個法求本各国証名請出主理続取約住役\\d]", "人", "番", "[号弓写昌呈引]"), "個人番号"),
        # on the forms of 年金, whatever was read before
        (
            (r"[^\s\[【［(]{2,5}[\[【［(]", "基", r"\S{0,2}年金\S{0,2}[\]】］)]"),
            "個人番号[基礎年金番号]",
        ),
        (("マ", "[イィ]", "ナ", "[ンソシ]", "[バパハ]", "[ー一ニ二―-]"), "マイナンバー"),
    )
)


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    left: int
    top: int
    right: int
    bottom: int


def spelt(text: str) -> str:
    """Labels with one letter misread: no number is found under 「個人閉号」.

    >>> spelt("周人 番号")
    '個人番号'
    """
    for pattern, label in _SPELLINGS:
        text = pattern.sub(label, text)
    return text


def joined(words: Sequence[Word]) -> str:
    """The words of a line; those of Japanese, which are none, without a blank between."""
    pieces = [word.text for word in words[:1]]
    for before, word in pairwise(words):
        apart = word.left - before.right > 0.7 * (before.bottom - before.top)
        plain = f"{before.text[-1:]}{word.text[:1]}".isascii()
        plain |= is_number(word.text) or is_number(before.text)  # the next cell, a rule away
        pieces.append(f" {word.text}" if apart or plain else word.text)
    return "".join(pieces)


def is_number(text: str) -> bool:
    """Whether it is a 個人番号 as such are written."""
    groups = to_ascii(text).replace("-", " ").split(" ")
    whole = "".join(groups)
    return len(groups) in (1, 3) and whole.isdecimal() and individual_number.is_valid(whole)


def to_ascii(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def around(strip: Sequence[Word], text: str) -> Word:
    """The box of all, with some paper around it where it is to be looked at."""
    top, bottom = min(word.top for word in strip), max(word.bottom for word in strip)
    edge = 0 if text else max(4, round(0.35 * (bottom - top)))
    left, right = min(word.left for word in strip), max(word.right for word in strip)
    return Word(text, max(0, left - edge), max(0, top - edge), right + edge, bottom + edge)


def level(line: Sequence[Word]) -> float:
    """Where the line runs: the median of the middles of its words."""
    return median((word.top + word.bottom) / 2 for word in line)


def off(line: Sequence[Word], row: Place) -> float:
    """How far the line runs from the row."""
    return abs(level(line) - (row.top + row.bottom) / 2) if line else float("inf")


def is_in(word: Word, comb: Place) -> bool:
    across, middle = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return comb.left < across < comb.right and comb.top < middle < comb.bottom


def sides(box: Word | Place) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
