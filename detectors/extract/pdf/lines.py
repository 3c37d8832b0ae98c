"""Letters of a page made lines, and lines made fields: what stands close is one, a gap parts.

A border parts, and so does a wide gap. A narrow one without a blank may part two cells, or be what
a program sets between a word and a figure: two groups of digits are never joined over it, unless
they stand in the even steps of a form's boxes, or in three groups of four.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import median

from detectors.digits import D
from detectors.extract.pdf.letters import Letter
from detectors.extract.pdf.rules import Rules

_LEVEL = 0.35
"""Of the smaller letter's height: middles of one line differ by less."""
_CLOSE = 0.1
"""Of a letter's height: letters of one run stand no further apart, and overlap no more."""
_TOUCH, _APART, _WIDE = 0.18, 1.0, 1.6
"""Of a letter's height: gaps within a word, between fields, and between fields with a blank."""
_EVEN = (0.4, 1.7)
"""Of the usual step from digit to digit: between groups of boxes it is a little wider."""
_BETWEEN = 3.2
"""Of the same, at most, between three groups of four boxes that stand equally far apart."""
_BOXED = 0.6
"""Of a digit's height: a gap as boxes have it, and no loose type."""
_FULL = 12
_RULED = 2.5
"""Of a letter's height: a gap inside of a cell with borders that parts all the same."""
_SPACED = 2.5
"""Of a letter's height: gaps of a heading spread over its cell, 「個　人　番　号」."""
_DIGITS = re.compile(rf"[{D}]+")
_EDGE = re.compile(rf"[{D}]")
_FOURS = re.compile(rf"(?:[^ ]*[^{D} ])?[{D}]{{4}} [{D}]{{4}} [{D}]{{4}}(?:[^{D} ][^ ]*)?")


@dataclass(frozen=True, slots=True)
class Field:
    """Words that stand together, from `left` to `right`."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    loose: tuple[Field, ...] = ()
    """The pieces it may be made of, where gaps inside may be borders of cells."""
    cell: bool = False
    """It stands between borders, which are its left and right; digits in boxes in several."""

    @property
    def height(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2


Line = list[Field]


def lines(letters: Sequence[Letter], rules: Rules) -> list[Line]:
    """From the top of the page to its bottom, each from left to right."""
    found: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: -one.middle):
        first = found[-1][0] if found else letter
        near = first.middle - letter.middle < _LEVEL * min(first.height, letter.height)
        if found and near:
            found[-1].append(letter)
        else:
            found.append([letter])
    made = (
        _fields(sorted(line, key=lambda one: one.left), rules.across(line[0].middle))
        for line in found
    )
    return [line for line in made if line]


def joined(fields: Sequence[Field], between: str, loose: bool = False) -> Field:
    return Field(
        between.join(field.text for field in fields),
        fields[0].left,
        max(field.right for field in fields),
        min(field.bottom for field in fields),
        max(field.top for field in fields),
        tuple(fields) if loose else (),
    )


# -- from letters to words


class _Gap(Enum):
    """What stands before a word."""

    NOTHING, BLANK, BORDER = range(3)


_Word = tuple[Field, _Gap]


def _fields(line: Sequence[Letter], borders: Sequence[float]) -> Line:
    words = [*_spread([*_fours([*_boxes([*_words(line, borders)])])])]
    fields: Line = []
    group: list[_Word] = []
    for word in words:
        if group and _parts(group[-1][0], *word, borders):
            fields.append(_celled(_field(group), borders))
            group = []
        group.append(word)
    return [*fields, _celled(_field(group), borders)] if group else fields


def _words(line: Sequence[Letter], borders: Sequence[float]) -> Iterator[_Word]:
    word: list[Letter] = []
    last: Letter | None = None
    gap = _Gap.NOTHING
    before = gap
    for letter in line:
        if last and _is_beyond(borders, last, letter):
            gap = _Gap.BORDER  # of two cells, the text of the first of which may reach over it
        last = letter
        if letter.sign.isspace():
            gap = gap if gap is _Gap.BORDER else _Gap.BLANK
            continue
        if word and gap is not _Gap.BORDER and _is_twice(word, letter):
            continue
        apart = word and letter.left - word[-1].right > _TOUCH * letter.height
        if word and (apart or gap is not _Gap.NOTHING):
            yield _word(word), before
            word = []
        if not word:
            before = gap
        word.append(letter)
        gap = _Gap.NOTHING
    if word:
        yield _word(word), before


def _is_beyond(borders: Sequence[float], a: Letter, b: Letter) -> bool:
    """Whether another run begins, and a border stands between two letters or under the first."""
    gap = (b.left - a.right) / b.height
    if abs(gap) < _CLOSE:
        return False
    if borders and gap < 0 and not _is_same(a, b):
        return True
    at = bisect_left(borders, (a.left + a.right) / 2)
    return at < len(borders) and borders[at] < (b.left + b.right) / 2


def _celled(field: Field, borders: Sequence[float]) -> Field:
    """The field with the edges of its cell for its own."""
    width = field.right - field.left
    at = bisect_left(borders, field.left + 0.1 * width)
    to = bisect_left(borders, field.right - 0.1 * width)
    if not borders or not at or to == len(borders):
        return field
    return replace(field, left=borders[at - 1], right=borders[to], cell=True)


def _is_twice(word: list[Letter], letter: Letter) -> bool:
    """The same letter again in the same place: programs make bold letters of it."""
    return _is_same(word[-1], letter)


def _is_same(a: Letter, b: Letter) -> bool:
    return a.sign == b.sign and b.left - a.left < 0.3 * (a.right - a.left)


def _word(word: Sequence[Letter]) -> Field:
    return Field(
        "".join(letter.sign for letter in word),
        word[0].left,
        word[-1].right,
        min(letter.bottom for letter in word),
        max(letter.top for letter in word),
    )


def _gap(a: Field, b: Field) -> float:
    """In heights of the lower one."""
    return (b.left - a.right) / max(min(a.height, b.height), 0.01)


def _parts(before: Field, word: Field, between: _Gap, borders: Sequence[float]) -> bool:
    gap = _gap(before, word)
    if between is _Gap.BORDER:
        return True
    if borders and borders[0] < before.left and word.right < borders[-1]:
        return gap > _RULED
    if between is _Gap.BLANK:
        return gap > _WIDE
    digits = _EDGE.match(before.text[-1]) and _EDGE.match(word.text)
    return gap > (_TOUCH if digits else _APART)


def _field(group: Sequence[_Word]) -> Field:
    """Pieces parted by a blank are one; by a gap alone, perhaps."""
    pieces: list[list[Field]] = []
    for word, gap in group:
        if pieces and gap is _Gap.BLANK:
            pieces[-1].append(word)
        else:
            pieces.append([word])
    made = [joined(piece, " ") for piece in pieces]
    return joined(made, " ", loose=True) if len(made) > 1 else made[0]


# -- digits in boxes, groups of four, letters spread over a cell


def _boxes(words: list[_Word]) -> Iterator[_Word]:
    """Digits that stand in even steps as one word."""
    at = 0
    while at < len(words):
        to = at
        while to < len(words) and _DIGITS.fullmatch(words[to][0].text):
            to += 1
        yield from _even(words[at:to])
        if to < len(words):
            yield words[to]
        at = to + 1


def _even(words: list[_Word]) -> Iterator[_Word]:
    digits = [word for word, _ in words]
    count = sum(len(word.text) for word in digits)
    if len(digits) > 1 and count >= _FULL and max(len(word.text) for word in digits) <= 3:
        middles = [middle for word in digits for middle in _middles(word)]
        steps = [b - a for a, b in pairwise(middles)]
        least, most = (share * median(steps) for share in _EVEN)
        fours = count == len(digits) == _FULL and abs(steps[3] - steps[7]) < least
        inside = [step for at, step in enumerate(steps) if not (fours and at in (3, 7))]
        farthest = _BETWEEN * median(steps)
        if all(least < step < most for step in inside) and max(steps) < farthest:
            gaps = [_gap(a, b) for a, b in pairwise(digits)]
            apart = len(digits) == count and median(gaps) > _BOXED
            yield joined(digits, " " if apart else ""), words[0][1]
            return
    yield from words


def _middles(word: Field) -> Iterator[float]:
    width = (word.right - word.left) / len(word.text)
    for at in range(len(word.text)):
        yield word.left + (at + 0.5) * width


def _fours(words: list[_Word]) -> Iterator[_Word]:
    """Three groups of four with the same narrow gap, and a wider one around them."""
    at = 0
    while at < len(words):
        three = [word for word, _ in words[at : at + 3]]
        ruled = any(gap is _Gap.BORDER for _, gap in words[at + 1 : at + 3])
        if not ruled and _FOURS.fullmatch(" ".join(word.text for word in three)):
            gaps = [_gap(a, b) for a, b in pairwise(three)]
            beyond = _gap(three[2], words[at + 3][0]) if at + 3 < len(words) else _WIDE
            if max(gaps) < min(_APART, 1.3 * min(gaps)) and beyond > 1.3 * max(gaps):
                yield joined(three, " "), words[at][1]
                at += 3
                continue
        yield words[at]
        at += 1


def _spread(words: list[_Word]) -> Iterator[_Word]:
    """Three or more single letters in even steps are one heading."""
    at = 0
    while at < len(words):
        to = at + 1
        while to < len(words) and _goes_on(words[at][0], words[to - 1][0], words[to][0]):
            to += 1
        fields = [word for word, _ in words[at:to]]
        gaps = [_gap(a, b) for a, b in pairwise(fields)]
        if to - at >= 3 and max(gaps) < 1.3 * min(gaps):
            yield joined(fields, ""), words[at][1]
            at = to
        else:
            yield words[at]
            at += 1


def _goes_on(first: Field, before: Field, word: Field) -> bool:
    letters = (first.text, before.text, word.text)
    single = all(len(text) == 1 and text.isalpha() for text in letters)
    return single and not _EDGE.match(word.text) and _gap(before, word) < _SPACED
