"""Text of a PDF page that is never painted, or painted in white on nothing.

A scanner lays what it read unseen over its picture: text over a picture is ordinary.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from detectors.extract.colours import WHITE, alike

# They are asked for thousands of objects: a name that is looked up in a module takes its time.
_object, _mode = pdfium.FPDFPage_GetObject, pdfium.FPDFTextObj_GetTextRenderMode
_colour = pdfium.FPDFPageObj_GetFillColor
_Box = tuple[float, float, float, float]

_LOOKED_AT = 1_000
"""Objects of a document, those of five pages or thirty: each takes as long as a line of text."""
_TRIED = 50
_LONGEST = 400
"""Octets of a piece of text that is looked at for letters."""


class Unseen:
    """Takes page after page of one document."""

    def __init__(self) -> None:
        self._left = _LOOKED_AT
        self._parts = [ctypes.c_uint() for _ in range(4)]
        self._into = [ctypes.byref(part) for part in self._parts]

    def of(self, page: Any, textpage: Any) -> set[str]:
        """How text of this page is hidden; the outermost objects are looked at."""
        raw, found, tried = page.raw, set[str](), 0
        count = min(pdfium.FPDFPage_CountObjects(raw), self._left)
        self._left -= count
        for at in range(count):
            item = _object(raw, at)
            mode = _mode(item)
            if mode < 0:  # no text
                continue
            unpainted = mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE
            if (unpainted or self._is_white(item)) and tried < _TRIED:
                tried += 1
                if _says(item, textpage) and not self._lies_over(raw, item, at, unpainted):
                    found.add("text_unpainted" if unpainted else "text_in_background")
        return found

    def _is_white(self, item: Any) -> bool:
        # Nearly all letters are black: the first part of their colour tells them from white.
        if not _colour(item, *self._into) or self._parts[0].value < 0xF0:
            return False
        red, green, blue, full = (part.value for part in self._parts)
        return full > 0 and alike((red, green, blue), WHITE)

    def _lies_over(self, raw: Any, item: Any, place: int, unpainted: bool) -> bool:
        """Whether a picture or a colour lies where the text stands."""
        box = _box(item)
        for at in range(pdfium.FPDFPage_CountObjects(raw) if unpainted else place):
            other = pdfium.FPDFPage_GetObject(raw, at)
            kind = pdfium.FPDFPageObj_GetType(other)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            plain = kind == pdfium.FPDF_PAGEOBJ_PATH and (unpainted or self._is_white(other))
            if not plain and _meet(box, _box(other)):
                return True
        return False


def _says(item: Any, textpage: Any) -> bool:
    buffer = (ctypes.c_ushort * (_LONGEST // 2))()
    pdfium.FPDFTextObj_GetText(item, textpage.raw, buffer, _LONGEST)
    return any(map(str.isalnum, bytes(buffer).decode("utf-16-le", "replace")))


def _box(item: Any) -> _Box | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *(ctypes.byref(edge) for edge in edges)):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top


def _meet(one: _Box | None, other: _Box | None) -> bool:
    """What has no place may be anywhere."""
    if one is None or other is None:
        return True
    return (
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    )  # fmt: skip
