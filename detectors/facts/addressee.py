"""Whose a file is: the company that it is addressed to, mail addresses and customer ids in it.

Looked for where documents say it, at the top. Each is a fact with a name, a domain or an id as its
parameter; whether it is the wrong one is told above, where the recipients are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from detectors.facts import companies
from detectors.report import Fact, Reason
from detectors.surface import Table, Text
from detectors.text import mask

_HEAD = 2_000
"""Characters; a table is read as far as its twentieth row."""
_ROWS = 20
_SURFACES = 50
"""Of one mail: an archive of a thousand letters is nobody's."""
_EACH = 10
_HONORED = re.compile(r"御中|[様殿宛行](?:[\s)）]|$)")
_ABOVE = 2
"""Lines over 「営業部 佐藤様」 in which the company stands."""
_DOMAIN = re.compile(r"[\w.+-]@([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.I)
# Every word begins with a plain character, and case is spelt out: only then the engine skips to it.
_CUSTOMER = re.compile(
    r"(?:客様|客さま|顧客|得意先|取引先|契約者?|会員)\s?(?:番号|コード|[Ii][Dd]|[Nn][Oo]\.?)"
    r"[ \t]*:?[ \t]*([A-Za-z0-9][A-Za-z0-9-]{2,19})(?![A-Za-z0-9])"
)


def named(surfaces: Iterable[Text | Table], files: frozenset[str]) -> Iterator[Fact]:
    """`files`: paths of the attached parts."""
    inside = (one for one in surfaces if one.spot.part in files)
    for surface in islice(inside, _SURFACES):
        head = companies.unified(_head(surface))
        for code, labels in (
            ("file_to_company", _addressed(head)),
            ("file_with_domain", (found[1].lower() for found in _domains(head))),
            ("file_with_customer", (found[1].upper() for found in _CUSTOMER.finditer(head))),
        ):
            for label in islice(dict.fromkeys(labels), _EACH):
                if mask(label) == label:
                    spot, said = surface.spot, Reason(code, {"label": label})
                    yield Fact("file_names", spot.part, spot.path[:1], said)


def _head(surface: Text | Table) -> str:
    if isinstance(surface, Text):
        return surface.text[:_HEAD]
    rows = ("  ".join(filter(None, row[:_ROWS])) for row in surface.rows[:_ROWS])
    return "\n".join(rows)[:_HEAD]


def _addressed(head: str) -> Iterator[str]:
    """Companies on a line with 御中 or 様, or close above it: what a document says to whom it is.
    Whoever else is named there may be its writer or its subject."""
    if not _HONORED.search(head):
        return
    lines = [line for line in head.split("\n") if line.strip()]
    for at, line in enumerate(lines):
        if _HONORED.search(line):
            yield from companies.named("\n".join(lines[max(0, at - _ABOVE) : at + 1]))


def _domains(head: str) -> Iterator[re.Match[str]]:
    return _DOMAIN.finditer(head) if "@" in head else iter(())
