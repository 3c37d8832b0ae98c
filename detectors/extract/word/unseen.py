"""Text of a Word document that nobody sees: formatted as hidden, tiny, or in the colour behind it.

White letters on a dark row, a dark shape or a picture are ordinary: where what stands behind them
is not known for sure, they count as readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from detectors.extract.colours import WHITE, Colour, alike, colour
from detectors.extract.markup import attribute, local
from detectors.extract.word.styles import Ink, Styles, child_of, told

_TINY = 4
"""Half points: people make letters of one point, or two, so that nobody reads them."""
_GONE = frozenset(("del", "moveFrom", "Fallback", "rPr", "pPr", "sectPr", "instrText"))
_QUARTER = 7_560_310 * 10_692_130 // 4
"""Of the area of a page of A4, in EMU²."""
_WIDE = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*([0-9]{3,4})(?:\.[0-9]+)?pt")


class _At(NamedTuple):
    """Where the walk stands."""

    ground: Colour | str | None = None
    """Behind the letters by what is around them: None for the page itself."""
    number: int = 0
    """Of the paragraph in the story, from 1."""
    ink: Ink = Ink()


class Found(NamedTuple):
    code: str
    paragraph: int


class Unseen:
    """Take the stories one by one; `found` tells what they hold once all are in."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._found: dict[tuple[str, bool], int] = {}
        self._backdrop = False
        self._count = 0

    def take(self, root: etree._Element, *, body: bool) -> None:
        self._count = 0
        page = next((colour(attribute(mark, "color")) for mark in root.iter("{*}background")), None)
        self._backdrop = self._backdrop or page not in (None, WHITE) or _has_backdrop(root)
        self._walk(root, _At(), body)

    def found(self) -> Iterator[Found]:
        for (code, on_page), number in self._found.items():
            if not (on_page and self._backdrop):
                yield Found(code, number)

    def _walk(self, element: etree._Element, at: _At, body: bool) -> None:
        for child in element:
            name = local(child)
            if name == "r":
                self._run(child, at, body)
            elif name not in _GONE:
                self._walk(child, self._into(child, name, at, body), body)

    def _into(self, element: etree._Element, name: str, at: _At, body: bool) -> _At:
        if name == "p":
            self._count += 1
            properties = child_of(element, "pPr")
            style = None if properties is None else child_of(properties, "pStyle")
            named = self._styles.of_paragraph("" if style is None else attribute(style, "val"))
            own = Ink(ground=told(properties).ground)
            return at._replace(number=self._count if body else 0, ink=own.over(named))
        if name == "tbl":
            return at._replace(ground=self._of_table(element) or at.ground)
        if name == "tc":
            return at._replace(ground=told(child_of(element, "tcPr")).ground or at.ground)
        if name in ("drawing", "pict", "object"):
            return _At("unknown", at.number)
        return _At(_of_shape(element), at.number) if name == "wsp" else at

    def _of_table(self, table: etree._Element) -> Colour | str | None:
        properties = child_of(table, "tblPr")
        style = None if properties is None else child_of(properties, "tblStyle")
        if style is not None and self._styles.paints(attribute(style, "val")):
            return "unknown"
        return told(properties).ground

    def _run(self, run: etree._Element, at: _At, body: bool) -> None:
        said = False
        for child in run:
            if local(child) == "t":
                said = said or any(letter.isalnum() for letter in child.text or "")
            elif local(child) not in _GONE and len(child):
                self._walk(child, self._into(child, local(child), at, body), body)
        if said:
            self._judge(run, at)

    def _judge(self, run: etree._Element, at: _At) -> None:
        properties = child_of(run, "rPr")
        own = told(properties)
        style = None if properties is None else child_of(properties, "rStyle")
        if style is not None:
            own = own.over(self._styles.of(attribute(style, "val")))
        ink = own.over(at.ink)
        ground = ink.ground or at.ground
        on_page = ground is None
        if ink.vanished:
            self._found.setdefault(("text_vanished", False), at.number)
        elif ink.size is not None and ink.size <= _TINY:
            self._found.setdefault(("text_tiny", False), at.number)
        elif alike(_known(ink.letters), WHITE if on_page else _known(ground)):
            self._found.setdefault(("text_in_background", on_page), at.number)


def _known(said: Colour | str | None) -> Colour | None:
    return said if isinstance(said, tuple) else None


def _of_shape(shape: etree._Element) -> Colour | str:
    """The colour that a text box is filled with; without one, anything may stand behind it."""
    properties = child_of(shape, "spPr")
    fill = None if properties is None else child_of(properties, "solidFill")
    if fill is None or not len(fill):
        return "unknown"
    paper = attribute(fill[0], "val") == "bg1" and not len(fill[0])
    return WHITE if paper else colour(attribute(fill[0], "val")) or "unknown"


def _has_backdrop(root: etree._Element) -> bool:
    """Whether a picture or a shape as large as a quarter of a page lies behind the text."""
    for anchor in root.iter("{*}anchor"):
        extent = child_of(anchor, "extent")
        if attribute(anchor, "behindDoc") in ("1", "true") and extent is not None:
            sizes = attribute(extent, "cx"), attribute(extent, "cy")
            if all(size.isdecimal() and len(size) < 12 for size in sizes):
                if int(sizes[0]) * int(sizes[1]) >= _QUARTER:
                    return True
    for shape in root.iter("{*}rect", "{*}shape"):
        if len(_WIDE.findall(attribute(shape, "style"))) == 2 and "z-index:-" in attribute(
            shape, "style"
        ):
            # The stamp 社外秘 across a page is a shape of letters, with nothing around them.
            if "t136" not in attribute(shape, "type"):
                return True
    return False
