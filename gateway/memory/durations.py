"""Lengths of time as people write them: "5 min", "7 d", "4 business hours", "5 business days".

Clock time and business time are never converted into each other here: what four business hours
come to depends on the calendar and on the hours the service was down.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from gateway.memory.faults import Refused

Unit = Literal["seconds", "business_minutes", "business_days"]

_NAMES = {
    name: names[0]
    for names in (
        ("s", "sec", "second", "seconds"),
        ("min", "minute", "minutes"),
        ("h", "hour", "hours"),
        ("d", "day", "days"),
    )
    for name in names
}
_CLOCK = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_BUSINESS: dict[str, tuple[int, Unit]] = {
    "min": (1, "business_minutes"),
    "h": (60, "business_minutes"),
    "d": (1, "business_days"),
}
_SHOWN: dict[Unit, tuple[tuple[int, str], ...]] = {
    "seconds": ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")),
    "business_minutes": ((60, "business hours"), (1, "business min")),
    "business_days": ((1, "business days"),),
}
# Five digits: 99,999 days is 273 years, and no amount overflows a timedelta.
_WRITTEN = re.compile(r"([0-9]{1,5}) *(business +)?([a-z]+)")


@dataclass(frozen=True, slots=True)
class Duration:
    amount: int
    unit: Unit = "seconds"

    @property
    def clock(self) -> timedelta:
        """As elapsed time; ValueError for business time, which only a calendar can tell."""
        if self.unit != "seconds":
            raise ValueError(f"{self} is business time and has no fixed length")
        return timedelta(seconds=self.amount)

    def __str__(self) -> str:
        for size, name in _SHOWN[self.unit]:
            if self.amount % size == 0 and self.amount:
                return f"{self.amount // size} {name}"
        return f"0 {_SHOWN[self.unit][-1][1]}"


def parse(text: str) -> Duration:
    """Read one length of time; `str` of the result reads back as the same.

    >>> parse("15 min")
    Duration(amount=900, unit='seconds')
    >>> parse("4 business hours")
    Duration(amount=240, unit='business_minutes')
    >>> str(parse("168 hours"))
    '7 d'

    Raises Refused.
    """
    if written := _WRITTEN.fullmatch(text.strip()):
        amount, business, name = int(written[1]), written[2], _NAMES.get(written[3], "")
        if business and name in _BUSINESS:
            size, unit = _BUSINESS[name]
            return Duration(amount * size, unit)
        if not business and name in _CLOCK:
            return Duration(amount * _CLOCK[name])
    raise Refused("no_length", text=text[:40])


def months_before(day: date, months: int) -> date:
    """The same day so many months ago, or the last one of a month that is shorter.

    >>> months_before(date(2026, 3, 31), 13)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
