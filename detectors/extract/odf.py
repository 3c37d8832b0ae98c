"""OpenDocument text and presentations; sheets go through calamine and come here for the rest."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.budget import Budget
from detectors.extract import markup
from detectors.extract.legacy import read_xls
from detectors.extract.markup import local
from detectors.extract.package import Package, texts
from detectors.surface import Source, Spot, Surface

_PARTS = ("content.xml", "styles.xml", "meta.xml")
_BREAKS = {"tab": "\t", "line-break": "\n", "s": " "}
_LINES = frozenset(("p", "h"))


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    yield from _words(source, budget, cells=True)


def read_sheets(source: Source, budget: Budget) -> Iterator[Surface]:
    yield from _words(source, budget, cells=False)
    yield from read_xls(source, budget)


def _words(source: Source, budget: Budget, *, cells: bool) -> Iterator[Surface]:
    package = Package(source, budget)
    spot = Spot(source.spot.part, source.spot.path, source.spot.hidden)
    for name in _PARTS:
        root = package.xml(name)
        if root is None:
            continue
        if not cells:
            _empty(root)
        yield from texts(spot, [*_lines(root)], source.context)
        yield from texts(spot, [*markup.spoken(root)], source.context, hidden=True)
    yield from package.rest()


def _empty(root: etree._Element) -> None:
    """Takes the cells' own texts out, which come as a table; notes and boxes in them stay."""
    for cell in root.iter("{*}table-cell"):
        cell.attrib.clear()
        for child in [*cell]:
            if local(child) in _LINES:
                cell.remove(child)


def _lines(element: etree._Element) -> Iterator[str]:
    for child in element:
        if local(child) in _LINES:
            yield "".join(_said(child))
        else:
            if child.text and child.text.strip():
                yield child.text.strip()
            yield from _lines(child)


def _said(element: etree._Element) -> Iterator[str]:
    yield _BREAKS.get(local(element), "")
    yield element.text or ""
    for child in element:
        yield from _said(child)
        yield child.tail or ""
