"""What Word says of letters by its styles: colour, ground, size, whether they are hidden.

Only what is said outright counts: a style of a table may colour both its letters and their ground,
so that what it does to one of them is never taken without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lxml import etree

from detectors.extract.colours import WHITE, Colour, colour
from detectors.extract.markup import attribute, is_on, local

_MARKERS = {
    "black": "000000", "blue": "0000FF", "cyan": "00FFFF", "green": "00FF00", "magenta": "FF00FF",
    "red": "FF0000", "yellow": "FFFF00", "white": "FFFFFF", "darkBlue": "000080",
    "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0",
}  # fmt: skip
_PAPER = ("background1", "light1")
_OF_FORMS = ("HTML Top of Form", "HTML Bottom of Form", "z-Top of Form", "z-Bottom of Form")
"""「フォームの始まり」 and its end, which Word writes around what is pasted from a page."""
_LONGEST = 20
"""Styles that a style may be based on, one on the other."""


class Ink(NamedTuple):
    """What one place says of letters; None where it says nothing."""

    letters: Colour | str | None = None
    """"auto" is a word of its own: black or white, whichever can be read."""
    ground: Colour | str | None = None
    """"unknown" for a pattern or a colour that is not told."""
    size: int | None = None
    """In half points."""
    vanished: bool | None = None

    def over(self, other: Ink) -> Ink:
        """The same, with what only `other` says."""
        return Ink(
            self.letters if self.letters is not None else other.letters,
            self.ground if self.ground is not None else other.ground,
            self.size if self.size is not None else other.size,
            self.vanished if self.vanished is not None else other.vanished,
        )


class Styles:
    def __init__(self, root: etree._Element | None) -> None:
        every = [] if root is None else [*root.iter("{*}style")]
        self._styles = {attribute(style, "styleId"): style for style in every}
        usual = (style for style in every if attribute(style, "type") == "paragraph")
        self._usual = next((s for s in usual if attribute(s, "default") in ("1", "true")), None)
        defaults = None if root is None else next(root.iter("{*}rPrDefault"), None)
        self._default = Ink() if defaults is None else told(child_of(defaults, "rPr"))
        self._known: dict[str, Ink] = {}
        self._painting: dict[str, bool] = {}

    def of_paragraph(self, name: str) -> Ink:
        if not name and self._usual is not None:
            name = attribute(self._usual, "styleId")
        return self.of(name).over(self._default)

    def of(self, name: str) -> Ink:
        """What a style says, with those that it is based on."""
        if name not in self._known:
            ink = Ink()
            for style in self._line(name):
                shade = told(child_of(style, "pPr"))._replace(letters=None, size=None)
                ink = ink.over(told(child_of(style, "rPr"))).over(shade)
                if _name_of(style).startswith(_OF_FORMS):
                    ink = ink._replace(vanished=False)
            self._known[name] = ink
        return self._known[name]

    def paints(self, name: str) -> bool:
        """Whether a style of a table has a ground of its own, somewhere; one unknown may."""
        if name not in self._painting:
            line = [*self._line(name)]
            shades = (told([shade]).ground for style in line for shade in style.iter("{*}shd"))
            dark = any(ground not in (None, WHITE) for ground in shades)
            self._painting[name] = dark or bool(name and not line)
        return self._painting[name]

    def _line(self, name: str) -> Iterator[etree._Element]:
        for _ in range(_LONGEST):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            based = child_of(style, "basedOn")
            name = "" if based is None else attribute(based, "val")


def told(properties: Iterable[etree._Element] | None) -> Ink:
    """What the properties of a run, a paragraph or a cell say of letters."""
    said: dict[str, object] = {}
    for mark in () if properties is None else properties:
        name = local(mark)
        if name == "color":
            said["letters"] = _letters(mark)
        elif name == "highlight":
            said["ground"] = colour(_MARKERS.get(attribute(mark, "val"), "")) or said.get("ground")
        elif name == "shd":
            said.setdefault("ground", _shade(mark))
        elif name == "sz":
            text = attribute(mark, "val")
            said["size"] = int(text) if text.isdecimal() and len(text) < 6 else None
        elif name == "vanish":
            said["vanished"] = is_on(mark)
    return Ink(**said)  # type: ignore[arg-type]


def child_of(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if local(child) == name), None)


def _name_of(style: etree._Element) -> str:
    name = child_of(style, "name")
    return "" if name is None else attribute(name, "val")


def _letters(mark: etree._Element) -> Colour | str:
    if found := colour(attribute(mark, "val")):
        return found
    return WHITE if attribute(mark, "themeColor") in _PAPER else "auto"


def _shade(mark: etree._Element) -> Colour | str | None:
    kind, fill = attribute(mark, "val"), attribute(mark, "fill")
    if kind in ("clear", "nil", ""):
        return colour(fill) or (None if fill in ("auto", "") else "unknown")
    return colour(attribute(mark, "color")) or "unknown" if kind == "solid" else "unknown"
