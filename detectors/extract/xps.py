"""XPS and OpenXPS: pages of glyphs that stand each by itself; one line again from one height."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.package import Package, texts
from detectors.surface import Source, Spot, Surface


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    package = Package(source, budget)
    pages = [name for name in package.names if name.lower().endswith(".fpage")]
    for number, name in enumerate(sorted(pages, key=_in_order), start=1):
        root = package.xml(name)
        if root is not None:
            spot = source.spot
            here = Spot(spot.part, spot.path, spot.hidden, f"page:{number}")
            yield from texts(here, [*_lines(root)], source.context)
            yield from texts(here, [*markup.spoken(root)], source.context, hidden=True)
            yield from package.beneath(name, here)
    yield from package.rest()


def _in_order(name: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, name.rpartition("/")[2]))
    return (int(digits) if digits else 0, name)


def _lines(page: etree._Element) -> Iterator[str]:
    for _, glyphs in groupby(page.iter("{*}Glyphs"), lambda glyph: glyph.get("OriginY", "")):
        yield "".join(glyph.get("UnicodeString", "").removeprefix("{}") for glyph in glyphs)
