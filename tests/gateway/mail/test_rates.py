"""Buckets: so many at once, as many again in the period, nobody pays for another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.mail import rates
from gateway.mail.rates import Bucket
from gateway.memory.fields import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_works() -> None:
    clock = Clock()
    bucket = Bucket(Rate(3, 60.0), clock)
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]
    assert bucket.spent("a") and not bucket.spent("b") and bucket.take("b")
    clock.now += 20
    assert [bucket.take("a") for _ in range(2)] == [True, False]
    clock.now += 3600
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False]


def test_without_a_rate_nothing_is_limited_nor_kept() -> None:
    bucket = Bucket()
    assert all(bucket.take("a") for _ in range(10_000)) and not bucket._full


def test_who_is_empty_again_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(rates, "_CROWD", 10)
    clock = Clock()
    bucket = Bucket(Rate(1, 60.0), clock)
    for number in range(10):
        bucket.take(f"{number}")
    clock.now += 61
    bucket.take("last")
    assert set(bucket._full) == {"last"}


@given(
    count=st.integers(1, 20),
    waits=st.lists(st.floats(0, 30), min_size=1, max_size=200),
)
def test_never_more_than_twice_in_any_period(count: int, waits: list[float]) -> None:
    clock = Clock()
    bucket = Bucket(Rate(count, 60.0), clock)
    taken = []
    for wait in waits:
        clock.now += wait
        if bucket.take("a"):
            taken.append(clock.now)
    for at in taken:
        assert sum(at <= other < at + 60 for other in taken) <= 2 * count
