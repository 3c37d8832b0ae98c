"""From surfaces to findings: every candidate weighed, every value counted once.

A value that stands in the body and in a sheet has one index, and the best confidence of its
occurrences. `findings` and `revealed` take the same walk, so that they can never disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from detectors import cells, evidence, labelled, lists, prose
from detectors.evidence import Around, Weight
from detectors.mail import Mail
from detectors.numbers import (
    KINDS,
    Number,
    drivers_license,
    has_check_digit,
    number,
    shaped,
    written,
)
from detectors.outline import outline
from detectors.own import NOTHING, Own
from detectors.own import look as look_for
from detectors.places import Stand, places
from detectors.register import Register
from detectors.report import Confidence, Finding, Reason
from detectors.seen import Clue, Seen, Tally, tallies
from detectors.sighting import Sighting
from detectors.surface import Surface, Table, Text
from detectors.text import Shapes
from detectors.words import INDIVIDUAL

__all__ = ["DEFAULT_KINDS", "findings", "outline", "revealed"]

DEFAULT_KINDS = frozenset({INDIVIDUAL, "card_number", *lists.KINDS})
"""Asked for by `None`. 法人番号 are public and stand on every invoice: they must be named."""
_NONE = Tally(0, 0)
_SLIP = Reason("suspected_slip")
_PICTURED = Reason("read_from_picture")
_MOST_REASONS = 12

Enough = Callable[[int], bool]
"""Asked with the count of numbers so far, whether to look no further."""


def findings(
    surfaces: Iterable[Surface],
    kinds: Collection[str] | None = None,
    own: Own = NOTHING,
    enough: Enough = lambda _: False,
) -> tuple[Finding, ...]:
    """One finding per kind and confidence, best first; surfaces of other types are passed over.

    Reasons never hold digits of a value.
    """
    sightings, counted = _seen(surfaces, kinds, own, enough)
    values = _numbered(sightings)
    best: dict[tuple[str, str], Confidence] = {}
    for one in sightings:
        key = (one.kind, one.value)
        known = best.setdefault(key, one.confidence)
        if known is not one.confidence and one.confidence.rank > known.rank:
            best[key] = one.confidence
    groups: dict[tuple[str, Confidence], list[Sighting]] = {}
    for one in sightings:
        groups.setdefault((one.kind, best[one.kind, one.value]), []).append(one)
    found = (
        _finding(kind, confidence, group, values[kind])
        for (kind, confidence), group in sorted(
            groups.items(), key=lambda item: (item[0][0], -item[0][1].rank)
        )
    )
    return (*found, *counted)


def revealed(
    surfaces: Iterable[Surface], kinds: Collection[str] | None = None, own: Own = NOTHING
) -> dict[str, list[str]]:
    """The values themselves by kind, in the order of their indices. Never to be stored."""
    sightings, _ = _seen(surfaces, kinds, own)
    return {kind: list(values) for kind, values in _numbered(sightings).items()}


def _seen(
    surfaces: Iterable[Surface],
    kinds: Collection[str] | None,
    own: Own,
    enough: Enough = lambda _: False,
) -> tuple[list[Sighting], tuple[Finding, ...]]:
    """Everything weighed, and the findings of dictionaries, whose values are points."""
    readable = [surface for surface in surfaces if isinstance(surface, (Text, Table))]
    matched, counted = look_for(own.among(kinds), readable)
    return [*_walk(readable, kinds, own.register, enough), *matched], counted


def _numbered(sightings: list[Sighting]) -> dict[str, dict[str, int]]:
    values: dict[str, dict[str, int]] = {}
    for one in sightings:
        of_kind = values.setdefault(one.kind, {})
        of_kind.setdefault(one.value, len(of_kind))
    return values


def _finding(
    kind: str, confidence: Confidence, group: list[Sighting], values: dict[str, int]
) -> Finding:
    reasons: dict[tuple[str, object], Reason] = {}
    if has_check_digit(kind) and any(_passed(one) for one in group):
        passed = len({one.value for one in group if _passed(one)})
        reasons["check_digit_ok", None] = Reason("check_digit_ok", {"n": passed})
    for one in group:
        if one.confidence == confidence:
            for reason in one.reasons:
                reasons.setdefault((reason.code, reason.params.get("label")), reason)
    stands = (Stand(one.stand.spot, values[one.value], *one.stand[2:]) for one in group)
    mask = number(kind).mask(group[0].value) if kind in KINDS else ""
    return Finding(kind, confidence, places(stands), tuple(reasons.values())[:_MOST_REASONS], mask)


def _passed(sighting: Sighting) -> bool:
    return _SLIP not in sighting.reasons


def _walk(
    readable: Sequence[Text | Table],
    kinds: Collection[str] | None,
    register: Register | None,
    enough: Enough,
) -> Iterator[Sighting]:
    kinds = DEFAULT_KINDS if kinds is None else kinds
    numbers, named = shaped(kinds), written(kinds)
    shapes: Shapes = frozenset().union(*(one.SHAPES for one in numbers.values()))
    mail, seen = Mail(readable), 0
    for surface in readable:
        found = _look(surface, shapes) if shapes else []
        seen += len(found)
        for kind, of_kind in numbers.items():
            mine = [one for one in found if one.clue.shape in of_kind.SHAPES]
            yield from _weighed(surface, mine, kind, of_kind, mail, register)
        yield from labelled.look(surface, named)
        yield from lists.look(surface, kinds)
        if enough(seen):
            return


def _look(surface: Text | Table, shapes: Shapes) -> list[Seen]:
    if isinstance(surface, Table):
        return cells.look(surface, shapes)
    if (short := surface.telling) is None:
        return prose.look(surface.text, shapes)
    return [one._replace(line=short.line(one.line)) for one in prose.look(short.text, shapes)]


def _weighed(
    surface: Text | Table,
    mine: Sequence[Seen],
    kind: str,
    of_kind: Number,
    mail: Mail,
    register: Register | None,
) -> Iterator[Sighting]:
    """The candidates of one surface that have the form of `kind`."""
    if not mine:
        return
    passes = [of_kind.is_valid(one.clue.digits) for one in mine]
    near = Around((), mail.form(surface), mail.mentions(surface))
    if not all(evidence.has_label(kind, one.clue) for one in mine):
        near = replace(near, labels=_above(surface, kind, mail))
    hr = evidence.context_hr(surface.context)
    verdicts: dict[object, Verdict] = {}  # of a column of 30,000 there are two or three
    others = _alike(mine, kind)
    for one, passed, tally, alike in zip(mine, passes, tallies(mine, passes), others, strict=True):
        if one.padded and not _zeros_believed(kind, one, tally):
            continue
        clue = one.clue if one.clue.hr or not hr else one.clue._replace(hr=hr)
        if passed:
            known = register if kind == INDIVIDUAL and register else None
            hit = known if known and known.knows(clue.digits) else None
            key = clue.around, tally, alike, hit is None, evidence.is_time(clue.digits)
            if key not in verdicts:
                verdicts[key] = _verdict(evidence.weigh(kind, clue, tally, near, alike), hit)
            confidence, reasons = verdicts[key]
            if confidence == Confidence.HIGH and not hit and _is_guessed(surface, clue.digits):
                confidence, reasons = Confidence.MEDIUM, (*reasons, _PICTURED)
        else:
            slip = kind == INDIVIDUAL and _is_slip(kind, clue, tally)
            confidence, reasons = Confidence.LOW if slip else None, (_SLIP,)
        if confidence:
            stand = _stand(surface, one)
            yield Sighting(kind, clue.digits, confidence, reasons, stand)


def _above(surface: Text | Table, kind: str, mail: Mail) -> tuple[Weight, ...]:
    titles = cells.titles(surface) if isinstance(surface, Table) else []
    spoken = evidence.spoken([*surface.context, *titles])
    return evidence.context(kind, spoken, mail.labels(surface))


def _is_guessed(surface: Text | Table, digits: str) -> bool:
    """Read off a picture, and once: of the digits taken for others one in ten passes its check."""
    agreed = surface.agreed if isinstance(surface, Text) else None
    return agreed is not None and digits not in agreed


def _alike(mine: Sequence[Seen], kind: str) -> list[Tally]:
    """For each how many of its list pass as a 運転免許証番号, or as a 送り状番号 (mod 7).

    One that does says little, since one 個人番号 in ten does as well; a list that does says all.
    """
    if kind != INDIVIDUAL or len(mine) < 4:
        return [_NONE] * len(mine)
    digits = [one.clue.digits for one in mine]
    licences = tallies(mine, [drivers_license.is_valid(each) for each in digits])
    parcels = tallies(mine, [int(each[:11]) % 7 == int(each[11]) for each in digits])
    return [max(pair, key=lambda one: one.passed) for pair in zip(licences, parcels, strict=True)]


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
    clear = evidence.is_named(kind, clue) and not clue.careless
    return clear and not others_fail and len(set(clue.digits)) > 1


Verdict = tuple[Confidence | None, tuple[Reason, ...]]


def _verdict(weights: list[Weight], hit: Register | None) -> Verdict:
    if hit:
        weights.append(Weight(hit.points, Reason("register_match")))
    return evidence.confidence(weights), _told(weights)


def _told(weights: Sequence[Weight]) -> tuple[Reason, ...]:
    """The reasons, those that weigh most first."""
    ranked = sorted(weights, key=lambda weight: -abs(weight.points))
    return tuple(weight.reason for weight in ranked)
