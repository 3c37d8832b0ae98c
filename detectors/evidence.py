"""What speaks for and against a candidate: points with a reason each, and what they add up to.

The nearest label decides. A rule that takes any keyword within 300 characters is wrong whenever
「マイナンバー」 stands in a footer or in the covering letter of a parcel; the check digit alone is
wrong in one of ten unrelated numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from detectors.report import Confidence, Reason
from detectors.seen import Clue, Near, Tally
from detectors.words import INDIVIDUAL, OTHER, Label, fold, hr_words, identifies, labels

HIGH, MEDIUM, LOW = 4.0, 2.0, 0.0
_MENTIONED = 0.6
"""Where 個人番号, or what asks for them, are spoken of, two or three that all pass are likely."""
_LIKELY = 3.0
"""What a label is worth, at most, where a sentence ends between, or the form says nothing."""
_CONTRARY = -3.0
"""Another label right there, a piece of something longer: whatever speaks for it, not sure."""
_TIGHT = 8
"""Characters from a number to the label behind it, for this to go before the line above."""
# Two such words are what many a mail is about; three, with a number and no label, are a form.
_OFFICE = (0.0, 1.0, 1.25, 1.5)
CERTAIN = 3.9
"""Points of one weight that can make a finding high: a label, or five of five that pass."""


_NOT_SPOKEN_OF = "not_spoken_of"
_UNSURE = frozenset({"negative_label", _NOT_SPOKEN_OF})


class Weight(NamedTuple):
    points: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Around:
    """What stands over and around the candidates of one surface."""

    labels: tuple[Weight, ...] = ()
    """What `context` says; it counts where no label is nearer."""
    form: str = ""
    """The form that the file is (`forms`)."""
    mentioned: bool = False
    """個人番号 are spoken of at all."""
    asked: bool = False
    """The mail asks for 個人番号 (`asked`): what nothing else claims is likely one."""
    persons: bool = False
    """Names of persons stand in most rows of its lists."""


NOTHING = Around()


def weigh(
    kind: str, clue: Clue, tally: Tally, around: Around, other: Reason | None = None
) -> list[Weight]:
    """The weights for `kind`, of which `confidence` takes the sum.

    `other` is why its whole list is of something else, if it is.
    """
    label = _label(kind, clue)
    foreign = list(_foreign(clue, tally, label))
    if foreign and not _is_beside(clue):
        label, around = None, NOTHING  # what stands farther off speaks of something else
    # What the mail is about says nothing of a number whose own sentence does.
    farther = [one for one in around.labels if one.points < 0 or not clue.used]
    weights = [label] if label else [*farther]
    named = any(weight.points > 0 for weight in weights)
    asked = around.mentioned or around.asked or bool(clue.hr)
    unclaimed = around.asked and _is_unclaimed(clue, tally)
    bare = unclaimed or (clue.told and asked and not label)
    weights += [*foreign, *_form(clue, tally, named or bare or around.form != "")]
    if tally.tells or (tally.all_pass and (asked or (clue.unclaimed and tally.n > 2))):
        rate = Reason("column_pass_rate", {"n": tally.n, "k": tally.passed})
        points = tally.points + (0 if tally.tells else _MENTIONED)
        told = asked or clue.told or around.persons or around.form != "" or named
        if told or points < CERTAIN:
            weights.append(Weight(points, rate))
        elif not label and not any(weight.points < 0 for weight in farther):
            # a code of a company may have the same check
            weights += [Weight(points, rate), Weight(0, Reason(_NOT_SPOKEN_OF))]
    if kind == INDIVIDUAL and not foreign:
        weights += _office(clue, around)
        if bare:
            weights.append(Weight(2, Reason("bare_label")))
    if clue.serial:
        weights.append(Weight(-2, Reason("serial_numbers")))
    if other and not named:
        weights.append(Weight(-8, other))
    return weights


def _is_unclaimed(clue: Clue, tally: Tally) -> bool:
    """Whether nothing near says what the number is, and its whole list passes the check."""
    return clue.unclaimed and not (has_label(clue) or clue.serial) and tally.passed == tally.n


def _foreign(clue: Clue, tally: Tally, label: Weight | None) -> Iterator[Weight]:
    """What says that it is a time, or a piece of something longer."""
    named = label is not None and label.points > 0
    sure = (named and _is_beside(clue)) or (tally.passed == tally.n > 2)
    if not sure and is_time(clue.digits):
        yield Weight(-4, Reason("reads_as_date"))
    if clue.glued and not (named and clue.before and clue.before.distance <= 2):
        yield Weight(-3, Reason("part_of_other_text"))


def is_time(digits: str) -> bool:
    return _DATE.fullmatch(digits) is not None


def _is_beside(clue: Clue) -> bool:
    near = clue.before
    if clue.header or near is None:
        return clue.header is not None
    return near.distance <= (2 if near.lines else 40)


def _form(clue: Clue, tally: Tally, named: bool) -> Iterator[Weight]:
    if clue.grouping in _USUAL and not clue.careless:
        yield Weight(0.5, Reason("usual_form", {"form": clue.grouping}))
    elif not named and not (tally.tells and tally.points > 0):
        yield Weight(-1, Reason("unusual_form", {"form": clue.grouping}))


def _office(clue: Clue, around: Around) -> Iterator[Weight]:
    """A form that carries 個人番号, or words of the offices that ask for them."""
    if around.form:
        yield Weight(2.5, Reason("form_fingerprint", {"form": around.form}))
    elif clue.hr:
        yield Weight(_OFFICE[len(clue.hr)], Reason("hr_context", {"label": clue.hr[0]}))


def confidence(weights: Sequence[Weight]) -> Confidence | None:
    """None where what speaks against it outweighs.

    Many small things make a number likely. To be sure, one thing has to say so by itself: a label
    right there, a heading, a column that passes, the company's own register; and no other label.
    """
    points = sum(weight.points for weight in weights)
    codes = {weight.reason.code for weight in weights}
    certain = max(weight.points for weight in weights) >= CERTAIN
    sure = (certain and codes.isdisjoint(_UNSURE)) or "register_match" in codes
    if points >= HIGH and sure and min(weight.points for weight in weights) > _CONTRARY:
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


def has_label(clue: Clue) -> bool:
    """Whether one decides (`_label`), so that `Around.labels` do not count. That 個人番号 are
    spoken of behind it, 「… です。マイナンバーの件です」, claims it for nothing else."""
    after = clue.after
    spoken = after is not None and after.parted and after.label.kind == INDIVIDUAL
    return bool(clue.before or clue.header or (after and not spoken))


def context(
    kind: str, above: Sequence[Label], around: Sequence[Label] = (), asked: bool = False
) -> tuple[Weight, ...]:
    """What subject, file and sheet names say (`above`), where nothing nearer does.

    Of the mail `around` an attachment only what speaks for the kind counts: its signature holds
    telephone numbers, whatever is attached. `asked` as in `Around`.
    """
    for label in (*above, *around):
        if label.kind == kind:
            return (Weight(2.5, Reason("context_label", {"label": label.word})),)
    # 「お電話の件」 names no number, nor does 「謝金のお振込」 where the mail asks for a 個人番号.
    names = (label for label in above if identifies(label) or (label.kind == OTHER and not asked))
    named = next(names, None)
    if named:
        return (Weight(-2.5, Reason("negative_context", {"label": named.word})),)
    return ()


def spoken(texts: Iterable[str]) -> list[Label]:
    """All labels in `texts`."""
    return [label for text in texts for label in labels(fold(text))]


def context_hr(texts: Sequence[str]) -> tuple[str, ...]:
    """Words of payroll, tax or social insurance in `texts`, each once."""
    return tuple(dict.fromkeys(word for text in texts for _, word in hr_words(fold(text))))[:3]


def _label(kind: str, clue: Clue) -> Weight | None:
    """The one label that decides: before it in the text, else its header, else after it."""
    before, after = clue.before, clue.after
    tight = after is not None and after.distance <= _TIGHT and not after.lines
    # 「組合員 … 様」 stands over the number, and 「上記個人番号」 under it says what it is.
    pointed = after is not None and after.label.kind == kind and not after.parted
    topic = before is not None and before.label.kind == OTHER and not identifies(before.label)
    tight = tight or (pointed and topic)
    if before and before.distance <= 40 and not (before.lines and tight):
        return _before(kind, before, clue.unsure)
    if clue.header:
        return _header(kind, clue.header, clue)
    if after:
        points = 1.5 if after.parted else 3.0
        points = points if after.label.kind == kind else -3.0
        return Weight(points, _reason(kind, "label_after", after))
    return _before(kind, before, clue.unsure) if before else None


def _before(kind: str, near: Near, unsure: bool) -> Weight:
    if near.label.kind == kind:
        close = near.distance <= 40 and near.lines <= 1
        points = 5.0 if close else 4.0 if near.distance <= 120 else 3.0
        points = min(points, _LIKELY) if near.parted or unsure else points
    else:
        points = -5.0 if near.distance <= 40 else -2.5 if near.distance <= 120 else -1.0
    return Weight(points, _reason(kind, "nearest_label", near))


def _header(kind: str, label: Label, clue: Clue) -> Weight:
    if label.kind == kind:
        points = _LIKELY if clue.unsure or clue.aside else 5
        return Weight(points, Reason(f"{clue.axis}_header", {"label": label.word}))
    return Weight(-6, Reason("negative_label", {"label": label.word}))


def _reason(kind: str, code: str, near: Near) -> Reason:
    if near.label.kind != kind:
        code = "negative_label"
    return Reason(code, {"label": near.label.word, "distance": near.distance})


_USUAL = frozenset({"12", "4-4-4", "13", "16", "4-4-4-4", "4-6-5", "4-6-4"})

# YYYYMMDD and four more (HHMM, or the running number of that day), or YYMMDDHHMMSS.
_DATE = re.compile(
    r"(?:19[89]\d|20[0-4]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}"
    r"|2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
)
