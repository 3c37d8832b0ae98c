"""A second look at what is nearly a 個人番号: letters for digits, one misread, its label lost.

The engine for Japanese weighs thousands of signs for each letter; the one for English, asked for
digits alone, reads the same strip of paper better. Its answer counts only where the check digit
holds and the first reading's did not. A label much smaller than its number is read by itself.

Rows of twelve digits are looked at wherever they stand, set anew (`typeset`): of a card, or of a
form that was filled in by hand, the first reading may have made anything.

Digits of several fields in one comb are written with blanks between, as they stand: the headings
above them tell which are a number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from detectors.extract.picture import typeset
from detectors.extract.picture.combs import Closed, Place
from detectors.extract.picture.words import (
    Word,
    around,
    is_in,
    is_number,
    joined,
    level,
    off,
    sides,
    spelt,
    to_ascii,
)
from detectors.numbers import individual_number

if TYPE_CHECKING:
    from tesserocr import PyTessBaseAPI

_DIGIT_LIKE = re.compile(r"[0-9０-９OoQDUIl|!iSsBZzbGgqTA&.,。・「」\[\](){}ー一\-―/\"'“”]+")
_MARKS = re.compile(r"[^0-9０-９A-Za-z&]")
_SIGNS = range(10, 15)
"""Of a strip that may be twelve digits."""
_MIXED, _FEWEST = range(9, 18), 5
"""Signs behind a label, of which so many are digits, that may be a number."""
_CHECKS = 1.5, 1.0, 1.25
"""Sizes at which a number that was read at once is looked at again."""
_LOOKS = 300
"""A page of them, at 10 ms each."""
_SIZES = (1.0, 1.5, 0.8, 1.25)
"""A digit that is misread at one size is read at another."""
_GAPS, _HEIGHTS = (0.15, 0.35), (24, 32, 42)
"""Of digits that are set anew: between them, in heights, and their height in pixels."""
_FULL = 12
_AGREE = 3
"""Of the looks: one in ten of all readings passes the check, whatever was printed."""
_NEAR = 1.6
"""Of a digit's height: the gap between words that may be one number."""
_REST = 4
"""Digits beside twelve that make something else of them: a 法人番号, a card."""
_LABEL = 4
"""Signs of one: fewer are what was made of it."""
_LABEL_WIDTH = 12
_LABEL_SIZES = (1.0, 0.8, 0.6, 1.5)
"""The engine takes dust beside a label for more of it, at one size or another."""
_NAMED = re.compile(r"番\s*号|ナ\s*ン\s*バ")

_LETTERS = re.compile("[ぁ-んァ-ヶ一-龠]")
_ENDS_IN_LABEL = re.compile(r"(?:個人番号|マイナンバー)[^\w\s]?\Z")


class SecondLook:
    """At one page, by the engine for words and the one for digits; both look at one line."""

    def __init__(
        self,
        closed: Closed,
        words: PyTessBaseAPI,
        digits: PyTessBaseAPI,
    ) -> None:
        self._page = Image.fromarray(closed.page)
        self._long, self._full = closed.long, closed.full
        self._words, self._digits = words, digits
        self._left = _LOOKS
        self.agreed: set[str] = set()
        """The numbers that both engines read."""
        self.unread = False
        """Whether there are twelve boxes filled in that could not be read."""

    def mended(self, lines: Sequence[Sequence[Word]]) -> list[list[Word]]:
        """The same, with what only the second look could read; a number is one word."""
        read = [self._line(line) for line in lines]
        for row in self._full:
            self._row(read, row)
        return sorted(filter(None, read), key=level)

    def _row(self, lines: list[list[Word]], row: Place) -> None:
        """Puts the number of a row of twelve digits in where it was not read as one."""
        mine = [word for line in lines for word in line if is_in(word, row)]
        if any(is_number(word.text) for word in mine) or _is_text(mine):
            return
        number, looks = self._looked_at(around([Word("", *sides(row))], ""))
        if number:
            for line in lines:
                line[:] = [word for word in line if word not in mine]
            self._put(lines, row, number)
        elif row.boxes and _is_named(lines, row):
            self.unread |= _is_doubted(looks)

    def _put(self, lines: list[list[Word]], row: Place, number: str) -> None:
        """Puts it into the line of its row, or into a new one, behind its label."""
        line = min(lines, key=lambda line: off(line, row), default=[])
        if off(line, row) >= row.bottom - row.top:
            lines.append(line := [])
        line.sort(key=lambda word: word.left)
        before = [word for word in line if word.right <= row.left]
        found = Word(number, *sides(row))
        label = self._labelled(before, [found]) if len(joined(before)) < _LABEL else before
        line[:] = [*label, found, *line[len(before) :]]

    def _line(self, line: Sequence[Word]) -> list[Word]:
        said: list[Word] = []
        for strip in _strips(line):
            text = self._strip(strip)
            if is_number(text):
                text = self._checked(text, around(strip, ""))
                said = self._labelled(said, strip)
            said.append(around(strip, text))
        return said if any(is_number(word.text) for word in said) else self._behind(said)

    def _behind(self, line: list[Word]) -> list[Word]:
        """The line with the number behind its label, where letters were read among the digits."""
        label = next((at for at in range(len(line), 0, -1) if _is_label(line[:at])), 0)
        rest = line[label:]
        signs = re.sub(r"\s", "", to_ascii("".join(word.text for word in rest)))
        digits = sum(map(str.isdecimal, signs))
        if not label or digits < _FEWEST or len(signs) not in _MIXED:
            return line
        number = self._number(around(rest, ""))
        return [*line[:label], around(rest, number)] if number else line

    def _strip(self, strip: Sequence[Word]) -> str:
        text = " ".join(word.text for word in strip)
        if self._long and (singly := self._singly(around(strip, text))):
            return singly
        if not _is_doubtful(text):
            return text
        digits = to_ascii(_MARKS.sub("", text))
        if is_number(digits):  # a bit of a box's wall before it, or a blank too many
            return digits
        return self._number(around(strip, "")) or text

    def _singly(self, strip: Word) -> str:
        """Its digits one by one, "" where it is not the whole of a comb of several fields."""
        digits = to_ascii(strip.text).replace(" ", "")
        whole = digits.isdecimal() and any(
            is_in(strip, comb) and len(digits) == comb.digits for comb in self._long
        )
        return " ".join(digits) if whole else ""

    def _checked(self, text: str, box: Word) -> str:
        """The number as it was read at once, or as it is read again where both engines differ."""
        digits = _digits(to_ascii(text))
        looks = (self._look(self._digits, box, size) for size in _CHECKS)
        if any(_digits(look) == digits for look in looks):
            self.agreed.add(digits)
            return text
        again = set(map(_digits, self._anew(box)))
        return again.pop() if len(again) == 1 and all(map(is_number, again)) else text

    def _number(self, box: Word) -> str:
        """The twelve digits of the strip, "" where too few looks agree on them."""
        return self._looked_at(box)[0]

    def _looked_at(self, box: Word) -> tuple[str, list[str]]:
        """The number, as above, and what all looks gave."""
        every: list[str] = []
        for look in (self._anew, self._as_it_is):
            every += (looks := list(look(box)))
            if number := _agreed(looks):
                return number, every
        return "", every

    def _as_it_is(self, box: Word) -> Iterator[str]:
        yield from (self._look(self._digits, box, size) for size in _SIZES)

    def _anew(self, box: Word) -> Iterator[str]:
        """With its digits set anew, if it has twelve."""
        strip = np.asarray(self._page.crop(sides(box)))
        found = typeset.digits(strip)
        if len(found.left) != _FULL or self._left < 0:
            return
        for gap in _GAPS:
            line = Image.fromarray(typeset.typeset(strip, found, gap))
            for height in _HEIGHTS:
                self._left -= 1
                yield _read(self._digits, line, height / float(np.median(found.height)))

    def _labelled(self, before: list[Word], number: Sequence[Word]) -> list[Word]:
        """What stands before a number, read by itself; as it was where that gives no label, or
        where it was read as one."""
        if _NAMED.search(spelt(joined(before))):
            return before
        box = around(number, "")
        left = max(0, box.left - _LABEL_WIDTH * (box.bottom - box.top))
        label = Word("", left, box.top, box.left, box.bottom)
        if not before or label.right - label.left < 20:
            return before
        sizes = _LABEL_SIZES if self._left > _LOOKS // 2 else _LABEL_SIZES[:1]  # no long list
        looks = (spelt(self._look(self._words, label, size).strip()) for size in sizes)
        text = next(filter(_NAMED.search, looks), "")
        return [Word(text, *sides(label))] if text else before

    def _look(self, api: PyTessBaseAPI, box: Word, size: float) -> str:
        self._left -= 1
        if self._left < 0:
            return ""
        return _read(api, self._page.crop(sides(box)), size)


def _is_doubted(looks: Sequence[str]) -> bool:
    """Whether these are digits, and not twelve that all looks read alike: another number."""
    read = list(map(_digits, looks))
    return median(map(len, read)) >= _FULL / 2 and {len(one) for one in read} != {_FULL}


def _is_named(lines: Sequence[Sequence[Word]], row: Place) -> bool:
    """Whether the words before the row or, above it, the next that have letters name 個人番号."""
    before = [
        [word for word in line if word.right <= row.left]
        for line in lines
        if line and off(line, row) < row.bottom - row.top
    ]
    above = [
        [word for word in line if word.right > row.left and word.left < row.boxes]
        for line in reversed(lines)
        if line and level(line) < row.top
    ]
    texts = (spelt(joined(words)) for words in (*before, *above) if words)
    said = next((text for text in texts if len(_LETTERS.findall(text)) >= _LABEL), "")
    return individual_number.may_be_named(said)


def _agreed(looks: Iterable[str]) -> str:
    """The number that most looks have, digit by digit: where one errs the others do not. "" where
    too few have twelve, or it fails its check."""
    full = [digits for digits in map(_digits, looks) if len(digits) == _FULL]
    if len(full) < _AGREE:
        return ""
    digits = "".join(Counter(column).most_common(1)[0][0] for column in zip(*full, strict=True))
    return digits if individual_number.is_valid(digits) else ""


def _digits(look: str) -> str:
    return re.sub(r"\D", "", look)


def _read(api: PyTessBaseAPI, strip: Image.Image, size: float) -> str:
    shape = (max(1, round(strip.width * size)), max(1, round(strip.height * size)))
    api.SetImage(strip.resize(shape, Image.Resampling.BICUBIC))
    return str(api.GetUTF8Text())


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


def _is_label(words: Sequence[Word]) -> bool:
    return _ENDS_IN_LABEL.search(spelt(joined(words))) is not None


def _is_doubtful(text: str) -> bool:
    """Whether it may be a number with something wrong in or around it."""
    signs = _MARKS.sub("", text)
    digits = sum(sign.isdecimal() for sign in signs)
    plain = _DIGIT_LIKE.fullmatch(text.replace(" ", ""))
    return bool(plain) and digits >= 7 and len(signs) in _SIGNS and not is_number(text)


def _is_text(words: Sequence[Word]) -> bool:
    """Whether these are words of a sentence rather than digits misread."""
    signs = "".join(word.text for word in words)
    return len(_LETTERS.findall(signs)) > len(signs) / 2 > 3
