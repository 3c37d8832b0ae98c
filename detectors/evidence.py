"""What speaks for and against a candidate: points with a reason each, and what they add up to.

The nearest label decides. A rule that takes any keyword within 300 characters is wrong whenever
「マイナンバー」 stands in a footer or in the covering letter of a parcel; the check digit alone is
wrong in one of ten unrelated numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detectors.report import Confidence, Reason
from detectors.seen import Clue, Near, Tally
from detectors.words import Label, fold, hr_words, labels

HIGH, MEDIUM, LOW = 4.0, 2.0, 0.0


@dataclass(frozen=True, slots=True)
class Weight:
    points: float
    reason: Reason


def weigh(kind: str, clue: Clue, tally: Tally, context: Sequence[Weight]) -> list[Weight]:
    """The weights for `kind`, of which `confidence` takes the sum.

    `context` is what `context` below says of the surface; it counts where no label is nearer.
    """
    label = _label(kind, clue)
    weights = [label] if label else list(context)
    named = any(weight.points > 0 for weight in weights)
    if clue.grouping in _USUAL:
        weights.append(Weight(0.5, Reason("usual_form", {"form": clue.grouping})))
    elif not named:
        weights.append(Weight(-1, Reason("unusual_form", {"form": clue.grouping})))
    if tally.tells:
        rate = Reason("column_pass_rate", {"n": tally.n, "k": tally.passed})
        weights.append(Weight(tally.points, rate))
    if clue.hr:
        weights.append(Weight(1.5, Reason("hr_context", {"label": clue.hr})))
    if clue.serial:
        weights.append(Weight(-2, Reason("serial_numbers")))
    if not named and _DATE.fullmatch(clue.digits):
        weights.append(Weight(-4, Reason("reads_as_date")))
    if clue.glued and not (named and clue.before and clue.before.distance <= 2):
        weights.append(Weight(-3, Reason("part_of_other_text")))
    return weights


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


_USUAL = frozenset({"12", "4-4-4", "13", "16", "4-4-4-4", "4-6-5", "4-6-4"})

# YYYYMMDD and four more: HHMM, or the running number of that day.
_DATE = re.compile(r"(?:19[89]\d|20[0-4]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}")
