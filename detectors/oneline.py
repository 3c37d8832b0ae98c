"""個人番号 in a line of single digits that holds other fields too, under a line of their headings:

    個人番号 生年月日
    1 2 3 4 5 6 7 8 9 0 1 8 3 5 5 0 4 0 1

So forms become text whose every digit stands in a box of its own, as those of 雇用保険. Only the
headings tell which twelve are one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from detectors import people
from detectors.digits import FOLD, D
from detectors.flattened import own_fields
from detectors.numbers import individual_number
from detectors.runs import Candidate

_FULL = 12
_MOST = 60
"""Digits of a line; a longer one is no form."""
_ONES = re.compile(rf"[ \t\u3000>]*[{D}](?:[ \t\u3000|│｜]{{1,4}}[{D}]){{{_FULL},{_MOST}}}\s*")
_DIGIT = re.compile(f"[{D}]")
_NAMES = ("個人番号", "マイナ", "umber", "UMBER")
"""What such a heading has, or nearly; each is found at the speed of memory."""
_WHO = re.compile(people.WHO)


def look(text: str) -> Iterator[Candidate]:
    """
    >>> [(one.start, one.end) for one in look("個人番号 区分\\n1 2 3 4 5 6 7 8 9 0 1 8 7\\n")]
    [(8, 31)]
    """
    if not any(name in text for name in _NAMES):
        return
    above, start = "", 0
    for line in text.split("\n"):
        if _ONES.fullmatch(line):
            yield from _numbers(line, start, above)
        elif line.strip():
            above = line
        start += len(line) + 1


def _numbers(line: str, start: int, above: str) -> Iterator[Candidate]:
    fields, ours = own_fields(above)
    if not ours:
        return
    found = list(_DIGIT.finditer(line))
    digits = "".join(one[0] for one in found).translate(FOLD)
    places = _places(len(digits), fields, [*ours])
    unsure = len(places) > len(ours)  # the first that passes, so that the mail is held
    passing = (at for at in places if individual_number.is_valid(digits[at : at + _FULL]))
    for at, label in zip(passing, ours.values(), strict=False):
        first, last = found[at].start(), found[at + _FULL - 1].end()
        number = digits[at : at + _FULL]
        span = start + first, start + last
        yield Candidate(*span, number, "1×12", " ", heading=label, dictated=unsure)


def _places(count: int, fields: Sequence[str], ours: Sequence[int]) -> Sequence[int]:
    """Where numbers may begin: the first field begins the line, and the last one ends with it."""
    if count == _FULL * len(ours):
        return range(0, count, _FULL)
    if all(_WHO.fullmatch(field) for field in fields[: ours[0]]):
        return (0,)
    if ours[-1] == len(fields) - 1:
        return (count - _FULL,)
    return range(count - _FULL + 1)
