"""Values that rules compare with: ">=10", "1..9", "101..", ">=medium", "15 min"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from detectors.report import Confidence
from gateway.memory import durations
from gateway.memory.durations import Duration

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

        Raises ValueError for anything else, and for a range that holds no number.
        """
        if ends := _BOTH_ENDS.fullmatch(text):
            low, high = _octets(ends[1], ends[2]), _octets(ends[3], ends[4])
            if low > high:
                raise ValueError(f'"{text}" holds no number: its end is below its start')
            return cls(low, high)
        for form, ends_given in _FORMS:
            if one := form.fullmatch(text):
                number = _octets(one[1], one[2])
                return cls(
                    0 if ends_given == "high" else number, None if ends_given == "low" else number
                )
        raise ValueError(f'"{text[:40]}" is not a range (write ">=10", "1..9", "101.." or "3")')


def _octets(digits: str, unit: str | None) -> int:
    return int(digits) * _UNITS[unit]


class UnknownName(ValueError):
    """`known` are the names that would have been understood."""

    def __init__(self, message: str, known: tuple[str, ...]) -> None:
        super().__init__(message)
        self.known = known


def _range(value: Any) -> Any:
    if isinstance(value, Range):
        return value
    if not isinstance(value, str):
        raise ValueError('must be written as text, such as ">=10", "1..9" or "3"')
    return Range.parse(value)


def _levels(value: Any) -> Any:
    """ ">=medium" is medium and high; "low" is low alone."""
    if isinstance(value, frozenset):
        return value
    names = tuple(level.value for level in Confidence)
    name = value.removeprefix(">=").strip() if isinstance(value, str) else ""
    if name not in names:
        known = (*names, *(f">={level}" for level in names))
        raise UnknownName('must be "low", "medium", "high", or ">=" and one of them', known)
    if not value.startswith(">="):
        return frozenset({Confidence(name)})
    return frozenset(level for level in Confidence if level.rank >= Confidence(name).rank)


def _clock(value: Any) -> Any:
    """Clock time only: two of these can be compared, and the longer one wins."""
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError('must be a length of time, such as "15 min"')
    duration = durations.parse(value)
    if duration.unit != "seconds":
        raise ValueError("must be clock time here, not business time")
    return duration


Count = Annotated[Range, BeforeValidator(_range)]
Levels = Annotated[frozenset[Confidence], BeforeValidator(_levels)]
Clock = Annotated[Duration, BeforeValidator(_clock), PlainSerializer(str, return_type=str)]
