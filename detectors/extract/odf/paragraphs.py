"""Paragraphs and tables of OpenDocument, with what stands beside a line and not in it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from detectors.extract.markup import attribute, local

_LINES = frozenset(("p", "h"))
_BREAKS = {"tab": "\t", "line-break": "\n", "soft-page-break": ""}
# In a paragraph and yet not in its line: notes, comments, furigana, drawings.
_APART = frozenset(
    "annotation note ruby-text frame custom-shape rect line circle ellipse polygon polyline path g "
    "connector caption control text-box hidden-text hidden-paragraph tracked-changes".split()
)
_SILENT = frozenset(("annotation-end", "note-citation"))
_UNSEEN = frozenset(("tracked-changes", "hidden-text", "hidden-paragraph", "title", "desc"))
_GROUPS = frozenset(("table-rows", "table-header-rows", "table-row-group"))
_CELLS = frozenset(("covered-table-cell", "table-cell"))

Block = str | list[list[str]]


@dataclass(frozen=True, slots=True)
class Styles:
    """Names of the styles that hide what has them."""

    hidden: frozenset[str] = frozenset()

    @staticmethod
    def of(*roots: etree._Element | None) -> Styles:
        found = set()
        for root in roots:
            for style in () if root is None else root.iter("{*}style"):
                if any(_hides(properties) for properties in style):
                    found.add(attribute(style, "name"))
        return Styles(frozenset(found))

    def hide(self, element: etree._Element) -> bool:
        return attribute(element, "style-name") in self.hidden


def deletions_of(root: etree._Element) -> dict[str, str]:
    """The changes that deleted something, with the text where it is kept apart from its line."""
    return {
        attribute(region, "id"): "".join(
            str(text) for p in deletion.iter("{*}p") for text in p.itertext()
        )
        for region in root.iter("{*}changed-region")
        for deletion in region.iterchildren("{*}deletion")
    }


def _hides(properties: etree._Element) -> bool:
    return (
        attribute(properties, "display") in ("none", "false")
        or attribute(properties, "visibility") == "hidden"
    )


@dataclass(slots=True)
class Telling:
    """`blocks` gives what is seen; what is not gathers in `hidden`, files in `files`."""

    styles: Styles
    hidden: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    deletions: Mapping[str, str] = field(default_factory=dict)
    """Changes whose text is kept between marks in the line, or apart (`deletions_of`)."""
    _deleting: bool = False

    def blocks(self, element: etree._Element) -> Iterator[Block]:
        if element.text and element.text.strip():
            yield element.text.strip()
        for child in element:
            name = local(child)
            if name in _LINES:
                yield from self._paragraph(child)
            elif name == "table":
                yield [*self._rows(child)]
            elif name == "binary-data":
                self._file(child.text or "")
            elif name in _UNSEEN or attribute(child, "display") == "none":
                self.hidden += [flat(block) for block in self.blocks(child)]
            else:
                yield from self.blocks(child)
            if child.tail and child.tail.strip():
                yield child.tail.strip()

    def lines(self, element: etree._Element) -> str:
        """All of an element as text."""
        return "\n".join(flat(block) for block in self.blocks(element))

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Block]:
        shown: list[str] = []
        whole: list[str] = []
        apart: list[etree._Element] = []
        self._take(paragraph, shown, whole, apart, self.styles.hide(paragraph))
        yield "".join(shown)
        if len(whole) > len(shown):
            self.hidden.append("".join(whole))
        for child in apart:
            if local(child) in _UNSEEN:
                self.hidden.append(self.lines(child))
            else:
                yield from self.blocks(child)

    def _take(
        self,
        element: etree._Element,
        shown: list[str],
        whole: list[str],
        apart: list[etree._Element],
        hidden: bool,
    ) -> None:
        self._say(element.text, shown, whole, hidden)
        for child in element:
            name = local(child)
            if name in _APART:
                apart.append(child)
            elif name == "s":
                spaces = attribute(child, "c")
                count = int(spaces) if spaces.isdigit() and len(spaces) < 4 else 1
                self._say(" " * count, shown, whole, hidden)
            elif name in _BREAKS:
                self._say(_BREAKS[name], shown, whole, hidden)
            elif name in ("change-start", "change-end"):
                if attribute(child, "change-id") in self.deletions:
                    self._deleting = name == "change-start"
            elif name == "change":
                if deleted := self.deletions.get(attribute(child, "change-id")):
                    whole.append(f"{deleted}\n")  # what came in its place begins another line
            elif name not in _SILENT:
                self._take(child, shown, whole, apart, hidden or self.styles.hide(child))
            self._say(child.tail, shown, whole, hidden)

    def _say(self, text: str | None, shown: list[str], whole: list[str], hidden: bool) -> None:
        if text:
            whole.append(text)
            if not (hidden or self._deleting):
                shown.append(text)

    def _rows(self, table: etree._Element) -> Iterator[list[str]]:
        """Of this table and not of tables in its cells."""
        for child in table:
            if local(child) == "table-row":
                yield [self.lines(cell) for cell in child if local(cell) in _CELLS]
            elif local(child) in _GROUPS:
                yield from self._rows(child)
            elif text := self.lines(child):
                yield [text]

    def _file(self, text: str) -> None:
        try:
            self.files.append(base64.b64decode(text))
        except (binascii.Error, ValueError):
            self.hidden.append(text)


def flat(block: Block) -> str:
    """A table in a cell is text of that cell."""
    return block if isinstance(block, str) else "\n".join("\t".join(row) for row in block)
