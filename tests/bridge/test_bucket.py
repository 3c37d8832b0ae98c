from __future__ import annotations

from bridge.bucket import Bucket


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_works() -> None:
    ticks = Ticks()
    bucket = Bucket(3, every=10.0, clock=ticks)
    assert [bucket.spend("192.0.2.1") for _ in range(5)] == [True] * 3 + [False] * 2
    ticks.now = 10.0
    assert [bucket.spend("192.0.2.1") for _ in range(2)] == [True, False]
    ticks.now = 10_000.0
    assert [bucket.spend("192.0.2.1") for _ in range(4)] == [True] * 3 + [False]


def test_each_address_has_its_own_and_each_network_of_ipv6() -> None:
    bucket = Bucket(1, every=10.0, clock=Ticks())
    assert bucket.spend("192.0.2.1") and bucket.spend("192.0.2.2")
    assert bucket.spend("2001:db8::1") and not bucket.spend("2001:db8::ffff")
    assert bucket.spend("2001:db8:0:1::1")
    assert bucket.spend("") and not bucket.spend("")


def test_many_addresses_do_not_fill_the_memory() -> None:
    bucket = Bucket(1, every=10.0, clock=Ticks())
    bucket.ADDRESSES = 100
    for number in range(1_000):
        bucket.spend(f"10.0.{number // 256}.{number % 256}")
    assert len(bucket._levels) == 100
