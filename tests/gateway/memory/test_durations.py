from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.memory.durations import Duration, parse


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("5 min", 300, "seconds"),
        ("15min", 900, "seconds"),
        ("30 s", 30, "seconds"),
        ("3 h", 10_800, "seconds"),
        ("1 hour", 3_600, "seconds"),
        ("7 d", 604_800, "seconds"),
        (" 2 days ", 172_800, "seconds"),
        ("0 d", 0, "seconds"),
        ("4 business hours", 240, "business_minutes"),
        ("30 business min", 30, "business_minutes"),
        ("1 business day", 1, "business_days"),
        ("5 business days", 5, "business_days"),
    ],
)
def test_it_works(text: str, amount: int, unit: str) -> None:
    assert parse(text) == Duration(amount, unit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "5", "min", "-5 min", "1.5 h", "5 m", "5 ds", "5 business", "5 business s", "5 weeks",
     "５ min", "100000 d", "5 min 3 s", "5 MIN", "a while"],
)  # fmt: skip
def test_it_refuses_what_it_does_not_understand(text: str) -> None:
    with pytest.raises(ValueError, match="is not a length of time"):
        parse(text)


def test_business_time_has_no_fixed_length() -> None:
    assert parse("90 min").clock == timedelta(hours=1.5)
    with pytest.raises(ValueError, match="business time"):
        _ = parse("4 business hours").clock


@given(
    st.integers(0, 99_999),
    st.sampled_from(["s", "min", "h", "d", "business min", "business hours", "business days"]),
)
def test_what_is_shown_reads_back(amount: int, unit: str) -> None:
    duration = parse(f"{amount} {unit}")
    if len(str(duration).split()[0]) <= 5:  # 99,999 business minutes stay what they are
        assert parse(str(duration)) == duration
