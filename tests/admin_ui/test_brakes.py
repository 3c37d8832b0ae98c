"""Delays between tries, without the passwords that they guard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from admin_ui import brakes
from admin_ui.brakes import CREDENTIAL

BOB, HERE = "bob@example.co.jp", "192.0.2.1"


@pytest.fixture
def press(memory):
    def once(name: str = BOB, ip: str = HERE):
        with memory.store.write() as tx:
            return brakes.press(tx, name, ip)

    return once


def _kept(memory) -> int:
    with memory.store.read() as session:
        return len(session.connection().execute(select(CREDENTIAL.c.person_id)).all())


def test_it_works(press, clock) -> None:
    """Three tries are free, then the wait doubles up to a quarter of an hour."""
    waits = []
    for _ in range(16):
        begun = clock()
        while until := press():
            clock.now = until
        waits.append((clock() - begun).seconds)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_try_that_comes_too_early_does_not_count(press, clock) -> None:
    for _ in range(4):
        press()
    until = press()
    assert [press() for _ in range(50)] == [until] * 50
    clock.now = until
    assert press() is None


def test_a_name_is_a_name_in_capitals_too(press) -> None:
    for _ in range(4):
        press()
    assert press(BOB.upper()) is not None


def test_strangers_delay_a_person_by_a_minute_at_most(press, clock) -> None:
    for each in range(200):
        press(ip=f"203.0.113.{each}")
        clock.forward(minutes=1)
    for each in range(5):
        press(ip=f"198.51.100.{each}")
    until = press(ip="192.0.2.200")
    assert until is not None and until - clock() <= timedelta(minutes=1)


def test_a_place_that_tries_all_names_is_slowed_down(press) -> None:
    for each in range(21):
        assert press(f"n{each}@example.co.jp") is None
    assert press("another@example.co.jp") is not None
    assert press("another@example.co.jp", "192.0.2.99") is None


def test_success_releases_the_name_and_not_the_place(memory, press) -> None:
    for each in range(20):
        press(f"n{each}@example.co.jp")
    for _ in range(3):
        press()
        with memory.store.write() as tx:
            brakes.release(tx, BOB, HERE)
    assert press() is None
    assert press("another@example.co.jp") is not None


def test_all_is_forgotten_after_a_day(memory, press, clock) -> None:
    for each in range(10):
        press(f"n{each}@example.co.jp")
    assert _kept(memory) == 21
    clock.forward(days=2)
    press()
    assert _kept(memory) == 3


def test_a_hundred_at_once_find_the_brake_on(memory) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def guess(_: int) -> bool:
        with memory.store.write() as tx:
            return brakes.press(tx, BOB, HERE) is None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(100))) == 4
