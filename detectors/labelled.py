"""Numbers that are too short, or too freely written, to be told by their form alone.

Seven digits are a bank account where somebody says so and nowhere else. So what looks like such a
number counts only where the nearest label, or the heading over or beside it, names its kind. Looked
for only where policy asks; a mail pays nothing otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from detectors import cells, prose
from detectors.folding import unify
from detectors.numbers import Written
from detectors.report import Confidence, Reason
from detectors.seen import Box, Clue, Field, Near, Seen
from detectors.sighting import Sighting
from detectors.surface import Table, Text
from detectors.text import Candidate

_REACH = 41
"""Folded characters from a label to its number, at most; `prose` tells a column's heading so."""
_LIST_GAP = 60
"""From one number of a list to the next: a name and an address."""
_SHORTEST = 4
_DIGITS = re.compile(r"\d.?\d")
_HYPHENS = "‐‑‒–—―⁃⁻₋−─━"
_HYPHEN = re.compile(f"[{_HYPHENS}ー・](?=[0-9])|(?<=[0-9])[{_HYPHENS}]")
# No digits go on, no code of letters and digits, no sum of money; "TEL03-…" is one all the same.
_BEFORE = r"(?<![0-9#@¥$_%\\])(?<![0-9][-.])(?<![A-Z][-_])(?<![A-Z](?=[A-Z]))"
_AFTER = r"(?![0-9A-Z])(?![-.][0-9A-Z])(?! ?(?:円|個|件|年|月|kg|%))"


def look(surface: Text | Table, kinds: Mapping[str, Written]) -> Iterator[Sighting]:
    """What is of one of `kinds` in a text or a table."""
    looked = _in_text(surface, kinds) if isinstance(surface, Text) else _in_table(surface, kinds)
    for kind, one, reason in looked:
        stand = cells.stand(surface, one.box, one.line)
        yield Sighting(kind, one.clue.digits, Confidence.HIGH, (reason,), stand)


def _in_text(text: Text, kinds: Mapping[str, Written]) -> Iterator[tuple[str, Seen, Reason]]:
    unified = unify(text.text)
    plain = _plain(unified)
    for kind, of_kind in kinds.items():
        if found := list(_candidates(plain, of_kind)):
            yield from ((kind, one, reason) for one, reason in _named(unified, kind, found))


def _named(text: str, kind: str, found: list[Candidate]) -> Iterator[tuple[Seen, Reason]]:
    """Those of `found` that are named: each by itself, or all of a list by the label over it."""
    previous: Near | None = None
    for one in prose.clued(text, found, kind):
        near = one.clue.before
        reason = _why(kind, one.clue)
        if near and previous and _goes_on(previous, near):
            reason = _told(near)
        previous = near if reason else None
        if reason:
            yield one, reason


def _goes_on(previous: Near, near: Near) -> bool:
    same = (near.label.kind, near.label.word) == (previous.label.kind, previous.label.word)
    return same and near.distance - previous.distance <= _LIST_GAP


def _in_table(table: Table, kinds: Mapping[str, Written]) -> Iterator[tuple[str, Seen, Reason]]:
    found: dict[str, list[Field]] = {kind: [] for kind in kinds}
    for row, values in enumerate(table.rows, table.first_row):
        for column, cell in enumerate(values, table.first_column):
            if len(cell) < _SHORTEST or not _DIGITS.search(cell):
                continue
            box, value = Box(row, column, row, column), unify(cell).strip()
            plain = _plain(value)
            for kind, of_kind in kinds.items():
                if here := list(_candidates(plain, of_kind)):
                    found[kind] += ((box, clue, False) for clue in _in_cell(value, kind, here))
    for kind, fields in found.items():
        for _, one in cells.under_headings(table, fields, kind) if fields else ():
            if reason := _why(kind, one.clue):
                yield kind, one, reason


def _in_cell(value: str, kind: str, found: list[Candidate]) -> Iterator[Clue]:
    first = found[0]
    if (first.start, first.end) == (0, len(value)):
        yield Clue(first.digits, "")
    else:
        yield from (one.clue for one in prose.clued(value, found, kind))


def _plain(unified: str) -> str:
    """With one form of hyphen, character for character; a long vowel before a digit is one."""
    return unified if unified.isascii() else _HYPHEN.sub("-", unified)


def _candidates(plain: str, of_kind: Written) -> Iterator[Candidate]:
    """What is written as such a number."""
    for match in _expression(of_kind.PATTERN).finditer(plain):
        if of_kind.is_valid(match[0]):
            yield Candidate(match.start(), match.end(), of_kind.compact(match[0]), "", "")


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?:{pattern}){_AFTER}", re.ASCII | re.IGNORECASE)


def _why(kind: str, clue: Clue) -> Reason | None:
    """Why it is of `kind`: the label right before it, else its heading; None without either."""
    near, header = clue.before, clue.header
    if near and (near.distance <= _REACH or not header):
        close = near.distance <= _REACH and near.lines <= 1
        return _told(near) if close and near.label.kind == kind else None
    if header and header.kind == kind:
        return Reason(f"{clue.axis}_header", {"label": header.word})
    return None


def _told(near: Near) -> Reason:
    return Reason("nearest_label", {"label": near.label.word, "distance": near.distance})
