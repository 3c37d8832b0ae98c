"""Words that policy may ask for, as facts: 個人番号 and its kin, HR and tax, marks of secrecy.

They tell nothing about a number (that is `score`'s, near each candidate); they tell what a file
that cannot be read is likely to hold. Only the head of each text is folded, since folding costs
more than the whole scan; the rest is searched as it stands, in the usual spellings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from detectors import words
from detectors.numbers.individual_number import KIND
from detectors.report import Fact, Reason
from detectors.surface import Table, Text

HEAD = 2_000
MARK = 400
"""A mark of secrecy stands at the top; 「社外秘ではありません」 stands in running text."""
_USUAL = re.compile("マイナンバー|個人番号|[Mm]y ?[Nn]umber")


def mentions(surfaces: Iterable[Text | Table]) -> Iterator[Fact]:
    """At most one fact for each dictionary and part."""
    seen: set[tuple[str, str]] = set()
    for surface in surfaces:
        for name in _found(surface):
            if (name, surface.spot.part) not in seen:
                seen.add((name, surface.spot.part))
                yield Fact("words", surface.spot.part, surface.spot.path, Reason(name))


def _found(surface: Text | Table) -> Iterator[str]:
    text = surface.text if isinstance(surface, Text) else _top(surface)
    folded = words.fold(text[:HEAD])
    if any(label.kind == KIND for label in words.labels(folded)) or _USUAL.search(text, HEAD):
        yield "individual_number"
    if words.hr_words(folded):
        yield "hr"
    if words.confidential_mark(text[:MARK]):
        yield "confidential"


def _top(table: Table) -> str:
    """Headings and the lines over them."""
    return "\n".join(" ".join(row) for row in table.rows[:20])
