"""OpenDocument: text, sheets, slides and drawings, packed or flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.markup import attribute, local
from detectors.extract.odf import ods, unseen
from detectors.extract.odf.looks import Looks
from detectors.extract.odf.paragraphs import Styles, Telling, deletions_of
from detectors.extract.package import Package, in_order, texts
from detectors.extract.reading import Refused, within
from detectors.report import Reason
from detectors.surface import Nested, Note, Source, Spot, Surface

_MANIFEST = "META-INF/manifest.xml"


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    if package.peek(_MANIFEST, b"encryption-data") is not None:
        raise Refused("encrypted_office")
    styles = package.xml("styles.xml")
    # A template of styles has no content.
    content = package.xml("content.xml") if styles is not None else package.document("content.xml")
    names, looks = Styles.of(content, styles), Looks(styles, content)
    for root in (content, styles):
        if root is not None:
            yield from _tell(root, names, looks, source, budget)
    for name in sorted(name for name in package.unread if name.endswith("/content.xml")):
        # A sheet or a drawing inside: a document of its own in a folder.
        yield from _embedded(package, name, source, budget)
    yield from package.rest()


def read_flat(root: etree._Element, source: Source, budget: Budget) -> Iterator[Surface]:
    """A document in a single XML file (fodt, fods, fodp)."""
    yield from _tell(root, Styles.of(root), Looks(root), source, budget)


def read_sheets(source: Source, budget: Budget) -> Iterator[Surface]:
    yield from read(source, budget)


def _embedded(package: Package, name: str, source: Source, budget: Budget) -> Iterator[Surface]:
    root = package.xml(name)
    if root is not None:
        inner = replace(source, spot=within(source.spot, name.rpartition("/")[0]))
        yield from _tell(root, Styles.of(root), Looks(root), inner, budget)


def _tell(
    root: etree._Element, styles: Styles, looks: Looks, source: Source, budget: Budget
) -> Iterator[Surface]:
    yield from unseen.carried(root, source.spot)
    telling = Telling(styles, deletions=deletions_of(root))
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    slides = 0
    for part in root if local(root).startswith("document") else [root]:
        if local(part) in ("automatic-styles", "styles", "font-face-decls", "settings"):
            named = [*markup.numbers(part)]
            yield from texts(spot, named, source.context, hidden=True)
        elif local(part) == "meta":
            yield from texts(spot, [*markup.words(part)], source.context, hidden=True)
        else:
            for element in _sections(part):
                if local(element) == "page":
                    slides += 1
                    yield from _slide(element, slides, telling, looks, source)
                elif local(element) == "table" and _is_sheet(element):
                    yield from ods.read(element, telling, looks, source, budget)
                else:
                    if local(part) == "body":
                        yield from unseen.unseen(element, looks, spot)
                    yield from _blocks(element, telling, spot, source)
    yield from texts(replace(spot, unit=""), [*markup.spoken(root)], source.context, hidden=True)
    yield from texts(replace(spot, unit=""), telling.hidden, source.context, hidden=True)
    for number, data in enumerate(telling.files, start=1):
        yield Nested(within(spot, f"object{number}"), f"object{number}", data)


def _sections(part: etree._Element) -> list[etree._Element]:
    """What a body is made of: sheets and slides one by one, a text as one."""
    found = []
    for child in part:
        if local(child) in ("spreadsheet", "presentation", "drawing"):
            found += [*child]
        else:
            found.append(child)
    return found


def _is_sheet(table: etree._Element) -> bool:
    parent = table.getparent()
    return parent is not None and local(parent) == "spreadsheet"


def _slide(
    page: etree._Element, number: int, telling: Telling, looks: Looks, source: Source
) -> Iterator[Surface]:
    hidden = telling.styles.hide(page)
    base = source.spot
    spot = Spot(base.part, base.path, base.hidden or hidden, f"slide:{number}")
    if hidden:
        yield Note(spot, "hidden_slide", Reason("hidden_slide", {"slide": number}))
    if unseen.speaks(page):
        yield Note(spot, "speaker_notes", Reason("speaker_notes"))
    yield from unseen.unseen(page, looks, spot)
    yield from _blocks(page, telling, spot, source)


def _blocks(
    element: etree._Element, telling: Telling, spot: Spot, source: Source
) -> Iterator[Surface]:
    hidden = attribute(element, "display") == "none"
    here = replace(spot, hidden=spot.hidden or hidden)
    yield from in_order(telling.blocks(element), here, source.context)
