"""Digits that a page places one by one, in the boxes of a form, put together again.

pdfium sets a space wherever a gap is wide, by the width of the letters around it: in a row of
boxes after some digits and not after others, 「12 3 45 6…」. Where they stand decides.
"""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2.raw as pdfium

_SCATTERED = re.compile(r"(?<![0-9.,])[0-9](?: ?[0-9]){11,20}(?![0-9.,])")
_USUAL = re.compile(r"[0-9]{12,}|[0-9]{4} [0-9]{4} [0-9]{4}|[0-9](?: [0-9])+|[0-9]{6} [0-9]{6}")
_EVEN = 1.7
"""Of the usual step from digit to digit: between groups of boxes it is a little wider."""


def together(textpage: Any, text: str) -> str:
    """`text` of the whole page, the spaces inside evenly set digits taken out."""
    found = [m for m in _SCATTERED.finditer(text) if not _USUAL.fullmatch(m[0])]
    if not found or textpage.count_chars() != len(text):
        return text  # where characters and letters are not the same, places are unknown
    pieces, at = [], 0
    for run in found:
        if _is_even(textpage, run):
            pieces += [text[at : run.start()], run[0].replace(" ", "")]
            at = run.end()
    return "".join([*pieces, text[at:]])


def _is_even(textpage: Any, run: re.Match[str]) -> bool:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    middles = []
    for index in range(run.start(), run.end()):
        if run.string[index] != " ":
            pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
            middles.append((left.value + right.value) / 2)
    steps = [b - a for a, b in pairwise(middles)]
    usual = median(steps)
    return usual > 0 and all(0.4 * usual < step < _EVEN * usual for step in steps)
