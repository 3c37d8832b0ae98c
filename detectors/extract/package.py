"""An office file of our days: a ZIP of XML parts (OOXML, ODF). Every part is read.

Readers take the parts they understand; whatever is left is swept for words, so that a part that
nobody thought of (a chart's cache, a custom property, a pivot table) still gives its text.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.reading import Refused, within
from detectors.extract.zips import Zip
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface, Text

# No words of people: colours, device settings of a printer, the order of calculation, fonts.
_SILENT = re.compile(
    r"theme/|printerSettings\d*\.bin$|vbaProject\.bin$|calcChain\.xml$|fontTable\.xml$|fonts/"
    r"|styles(WithEffects)?\.xml$|webSettings\.xml$|^\[Content_Types\]",
    re.IGNORECASE,
)
_MACRO = re.compile(r"vbaProject\.bin$|macrosheets/|vbaData\.xml$|^Basic/", re.IGNORECASE)


class Package:
    def __init__(self, source: Source, budget: Budget) -> None:
        self._source = source
        self._budget = budget
        self._zip = Zip(source.data)
        self._left = {m.name.lstrip("/"): m for m in self._zip.members if not m.info.is_dir()}
        self.names = tuple(self._left)
        if any(member.encrypted for member in self._left.values()):
            raise Refused("encrypted_office")
        self._all = dict(self._left)

    def read(self, name: str) -> bytes:
        """The octets of a part; it then counts as read. b"" where there is no such part."""
        self._left.pop(name, None)
        return self._octets(name)

    def _octets(self, name: str) -> bytes:
        member = self._all.get(name)
        # The ratio is not asked here: a sheet of formatted empty cells honestly packs 200 : 1.
        return self._zip.read(member, self._budget, ratio=False) if member else b""

    def xml(self, name: str) -> etree._Element | None:
        data = self.read(name)
        return markup.parse(data) if data else None

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Relationship id → (its type's last word, the part it leads to), of the part `name`."""
        folder, base = posixpath.split(name)
        # It stays unread, so that the sweep sees the links that lead outside.
        data = self._octets(posixpath.join(folder, "_rels", base + ".rels"))
        found = {}
        for relation in markup.parse(data) if data else ():
            target = unquote(relation.get("Target", ""))
            if relation.get("TargetMode") != "External":
                joined = target if target.startswith("/") else posixpath.join(folder, target)
                target = posixpath.normpath(joined).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target)
        return found

    def main(self) -> str:
        """The part that holds the document: where the package's own relationship leads."""
        for kind, target in self.relations("").values():
            if kind == "officeDocument":
                return target
        return ""

    def linked(self, relations: dict[str, tuple[str, str]]) -> list[str]:
        """The parts that these relationships lead to and that nobody has read yet."""
        return [target for _, target in relations.values() if target in self._left]

    def sweep(self, names: Iterable[str], spot: Spot) -> Iterator[Surface]:
        """Words, embedded files and macros of these parts."""
        for name in names:
            self._budget.time()
            if _MACRO.search(name):
                yield Note(self._source.spot, "macro", Reason("macro"))
            if _SILENT.search(name):
                self._left.pop(name, None)
                continue
            data = self.read(name)
            if not _is_xml(data):
                inner = posixpath.basename(name)
                yield Nested(within(self._source.spot, inner), inner, data)
                continue
            root = markup.single(markup.parse(data))
            if name.endswith(".rels"):
                yield from texts(spot, _links(root), self._source.context, hidden=True)
                continue
            yield from texts(spot, [*markup.words(root)], self._source.context)
            yield from texts(spot, [*markup.spoken(root)], self._source.context, hidden=True)

    def rest(self) -> Iterator[Surface]:
        """Everything that has not been read."""
        yield from self.sweep([*self._left], Spot(self._source.spot.part, self._source.spot.path))


def texts(
    spot: Spot, lines: list[str], context: tuple[str, ...], *, hidden: bool = False
) -> Iterator[Text]:
    """One text of these lines, none where they are empty."""
    if text := "\n".join(line for line in lines if line.strip()):
        yield Text(Spot(spot.part, spot.path, spot.hidden or hidden, spot.unit), text, context)


def _links(root: etree._Element) -> list[str]:
    """Addresses outside the file: a link's target is not in the text."""
    return [r.get("Target", "") for r in root if r.get("TargetMode") == "External"]


def _is_xml(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")
