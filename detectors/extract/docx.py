"""Word documents: every story (body, headers, notes, comments, text boxes) and every table."""

from __future__ import annotations

from collections.abc import Iterator

from detectors.budget import Budget
from detectors.extract import story
from detectors.extract.package import Package
from detectors.report import Reason
from detectors.surface import Note, Source, Spot, Surface

_STORIES = frozenset(
    "document glossaryDocument hdr ftr footnotes endnotes comments".split()
)  # by the root element: part names are free


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    spot = source.spot
    changed = False
    main = package.main()
    for name in sorted(package.names, key=lambda name: name != main):
        if not name.endswith(".xml") or not _is_story(name, main):
            continue
        root = package.xml(name)
        if root is None:
            continue
        changed = changed or story.changed(root)
        yield from story.tell(root, Spot(spot.part, spot.path, spot.hidden), source.context)
        yield from package.sweep(package.linked(package.relations(name)), spot)
    if changed:
        yield Note(spot, "tracked_changes", Reason("tracked_changes"))
    yield from package.rest()


def _is_story(name: str, main: str) -> bool:
    base = name.rpartition("/")[2].removesuffix(".xml").rstrip("0123456789")
    return name == main or base in ("header", "footer", *_STORIES)
