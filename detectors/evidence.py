"""What speaks for and against a candidate: points with a reason each, and what they add up to.

The nearest label decides. A rule that takes any keyword within 300 characters is wrong whenever
「マイナンバー」 stands in a footer or in the covering letter of a parcel; the check digit alone is
wrong in one of ten unrelated numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log10

from detectors.report import Confidence, Reason
from detectors.words import Label, fold, hr_words, labels

HIGH, MEDIUM, LOW = 4.0, 2.0, 0.0


@dataclass(frozen=True, slots=True)
class Weight:
    points: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Near:
    """The label that decides about a candidate in running text."""

    label: Label
    distance: int
    """In folded characters."""
    lines: int
    """Line ends between the two."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Everything known about one candidate when it is weighed for one kind."""

    digits: str = field(repr=False)
    grouping: str
    before: Near | None = None
    after: Near | None = None
    header: Label | None = None
    axis: str = "column"
    """Where the header stands: over the "column" or at the beginning of the "row"."""
    tally: Tally | None = None
    context: tuple[Weight, ...] = ()
    """From `context`, for the kind being weighed."""
    hr: str = ""
    glued: bool = False
    serial: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Different values of one column or list: how many there are, how many pass the check."""

    n: int
    passed: int

    @property
    def points(self) -> float:
        """Log odds that the column is of the kind: 97 % of its numbers pass, 10 % of others.

        One passing check is in the base already. A whole column is evidence no label outweighs,
        so the bonus may be larger than the malus of a wrong heading.
        """
        failed = self.n - self.passed
        odds = self.passed * log10(0.97 / 0.10) + failed * log10(0.03 / 0.90)
        return max(-6.0, min(8.5, odds - log10(0.97 / 0.10)))


def weigh(kind: str, clue: Clue) -> list[Weight]:
    """The weights for `kind`; their sum is what `confidence` takes."""
    label = _label(kind, clue)
    named = label is not None and label.points > 0
    weights = [label, *(clue.context if label is None else ())]
    named |= any(weight.points > 0 for weight in weights if weight)
    weights += [_shape(clue.grouping, named), _tally(clue.tally)]
    if clue.hr:
        weights.append(Weight(1.5, Reason("hr_context", {"label": clue.hr})))
    if clue.serial:
        weights.append(Weight(-2, Reason("serial_numbers")))
    if not named and _reads_as_date(clue.digits):
        weights.append(Weight(-4, Reason("reads_as_date")))
    if clue.glued and not (named and clue.before and clue.before.distance <= 2):
        weights.append(Weight(-3, Reason("part_of_other_text")))
    return [weight for weight in weights if weight]


def confidence(weights: Iterable[Weight]) -> Confidence | None:
    """None where what speaks against it outweighs."""
    points = sum(weight.points for weight in weights)
    if points >= HIGH:
        return Confidence.HIGH
    if points >= MEDIUM:
        return Confidence.MEDIUM
    return Confidence.LOW if points >= LOW else None


def is_named(kind: str, clue: Clue) -> bool:
    """Whether a label right beside or a header says it is of `kind`: a slip then, if it fails."""
    near = clue.before
    if near and near.label.kind == kind:
        return near.distance <= 40 and near.lines <= 1
    return not near and clue.header is not None and clue.header.kind == kind


def context(kind: str, above: Sequence[Label], around: Sequence[Label] = ()) -> tuple[Weight, ...]:
    """What subject, file and sheet names say (`above`), where nothing nearer does.

    Of the mail `around` an attachment only what speaks for the kind counts: its signature holds
    telephone numbers, whatever is attached.
    """
    for label in (*above, *around):
        if label.kind == kind:
            return (Weight(2.5, Reason("context_label", {"label": label.word})),)
    if above:
        return (Weight(-2.5, Reason("negative_context", {"label": above[0].word})),)
    return ()


def spoken(texts: Iterable[str]) -> list[Label]:
    """All labels in `texts`."""
    return [label for text in texts for label in labels(fold(text))]


def context_hr(texts: Sequence[str]) -> str:
    """A word of payroll, tax or social insurance in any of `texts`, or ""."""
    return next((word for text in texts for _, word in hr_words(fold(text))), "")


def _label(kind: str, clue: Clue) -> Weight | None:
    """The one label that decides: before it in the text, else its header, else after it."""
    before, after = clue.before, clue.after
    if before and before.distance <= 40:
        return _before(kind, before)
    if clue.header:
        return _header(kind, clue.header, clue.axis)
    if after and not after.lines:
        points = 3 if after.label.kind == kind else -3
        return Weight(points, _reason(kind, "label_after", after))
    return _before(kind, before) if before else None


def _before(kind: str, near: Near) -> Weight:
    if near.label.kind == kind:
        close = near.distance <= 40 and near.lines <= 1
        points = 5.0 if close else 4.0 if near.distance <= 120 else 3.0
    else:
        points = -5.0 if near.distance <= 40 else -2.5 if near.distance <= 120 else -1.0
    return Weight(points, _reason(kind, "nearest_label", near))


def _header(kind: str, label: Label, axis: str) -> Weight:
    if label.kind == kind:
        return Weight(5, Reason(f"{axis}_header", {"label": label.word}))
    return Weight(-6, Reason("negative_label", {"label": label.word}))


def _reason(kind: str, code: str, near: Near) -> Reason:
    if near.label.kind != kind:
        code = "negative_label"
    return Reason(code, {"label": near.label.word, "distance": near.distance})


def _shape(grouping: str, named: bool) -> Weight | None:
    if grouping in _USUAL:
        return Weight(0.5, Reason("usual_form", {"form": grouping}))
    return None if named else Weight(-1, Reason("unusual_form", {"form": grouping}))


_USUAL = frozenset({"12", "4-4-4", "13", "16", "4-4-4-4", "4-6-5", "4-6-4"})


def _tally(tally: Tally | None) -> Weight | None:
    if tally is None or tally.n < 4:
        return None
    reason = Reason("column_pass_rate", {"n": tally.n, "k": tally.passed})
    return Weight(tally.points, reason)


# YYYYMMDD and four more: HHMM, or the running number of that day.
_DATE = re.compile(r"(?:19[89]\d|20[0-4]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}")


def _reads_as_date(digits: str) -> bool:
    return _DATE.fullmatch(digits) is not None
