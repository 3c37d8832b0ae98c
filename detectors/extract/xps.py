"""XPS and OpenXPS: pages of glyphs that stand each by itself; lines again from their places."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot
from typing import NamedTuple

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.package import Package, texts
from detectors.surface import Source, Spot, Surface

_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_SIZE = "FontRenderingEmSize"
_COLUMN = 0.8
"""Of the size of the letters: a wider gap parts columns, and no words."""


class _Run(NamedTuple):
    """Glyphs that stand side by side, in the units of the page."""

    turn: tuple[float, float]
    """Which way they are written, as a step of 1: (1, 0) is from left to right."""
    y: float
    """Across that way."""
    x: float
    end: float
    size: float
    text: str


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    pages = [name for name in package.names if name.lower().endswith(".fpage")]
    for number, name in enumerate(sorted(pages, key=_in_order), start=1):
        root = package.xml(name)
        if root is not None:
            spot = source.spot
            here = Spot(spot.part, spot.path, spot.hidden, f"page:{number}")
            yield from texts(here, [*_lines(root)], source.context)
            yield from texts(here, [*markup.spoken(root)], source.context, hidden=True)
            yield from package.beneath(name, here)
    yield from package.rest()


def _in_order(name: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, name.rpartition("/")[2]))
    return (int(digits) if digits else 0, name)


def _lines(page: etree._Element) -> Iterator[str]:
    """From the top, a tab where a column begins: cells stand in canvases of their own."""
    placed = [run for run in _placed(page, _SAME) if run.text]
    placed.sort(key=lambda run: (run.turn, run.y))
    line: list[_Run] = []
    for run in placed:
        if line and (run.turn != line[0].turn or run.y - line[0].y > line[0].size / 2):
            yield _joined(line)
            line = []
        line.append(run)
    yield _joined(line)


def _joined(line: list[_Run]) -> str:
    text, end = "", 0.0
    for run in sorted(line, key=lambda run: run.x):
        text += ("\t" if text and run.x - end > run.size * _COLUMN else "") + run.text
        end = run.end
    return text


def _placed(element: etree._Element, around: _Matrix) -> Iterator[_Run]:
    at = _within(around, _matrix(element))
    if markup.local(element) == "Glyphs":
        yield _run(element, at)
    for child in element.iterchildren("{*}*"):
        yield from _placed(child, at)


def _run(glyphs: etree._Element, at: _Matrix) -> _Run:
    text = glyphs.get("UnicodeString", "").removeprefix("{}")
    x, y, size = (_number(glyphs.get(name, "")) for name in ("OriginX", "OriginY", _SIZE))
    told = [_number(one.partition(",")[2]) for one in glyphs.get("Indices", "").split(";")]
    widths = told if len(told) == len(text) and all(told) else [100.0 * _usual(c) for c in text]
    a, b, c, d, e, f = at
    scale = hypot(a, b) or 1.0
    right, down = a / scale, b / scale
    across, along = a * x + c * y + e, b * x + d * y + f
    start, width = across * right + along * down, sum(widths) / 100 * size * scale
    turn = round(right, 2), round(down, 2)
    level = along * right - across * down
    return _Run(turn, level, start, start + width, hypot(c, d) * size, text)


def _usual(letter: str) -> float:
    return 1.0 if letter >= "\u1100" else 0.5


def _matrix(element: etree._Element) -> _Matrix:
    """What moves an element and all in it (Open XPS 14.4); written in it, or as its property."""
    told = element.get("RenderTransform") or next(
        (one.get("Matrix", "") for one in element.iterfind("{*}*/{*}MatrixTransform")), ""
    )
    numbers = [_number(one) for one in told.split(",")]
    return (*numbers,) if len(numbers) == len(_SAME) else _SAME  # type: ignore[return-value]


def _within(outer: _Matrix, inner: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
