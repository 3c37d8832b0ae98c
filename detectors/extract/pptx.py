"""PowerPoint: slides in their order with notes, tables, groups and comments."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract import story
from detectors.extract.markup import attribute
from detectors.extract.package import Package
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    main = package.main() or "ppt/presentation.xml"
    relations = package.relations(main)
    root = package.xml(main)
    slides = () if root is None else tuple(root.iter("{*}sldId"))
    for number, element in enumerate(slides, start=1):
        # An sldId has two ids: its own, without a namespace, and the relationship's.
        keys = (str(value) for key, value in element.attrib.items() if str(key).startswith("{"))
        _, part = relations.get(next(keys, attribute(element, "id")), ("", ""))
        yield from _slide(package, part, number, source)
    yield from package.rest()


def _slide(package: Package, part: str, number: int, source: Source) -> Iterator[Surface]:
    root = package.xml(part)
    if root is None:
        return
    hidden = root.get("show") in ("0", "false")
    base = source.spot
    spot = Spot(base.part, base.path, base.hidden or hidden, f"slide:{number}")
    if hidden:
        yield Note(spot, "hidden_slide", Reason("hidden_slide", {"slide": number}))
    yield from story.tell(root, spot, source.context)
    relations = package.relations(part)
    for kind, target in relations.values():
        if kind == "notesSlide" and (notes := package.xml(target)) is not None:
            yield from story.tell(notes, spot, source.context)
    own = {key: pair for key, pair in relations.items() if pair[0] != "slideLayout"}
    yield from package.sweep(package.linked(own), spot)
