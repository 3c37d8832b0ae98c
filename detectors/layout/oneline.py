"""個人番号 in groups among other digits of its line, under a line of headings:

    個人番号 生年月日                           氏名 個人番号 生年 月日
    1 2 3 4 5 6 7 8 9 0 1 8 3 5 5 0 4 0 1      森 1234 5678 9018 1980 0401

So forms become text whose every digit stands in a box of its own, as those of 雇用保険, and tables
whose cells are parted by blanks. Only the headings tell which groups are one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from detectors.context.flattened import own_fields
from detectors.digits import FOLD, D
from detectors.layout import lines
from detectors.numbers import individual_number
from detectors.persons import people
from detectors.runs import Candidate
from detectors.words import Label

_SHAPES = {"1×12": [1] * 12, "4-4-4": [4] * 3, "6-6": [6] * 2}
_MOST = 60
"""Fields and groups of a line; one with more is no form."""
_LONGEST = 1_000
"""Characters of such a line; the time for a longer one would grow with it."""
_FIELD = re.compile(r"[^\s|│｜>;]+")
_DIGITS = re.compile(f"[{D}]+")
_TWELVE = re.compile(rf"(?:[^{D}\n]*[{D}]){{12}}")
_WHO = re.compile(people.WHO)

_Group = re.Match[str]


def look(text: str, named: Sequence[int]) -> Iterator[Candidate]:
    """`named`: where labels may end (`individual_number.named`).

    >>> text = "個人番号 区分\\n1 2 3 4 5 6 7 8 9 0 1 8 7\\n"
    >>> [(one.start, one.end) for one in look(text, [3])]
    [(8, 31)]
    """
    if not named:
        return
    over = ""
    headings = lru_cache(maxsize=1)(_headings)  # of a line with numbers below it alone
    for start, line, is_named in lines(text, named):
        if len(line) > _LONGEST:
            over = ""
        elif is_named:
            over = line
        elif over and _TWELVE.match(line):
            yield from _numbers(line, start, *headings(over))
        elif line.strip():
            over = ""


def _headings(line: str) -> tuple[int, dict[int, Label]]:
    """How many fields it has, and which are 個人番号; whose they are, 「本人」, is no field."""
    fields, ours = own_fields(line)
    whose = [at for at in ours if at and _WHO.fullmatch(fields[at - 1])]
    own = {at - sum(one <= at for one in whose): label for at, label in ours.items()}
    return len(fields) - len(whose), own


def _numbers(line: str, start: int, count: int, ours: Mapping[int, Label]) -> Iterator[Candidate]:
    groups = list(_FIELD.finditer(line))
    if not count < len(groups) <= _MOST:
        return
    end = 0
    for at, label in ours.items():
        if found := _number(groups, at, count - 1 - at, end):
            first, shape, sure = found
            end = first + len(_SHAPES[shape])
            span = start + groups[first].start(), start + groups[end - 1].end()
            digits = _joined(groups[first:end])
            yield Candidate(*span, digits, shape, " ", heading=label, dictated=not sure)


def _number(
    groups: Sequence[_Group], before: int, behind: int, taken: int
) -> tuple[int, str, bool] | None:
    """Where the number begins that has so many fields before and behind it, its shape, and whether
    that is sure: other fields may be groups as well, and then the first that passes is taken."""
    for shape, lengths in _SHAPES.items():
        last = len(groups) - len(lengths)
        left, right = max(before, taken), last - behind
        sure = [left] * (before == 0 or taken > 0) + [right] * (behind == 0)
        sure += [left] * (left == right)
        for first in dict.fromkeys((*sure, left, right, *range(taken, last + 1))):
            own = groups[first : first + len(lengths)] if taken <= first <= last else []
            if [len(one[0]) for one in own] == lengths and _passes(own):
                return first, shape, first in sure
    return None


def _passes(groups: Sequence[_Group]) -> bool:
    return all(_DIGITS.fullmatch(one[0]) for one in groups) and individual_number.is_valid(
        _joined(groups)
    )


def _joined(groups: Sequence[_Group]) -> str:
    return "".join(one[0] for one in groups).translate(FOLD)
