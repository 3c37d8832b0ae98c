"""Word documents: every story (body, headers, notes, comments, text boxes) and every table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from detectors.budget import Budget
from detectors.extract import story
from detectors.extract.markup import local
from detectors.extract.package import Package
from detectors.extract.word.styles import Styles
from detectors.extract.word.unseen import Unseen
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface

_STORIES = frozenset("document glossaryDocument hdr ftr footnotes endnotes comments".split())
"""Root elements: part names are free."""
_SHOWN = frozenset("document hdr ftr footnotes endnotes".split())
_BLOCKS = "glossaryDocument"
"""Building blocks, which are in no text until somebody inserts them."""


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    yield from _Document(source, budget).surfaces()


class _Document:
    def __init__(self, source: Source, budget: Budget) -> None:
        self._source = source
        self._package = Package(source, budget, self._tell, _STORIES)
        self._main = self._package.main() or "word/document.xml"
        parts = self._package.relations(self._main)
        styles = next((target for kind, target in parts.values() if kind == "styles"), "")
        sheet = self._package.peek(styles, b"<")
        self._vanishing = story.hidden_styles(sheet)
        self._unseen = Unseen(Styles(sheet))
        self._changed = False

    def surfaces(self) -> Iterator[Surface]:
        spot = Spot(self._source.spot.part, self._source.spot.path, self._source.spot.hidden)
        yield from self._tell(self._package.document(self._main), spot)
        # Lines are counted in the body only.
        yield from self._package.beneath(self._main, replace(spot, unit=""))
        yield from self._package.rest()
        if self._changed:
            yield Note(self._source.spot, "tracked_changes", Reason("tracked_changes"))
        for code, paragraph in self._unseen.found():
            unit = f"paragraph:{paragraph}" if paragraph else ""
            yield Note(replace(spot, unit=unit), "hidden_text", Reason(code))

    def _tell(self, root: etree._Element, spot: Spot) -> Iterator[Surface]:
        self._changed = self._changed or story.changed(root)
        hidden = spot.hidden or local(root) == _BLOCKS
        here = replace(spot, hidden=hidden)
        yield from story.tell(root, here, self._source.context, self._vanishing)
        if local(root) in _SHOWN:
            self._unseen.take(root, body=local(root) == "document")
