"""The letters of a PDF page, each where it stands: a PDF knows no words, lines or cells.

Programs write the cells of a sheet, the digits of a form and what is laid over it in any order.
Joined in the order of the file, two columns make one number and a number falls into pieces.
"""

from __future__ import annotations

import ctypes
import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from detectors.digits import D, S

_NUMBER = re.compile(rf"[{D}](?:[{S}]*+[{D}]){{11}}")
_LONE = re.compile(r"[0-9](?<!\S[0-9])(?!\S)")
_FULL = 12
_ASKED = 40
"""Letters whose direction is looked at, spread over the page."""
_DIGITS = 12
"""Of a number: one in so many letters is asked what it is."""
_UNKNOWN = 10
"""A page with fewer, such as the marks of a list, is read as it says."""
_LEVEL = 0.02
"""Radians; a scan that was straightened is off by less."""


class Letter(NamedTuple):
    sign: str
    left: float
    right: float
    bottom: float
    top: float
    """In points, the page upright."""

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom


def may_hold_numbers(text: str) -> bool:
    """Whether it is worth to ask where each letter stands, which takes longer than the text."""
    lone = islice(_LONE.finditer(text), _FULL)
    return _NUMBER.search(text) is not None or sum(1 for _ in lone) == _FULL


@dataclass(frozen=True, slots=True)
class Letters:
    found: list[Letter]
    turn: int
    """Quarter turns by which the page was turned to stand upright."""


def letters(textpage: Any) -> Letters | None:
    """All letters of a page that is written one way; blanks that pdfium made up are left out.

    None where lines run down the page or in several directions: then the file's order has to do.
    """
    count = textpage.count_chars()
    signs = _signs(textpage, count)
    turn = _turn(textpage, signs)
    if turn is None:
        return None
    edges = _edges(textpage, count)
    found = []
    for at, sign in enumerate(signs):
        left, top, right, bottom = edges[4 * at : 4 * at + 4]
        if right > left and sign >= " ":
            found.append(Letter(sign, *turned(turn, left, right, bottom, top)))
    return None if _runs_down(found) else Letters(found, turn)


def _signs(textpage: Any, count: int) -> Sequence[str]:
    said = str(textpage.get_text_range())
    if len(said) == count:
        return said
    codes = (pdfium.FPDFText_GetUnicode(textpage, at) for at in range(count))
    # Halves of a pair cannot be handed on.
    return [chr(code) if code and not 0xD800 <= code < 0xE000 else " " for code in codes]


def _edges(textpage: Any, count: int) -> list[float]:
    boxes = (pdfium.FS_RECTF * count)()
    get, raw, byref = pdfium.FPDFText_GetLooseCharBox, textpage.raw, ctypes.byref
    for at in range(count):
        get(raw, at, byref(boxes[at]))
    edges: list[float] = array("f", bytes(boxes)).tolist()
    return edges


def _turn(textpage: Any, signs: Sequence[str]) -> int | None:
    """The quarter turns of the letters, None where they differ."""
    step = max(1, len(signs) // _ASKED)
    turns = set()
    for at in range(0, len(signs), step):
        if not signs[at].isspace():
            quarters = pdfium.FPDFText_GetCharAngle(textpage, at) / (math.pi / 2)
            if abs(quarters - round(quarters)) > _LEVEL:
                return None
            turns.add(round(quarters) % 4)
    return turns.pop() if len(turns) == 1 else None


def turned(
    turn: int, left: float, right: float, bottom: float, top: float
) -> tuple[float, float, float, float]:
    """The edges once the page is turned upright; quarters count clockwise."""
    if turn == 1:
        return -top, -bottom, left, right
    if turn == 2:
        return -right, -left, -top, -bottom
    return (bottom, top, -right, -left) if turn == 3 else (left, right, bottom, top)


def _runs_down(found: list[Letter]) -> bool:
    """Whether most letters stand under the one before, as in vertical writing."""
    step = max(1, len(found) // _ASKED)
    pairs = [(found[at], found[at + 1]) for at in range(0, len(found) - 1, step)]
    down = sum(
        abs(a.left - b.left) < 0.3 * a.height and 0.5 < (a.middle - b.middle) / a.height < 2
        for a, b in pairs
    )
    return 2 * down > len(pairs)


def are_unmapped(textpage: Any) -> bool:
    """Whether letters enough for a number are shapes of which the file does not say what they are.

    What pdfium says of them then is the number of the shape in its font, which may be any letter.
    """
    unknown, count = pdfium.FPDFText_HasUnicodeMapError, textpage.count_chars()
    raw = textpage.raw
    # Of every letter it takes as long as the text itself; no number stands between two of these.
    if 1 not in map(unknown, repeat(raw), range(0, count, _DIGITS)):
        return False
    return list(map(unknown, repeat(raw), range(count))).count(1) >= _UNKNOWN
