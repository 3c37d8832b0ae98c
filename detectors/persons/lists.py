"""Lists of persons and of mail addresses: what many rows or lines together say.

個人情報保護法 第16条第3項 calls the entries of such a list 個人データ, and how many persons stand
in it decides what policy asks (施行規則 第7条: a leak of more than 1,000 is reported whatever it
holds). Kind "jp.personal_list", of which a "value" is one person, and "mail_address_list", of
which a value is one address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from detectors import cells
from detectors.persons import addresslist, running, tabular
from detectors.persons.roster import Row
from detectors.report import Confidence
from detectors.sighting import Sighting
from detectors.surface import Table, Text

KIND = "jp.personal_list"
ADDRESSES = "mail_address_list"
KINDS = frozenset({KIND, ADDRESSES})

_FEWEST, _SOME, _MANY = 5, 20, 100
"""Fewer than five persons are a signature, not a list."""
_FEWEST_ADDRESSES = 10
_PLACES = ("subject", "name:", "header:")


def look(surface: Text | Table, kinds: Collection[str]) -> Iterator[Sighting]:
    """The persons and addresses of a list, one by one; nothing where there is none."""
    if surface.spot.part.startswith(_PLACES) or surface.spot.unit.startswith("header:"):
        return
    if KIND in kinds and (found := _persons(surface)):
        yield from _sightings(KIND, found, _FEWEST, surface)
    if ADDRESSES in kinds and (found := addresslist.rows(surface)):
        yield from _sightings(ADDRESSES, found, _FEWEST_ADDRESSES, surface)


def _persons(surface: Text | Table) -> Sequence[Row]:
    if isinstance(surface, Table):
        return tabular.rows(surface)
    return running.rows(surface)


def _sightings(
    kind: str, rows: Sequence[Row], fewest: int, surface: Text | Table
) -> Iterator[Sighting]:
    different = len({row.key for row in rows})
    if different < fewest:
        return
    sure = _confidence(different)
    reasons = {id(row.reason): (row.reason,) for row in rows}
    for row in rows:
        stand = cells.stand(surface, row.box, row.line)
        yield Sighting(kind, row.key, sure, reasons[id(row.reason)], stand)


def _confidence(count: int) -> Confidence:
    if count >= _MANY:
        return Confidence.HIGH
    return Confidence.MEDIUM if count >= _SOME else Confidence.LOW
