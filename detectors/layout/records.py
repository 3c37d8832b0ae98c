"""個人番号 in records of fixed length, with no sign between them and the digits of the next field.

    000123ササキ ケンイチ    123456789018198501031

Where a field begins stands in a layout that the mail does not have. But the same digits of every
record are the same field, and one whose values pass the check nearly all is no other number's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from detectors.numbers import individual_number
from detectors.runs import Candidate

_DIGITS = 12
# A character of a class first: the search then skips all others in C.
_RUN = re.compile(r"[0-9][0-9]{12,}")
_LONGEST = 64
"""Digits of a run that several fields of numbers may make."""
_FEWEST = 4
"""Records, with different values, from which on a share that passes tells something."""
_FAIL = 0.1
"""Of the values, at most."""
_ASKED_FIRST = 20
"""Records: where half of their values fail, as nearly all do of any other field, the others are not
looked at."""


def look(text: str) -> list[Candidate]:
    """The field of every record that passes, in the order of the text.

    >>> look("20261123101500123\\n" * 9)
    []
    """
    fields: dict[tuple[int, int], list[int]] = defaultdict(list)
    end, nth = 0, -1
    for run in _RUN.finditer(text):
        nth = 0 if "\n" in text[end : run.start()] else nth + 1
        end = run.end()
        if end - run.start() <= _LONGEST:
            fields[nth, end - run.start()].append(run.start())
    found = (_passing(text, length, starts) for (_, length), starts in fields.items())
    return sorted((one for field in found for one in field), key=lambda one: one.start)


def _passing(text: str, length: int, starts: Sequence[int]) -> Iterator[Candidate]:
    """The first twelve digits that nearly all of the runs have in the same place."""
    if len(starts) < _FEWEST:
        return
    some = starts[:: max(len(starts) // _ASKED_FIRST, 1)]
    for at in range(length - _DIGITS + 1):
        if _fail(_values(text, some, at)) > 0.5:
            continue
        values = _values(text, starts, at)
        if len(values) >= _FEWEST and _fail(values) <= _FAIL:
            for start in starts:
                first, end = start + at, start + at + _DIGITS
                yield Candidate(first, end, text[first:end], "12", "")
            return


def _values(text: str, starts: Sequence[int], at: int) -> set[str]:
    return {text[start + at : start + at + _DIGITS] for start in starts} - {"0" * _DIGITS}


def _fail(values: set[str]) -> float:
    """The share that does not pass; 0.0 of none."""
    wrong = sum(not individual_number.is_valid(value) for value in values)
    return wrong / max(len(values), 1)
