"""A second look at what is nearly a 個人番号: letters for digits, one misread, its label lost.

The engine for Japanese weighs thousands of signs for each letter; the one for English, asked for
digits alone, reads the same strip of paper better. Its answer counts only where the check digit
holds and the first reading's did not. A label much smaller than its number is read by itself.

Digits of several fields in one comb are written with blanks between, as they stand: the headings
above them tell which are a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image

from detectors.extract.picture.combs import Place
from detectors.numbers import individual_number

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

_DIGIT_LIKE = re.compile(r"[0-9０-９OoQDUIl|!iSsBZzbGgqTA&.,。・「」\[\](){}ー一\-―/\"'“”]+")
_MARKS = re.compile(r"[^0-9０-９A-Za-z&]")
_SIGNS = range(10, 15)
"""Of a strip that may be twelve digits."""
_CHECKS = 1.5, 1.0, 1.25
"""Sizes at which a number that was read at once is looked at again."""
_LOOKS = 120
"""A page of them, at 10 to 20 ms each."""
_SIZES = (1.0, 1.5, 0.8, 1.25)
"""A digit that is misread at one size is read at another."""
_AGREE = 3
"""Of these: one in ten of all readings passes the check, whatever was printed."""
_NEAR = 1.6
"""Of a digit's height: the gap between words that may be one number."""
_REST = 4
"""Digits beside twelve that make something else of them: a 法人番号, a card."""
_LABEL_WIDTH = 12
_LABEL_SIZES = (1.0, 0.8, 0.6, 1.5)
"""The engine takes dust beside a label for more of it, at one size or another."""
_NAMED = re.compile(r"番\s*号|ナ\s*ン\s*バ")

_BLANK = r"\s*"
_SPELLINGS = tuple(
    (re.compile(_BLANK.join(signs)), label)
    for signs, label in (
        (("個", "[人入大八]", "[^\\s情]", "[号弓写呈]"), "個人番号"),
        (("個", "人", "番", r"(?=\d{4})"), "個人番号 "),  # its last letter lost at a box
        (("[個伯固値眉箇佃倡侶周仙何伺侃佐偶僻侮]", "人", "番", "[号弓写昌呈]"), "個人番号"),
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


class SecondLook:
    """At one page, by the engine for words and the one for digits; both look at one line."""

    def __init__(
        self,
        page: Image.Image,
        long: Sequence[Place],
        words: PyTessBaseAPI,
        digits: PyTessBaseAPI,
    ) -> None:
        self._page, self._long, self._words, self._digits = page, long, words, digits
        self._left = _LOOKS
        self.agreed: set[str] = set()
        """The numbers that both engines read."""

    def mended(self, lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
        """The same, with what only the second look could read; a number is one word."""
        return [self._line(line) for line in lines]

    def _line(self, line: Sequence[Word]) -> list[Word]:
        said: list[Word] = []
        for strip in _strips(line):
            text = self._strip(strip)
            if is_number(text):
                self._check(text, _around(strip, ""))
            if is_number(text) and not _NAMED.search(spelt(joined(said))):
                said = self._labelled(said, strip)
            said.append(_around(strip, text))
        return said

    def _strip(self, strip: Sequence[Word]) -> str:
        text = " ".join(word.text for word in strip)
        if self._long and (singly := self._singly(_around(strip, text))):
            return singly
        if not _is_doubtful(text):
            return text
        digits = _ascii(_MARKS.sub("", text))
        if is_number(digits):  # a bit of a box's wall before it, or a blank too many
            return digits
        return self._number(_around(strip, "")) or text

    def _singly(self, strip: Word) -> str:
        """Its digits one by one, "" where it is not the whole of a comb of several fields."""
        digits = _ascii(strip.text).replace(" ", "")
        across, level = (strip.left + strip.right) / 2, (strip.top + strip.bottom) / 2
        whole = digits.isdecimal() and any(
            comb.left < across < comb.right
            and comb.top < level < comb.bottom
            and len(digits) == comb.digits
            for comb in self._long
        )
        return " ".join(digits) if whole else ""

    def _check(self, text: str, box: Word) -> None:
        digits = re.sub(r"\D", "", _ascii(text))
        if any(
            re.sub(r"\D", "", self._look(self._digits, box, size)) == digits for size in _CHECKS
        ):
            self.agreed.add(digits)

    def _number(self, box: Word) -> str:
        """The twelve digits of the strip, "" where too few looks agree on them."""
        looks = Counter(re.sub(r"\D", "", self._look(self._digits, box, size)) for size in _SIZES)
        digits, agree = looks.most_common(1)[0]
        return digits if agree >= _AGREE and individual_number.is_valid(digits) else ""

    def _labelled(self, before: list[Word], number: Sequence[Word]) -> list[Word]:
        """What stands before a number, read by itself; as it was where that gives no label."""
        box = _around(number, "")
        left = max(0, box.left - _LABEL_WIDTH * (box.bottom - box.top))
        label = Word("", left, box.top, box.left, box.bottom)
        if not before or label.right - label.left < 20:
            return before
        sizes = _LABEL_SIZES if self._left > _LOOKS // 2 else _LABEL_SIZES[:1]  # no long list
        looks = (spelt(self._look(self._words, label, size).strip()) for size in sizes)
        text = next(filter(_NAMED.search, looks), "")
        return [Word(text, *_sides(label))] if text else before

    def _look(self, api: PyTessBaseAPI, box: Word, size: float) -> str:
        self._left -= 1
        if self._left < 0:
            return ""
        crop = self._page.crop(_sides(box))
        shape = (max(1, round(crop.width * size)), max(1, round(crop.height * size)))
        api.SetImage(crop.resize(shape, Image.Resampling.BICUBIC))
        return str(api.GetUTF8Text())


def spelt(text: str) -> str:
    """Labels with one letter misread: no number is found under 「個人閉号」.

    >>> spelt("周人 番号")
    '個人番号'
    """
    for pattern, label in _SPELLINGS:
        text = pattern.sub(label, text)
    return text


def _strips(line: Sequence[Word]) -> Iterator[list[Word]]:
    """Words of digits that stand close, and every other word alone."""
    strip: list[Word] = []
    for word in line:
        near = strip and word.left - strip[-1].right < _NEAR * (word.bottom - word.top)
        alike = near and all(_DIGIT_LIKE.fullmatch(w.text) for w in (strip[-1], word))
        if strip and (not alike or _are_two(strip[-1].text, word.text)):
            yield strip
            strip = []
        strip.append(word)
    if strip:
        yield strip


def _are_two(one: str, other: str) -> bool:
    """Whether one is a number, and the other too long to be the rest of something longer."""
    return any(is_number(text) for text in (one, other)) and min(len(one), len(other)) > _REST


def joined(words: Sequence[Word]) -> str:
    """The words of a line; those of Japanese, which are none, without a blank between."""
    pieces = [word.text for word in words[:1]]
    for before, word in pairwise(words):
        apart = word.left - before.right > 0.7 * (before.bottom - before.top)
        plain = f"{before.text[-1:]}{word.text[:1]}".isascii()
        plain |= is_number(word.text) or is_number(before.text)  # the next cell, a rule away
        pieces.append(f" {word.text}" if apart or plain else word.text)
    return "".join(pieces)


def _is_doubtful(text: str) -> bool:
    """Whether it may be a number with something wrong in or around it."""
    signs = _MARKS.sub("", text)
    digits = sum(sign.isdecimal() for sign in signs)
    plain = _DIGIT_LIKE.fullmatch(text.replace(" ", ""))
    return bool(plain) and digits >= 7 and len(signs) in _SIGNS and not is_number(text)


def is_number(text: str) -> bool:
    """Whether it is a 個人番号 as such are written."""
    groups = _ascii(text).replace("-", " ").split(" ")
    whole = "".join(groups)
    return len(groups) in (1, 3) and whole.isdecimal() and individual_number.is_valid(whole)


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _around(strip: Sequence[Word], text: str) -> Word:
    """The box of all, with some paper around it where it is to be looked at."""
    top, bottom = min(word.top for word in strip), max(word.bottom for word in strip)
    edge = 0 if text else max(4, round(0.35 * (bottom - top)))
    left, right = min(word.left for word in strip), max(word.right for word in strip)
    return Word(text, max(0, left - edge), max(0, top - edge), right + edge, bottom + edge)


def _sides(box: Word) -> tuple[int, int, int, int]:
    return box.left, box.top, box.right, box.bottom
