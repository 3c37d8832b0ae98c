"""Values that rules compare with: ">=10", "1..9", "101..", ">=medium", "15 min"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from detectors.report import Confidence
from gateway.memory import fields
from gateway.memory.durations import Duration
from gateway.memory.faults import Refused

_NUMBER = r"([0-9]{1,12}) ?(kB|MB|GB)?"
_FORMS = (
    (re.compile(rf">= ?{_NUMBER}"), "low"),
    (re.compile(rf"<= ?{_NUMBER}"), "high"),
    (re.compile(rf"{_NUMBER}\.\."), "low"),
    (re.compile(_NUMBER), "both"),
)
_BOTH_ENDS = re.compile(rf"{_NUMBER}\.\.{_NUMBER}")
_UNITS = {None: 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from `low` to `high`, both ends included; `high` None is without end."""

    low: int = 0
    high: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.low <= number and (self.high is None or number <= self.high)

    @classmethod
    def parse(cls, text: str) -> Range:
        """
        >>> Range.parse("1..9"), Range.parse("101.."), Range.parse(">=20 MB")
        (Range(low=1, high=9), Range(low=101, high=None), Range(low=20000000, high=None))

        Raises Refused for anything else, and for a range that holds no number.
        """
        if ends := _BOTH_ENDS.fullmatch(text):
            low, high = _octets(ends[1], ends[2]), _octets(ends[3], ends[4])
            if low > high:
                raise Refused("empty_range", text=text)
            return cls(low, high)
        for form, ends_given in _FORMS:
            if one := form.fullmatch(text):
                number = _octets(one[1], one[2])
                return cls(
                    0 if ends_given == "high" else number, None if ends_given == "low" else number
                )
        raise Refused("no_range", text=text[:40])


def _octets(digits: str, unit: str | None) -> int:
    return int(digits) * _UNITS[unit]


def _range(value: Any) -> Any:
    if isinstance(value, Range):
        return value
    if not isinstance(value, str):
        raise Refused("range_is_text")
    return Range.parse(value)


def _levels(value: Any) -> Any:
    """ ">=medium" is medium and high; "low" is low alone."""
    if isinstance(value, frozenset):
        return value
    names = tuple(level.value for level in Confidence)
    name = value.removeprefix(">=").strip() if isinstance(value, str) else ""
    if name not in names:
        known = (*names, *(f">={level}" for level in names))
        raise Refused("no_confidence", known)
    if not value.startswith(">="):
        return frozenset({Confidence(name)})
    return frozenset(level for level in Confidence if level.rank >= Confidence(name).rank)


def _clock(value: Any) -> Any:
    """Clock time only: two of these can be compared, and the longer one wins."""
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise Refused("no_length", text=str(value)[:40])
    return fields.clock(value)


Count = Annotated[Range, BeforeValidator(_range)]
Levels = Annotated[frozenset[Confidence], BeforeValidator(_levels)]
Clock = Annotated[Duration, BeforeValidator(_clock), PlainSerializer(str, return_type=str)]
