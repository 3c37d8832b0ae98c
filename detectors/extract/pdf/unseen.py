"""Text of a PDF page that is never painted, painted in white on nothing, or under a black box.

A scanner lays what it read unseen over its picture: text over a picture is ordinary.
"""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from detectors.extract.boxes import Box, meet
from detectors.extract.colours import WHITE, alike

# They are asked for thousands of objects: a name that is looked up in a module takes its time.
_object, _mode = pdfium.FPDFPage_GetObject, pdfium.FPDFTextObj_GetTextRenderMode
_colour = pdfium.FPDFPageObj_GetFillColor

_LOOKED_AT = 3_000
"""Objects of a document: each takes as long as a line of text."""
_OF_A_BOOK, _BOOK = 600, 50
"""Objects of one with more pages, which must not take half as long again as to read it."""
_TRIED = 50
_BLACK, _FULL = 0x40, 0xFF
"""The most that a part of a colour may have, and no less than all of it: nothing shines through."""
_THIN, _NEAR = 5, 2
"""Points: a thinner box is a line, and letters may stick out of their box a little."""
_LONGEST = 400
"""Octets of a piece of text that is looked at for letters."""


class Unseen:
    """Takes page after page of one document."""

    def __init__(self, pages: int) -> None:
        self._left = _LOOKED_AT if pages <= _BOOK else _OF_A_BOOK
        self._parts = [ctypes.c_uint() for _ in range(4)]
        self._into = [ctypes.byref(part) for part in self._parts]

    def of(self, page: Any, textpage: Any) -> set[str]:
        """How text of this page is hidden; the outermost objects are looked at."""
        raw, found, tried, texts = page.raw, set[str](), 0, list[Any]()
        count = min(pdfium.FPDFPage_CountObjects(raw), self._left)
        self._left -= count
        for at in range(count):
            item = _object(raw, at)
            mode = _mode(item)
            if mode < 0:
                if texts and tried < _TRIED and (box := self._black_box(item)):
                    tried += 1
                    if any(_is_in(_box(text), box) and _says(text, textpage) for text in texts):
                        found.add("text_covered")
                continue
            texts.append(item)
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

    def _black_box(self, item: Any) -> Box | None:
        """Where a path, and no line, paints everything black that was there before."""
        if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_PATH:
            return None
        mode, stroke = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDFPath_GetDrawMode(item, ctypes.byref(mode), ctypes.byref(stroke))
        if not mode.value or not _colour(item, *self._into):
            return None
        *colour, full = (part.value for part in self._parts)
        box = _box(item)
        if box is None or max(colour) > _BLACK or full < _FULL:
            return None
        return box if min(box[2] - box[0], box[3] - box[1]) >= _THIN else None

    def _lies_over(self, raw: Any, item: Any, place: int, unpainted: bool) -> bool:
        """Whether a picture or a colour lies where the text stands."""
        box = _box(item)
        count = pdfium.FPDFPage_CountObjects(raw) if unpainted else place
        if count > _LOOKED_AT:
            return True
        for at in range(count):
            other = pdfium.FPDFPage_GetObject(raw, at)
            kind = pdfium.FPDFPageObj_GetType(other)
            if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                continue
            plain = kind == pdfium.FPDF_PAGEOBJ_PATH and (unpainted or self._is_white(other))
            if not plain and meet(box, _box(other)):
                return True
        return False


def _is_in(inner: Box | None, outer: Box) -> bool:
    return (
        inner is not None
        and inner[0] > outer[0] - _NEAR
        and inner[1] > outer[1] - _NEAR
        and inner[2] < outer[2] + _NEAR
        and inner[3] < outer[3] + _NEAR
    )


def _says(item: Any, textpage: Any) -> bool:
    buffer = (ctypes.c_ushort * (_LONGEST // 2))()
    pdfium.FPDFTextObj_GetText(item, textpage.raw, buffer, _LONGEST)
    return any(map(str.isalnum, bytes(buffer).decode("utf-16-le", "replace")))


def _box(item: Any) -> Box | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *(ctypes.byref(edge) for edge in edges)):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    return left, bottom, right, top
