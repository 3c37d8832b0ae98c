"""Since when domains are registered: feeds of WHOIS or RDAP, bought or the company's own, as CSV.

A line is a domain and a date (2026-11-02, 2026/11/2, 20261102, or a moment that begins so); what
stands behind them is not read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

from gateway.memory.exported import text_of
from gateway.memory.faults import Refused

MOST = 1_000_000
"""Lines of all feeds: each is in memory."""
_DOMAIN = re.compile(r"(?!-)[\w-]{1,63}(\.[\w-]{1,63})+")
_DATE = re.compile(r"(\d{4})([-/]?)(\d{1,2})\2(\d{1,2})(?:[T ].*)?")


@dataclass(frozen=True, slots=True)
class DomainAges:
    registered: Mapping[str, date]
    """by domain, lower case"""
    young: int
    """days"""

    def young_on(self, names: Iterable[str], day: date) -> tuple[str, date] | None:
        """The first of `names` that is known, where it was registered less than so many days
        before, and when."""
        for name in names:
            if since := self.registered.get(name):
                return (name, since) if (day - since).days < self.young else None
        return None


def read(paths: Iterable[Path]) -> dict[str, date]:
    """Of a domain that stands there twice the later day, on which it began anew. Raises Refused,
    OSError."""
    found: dict[str, date] = {}
    try:
        for domain, since in chain.from_iterable(map(_read, paths)):
            found[domain] = max(since, found.get(domain, since))
            if len(found) > MOST:
                raise Refused("too_many_domains", most=MOST)
    except csv.Error as error:
        raise Refused("no_csv", detail=error) from None
    return found


def _read(path: Path) -> Iterator[tuple[str, date]]:
    text = text_of(path.read_bytes())
    none, first = True, True
    for number, cells in enumerate(csv.reader(text.splitlines()), 1):
        if not cells or cells[0].startswith("#") or not any(cells):
            continue
        since = _day(cells[1]) if len(cells) > 1 else None
        domain = cells[0].strip().lower().rstrip(".")
        if since is None and first:
            first = False
            continue  # 「ドメイン,登録日」
        if since is None or not _DOMAIN.fullmatch(domain):
            raise Refused("no_domain_age", line=number)
        none, first = False, False
        yield domain, since
    if none:
        raise Refused("no_domain_ages")


def _day(text: str) -> date | None:
    written = _DATE.fullmatch(text.strip())
    if written is None:
        return None
    try:
        return date(int(written[1]), int(written[3]), int(written[4]))
    except ValueError:
        return None
