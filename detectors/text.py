"""Where numbers stand in running text.

One precompiled expression finds runs of digits, separators and invisible characters; folding
happens inside a run only, so that offsets into the text stay true and a mail without numbers
costs one pass. Folding the whole text first (NFKC) would cost ten times as much.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from itertools import pairwise

from detectors.numbers import individual_number

_KANJI = dict(
    zip("〇零一二三四五六七八九壱壹弐貳参參肆伍陸漆捌玖", "00123456789112233456789", strict=True)
)
_VALUES = {
    **{chr(c): str(unicodedata.digit(chr(c), "")) for c in range(0x10000)},
    **_KANJI,
}
_DIGITS = {char: value for char, value in _VALUES.items() if value}
_ASTRAL = {
    c: str(unicodedata.digit(chr(c)))
    for c in range(0x10000, 0x20000)
    if unicodedata.digit(chr(c), None) is not None
}

_SPACES = " \t\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_SEPARATORS = {
    " ": _SPACES,
    "\n": _BREAKS,
    "-": "-‐‑‒–—―⁃⁻₋−─━ー－ｰ﹘﹣~〜～",
    ".": ".．・･·•",
    "_": "_＿",
    "*": "*＊×",
    "=": "=＝",
    "+": "+＋",
    ",": "、，",  # not the ASCII comma: it stands in every amount
    "/": "/／",
    "|": "|｜│┃¦",
    "[": "[［【(（",
    "]": "]］】)）",
    ">": ">＞",  # quote prefix after a line break
}
# Zero width, soft hyphen, bidi marks, fillers, and what follows the digit in a keycap emoji.
_INVISIBLE = (
    "\xad\u034f\u061c\u115f\u1160\u180e\u3164\ufe0e\ufe0f\u20e3\ufeff\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
)
_FOLD = str.maketrans(
    {
        **_DIGITS,
        **{char: form for form, chars in _SEPARATORS.items() for char in chars},
        **dict.fromkeys(_INVISIBLE),
    }
)
_D = "".join(_DIGITS)
_I = re.escape(_INVISIBLE)
_S = re.escape("".join(_SEPARATORS.values())) + _I
_DIGIT = re.compile(f"[{_D}]")
_RUN = re.compile(f"[{_D}][{_D}{_S}]{{10,}}[{_D}]")
_MASKED_RUN = re.compile(f"[{_D}][{_D}{_S}]{{6,}}[{_D}]")
# 「①1234-5678-9018」: an enclosed or raised digit beside plain ones counts, it does not belong.
_PLAIN = "".join(char for char in _DIGITS if char.isdecimal() or char in _KANJI)
_ENCLOSED = "".join(char for char in _DIGITS if char not in _PLAIN)
_GROUP = re.compile("|".join(f"[{f}](?:[{_I}]*[{f}])*+" for f in (_PLAIN, _ENCLOSED)))

MASK = "●"
_MASK_FROM = 8
"""Digits in a run from which on they are masked: a date goes too, a number never stays."""
_WRAP = 60
"""Columns from which on a line end may be one that a mail program put into a number."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Digits written as one number, at [start, end) of the text."""

    start: int
    end: int
    digits: str = field(repr=False)
    """Folded to ASCII, without separators."""
    grouping: str
    """ "12", "4-4-4", "6-6", "3-3-3-3", "1×12"."""
    separator: str
    """Folded: "" (none), " ", "-", ".", "/", "|", "\\n" …"""


Shapes = Set[tuple[int, ...]]


def candidates(text: str, shapes: Shapes = individual_number.SHAPES) -> Iterator[Candidate]:
    """Numbers whose digit groups have one of `shapes`, in the order of the text, none overlapping.

    >>> [(c.start, c.end, c.grouping) for c in candidates('番号は１２３４‐５６７８‐９０１８です')]
    [(3, 17, '4-4-4')]
    """
    text = _without_astral(text)
    for run in _RUN.finditer(text):
        yield from _in_run(text, run.start(), run.end(), shapes)


def mask(text: str) -> str:
    """`text` with every digit of a run of eight or more covered; what may be stored and shown.

    Separators stay, so that the form can still be recognised. No candidate is left in the result.

    >>> mask('個人番号 1234-5678-9018 です')
    '個人番号 ●●●●-●●●●-●●●● です'
    """
    return _MASKED_RUN.sub(_covered, _without_astral(text))


def _covered(run: re.Match[str]) -> str:
    covered, count = _DIGIT.subn(MASK, run[0])
    return covered if count >= _MASK_FROM else run[0]


def _without_astral(text: str) -> str:
    """Mathematical and other digits beyond U+FFFF as ASCII, one character for one."""
    if text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text):
        return text
    return text.translate(_ASTRAL)


@dataclass(frozen=True, slots=True)
class _Group:
    start: int
    end: int
    length: int
    """In digits."""


def _in_run(text: str, start: int, end: int, shapes: Shapes) -> Iterator[Candidate]:
    groups = [
        _Group(group.start(), group.end(), len(group[0].translate(_FOLD)))
        for group in _GROUP.finditer(text, start, end)
    ]
    gaps = [_separator(text[a.end : b.start]) for a, b in pairwise(groups)]
    found = list(_matches(text, groups, gaps, shapes))
    joined, between = _unwrapped(text, groups, gaps)
    if len(joined) < len(groups):
        # A mail program may have broken the line inside the number.
        taken = {at for c in found for at in (c.start, c.end)}
        again = _matches(text, joined, between, shapes)
        found += [c for c in again if c.start not in taken and c.end not in taken]
        found.sort(key=lambda c: c.start)
    yield from found


def _separator(raw: str) -> str:
    """One form for what people mean by the same separator.

    A line break counts as "\\n" alone, with or without a quote prefix, and as nothing beside
    another sign ("1234-" at the end of a line). "^" where one kind of digits meets another.
    """
    folded = raw.translate(_FOLD)
    if not folded:
        return "^"
    if "\n" in folded:
        rest = folded.replace("\r", "").replace("\n", "").replace(">", "").replace(" ", "")
        return rest or "\n" * min(raw.replace("\r\n", "\n").count("\n"), 2)
    return folded.strip(" ") or " "


def _matches(
    text: str, groups: list[_Group], gaps: list[str], shapes: Shapes
) -> Iterator[Candidate]:
    by_first: dict[int, list[tuple[int, ...]]] = {}
    for shape in shapes:
        by_first.setdefault(shape[0], []).append(shape)
    lengths = tuple(group.length for group in groups)
    at = 0
    while at < len(groups):
        for shape in by_first.get(lengths[at], ()):
            to = at + len(shape)
            if lengths[at:to] != shape or (gap := _common(gaps[at : to - 1])) is None:
                continue
            if gap and (
                _continued(text, groups, gaps, at, to) or _ends_in_date(text, groups, gaps, to)
            ):
                continue
            start, end = groups[at].start, groups[to - 1].end
            digits = "".join(filter(str.isdigit, text[start:end].translate(_FOLD)))
            yield Candidate(start, end, digits, _name(shape), gap)
            at = to - 1
            break
        at += 1


def _name(shape: tuple[int, ...]) -> str:
    return f"1×{len(shape)}" if len(shape) > 4 else "-".join(map(str, shape))


def _common(gaps: list[str]) -> str | None:
    """The one separator of all gaps, "" where there is none, None where they differ.

    A single line break in a gap may stand for the separator: the line was wrapped there.
    """
    kinds = set(gaps)
    if len(kinds) > 1:
        kinds.discard("\n")
    if len(kinds) > 1:
        return None
    return kinds.pop() if kinds else ""


def _continued(text: str, groups: list[_Group], gaps: list[str], at: int, to: int) -> bool:
    """Whether the same series goes on before `at` or from `to`: a card, a row of amounts."""
    gap = _common(gaps[at : to - 1])

    def goes_on(neighbour: int, own: int, between: int, beyond: int) -> bool:
        if not 0 <= neighbour < len(groups) or gaps[between] != gap:
            return False
        if gap not in (" ", "\n"):
            return True
        # "… 9018 1985/04/01", "… 9018 2026年": the year belongs to its date, not to the series.
        end = groups[neighbour].end
        bound = 0 <= beyond < len(gaps) and gaps[beyond] not in (" ", "\n", "\n\n")
        bound |= text[end : end + 1] == "年"
        return groups[neighbour].length == groups[own].length and not bound

    return goes_on(at - 1, at, at - 1, at - 2) or goes_on(to, to - 1, to - 1, to)


def _ends_in_date(text: str, groups: list[_Group], gaps: list[str], to: int) -> bool:
    """Whether the last of the groups is the year of a date: 「… 9018 2026年」, "… 1985/04/01"."""
    end = groups[to - 1].end
    parted = to < len(groups) and gaps[to - 1] in ("-", "/", ".") and groups[to].length <= 2
    return text[end : end + 1] == "年" or (parted and gaps[to - 2] in (" ", "\n"))


def _unwrapped(text: str, groups: list[_Group], gaps: list[str]) -> tuple[list[_Group], list[str]]:
    """The run read as if line breaks at a wrapping column were not there."""
    joined, between = [groups[0]], []
    for gap, before, group in zip(gaps, groups, groups[1:], strict=False):
        last = joined[-1]
        if gap == "\n" and last.length + group.length <= 16 and _wraps(text, before.end):
            joined[-1] = _Group(last.start, group.end, last.length + group.length)
        else:
            joined.append(group)
            between.append(gap)
    return joined, between


def _wraps(text: str, end: int) -> bool:
    """Whether the line that ends at `end` is as wide as mail programs make them."""
    line = text[max(text.rfind("\n", max(end - 2 * _WRAP, 0), end) + 1, end - 2 * _WRAP, 0) : end]
    return sum(2 if char >= "\u2e80" else 1 for char in line) >= _WRAP
