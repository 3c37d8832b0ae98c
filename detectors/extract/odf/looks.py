"""How OpenDocument's styles make letters look: their colour, what is behind them, their size."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from detectors.extract.colours import WHITE, Colour, colour
from detectors.extract.markup import attribute, local

_POINTS = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)pt")
_LONGEST = 20
"""Styles that a style may be based on, one on the other."""
_FAMILIES = {
    "p": "paragraph", "h": "paragraph", "span": "text", "table": "table", "table-row": "table-row",
    "table-cell": "table-cell", "covered-table-cell": "table-cell", "frame": "graphic",
    "custom-shape": "graphic", "text-box": "graphic", "section": "section", "page": "drawing-page",
}  # fmt: skip


class Look(NamedTuple):
    """None where nothing is said; "unknown" for a picture or a gradient behind letters."""

    letters: Colour | None = None
    ground: Colour | str | None = None
    size: float | None = None
    """In points."""
    hidden: bool | None = None

    def over(self, other: Look) -> Look:
        """The same, with what only `other` says."""
        return Look(
            self.letters if self.letters is not None else other.letters,
            self.ground if self.ground is not None else other.ground,
            self.size if self.size is not None else other.size,
            self.hidden if self.hidden is not None else other.hidden,
        )


class Looks:
    def __init__(self, *roots: etree._Element | None) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        self._known: dict[tuple[str, str], Look] = {}
        self.plain_page = True
        """No page has a colour or a picture for its ground."""
        for root in roots:
            for style in () if root is None else root.iter("{*}style", "{*}default-style"):
                self._styles[attribute(style, "family"), attribute(style, "name")] = style
            for page in () if root is None else root.iter("{*}page-layout-properties"):
                ground = _look(page).ground
                self.plain_page = self.plain_page and ground in (None, WHITE)

    def of(self, element: etree._Element) -> Look:
        """What an element's own style says, with those that it is based on."""
        family = _FAMILIES.get(local(element), "")
        name = attribute(element, "style-name")
        return self.named(family, name) if name else Look()

    def named(self, family: str, name: str) -> Look:
        key = family, name
        if key not in self._known:
            look = Look()
            for _ in range(_LONGEST):
                style = self._styles.get((family, name))
                if style is None:
                    break
                for properties in style:
                    look = look.over(_look(properties))
                name = attribute(style, "parent-style-name")
            usual = self._styles.get((family, ""))
            for properties in () if usual is None else usual:
                look = look.over(_look(properties)._replace(ground=None))
            self._known[key] = look
        return self._known[key]


def _look(properties: etree._Element) -> Look:
    own = {str(key).rpartition("}")[2]: str(value) for key, value in properties.attrib.items()}
    size = _POINTS.fullmatch(own.get("font-size", ""))
    letters = colour(own.get("color", "")) if own.get("use-window-font-color") != "true" else None
    return Look(
        letters if own.get("text-outline") != "true" else None,
        _ground(properties, own),
        float(size[1]) if size else None,
        own["display"] == "none" if local(properties) == "text-properties" and "display" in own
        else None,
    )  # fmt: skip


def _ground(properties: etree._Element, own: dict[str, str]) -> Colour | str | None:
    if any(local(child) == "background-image" and len(child.attrib) for child in properties):
        return "unknown"
    fill = own.get("fill", "")
    through = fill == "none" and local(properties) == "graphic-properties"
    if through or fill in ("bitmap", "gradient", "hatch"):
        return "unknown"
    if fill == "solid":
        return colour(own.get("fill-color", "")) or "unknown"
    return colour(own.get("background-color", ""))
