"""From surfaces to findings: every candidate weighed, every value counted once.

A value that stands in the body and in a sheet has one index, and the best confidence of its
occurrences. `findings` and `revealed` take the same walk, so that they can never disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from detectors import cells, evidence, lists, prose
from detectors.evidence import Weight
from detectors.numbers import KINDS, Number, number
from detectors.outline import outline
from detectors.places import Stand, places
from detectors.report import Confidence, Finding, Reason
from detectors.seen import Clue, Seen, Tally, tallies
from detectors.surface import Surface, Table, Text
from detectors.text import Shapes
from detectors.words import INDIVIDUAL, Label

__all__ = ["DEFAULT_KINDS", "findings", "outline", "revealed"]

DEFAULT_KINDS = frozenset({INDIVIDUAL, "card_number", lists.KIND})
"""Asked for by `None`. 法人番号 are public and stand on every invoice: they must be named."""
_SLIP = Reason("suspected_slip")
_MOST_REASONS = 12
_BODY = 20_000
"""Characters of the mail's own text that are read for words about what is attached."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One occurrence of one value, weighed."""

    kind: str
    value: str = field(repr=False)
    confidence: Confidence
    reasons: tuple[Reason, ...]
    stand: Stand
    """Its `value` is 0 until the values are numbered."""


def findings(
    surfaces: Iterable[Surface], kinds: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """One finding per kind and confidence, best first; surfaces of other types are passed over.

    Reasons never hold digits of a value.
    """
    sightings = list(_walk(surfaces, kinds))
    values = _numbered(sightings)
    best: dict[tuple[str, str], Confidence] = {}
    for one in sightings:
        key = (one.kind, one.value)
        best[key] = max(best.get(key, Confidence.LOW), one.confidence, key=lambda c: c.rank)
    groups: dict[tuple[str, Confidence], list[Sighting]] = {}
    for one in sightings:
        groups.setdefault((one.kind, best[one.kind, one.value]), []).append(one)
    return tuple(
        _finding(kind, confidence, group, values[kind])
        for (kind, confidence), group in sorted(
            groups.items(), key=lambda item: (item[0][0], -item[0][1].rank)
        )
    )


def revealed(
    surfaces: Iterable[Surface], kinds: Collection[str] | None = None
) -> dict[str, list[str]]:
    """The values themselves by kind, in the order of their indices. Never to be stored."""
    return {kind: list(values) for kind, values in _numbered(list(_walk(surfaces, kinds))).items()}


def _numbered(sightings: list[Sighting]) -> dict[str, dict[str, int]]:
    values: dict[str, dict[str, int]] = {}
    for one in sightings:
        of_kind = values.setdefault(one.kind, {})
        of_kind.setdefault(one.value, len(of_kind))
    return values


def _finding(
    kind: str, confidence: Confidence, group: list[Sighting], values: dict[str, int]
) -> Finding:
    unique = {one.value for one in group}
    reasons: dict[tuple[str, object], Reason] = {}
    if kind in KINDS and any(_passed(one) for one in group):
        passed = len({one.value for one in group if _passed(one)})
        reasons["check_digit_ok", None] = Reason("check_digit_ok", {"n": passed})
    for one in group:
        if one.confidence == confidence:
            for reason in one.reasons:
                reasons.setdefault((reason.code, reason.params.get("label")), reason)
    stands = (replace(one.stand, value=values[one.value]) for one in group)
    mask = number(kind).mask(next(iter(unique))) if kind in KINDS else ""
    return Finding(kind, confidence, places(stands), tuple(reasons.values())[:_MOST_REASONS], mask)


def _passed(sighting: Sighting) -> bool:
    return _SLIP not in sighting.reasons


def _walk(surfaces: Iterable[Surface], kinds: Collection[str] | None) -> Iterator[Sighting]:
    kinds = DEFAULT_KINDS if kinds is None else kinds
    readable = [surface for surface in surfaces if isinstance(surface, (Text, Table))]
    numbers = {kind: number(kind) for kind in KINDS if kind in kinds}
    shapes: Shapes = frozenset().union(*(one.SHAPES for one in numbers.values()))
    body: list[Label] | None = None
    for surface in readable:
        found = _look(surface, shapes)
        if found and surface.spot.path and body is None:
            body = evidence.spoken(_body(readable))
        around = body if surface.spot.path and body else []
        for kind, of_kind in numbers.items():
            mine = [one for one in found if one.clue.shape in of_kind.SHAPES]
            yield from _weighed(surface, mine, kind, of_kind, around)
        if lists.KIND in kinds and isinstance(surface, Table):
            yield from _persons(surface)


def _body(readable: Iterable[Text | Table]) -> Iterator[str]:
    """The text of the mail itself, which is what speaks about its attachments."""
    for surface in readable:
        if isinstance(surface, Text) and not surface.spot.path:
            yield surface.text[:_BODY]


def _look(surface: Text | Table, shapes: Shapes) -> list[Seen]:
    if isinstance(surface, Text):
        return prose.look(surface.text, shapes)
    return cells.look(surface, shapes)


def _weighed(
    surface: Text | Table,
    mine: Sequence[Seen],
    kind: str,
    of_kind: Number,
    around: Sequence[Label],
) -> Iterator[Sighting]:
    """The candidates of one surface that have the form of `kind`."""
    if not mine:
        return
    passes = [of_kind.is_valid(one.clue.digits) for one in mine]
    titles = cells.titles(surface) if isinstance(surface, Table) else []
    context = evidence.context(kind, evidence.spoken([*surface.context, *titles]), around)
    hr = evidence.context_hr(surface.context)
    for one, passed, tally in zip(mine, passes, tallies(mine, passes), strict=True):
        if one.padded and not _zeros_believed(kind, one, tally):
            continue
        clue = one.clue if one.clue.hr or not hr else replace(one.clue, hr=hr)
        if passed:
            weights = evidence.weigh(kind, clue, tally, context)
            confidence, reasons = evidence.confidence(weights), _told(weights)
        else:
            slip = kind == INDIVIDUAL and _is_slip(kind, clue, tally)
            confidence, reasons = Confidence.LOW if slip else None, (_SLIP,)
        if confidence:
            stand = _stand(surface, one)
            yield Sighting(kind, clue.digits, confidence, reasons, stand)


def _stand(surface: Text | Table, one: Seen) -> Stand:
    hidden = surface.spot.hidden
    if isinstance(surface, Table) and one.box:
        hidden = cells.hidden(surface, one.box)
    return Stand(surface.spot, 0, one.box, one.line, hidden)


def _zeros_believed(kind: str, one: Seen, tally: Tally) -> bool:
    """Under a header, or in a column that passes; no other kind loses zeros."""
    header = one.clue.header
    named = header is not None and header.kind == kind
    return kind == INDIVIDUAL and (named or (tally.tells and tally.points >= 2))


def _is_slip(kind: str, clue: Clue, tally: Tally) -> bool:
    """A number under a clear label that fails its check, in a list whose others do not."""
    others_fail = tally.tells and tally.points < 0
    return evidence.is_named(kind, clue) and not others_fail and len(set(clue.digits)) > 1


def _told(weights: Sequence[Weight]) -> tuple[Reason, ...]:
    """The reasons, those that weigh most first."""
    ranked = sorted(weights, key=lambda weight: -abs(weight.points))
    return tuple(weight.reason for weight in ranked)


def _persons(table: Table) -> Iterator[Sighting]:
    if found := lists.persons(table):
        for person, box in found.people:
            stand = Stand(table.spot, 0, box=box, hidden=cells.hidden(table, box))
            yield Sighting(lists.KIND, person, found.confidence, (found.reason,), stand)
