from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.face import dates
from gateway.face.i18n import words_in

AT = datetime(2026, 11, 21, 5, 18, 5, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def test_it_works() -> None:
    assert dates.moment(AT, "ja", TODAY) == "11月21日（土）14:18"
    assert dates.moment(AT, "en", TODAY) == "Sat 21 Nov, 14:18"


def test_another_year_is_named() -> None:
    assert dates.moment(AT, "ja", date(2027, 1, 5)) == "2026年11月21日（土）14:18"
    assert dates.day(AT, "en", date(2027, 1, 5)) == "Sat 21 Nov 2026"


def test_the_day_is_that_of_tokyo() -> None:
    late = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert dates.day(late, "ja", TODAY) == "2027年1月1日（金）"
    assert dates.stamp(late) == "2027-01-01 00:00:00"
    assert dates.attribute(AT) == "2026-11-21T14:18:05+09:00"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        dates.moment(AT.replace(tzinfo=None), "ja")


@pytest.mark.parametrize(
    ("left", "ja", "en"),
    [
        (timedelta(days=5, hours=3), "あと5日", "5 days left"),
        (timedelta(hours=47, minutes=59), "あと47時間", "47 hours left"),
        (timedelta(minutes=60), "あと1時間", "1 hour left"),
        (timedelta(minutes=59), "あと59分", "59 minutes left"),
        (timedelta(seconds=3), "あと1分", "1 minute left"),
        (timedelta(0), "期限を過ぎています", "The deadline has passed"),
        (timedelta(days=-2), "期限を過ぎています", "The deadline has passed"),
    ],
)
def test_what_is_left_is_said_in_one_unit(left: timedelta, ja: str, en: str) -> None:
    assert dates.remaining(AT + left, AT, words_in("ja")) == ja
    assert dates.remaining(AT + left, AT, words_in("en")) == en


def test_how_long_ago() -> None:
    assert dates.ago(AT, AT + timedelta(hours=3), words_in("ja")) == "3時間前"
    assert dates.ago(AT, AT + timedelta(seconds=30), words_in("en")) == "Just now"
