"""Numbers that a text takes back for nearly the same ones: 「誤 … 正 …」.

What was mistyped fails the check, and says nothing of the list that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from detectors.numbers import individual_number
from detectors.runs import Candidate

_TAKEN_BACK = re.compile(
    "訂正|間違|まちが|誤|正し|ただし[いく]|ミス|打ち直|typo|correct|mist(?:ake|yp)|wrong",
    re.IGNORECASE,
)
_REACH = 80
"""Characters before the first and behind the second in which that is said."""
_SLIPS = 2
"""Digits that differ, at most, where they are not the same ones in another order."""


def mistaken(text: str, found: Sequence[Candidate]) -> Iterator[str]:
    """The digits that are taken back, of two that stand one behind the other."""
    for pair in pairwise(found):
        passing, failing = sorted(pair, key=_passes, reverse=True)
        if not _passes(passing) or _passes(failing) or not _is_slip(failing.digits, passing.digits):
            continue
        if _TAKEN_BACK.search(text, max(pair[0].start - _REACH, 0), pair[1].end + _REACH):
            yield failing.digits


def _passes(one: Candidate) -> bool:
    return len(one.digits) == 12 and individual_number.is_valid(one.digits)


def _is_slip(one: str, other: str) -> bool:
    """
    >>> _is_slip("414745899205", "414745892905"), _is_slip("123456789012", "210987654321")
    (True, False)
    """
    differ = sum(map(str.__ne__, one, other))
    turned = differ <= 2 * _SLIPS and sorted(one) == sorted(other)
    return len(one) == len(other) and (turned or differ <= _SLIPS)
