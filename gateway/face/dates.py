"""Dates as people here write them: aware UTC inside, Asia/Tokyo shown, in either language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.face.i18n import Language, Words

TOKYO = ZoneInfo("Asia/Tokyo")
_JA_DAYS = "月火水木金土日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def local(at: datetime) -> datetime:
    """The same moment on a clock in Tokyo. A naive moment is a bug upstream: ValueError."""
    if at.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return at.astimezone(TOKYO)


def day(at: date | datetime, language: Language, today: date | None = None) -> str:
    """11月21日（土） / Sat 21 Nov; with the year when it is not this one.

    >>> day(date(2026, 11, 21), "ja", date(2026, 1, 1))
    '11月21日（土）'
    """
    shown = local(at).date() if isinstance(at, datetime) else at
    here = today or local(datetime.now(UTC)).date()
    other_year = shown.year != here.year
    if language == "ja":
        year = f"{shown.year}年" if other_year else ""
        return f"{year}{shown.month}月{shown.day}日（{_JA_DAYS[shown.weekday()]}）"
    year = f" {shown.year}" if other_year else ""
    return f"{_EN_DAYS[shown.weekday()]} {shown.day} {_EN_MONTHS[shown.month - 1]}{year}"


def clock(at: datetime) -> str:
    """14:18"""
    return f"{local(at):%H:%M}"


def moment(at: datetime, language: Language, today: date | None = None) -> str:
    """11月21日（土）14:18 / Sat 21 Nov, 14:18"""
    return f"{day(at, language, today)}{'' if language == 'ja' else ', '}{clock(at)}"


def stamp(at: datetime) -> str:
    """2026-11-21 14:18:05, for tables and CSV, where columns are compared."""
    return f"{local(at):%Y-%m-%d %H:%M:%S}"


def attribute(at: datetime) -> str:
    """2026-11-21T14:18:05+09:00, for `<time datetime>`."""
    return local(at).isoformat(timespec="seconds")


def remaining(until: datetime, now: datetime, words: Words) -> str:
    """How long there still is: 「あと3時間」, 「期限を過ぎています」."""
    left = until - now
    if left <= timedelta(0):
        return words.say("期限を過ぎています")
    return words.say("あと%(span)s", span=span(left, words))


def ago(at: datetime, now: datetime, words: Words) -> str:
    """How long it has been: 「3時間前」."""
    if (gone := now - at) < timedelta(minutes=1):
        return words.say("たった今")
    return words.say("%(span)s前", span=span(gone, words))


def span(length: timedelta, words: Words) -> str:
    """In the largest whole unit, rounded down: nobody plans by "2 days 3 h 7 min"."""
    minutes = int(length.total_seconds() // 60)
    if minutes >= 48 * 60:
        return words.many("%(num)s日", minutes // (24 * 60))
    if minutes >= 60:
        return words.many("%(num)s時間", minutes // 60)
    return words.many("%(num)s分", max(minutes, 1))
