"""Copies of other tables that a workbook keeps out of sight: pivot tables, other workbooks.

A pivot table that shows five totals carries every row that they were made of.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from detectors.extract.markup import attribute, letters_of, local
from detectors.extract.package import Package, texts
from detectors.extract.reading import within
from detectors.surface import Source, Spot, Surface, Table


def read(package: Package, source: Source, main: str) -> Iterator[Surface]:
    for kind, part in package.relations(main).values():
        root = package.xml(part) if kind in ("pivotCacheDefinition", "externalLink") else None
        if root is None:
            continue
        spot = Spot(source.spot.part, source.spot.path, True, "")
        if kind == "externalLink":
            yield from _external(root, spot, source)
        else:
            records = next((name for _, name in package.relations(part).values()), "")
            yield from _pivot(root, package.xml(records), spot, source)
        yield from package.beneath(part, spot)


def _pivot(
    definition: etree._Element, records: etree._Element | None, spot: Spot, source: Source
) -> Iterator[Surface]:
    """The rows that were counted, under the headings that they had."""
    fields = [*definition.iter("{*}cacheField")]
    shared = [
        [letters_of(item.get("v", "")) for items in field.iter("{*}sharedItems") for item in items]
        for field in fields
    ]
    rows = [[letters_of(field.get("name", "")) for field in fields]]
    if records is None:
        rows += [[*row] for row in zip(*_even(shared), strict=True)]
    for record in () if records is None else records:
        rows.append([_value(item, shared, at) for at, item in enumerate(record)])
    name = next((s.get("sheet", "") for s in definition.iter("{*}worksheetSource")), "")
    here = within(spot, name) if name else spot
    if len(rows) > 1:
        yield Table(here, rows, context=source.context)
    if records is not None:  # items that no record has any more
        left = [value for items in shared for value in items]
        yield from texts(here, left, source.context)


def _even(columns: list[list[str]]) -> list[list[str]]:
    longest = max(map(len, columns), default=0)
    return [column + [""] * (longest - len(column)) for column in columns]


def _value(item: etree._Element, shared: list[list[str]], at: int) -> str:
    value = item.get("v", "")
    if local(item) != "x":
        return letters_of(value)
    known = shared[at] if at < len(shared) else []
    return known[int(value)] if value.isdigit() and int(value) < len(known) else ""


def _external(root: etree._Element, spot: Spot, source: Source) -> Iterator[Surface]:
    """What the cells of another workbook held when it was last opened beside this one."""
    names = [attribute(name, "val") for name in root.iter("{*}sheetName")]
    yield from texts(spot, [letters_of(name) for name in names], source.context)
    for at, data in enumerate(root.iter("{*}sheetData")):
        rows = [
            [letters_of("".join(str(text) for text in cell.itertext())) for cell in row]
            for row in data
        ]
        if rows:
            here = within(spot, letters_of(names[at])) if at < len(names) else spot
            yield Table(here, rows, context=source.context)
    defined = [name.get("refersTo", "") for name in root.iter("{*}definedName")]
    yield from texts(spot, defined, source.context)
