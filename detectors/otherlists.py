"""Lists of something else: what a whole list says, where one of its numbers says nothing.

One 個人番号 in ten passes the check of a 運転免許証番号, one in some thousands reads as a time; of
a list all of which do each is one. And whose numbers are, a list of persons says itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors import evidence
from detectors.numbers import drivers_license
from detectors.persons import people
from detectors.persons.surnames import KANJI
from detectors.report import Reason
from detectors.seen import Lists, Tally
from detectors.surface import Table, Text

_NARROW = 6
"""Digits of ten in a list: of 個人番号 not one in a million has so few; answers of a survey do."""
_SAMPLE = 40
"""Rows that are looked at for names."""
_TEXT = 4_000
_FIELDS = re.compile(r"[\t,|;:、：／/\"']+|[ \u3000]{2,}|(?<=\d)[ \u3000]|[ \u3000](?=\d)")
_DIGITS = re.compile(r"\d{4}|\d[- ]\d")


def reasons(lists: Lists) -> list[Reason | None]:
    """For each candidate why its whole list is of something else, if it is."""
    ways = zip(
        lists.wholly(drivers_license.is_valid),
        lists.wholly(_is_parcel),
        lists.wholly(evidence.is_time),
        lists.narrow(_NARROW),
        strict=True,
    )
    known: dict[tuple[object, ...], Reason | None] = {}
    return [known.setdefault(way, _reason(*way)) for way in ways]


def of_persons(surface: Text | Table) -> bool:
    """Whether names of persons stand in most of its rows with numbers."""
    rows = [fields for fields in _rows(surface) if any(map(_DIGITS.search, fields))][:_SAMPLE]
    named = sum(any(_is_name(field.strip()) for field in row) for row in rows)
    return bool(rows) and 2 * named > len(rows)


def _is_name(field: str) -> bool:
    return people.is_known(field) or field in KANJI


def _rows(surface: Text | Table) -> Iterator[Sequence[str]]:
    if isinstance(surface, Table):
        yield from surface.rows[: 2 * _SAMPLE]
        return
    for line in surface.text[:_TEXT].splitlines():
        yield _FIELDS.split(line)


def _reason(licences: Tally, parcels: Tally, times: Tally, narrow: Tally) -> Reason | None:
    if times.nearly_all:
        return Reason("reads_as_date")
    if narrow.nearly_all:
        return Reason("few_digits", {"n": narrow.n})
    alike = max(licences, parcels, key=lambda one: one.passed)
    return Reason("other_check", {"n": alike.n, "k": alike.passed}) if alike.nearly_all else None


def _is_parcel(digits: str) -> bool:
    """送り状番号: the last digit is the rest of the others by seven."""
    return int(digits[:11]) % 7 == int(digits[11])
