"""Text of an OpenDocument file that nobody sees, and what it carries along beside its pages.

As in `word.unseen`: where it is not known for sure what stands behind letters, they are readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from detectors.extract.colours import WHITE, alike
from detectors.extract.markup import attribute, local
from detectors.extract.odf.looks import Look, Looks
from detectors.report import Reason
from detectors.surface import Note, Spot

_TINY = 2.0
_APART = frozenset(("annotation", "tracked-changes", "notes", "note-citation", "note", "ruby-text"))
_DRAWN = frozenset(("frame", "custom-shape", "rect", "ellipse", "polygon", "path", "g", "text-box"))
_FIELDS = ("{*}hidden-text", "{*}hidden-paragraph", "{*}section")
_ELSEWHERE = re.compile(r"(?:file:|https?:|ftp:|\.\./|/|\\\\)", re.IGNORECASE)
_SOURCES = frozenset(
    "table-source cell-range-source dde-source section-source object object-ole plugin".split()
)
_CHANGES = ("{*}changed-region", "{*}cell-content-change", "{*}insertion", "{*}deletion")


def carried(root: etree._Element, spot: Spot) -> Iterator[Note]:
    """Comments, corrections, links to other files and whose it is, of a whole part."""
    if any(_says(note) for note in root.iter("{*}annotation")):
        yield Note(spot, "comments", Reason("comments"))
    for changes in root.iter("{*}tracked-changes"):
        if next(changes.iter(*_CHANGES), None) is not None:
            yield Note(spot, "tracked_changes", Reason("tracked_changes"))
    if any(_leads_elsewhere(element) for element in root.iter("{*}*")):
        yield Note(spot, "external_links", Reason("external_links"))
    if any((name.text or "").strip() for name in root.iter("{*}initial-creator", "{*}printed-by")):
        yield Note(spot, "author", Reason("author"))


def speaks(page: etree._Element) -> bool:
    """Whether a slide has a note for its speaker."""
    frames = (frame for notes in page.iter("{*}notes") for frame in notes.iter("{*}frame"))
    return any(attribute(frame, "class") == "notes" and _says(frame) for frame in frames)


def unseen(element: etree._Element, looks: Looks, spot: Spot) -> Iterator[Note]:
    """How text of a body, a slide or a sheet is hidden, each way once."""
    found: dict[str, int] = {}
    _Walk(looks, found).take(element, Look())
    for field in element.iter(*_FIELDS):
        hides = attribute(field, "is-hidden") == "true" or attribute(field, "display") == "none"
        if hides and (_says(field) or attribute(field, "string-value").strip()):
            found.setdefault("text_vanished", 0)
    for code, number in found.items():
        known = spot.unit.startswith("slide:") or not number
        here = spot if known else replace(spot, unit=f"paragraph:{number}")
        yield Note(here, "hidden_text", Reason(code))


class _Walk:
    def __init__(self, looks: Looks, found: dict[str, int]) -> None:
        self._looks, self._found, self._count = looks, found, 0

    def take(self, element: etree._Element, look: Look) -> None:
        """`look` is that of everything around it, the nearest first."""
        name = local(element)
        own = self._looks.of(element)
        if name in ("p", "h"):
            self._count += 1
            look = own.over(Look(ground=look.ground))
        elif name in _DRAWN:
            look = Look(ground=own.ground or "unknown")
        else:
            look = own.over(look)
        if name in ("p", "h", "span", "a"):
            self._judge(element.text, look)
        for child in element:
            if local(child) not in _APART:
                self.take(child, look)
            if name in ("p", "h", "span", "a"):
                self._judge(child.tail, look)

    def _judge(self, text: str | None, look: Look) -> None:
        if text and any(letter.isalnum() for letter in text):
            if code := how(look, self._looks):
                self._found.setdefault(code, self._count)


def how(look: Look, looks: Looks) -> str:
    """What hides letters that look so, "" where nothing does."""
    ground = look.ground or (WHITE if looks.plain_page else None)
    if look.hidden:
        return "text_vanished"
    if look.size is not None and look.size <= _TINY:
        return "text_tiny"
    known = ground if isinstance(ground, tuple) else None
    return "text_in_background" if alike(look.letters, known) else ""


def _says(element: etree._Element) -> bool:
    return any(letter.isalnum() for text in element.itertext() for letter in str(text))


def _leads_elsewhere(element: etree._Element) -> bool:
    name = local(element)
    if name not in _SOURCES and name != "image":
        return False
    target = attribute(element, "href")
    web = target.lower().startswith("http") and name == "image"  # as pages are pasted
    return bool(_ELSEWHERE.match(target)) and not web
