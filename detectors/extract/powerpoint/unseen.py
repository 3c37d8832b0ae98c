"""Text of a slide that nobody sees: in the colour behind it, tiny, off the slide, in hidden shapes.

What lies behind letters is a shape's own fill, or else whatever was drawn before it at that place.
Where that is a picture, a gradient or anything not told outright, the letters count as readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from detectors.extract.boxes import Box, meet
from detectors.extract.colours import Colour, alike, colour
from detectors.extract.markup import attribute, local
from detectors.extract.package import Package
from detectors.extract.word.styles import child_of

_SHAPES = frozenset(("sp", "pic", "graphicFrame", "grpSp", "cxnSp", "contentPart"))
_FILLS = frozenset(("solidFill", "gradFill", "blipFill", "pattFill", "grpFill", "noFill"))
_TINY = 200
"""Hundredths of a point."""
_CROWDED = 200
"""Shapes under a text; beyond that nobody asks which of them it covers."""
_PLAIN = "1001"
"""The first of the grounds of a theme, which is one colour."""
_Element = etree._Element


class Deck:
    """What the slides of a presentation have in common."""

    def __init__(self, package: Package, presentation: _Element) -> None:
        self._package = package
        size = next(presentation.iter("{*}sldSz"), None)
        self._wide, self._high = (0, 0) if size is None else _pair(size, "cx", "cy") or (0, 0)
        self._sheets: dict[str, _Sheet] = {}

    def notes(self, part: str) -> bool:
        """Whether somebody wrote a note to the slide."""
        for kind, target in self._package.relations(part).values():
            if kind == "notesSlide" and (root := self._package.peek(target, b"<")) is not None:
                return any(_place(shape) == "body" and _says(shape) for shape in _drawn(root))
        return False

    def unseen(self, part: str, slide: _Element) -> set[str]:
        """How text of the slide is hidden."""
        sheet = self._sheet(part, "slideLayout")
        ground = _ground(slide, sheet.colours) if _has_ground(slide) else sheet.ground
        return {*_Slide(sheet, ground).unseen(slide), *self._off(slide)}

    def _off(self, slide: _Element) -> Iterator[str]:
        for shape in _drawn(slide):
            box = _box(shape)
            if box and self._wide and not meet(box, (0, 0, self._wide, self._high)):
                if _says(shape):
                    yield "text_off_slide"

    def _sheet(self, part: str, kind: str) -> _Sheet:
        """The layout that a slide is made with, with the master that this one is made with."""
        relations = self._package.relations(part).values()
        name = next((target for found, target in relations if found == kind), "")
        if name not in self._sheets:
            self._sheets[name] = self._read(name, kind)
        return self._sheets[name]

    def _read(self, name: str, kind: str) -> _Sheet:
        root = self._package.peek(name, b"<")
        if root is None:
            return _Sheet()
        if kind == "slideMaster":
            relations = self._package.relations(name).values()
            theme = next((target for found, target in relations if found == "theme"), "")
            colours = _colours(root, self._package.peek(theme, b"<"))
            return _Sheet(colours, _ground(root, colours), [*_drawn(root)])
        master = self._sheet(name, "slideMaster")
        ground = _ground(root, master.colours) if _has_ground(root) else master.ground
        return _Sheet(master.colours, ground, [*master.shapes, *_drawn(root)])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A layout or a master."""

    colours: dict[str, Colour | None] = field(default_factory=dict)
    ground: Colour | None = None
    shapes: list[_Element] = field(default_factory=list)


class _Slide:
    def __init__(self, sheet: _Sheet, ground: Colour | None) -> None:
        self._colours, self._ground = sheet.colours, ground
        places = [shape for shape in sheet.shapes if _is_place(shape)]
        self._filled = {_place(shape) for shape in places if _fill_of(shape) is not None}
        """Kinds of placeholders that a layout fills with something."""
        self._under = [_box(s) for s in sheet.shapes if not _is_place(s) and _paints(s)]

    def unseen(self, slide: _Element) -> Iterator[str]:
        for shape in _drawn(slide):
            yield from self._shape(shape, self._behind(shape))
            if len(self._under) <= _CROWDED and _paints(shape):
                self._under.append(_box(shape))

    def _shape(self, shape: _Element, behind: Colour | None) -> Iterator[str]:
        if _is_hidden(shape):
            if _says(shape):
                yield "shape_hidden"
        elif local(shape) == "grpSp":
            # What of a group lies behind what else in it is not looked at.
            alone = not any(_paints(inner) for inner in shape)
            for inner in shape:
                if local(inner) in _SHAPES:
                    fill = _fill_of(inner)
                    ground = behind if alone else None
                    yield from self._shape(inner, self._known(fill) if fill is not None else ground)
        elif local(shape) == "graphicFrame":
            for cell in shape.iter("{*}tc"):
                yield from self._text(cell, self._known(child_of(cell, "tcPr")))
        else:
            yield from self._text(shape, behind)

    def _behind(self, shape: _Element) -> Colour | None:
        fill = _fill_of(shape)
        if fill is not None:
            return self._known(fill)
        if _place(shape) in self._filled:
            return None
        own = _box(shape)
        covered = len(self._under) > _CROWDED or any(meet(own, box) for box in self._under)
        return None if covered else self._ground

    def _known(self, filled: _Element | None) -> Colour | None:
        """The colour of a fill in it, None where it is not one."""
        solid = None if filled is None else child_of(filled, "solidFill")
        return None if solid is None else _colour(solid, self._colours)

    def _text(self, shape: _Element, behind: Colour | None) -> Iterator[str]:
        listed = next(shape.iter("{*}lstStyle"), None)
        usual = None if listed is None else next(listed.iter("{*}defRPr"), None)
        for run in shape.iter("{*}r"):
            if not _says(run):
                continue
            own = child_of(run, "rPr")
            size = attribute(own, "sz") if own is not None else ""
            letters = self._known(own) or self._known(usual)
            if size.isdecimal() and len(size) < 6 and int(size) <= _TINY:
                yield "text_tiny"
            elif alike(letters, behind):
                yield "text_in_background"


def _drawn(root: _Element) -> Iterator[_Element]:
    """The shapes of a slide in the order in which they are drawn."""
    tree = next(root.iter("{*}spTree"), None)
    return (child for child in (() if tree is None else tree) if local(child) in _SHAPES)


def _says(element: _Element) -> bool:
    texts = (text.text or "" for text in element.iter("{*}t"))
    return any(letter.isalnum() for text in texts for letter in text)


def _is_hidden(shape: _Element) -> bool:
    marks = (mark for mark in (shape[0] if len(shape) else ()) if local(mark) == "cNvPr")
    return any(mark.get("hidden") in ("1", "true") for mark in marks)


def _is_place(shape: _Element) -> bool:
    return len(shape) > 0 and next(shape[0].iter("{*}ph"), None) is not None


def _place(shape: _Element) -> str:
    """The kind of a placeholder: "title", "body" …; "" of other shapes."""
    mark = next(shape[0].iter("{*}ph"), None) if len(shape) else None
    return "" if mark is None else mark.get("type", "body")


def _fill_of(shape: _Element) -> _Element | None:
    """The properties that say what a shape is filled with, None where it is filled with nothing."""
    properties = child_of(shape, "spPr")
    for fill in () if properties is None else properties:
        if local(fill) in _FILLS:
            return None if local(fill) == "noFill" else properties
    style = child_of(shape, "style")
    reference = None if style is None else child_of(style, "fillRef")
    return style if reference is not None and reference.get("idx") not in ("0", None) else None


def _paints(shape: _Element) -> bool:
    """Whether something of it covers what is behind it."""
    if local(shape) in ("pic", "graphicFrame", "contentPart"):
        return True
    if local(shape) == "grpSp":
        return any(_paints(inner) for inner in shape if local(inner) in _SHAPES)
    return _fill_of(shape) is not None


def _box(shape: _Element) -> Box | None:
    """Left, top, right, bottom; None where a layout tells."""
    found = next(shape.iter("{*}xfrm"), None)
    offset = None if found is None else child_of(found, "off")
    extent = None if found is None else child_of(found, "ext")
    if offset is None or extent is None:
        return None
    place, size = _pair(offset, "x", "y"), _pair(extent, "cx", "cy")
    if place is None or size is None:
        return None
    return place[0], place[1], place[0] + size[0], place[1] + size[1]


def _pair(element: _Element, one: str, other: str) -> tuple[int, int] | None:
    texts = element.get(one, ""), element.get(other, "")
    if all(text.removeprefix("-").isdecimal() and len(text) < 15 for text in texts):
        return int(texts[0]), int(texts[1])
    return None


def _has_ground(root: _Element) -> bool:
    return next(root.iter("{*}bg"), None) is not None


def _ground(root: _Element, colours: dict[str, Colour | None]) -> Colour | None:
    for ground in root.iter("{*}bgPr"):
        fill = child_of(ground, "solidFill")
        return None if fill is None else _colour(fill, colours)
    for ground in root.iter("{*}bgRef"):
        return _colour(ground, colours) if ground.get("idx") == _PLAIN else None
    return None


def _colour(fill: Iterable[_Element], colours: dict[str, Colour | None]) -> Colour | None:
    """None for a colour that is made of another one, lighter or half transparent."""
    for mark in fill:
        if len(mark):
            return None
        value = attribute(mark, "val")
        if local(mark) == "srgbClr":
            return colour(value)
        return colours.get(value) if local(mark) == "schemeClr" else None
    return None


def _colours(master: _Element, theme: _Element | None) -> dict[str, Colour | None]:
    """The colours of a theme by the names that slides use."""
    found: dict[str, Colour | None] = {}
    scheme = None if theme is None else next(theme.iter("{*}clrScheme"), None)
    for place in () if scheme is None else scheme:
        if len(place):
            value = attribute(place[0], "lastClr") or attribute(place[0], "val")
            found[local(place)] = colour(value)
    mapped = next(master.iter("{*}clrMap"), None)
    names = {} if mapped is None else {str(k): str(v) for k, v in mapped.attrib.items()}
    return found | {name: found.get(to) for name, to in names.items()}
