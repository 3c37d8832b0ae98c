"""The characters of numbers: every digit that people write, what parts digits, what hides in them.

Only the Basic Multilingual Plane stands in the expressions, one character class each; the few
digits beyond it become ASCII first (`without_astral`), one character for one.
"""

from __future__ import annotations

import re
import unicodedata
from sys import getsizeof

_KANJI = dict(
    zip(
        "〇零一二三四五六七八九壱壹弐貳参參肆伍陸漆柒捌玖○◯",
        "00123456789112233456778900",
        strict=True,
    )
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
} | dict.fromkeys(range(0xE0000, 0xE01F0), "\u2060")  # tags and selectors, which no screen shows

_BEYOND = re.compile("[^\0-\uffff]")

_SPACES = " \t\xa0\u1680\u202f\u205f\u2800\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
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
    ",": ",、，",
    ":": ":：",
    "/": "/／",
    "|": "|｜│┃¦□",
    "[": "[［【(（「『〔〈《｢",
    "]": "]］】)）」』〕〉》｣",
    "の": "のノ之",
    ">": ">＞",  # quote prefix after a line break
    "?": "?？\ufffd",  # what a charset had no place for: 「－」 on its way to JIS
}
_CONTROLS = "".join(map(chr, (0, *range(3, 9), *range(14, 32), *range(127, 133), *range(134, 160))))
"""Those that no screen shows, but for two that stand between the cells of a table (`grid`)."""
_STRUCK = "".join(map(chr, (*range(0x300, 0x370), *range(0x20D0, 0x20F1))))
"""Marks over, under and around the character before: underlined, struck out, in a keycap."""
# Zero width, soft hyphen, bidi marks, fillers, and the choice between forms of a character.
INVISIBLE = f"{_CONTROLS}{_STRUCK}{''.join(map(chr, range(0xFE00, 0xFE10)))}" + (
    "\xad\u061c\u115f\u1160\u180e\u3164\ufeff\u200b\u200c\u200d\u200e\u200f"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069"
)
FOLD = str.maketrans(
    {
        **_DIGITS,
        **{char: form for form, chars in _SEPARATORS.items() for char in chars},
        **dict.fromkeys(INVISIBLE),
    }
)
D = "".join(_DIGITS)
S = re.escape("".join(_SEPARATORS.values()) + INVISIBLE)
"""For the inside of character classes: every digit, and all that may stand between two."""

DIGIT = re.compile(f"[{D}]")
BREAK = re.compile(f"[{_BREAKS}]")
# 「①1234-5678-9018」「○1234-5678-9018」: an enclosed or raised digit, or a ring, beside plain ones
# counts or marks, it does not belong.
_PLAIN = "".join(char for char in _DIGITS if char.isdecimal())
_ENCLOSED = "".join(char for char in _DIGITS if char not in _PLAIN and char not in _KANJI)
_I = re.escape(INVISIBLE)
GROUP = re.compile(
    "|".join(f"[{form}](?:[{_I}]*[{form}])*+" for form in (_PLAIN, "".join(_KANJI), _ENCLOSED))
)


def decimals(text: str) -> str:
    """Its digits, of whatever script, in ASCII: without kanji and circled ones.

    >>> decimals("１2★٣ 四⑤")
    '123'
    """
    return "".join(str(int(char)) for char in text if char.isdecimal())


def without_astral(text: str) -> str:
    """Mathematical and other digits beyond U+FFFF as ASCII, one character for one; what is not seen
    is as unseen."""
    # PEP 393: four octets a character where one is beyond U+FFFF, else one or two. Asking for the
    # size takes no time; and to translate a text of emoji thirty times as long as to find them.
    if getsizeof(text) < 4 * len(text) or _ASTRAL.keys().isdisjoint(
        map(ord, _BEYOND.findall(text))
    ):
        return text
    return text.translate(_ASTRAL)
