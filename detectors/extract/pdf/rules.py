"""The rules that a page draws: borders of cells, which tell more than gaps do."""

from __future__ import annotations

import ctypes
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

from detectors.extract.pdf.letters import turned

_MOST = 4_000
"""Rules of a page; beyond that it is a drawing."""
_THIN, _LONG = 2.5, 4.0
"""Points."""
_SLACK = 1.0
_INNER = 3
"""Upright rules on a line from which on it is one of a table, and not only framed."""


@dataclass(frozen=True, slots=True)
class Rules:
    upright: tuple[tuple[float, float, float], ...] = ()
    """x, bottom, top."""
    level: tuple[tuple[float, float, float], ...] = ()
    """y, left, right."""

    def across(self, y: float) -> list[float]:
        """Where upright rules cut a line at this height, [] where they make no table of it."""
        every = sorted(x for x, bottom, top in self.upright if bottom - _SLACK < y < top + _SLACK)
        apart = every[:1]
        for x in every[1:]:
            if x - apart[-1] > _THIN:
                apart.append(x)
        return apart if len(apart) >= _INNER else []

    def part(self, upper: float, lower: float, left: float, right: float) -> bool:
        """Whether a level rule lies between two heights, anywhere from left to right."""
        at = bisect_left(self.level, (lower,))
        while at < len(self.level) and self.level[at][0] < upper:
            if self.level[at][1] < right and self.level[at][2] > left:
                return True
            at += 1
        return False


def rules(page: Any, turn: int) -> Rules:
    """`turn` as letters have it."""
    upright: list[tuple[float, float, float]] = []
    level: list[tuple[float, float, float]] = []
    edges = [ctypes.c_float() for _ in range(4)]
    get, kind, bounds = (
        pdfium.FPDFPage_GetObject,
        pdfium.FPDFPageObj_GetType,
        pdfium.FPDFPageObj_GetBounds,
    )
    for at in range(pdfium.FPDFPage_CountObjects(page)):
        drawn = get(page, at)
        if kind(drawn) != pdfium.FPDF_PAGEOBJ_PATH or not bounds(drawn, *edges):
            continue
        left, bottom, right, top = (edge.value for edge in edges)
        left, right, bottom, top = turned(turn, left, right, bottom, top)
        if right - left > _LONG:
            level += [(y, left, right) for y in {bottom, top}]
        if top - bottom > _LONG:
            upright += [(x, bottom, top) for x in {left, right}]
        if len(level) + len(upright) > _MOST:
            return Rules()
    return Rules(tuple(upright), tuple(sorted(level)))
