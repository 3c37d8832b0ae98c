"""Candidates in running text, with what stands around each.

Labels are looked for in zones: stretches of text around candidates, folded once. Folded positions
are used for distances only; offsets into the text come from the candidate.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from detectors import words
from detectors.seen import Clue, Near, Seen, marked_serials
from detectors.text import Candidate, Shapes, candidates
from detectors.words import INDIVIDUAL, NUMBER, OTHER, Label

BEFORE, AFTER = 300, 80
_LIST_GAP = 60
"""Folded characters between two numbers of one list, at most: a name and a comma."""

# A label whose own value stands between it and the candidate: 「電話 03-1234-5678 …」.
_OTHER_VALUE = re.compile(r"\d{3}")
_FIELDS = re.compile(r"[\s,|/、・:：]+")
_GLUE_BEFORE = re.compile(r"(?:[A-Za-z][-/=&%@?]?|[#+¥$€￥＋＃@]|[\dA-Za-z][-./])$")
_GLUE_AFTER = re.compile(r"[A-Za-z]|[-/=&%@][A-Za-z0-9]|円|個(?!人)|件|kg|\.\d")


def look(text: str, shapes: Shapes) -> list[Seen]:
    """All candidates of a text with their labels, in order."""
    found = list(candidates(text, shapes))
    if not found:
        return []
    lines = _lines(text, found)
    clues = (clue for zone in _zones(found) for clue in _look_at(text, zone))
    return marked_serials(
        [Seen(clue, line, lists=(_list_of(clue),)) for clue, line in zip(clues, lines, strict=True)]
    )


def _lines(text: str, found: list[Candidate]) -> Iterator[int]:
    line, counted = 1, 0
    for candidate in found:
        line += text.count("\n", counted, candidate.start)
        counted = candidate.start
        yield line


def _list_of(clue: Clue) -> tuple[str, str]:
    """Numbers of the same form under the same kind of label are one list."""
    return clue.grouping, clue.before.label.kind if clue.before else ""


def _zones(found: list[Candidate]) -> Iterator[list[Candidate]]:
    zone: list[Candidate] = []
    for candidate in found:
        if zone and candidate.start - zone[-1].end > BEFORE + AFTER:
            yield zone
            zone = []
        zone.append(candidate)
    if zone:
        yield zone


def _look_at(text: str, zone: list[Candidate]) -> Iterator[Clue]:
    folded, places = _fold_zone(text, zone)
    found = words.labels(folded)
    starts = [label.start for label in found]
    hr_words = words.hr_words(folded)
    previous: Near | None = None
    for at, candidate in enumerate(zone):
        place = places[at]
        upto = bisect_right(starts, place)
        before = _nearest(text, candidate, folded, found[max(upto - 9, 0) : upto], place)
        if before is None and previous and place - places[at - 1] <= _LIST_GAP:
            before = replace(previous, distance=max(previous.distance, 41), lines=2)
        previous = before
        limit = places[at + 1] if at + 1 < len(places) else len(folded)
        yield Clue(
            digits=candidate.digits,
            grouping=candidate.grouping,
            before=before,
            after=_after(folded, found[upto : upto + 1], place, limit),
            hr=_close(hr_words, place),
            glued=_glued(text, candidate),
        )


def _fold_zone(text: str, zone: list[Candidate]) -> tuple[str, list[int]]:
    """The zone folded, each candidate one `NUMBER`, and where these stand in it."""
    pieces: list[str] = []
    places: list[int] = []
    length, start = 0, max(zone[0].start - BEFORE, 0)
    for candidate in zone:
        piece = words.fold(text[start : candidate.start])
        places.append(length + len(piece))
        length += len(piece) + 1
        pieces += [piece, NUMBER]
        start = candidate.end
    pieces.append(words.fold(text[start : start + BEFORE]))
    return "".join(pieces), places


def _nearest(
    text: str, candidate: Candidate, folded: str, found: list[Label], place: int
) -> Near | None:
    """The last label before `place` that is not spent on a value of its own."""
    for label in reversed(found):
        distance = place - label.end
        if distance > BEFORE:
            return None
        between = folded[label.end : place]
        if label.kind != INDIVIDUAL and _OTHER_VALUE.search(between):
            continue
        lines = between.count("\n")
        if lines and label.kind == OTHER and (ours := _in_heading_line(text, candidate, label)):
            return Near(ours, max(distance, 41), lines)
        return Near(label, max(distance, 0), lines)
    return None


def _in_heading_line(text: str, candidate: Candidate, label: Label) -> Label | None:
    """Ours, where the lines above begin with a row of headings: 「個人番号  電話番号」.

    In flattened tables the nearest heading is the one of the last column, not of ours. A heading
    is a field of its own; 「マイナンバー書類の送り状番号」 is a sentence.
    """
    above = text[max(candidate.start - BEFORE, 0) : candidate.start]
    for line in reversed(above.split("\n")[:-1]):
        fields = [_heading(field) for field in _FIELDS.split(line) if field]
        ours = [one for one in fields if one and one.kind == INDIVIDUAL]
        if any(one and one.word == label.word for one in fields):
            return ours[0] if ours else None
    return None


def _heading(field: str) -> Label | None:
    label = words.heading(field)
    return label if label and words.is_plain_label(field, label) else None


def _after(folded: str, found: list[Label], place: int, limit: int) -> Near | None:
    for label in found:
        if label.end <= limit and label.start - place <= AFTER:
            between = folded[place + 1 : label.start]
            return Near(label, len(between), between.count("\n"))
    return None


def _close(found: list[tuple[int, str]], place: int) -> str:
    """The word of `found` that stands next to `place`, within reach."""
    at = bisect_right(found, (place, ""))
    around = [(abs(start - place), word) for start, word in found[max(at - 1, 0) : at + 1]]
    distance, word = min(around, default=(BEFORE + 1, ""))
    return word if distance <= BEFORE else ""


def _glued(text: str, candidate: Candidate) -> bool:
    """Part of a path, an address, a product code, an amount, a hexadecimal string."""
    before = text[max(candidate.start - 2, 0) : candidate.start]
    after = text[candidate.end : candidate.end + 2]
    return bool(_GLUE_BEFORE.search(before) or _GLUE_AFTER.match(after))
