"""An office file of our days: a ZIP of XML parts (OOXML, ODF). Every part is read.

Readers take the parts they understand; whatever is left is swept for words, so that a part that
nobody thought of (a chart's cache, a custom property, a revision log) still gives its text.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote

from lxml import etree

from detectors.budget import Budget
from detectors.extract import beside, markup, vba
from detectors.extract.markup import local
from detectors.extract.reading import Refused, within
from detectors.extract.strings import strings
from detectors.extract.zips import Zip
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Table, Text, Unreadable

# No words of people: device settings of a printer, the order of calculation, fonts.
_SILENT = re.compile(r"printerSettings\d*\.bin$|calcChain\.xml$|\.odttf$|\.fntdata$", re.IGNORECASE)
# Long lists of names that programs give: only what looks like a number is taken.
_SETTINGS = re.compile(
    r"theme/|fontTable\.xml$|styles(WithEffects)?\.xml$|webSettings\.xml$|^\[Content_Types\]|\.rels$",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"customXml/[^/]*\.xml$|docProps/custom\.xml$", re.IGNORECASE)
"""Data and properties that people named themselves."""
_DIGITS = re.compile(rb"[0-9](?:[^0-9\n<>]{0,2}[0-9]){11}")
_TELLING = (b"&#", b"<!", b'"External"', b"\xef\xbc", b"\x00")
"""References, comments and declarations, links, full-width digits, UTF-16."""
_MACRO = re.compile(r"vbaProject\.bin$|macrosheets/|vbaData\.xml$|^Basic/", re.IGNORECASE)
_THUMBNAIL = re.compile(r"(?:^|/)(?:Thumbnails|docProps)/thumbnail\.\w+$", re.IGNORECASE)
"""What a program shows of the first page: all of it stands in the document, and read from a picture
of 200 dots its numbers come out wrong."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"\xd7\xcd\xc6\x9a", b"\x01\0\0\0")
_CONTROL = re.compile(r"activeX/|ctrlProps/", re.IGNORECASE)
_PARENTS = frozenset(("slideLayout", "slideMaster", "notesMaster", "handoutMaster", "slide"))
"""Relationships that lead to a part that others share: it is not beneath this one."""
_SHOWN = frozenset(
    "header footer footnotes endnotes comments threadedComment chart chartEx chartUserShapes "
    "diagramData diagramDrawing image hdphoto oleObject package aFChunk drawing vmlDrawing "
    "table control ctrlProp pivotTable slicer notesSlide subDocument".split()
)
"""Relationships that lead to what a reader of the document sees; the others are out of sight."""
_TITLE = 200
"""Letters of a line over a table."""
_CHUNK = "aFChunk"

Relations = dict[str, tuple[str, str]]
Teller = Callable[[etree._Element, Spot], Iterator[Surface]]


class Package:
    """`tell` reads the parts whose root element is in `stories`, wherever they are found."""

    def __init__(
        self,
        source: Source,
        budget: Budget,
        tell: Teller | None = None,
        stories: frozenset[str] = frozenset(),
    ) -> None:
        self._tell, self._stories = tell, stories
        self._source = source
        self._budget = budget
        self._zip = Zip(source.data)
        members = [member for member in self._zip.members if not member.info.is_dir()]
        self._left = {_part_name(member.name): member for member in members}
        if len(self._left) < len(members):
            raise Refused("ambiguous_archive", what="duplicate names")
        self.names = tuple(self._left)
        if any(member.encrypted for member in self._left.values()):
            raise Refused("encrypted_office")
        self._all = dict(self._left)
        self._chunks: set[str] = set()

    @property
    def unread(self) -> Collection[str]:
        """Names of the parts that nobody has read yet."""
        return self._left.keys()

    def read(self, name: str) -> bytes:
        """The octets of a part; it then counts as read. b"" where there is no such part."""
        self._left.pop(name, None)
        return self.octets(name)

    def octets(self, name: str) -> bytes:
        """The same, and it still counts as unread if it did."""
        member = self._all.get(name)
        # The ratio is not asked here: a sheet of formatted empty cells honestly packs 200 : 1.
        return self._zip.read(member, self._budget, ratio=False) if member else b""

    def xml(self, name: str) -> etree._Element | None:
        data = self.read(name)
        return markup.parse(data) if data else None

    def document(self, name: str) -> etree._Element:
        """The part that everything hangs on. Raises Refused "corrupt" where it is not there."""
        root = self.xml(name)
        if root is None:
            raise Refused("corrupt", type="package")
        return root

    def peek(self, name: str, word: bytes) -> etree._Element | None:
        """The same of a part that the sweep shall read all the same; None without `word` in it."""
        data = self.octets(name)
        return markup.parse(data) if word in data else None

    def relations(self, name: str) -> Relations:
        """Relationship id → (its type's last word, the part it leads to), of the part `name`."""
        folder, base = posixpath.split(name)
        # It stays unread, so that the sweep sees the links that lead outside.
        data = self.octets(posixpath.join(folder, "_rels", base + ".rels"))
        found = {}
        for relation in markup.parse(data) if data else ():
            kind = relation.get("Type", "").rpartition("/")[2]
            target = unquote(relation.get("Target", ""))
            if relation.get("TargetMode") != "External":
                joined = target if target.startswith("/") else posixpath.join(folder, target)
                target = posixpath.normpath(joined).lstrip("/")
            if kind == _CHUNK:
                self._chunks.add(target)
            found[relation.get("Id", "")] = (kind, target)
        return found

    def main(self) -> str:
        """The part that holds the document: where the package's own relationship leads."""
        for kind, target in self.relations("").values():
            if kind == "officeDocument":
                return target
        return ""

    def beneath(self, name: str, spot: Spot) -> Iterator[Surface]:
        """The parts that this one leads to and that nobody has read yet."""
        for kind, target in self.relations(name).values():
            if target in self._left and kind not in _PARENTS:
                hidden = spot.hidden or kind not in _SHOWN
                yield from self.sweep([target], replace(spot, hidden=hidden))

    def sweep(self, names: Iterable[str], spot: Spot) -> Iterator[Surface]:
        """Words, embedded files and macros of these parts, and of those that they lead to."""
        for name in names:
            self._budget.time()
            if name not in self._left:
                continue  # another of them has led to it
            if _MACRO.search(name):
                yield Note(self._source.spot, "macro", Reason("macro"))
            if _SILENT.search(name):
                self._left.pop(name)
                continue
            data = self.read(name)
            try:
                yield from self._part(name, data, spot)
                if not name.endswith(".rels"):
                    yield from self.beneath(name, spot)
            except Refused as refusal:  # one part never hides another
                yield Unreadable(self._source.spot, refusal.reason)
                yield from texts(spot, strings(data), self._source.context, hidden=True)

    def _part(self, name: str, data: bytes, spot: Spot) -> Iterator[Surface]:
        context = self._source.context
        if name.endswith("vbaProject.bin"):
            yield from texts(spot, [*vba.words(data)], context, hidden=True)
        elif name in self._chunks or not _is_xml(data):
            if _CONTROL.search(name):
                yield from texts(spot, strings(data), context, hidden=True)
            elif not (_THUMBNAIL.search(name) and data.startswith(_PICTURES)):
                inner = posixpath.basename(name)
                yield Nested(replace(within(spot, inner), unit="line"), inner, data)
        elif _SETTINGS.search(name):
            if _DIGITS.search(data) or any(sign in data for sign in _TELLING):
                root = markup.parse(data)
                lines = _links(root) if name.endswith(".rels") else []
                lines += [*markup.numbers(root), *markup.comments(data)]
                yield from texts(spot, lines, context, hidden=True)
        else:
            root = markup.single(markup.parse(data, lenient=name.endswith(".vml")))
            if self._tell is not None and local(root) in self._stories:
                yield from self._tell(root, spot)
                return
            if queries := _queries(root):
                inner = local(root)
                yield Nested(replace(within(spot, inner), unit="line"), inner, queries)
                return
            if _LABELLED.search(name):
                lines = markup.labelled(data)
            else:
                lines = [markup.letters_of(line) for line in markup.words(root)]
            yield from texts(spot, lines, context)
            spoken = [markup.letters_of(text) for text in markup.spoken(root)]
            yield from texts(spot, [*spoken, *markup.comments(data)], context, hidden=True)

    def rest(self) -> Iterator[Surface]:
        """Everything that has not been read: properties, settings, and what no part leads to."""
        spot = self._source.spot
        yield from beside.noted(self.names, self.octets, spot)
        yield from self.sweep([*self._left], Spot(spot.part, spot.path, True, ""))


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """A package of no known kind (drawings of Visio): the words of all its parts."""
    package = Package(source, budget)
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from package.beneath(package.main(), spot)
    yield from package.sweep([*package.unread], spot)


def _part_name(member: str) -> str:
    # Old .NET programs write backslashes; no part has one in its name (ECMA-376-2 6.2.2).
    return member.replace("\\", "/").lstrip("/")


def texts(
    spot: Spot, lines: list[str], context: tuple[str, ...], *, hidden: bool = False
) -> Iterator[Text]:
    """One text of these lines, none where they are empty."""
    if text := "\n".join(line for line in lines if line.strip()):
        yield Text(Spot(spot.part, spot.path, spot.hidden or hidden, spot.unit), text, context)


def in_order(
    blocks: Iterable[str | list[list[str]]], spot: Spot, context: tuple[str, ...]
) -> Iterator[Text | Table]:
    """Texts and tables in their order; the lines right over a table are its title."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            lines.append(block)
            continue
        yield from texts(spot, lines, context)
        yield Table(spot, block, context=(*context, *_title(lines)))
        lines = []
    yield from texts(spot, lines, context)


def _title(lines: list[str]) -> list[str]:
    over = (line.strip() for line in "\n".join(lines).split("\n"))
    return [line[:_TITLE] for line in over if line][-2:]


def _links(root: etree._Element) -> list[str]:
    """Addresses outside the file: a link's target is not in the text."""
    return [r.get("Target", "") for r in root if r.get("TargetMode") == "External"]


def _queries(root: etree._Element) -> bytes:
    """What Power Query keeps in a workbook, tables that somebody typed into it too: a ZIP behind
    its version and its length (MS-QDEFF section 2.2)."""
    if local(root) != "DataMashup":
        return b""
    try:
        packed = base64.b64decode(root.text or "")
    except binascii.Error:
        raise Refused("corrupt", type="xml") from None
    return packed[8 : 8 + int.from_bytes(packed[4:8], "little")]


def _is_xml(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")
