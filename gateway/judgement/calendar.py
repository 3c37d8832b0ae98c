"""Business time: deadlines that count the hours in which people are there.

>>> from gateway.memory.config import Holds
>>> from gateway.memory.durations import parse
>>> office = Calendar.of(Holds(holidays=("2026-11-23",)), ZoneInfo("Asia/Tokyo"))
>>> friday = datetime(2026, 11, 20, 14, 18, tzinfo=ZoneInfo("Asia/Tokyo"))
>>> office.add(friday, parse("4 business hours")).isoformat()
'2026-11-24T09:18:00+09:00'
>>> office.add(friday, parse("5 business days")).isoformat()
'2026-11-30T18:00:00+09:00'
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from gateway.memory.config import Holds
from gateway.memory.durations import Duration

DIGEST = time(8, 45)
"""When reminders of the day go out, before people begin to work."""


@dataclass(frozen=True)
class Calendar:
    opens: time
    closes: time
    own_holidays: frozenset[date]
    """of the company; Japan's national ones come with the library"""
    zone: ZoneInfo

    @classmethod
    def of(cls, holds: Holds, zone: ZoneInfo) -> Calendar:
        opens, closes = (time.fromisoformat(t.zfill(5)) for t in holds.business_hours.split("-"))
        return cls(opens, closes, frozenset(map(date.fromisoformat, holds.holidays)), zone)

    def add(self, start: datetime, span: Duration) -> datetime:
        """`start` and this much later. Business days end when the office closes, the day of
        `start` not counted; clock time is simply added."""
        local = start.astimezone(self.zone)
        if span.unit == "business_days":
            return self._at(self._nth_day(local.date(), span.amount), self.closes)
        if span.unit == "business_minutes":
            return self._after_minutes(local, span.amount)
        return local + span.clock

    def next_digest(self, after: datetime) -> datetime:
        """8:45 of the next business day."""
        local = after.astimezone(self.zone)
        today = self._at(local.date(), DIGEST)
        if self.works(local.date()) and local < today:
            return today
        return self._at(self._nth_day(local.date(), 1), DIGEST)

    def is_open(self, at: datetime) -> bool:
        """Whether people are there: hours of a business day."""
        local = at.astimezone(self.zone)
        return self.works(local.date()) and self.opens <= local.time() < self.closes

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.own_holidays and day not in _national()

    def _nth_day(self, day: date, number: int) -> date:
        while number > 0:
            day += timedelta(days=1)
            number -= self.works(day)
        return day

    def _after_minutes(self, at: datetime, minutes: int) -> datetime:
        left = timedelta(minutes=minutes)
        while True:
            if self.works(at.date()):
                begin = max(at, self._at(at.date(), self.opens))
                room = self._at(at.date(), self.closes) - begin
                if left <= room:
                    return begin + left
                left -= max(room, timedelta())
            at = self._at(at.date() + timedelta(days=1), time())

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone)


@cache
def _national() -> Container[date]:
    # loads the calendars of the world: not before somebody is given working hours
    import holidays

    return holidays.country_holidays("JP")
