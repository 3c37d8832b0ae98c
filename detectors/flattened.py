"""Tables that became running text: which heading of a line above stands over a number."""

from __future__ import annotations

import re

from detectors import words
from detectors.text import Candidate
from detectors.words import Label

_REACH = 300
_LOOSE = re.compile(r"[\s,|/、・:：]+")
_FIRM = ("\t", "|", "｜", "│", ",", "，", "／", "/")


def in_heading_line(
    text: str, candidate: Candidate, label: Label, kind: str
) -> tuple[Label, bool] | None:
    """The heading of the candidate's own field, where `label` stands in a line of headings above.

    In flattened tables the nearest heading is the one of the last column, not of ours. Where
    fields cannot be counted a heading of `kind` in that line is taken for ours, which is not sure
    (the second value). A heading is a field of its own; 「マイナンバー書類の送り状番号」 is none.
    """
    above = text[max(candidate.start - _REACH, 0) : candidate.start].split("\n")
    for line in reversed(above[:-1]):
        fields = [field for field in _LOOSE.split(line) if field]
        if any((one := _heading(field)) and one.word == label.word for field in fields):
            if counted := _counted(line, text, above[-1], candidate):
                return counted, True
            ours = (_heading(field) for field in fields if _is_bare(field, kind))
            return next(((one, False) for one in ours if one), None)
    return None


def _counted(line: str, text: str, written: str, candidate: Candidate) -> Label | None:
    """The heading with as many separators before it as the candidate has, if they are as many."""
    rest = text[candidate.end : candidate.end + _REACH].split("\n")[0]
    sign = next((sign for sign in _FIRM if line.count(sign) > 1), None)
    headings = line.split(sign)  # at any blanks where there is no sign
    before = f"{written}x".split(sign)
    if len(before) + len(f"x{rest}".split(sign)) - 1 != len(headings):
        return None
    return _heading(headings[len(before) - 1].strip())


def _heading(field: str) -> Label | None:
    label = words.heading(field)
    return label if label and words.is_plain_label(field, label) else None


def _is_bare(field: str, kind: str) -> bool:
    """Whether it is the name of `kind` and not of something done with it: 「個人番号の提出」."""
    label = words.heading(field)
    folded = words.fold(field)
    return (
        label is not None and label.kind == kind and folded[label.end : label.end + 1] in ("", "(")
    )
