"""From surfaces to findings: every candidate weighed, every value counted once.

A value that stands in the body and in a sheet has one index, and the best confidence of its
occurrences. `findings` and `revealed` take the same walk, so that they can never disagree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain

from detectors import cells, evidence, labelled, otherlists, prose
from detectors.context.mail import Mail
from detectors.evidence import Around, Weight
from detectors.numbers import (
    KINDS,
    Number,
    Shaped,
    Written,
    has_check_digit,
    number,
    shaped,
    written,
)
from detectors.outline import outline
from detectors.own import NOTHING, Own
from detectors.own import look as look_for
from detectors.persons import lists
from detectors.places import places
from detectors.register import Register
from detectors.report import Confidence, Finding, Reason
from detectors.seen import FEWEST, Clue, Lists, Seen, Tally
from detectors.sighting import Sighting
from detectors.surface import Surface, Table, Text
from detectors.text import Shapes
from detectors.words import INDIVIDUAL

__all__ = ["DEFAULT_KINDS", "findings", "outline", "revealed"]

DEFAULT_KINDS = frozenset({INDIVIDUAL, "card_number", *lists.KINDS})
"""Asked for by `None`. 法人番号 are public and stand on every invoice: they must be named."""
_SLIP = (Reason("suspected_slip"),)
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
    found: list[Finding] = []
    for kind, of_kind in sorted(_by_kind(sightings).items()):
        values = _numbered(of_kind)
        best = _best(of_kind)
        for confidence in reversed(Confidence):
            if group := [one for one in of_kind if best[one.value] is confidence]:
                found.append(_finding(kind, confidence, group, values))
    return (*found, *counted)


def revealed(
    surfaces: Iterable[Surface], kinds: Collection[str] | None = None, own: Own = NOTHING
) -> dict[str, list[str]]:
    """The values themselves by kind, in the order of their indices. Never to be stored."""
    sightings, _ = _seen(surfaces, kinds, own)
    return {kind: list(_numbered(found)) for kind, found in _by_kind(sightings).items()}


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


def _by_kind(sightings: list[Sighting]) -> dict[str, list[Sighting]]:
    found: dict[str, list[Sighting]] = defaultdict(list)
    for one in sightings:
        found[one.kind].append(one)
    return found


def _numbered(sightings: list[Sighting]) -> dict[str, int]:
    """The values, each with its index."""
    different = dict.fromkeys([one.value for one in sightings])
    return dict(zip(different, range(len(different)), strict=True))


def _best(sightings: list[Sighting]) -> dict[str, Confidence]:
    """The best confidence of each value."""
    best: dict[str, Confidence] = {}
    for confidence in Confidence:
        best.update((one.value, confidence) for one in sightings if one.confidence is confidence)
    return best


def _finding(
    kind: str, confidence: Confidence, group: list[Sighting], values: dict[str, int]
) -> Finding:
    reasons: dict[tuple[str, object], Reason] = {}
    if has_check_digit(kind):
        if passed := len({one.value for one in group if one.reasons is not _SLIP}):
            reasons["check_digit_ok", None] = Reason("check_digit_ok", {"n": passed})
    told = {id(one.reasons): one.reasons for one in group if one.confidence is confidence}
    for reason in chain.from_iterable(told.values()):  # thousands have the same ones
        reasons.setdefault((reason.code, reason.params.get("label")), reason)
    where = places([one.stand for one in group], [values[one.value] for one in group])
    mask = number(kind).mask(group[0].value) if kind in KINDS else ""
    return Finding(kind, confidence, where, tuple(reasons.values())[:_MOST_REASONS], mask)


def _walk(
    readable: Sequence[Text | Table],
    kinds: Collection[str] | None,
    register: Register | None,
    enough: Enough,
) -> Iterator[Sighting]:
    kinds = DEFAULT_KINDS if kinds is None else frozenset(kinds)
    numbers, shapes, named = _asked(kinds)
    mail, seen = Mail(readable), 0
    for surface in readable:
        found = _look(surface, shapes) if shapes else []
        seen += len(found)
        for kind, of_kind in numbers.items() if found else ():
            mine = [one for one in found if one.clue.shape in of_kind.SHAPES]
            yield from _weighed(surface, mine, kind, of_kind, mail, register)
        if named:
            yield from labelled.look(surface, named)
        yield from lists.look(surface, kinds)
        if enough(seen):
            return


@lru_cache(maxsize=16)
def _asked(kinds: frozenset[str]) -> tuple[dict[str, Shaped], Shapes, dict[str, Written]]:
    """The numbers among them that are found by their form, these forms, and all others: the same
    for every mail of a policy."""
    numbers = shaped(kinds)
    return numbers, frozenset().union(*(one.SHAPES for one in numbers.values())), written(kinds)


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
    lists, different = Lists(mine), {one.clue.digits for one in mine}
    passing = {digits for digits in different if of_kind.is_valid(digits)}
    near = Around((), mail.form(surface), mail.mentions(surface))
    if any(one.clue.digits in passing and _needs_asking(one.clue) for one in mine):
        asked = mail.asks(surface)
        near = replace(near, labels=_above(surface, kind, mail, asked), asked=asked)
    hr = evidence.context_hr(surface.context)
    verdicts: dict[object, Verdict] = {}  # of a column of 30,000 there are two or three
    others: Sequence[Reason | None] = [None] * len(mine)
    if kind == INDIVIDUAL and len(mine) >= FEWEST:
        others = otherlists.reasons(lists)
        near = replace(near, persons=len(passing) >= FEWEST and otherlists.of_persons(surface))
    for one, tally, other in zip(mine, lists.tallies(passing), others, strict=True):
        if one.padded and not _zeros_believed(kind, one, tally):
            continue
        if one.clue.dictated and not near.asked:
            continue
        clue = one.clue if one.clue.hr or not hr else one.clue._replace(hr=hr)
        if clue.digits in passing:
            known = register if kind == INDIVIDUAL and register else None
            hit = known if known and known.knows(clue.digits) else None
            key = clue.around, tally, id(other), hit is None, evidence.is_time(clue.digits)
            if key not in verdicts:
                verdicts[key] = _verdict(evidence.weigh(kind, clue, tally, near, other), hit)
            confidence, reasons = verdicts[key]
            if confidence == Confidence.HIGH and not hit and _is_guessed(surface, clue.digits):
                confidence, reasons = Confidence.MEDIUM, (*reasons, _PICTURED)
        else:
            slip = kind == INDIVIDUAL and _is_slip(kind, clue, tally)
            confidence, reasons = Confidence.LOW if slip else None, _SLIP
        if confidence:
            stand = cells.stand(surface, one.box, one.line)
            yield Sighting(kind, clue.digits, confidence, reasons, stand)


def _needs_asking(clue: Clue) -> bool:
    """Whether it matters what the mail asks for."""
    return clue.dictated or not evidence.has_label(clue)


def _above(surface: Text | Table, kind: str, mail: Mail, asked: bool) -> tuple[Weight, ...]:
    titles = cells.titles(surface) if isinstance(surface, Table) else []
    spoken = evidence.spoken([*surface.context, *titles])
    return evidence.context(kind, spoken, mail.labels(surface), asked)


def _is_guessed(surface: Text | Table, digits: str) -> bool:
    """Read off a picture, and once: of the digits taken for others one in ten passes its check."""
    agreed = surface.agreed if isinstance(surface, Text) else None
    return agreed is not None and digits not in agreed


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
