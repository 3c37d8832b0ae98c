"""PowerPoint: slides in their order with notes, tables, groups and comments."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.budget import Budget
from detectors.extract import story
from detectors.extract.markup import attribute
from detectors.extract.package import Package
from detectors.extract.powerpoint import unseen
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface, Unreadable

_STORIES = frozenset("sld notes sldLayout sldMaster notesMaster handoutMaster".split())
_MASTERS = ("slideMaster", "notesMaster", "handoutMaster")


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    def tell(root: etree._Element, spot: Spot) -> Iterator[Surface]:
        yield from story.tell(root, spot, source.context)

    package = Package(source, budget, tell, _STORIES)
    main = package.main() or "ppt/presentation.xml"
    relations = package.relations(main)
    root = package.document(main)
    deck = unseen.Deck(package, root)
    for number, element in enumerate(root.iter("{*}sldId"), start=1):
        # An sldId has two ids: its own, without a namespace, and the relationship's.
        keys = (str(value) for key, value in element.attrib.items() if str(key).startswith("{"))
        _, part = relations.get(next(keys, attribute(element, "id")), ("", ""))
        yield from _slide(package, part, number, source, deck)
    base = Spot(source.spot.part, source.spot.path, source.spot.hidden, "")
    yield from story.tell(root, base, source.context)
    masters = [part for kind, part in relations.values() if kind in _MASTERS]
    layouts = [name for name in package.names if "slideLayouts/" in name]
    yield from package.sweep([*masters, *layouts], base)
    yield from package.rest()


def _slide(
    package: Package, part: str, number: int, source: Source, deck: unseen.Deck
) -> Iterator[Surface]:
    root = package.xml(part)
    if root is None:  # lost: PowerPoint would say so, too
        yield Unreadable(source.spot, Reason("corrupt", {"type": "pptx"}))
        return
    hidden = root.get("show") in ("0", "false")
    base = source.spot
    spot = Spot(base.part, base.path, base.hidden or hidden, f"slide:{number}")
    if hidden:
        yield Note(spot, "hidden_slide", Reason("hidden_slide", {"slide": number}))
    for how in sorted(deck.unseen(part, root)):
        yield Note(spot, "hidden_text", Reason(how))
    if deck.notes(part):
        yield Note(spot, "speaker_notes", Reason("speaker_notes"))
    yield from story.tell(root, spot, source.context)
    yield from package.beneath(part, spot)
