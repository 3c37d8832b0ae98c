"""A page's write stays quick while mail pours in through another process."""

from __future__ import annotations

import smtplib
import statistics
import threading
import time

import pytest

from gateway.memory import pointers
from gateway.memory.states import SYSTEM
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over
from tests.e2e.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.alone]

CONNECTIONS, P95 = 20, 0.1
WINDOW, WINDOWS = 3.0, 3
"""Seconds measured at once, and how often at most: a window in which something else had the
processors says nothing about the lock."""


def pour(house: House, number: int, stop: threading.Event, sent: list[int]) -> None:
    to = f"busy{number}@partner.example"
    raw = samples.message("混雑", "a\n" * 1000, to=to)
    with smtplib.SMTP("127.0.0.1", house.port, "pc1", 60) as client:
        client.ehlo()
        while not stop.is_set():
            hand_over(client, raw, to)
            sent.append(number)


def writes(house: House) -> float:
    """p95 in seconds of a small transaction with a ledger entry, as pages make them."""
    took = []
    with house.memory() as memory:
        end = time.monotonic() + WINDOW
        while time.monotonic() < end:
            began = time.monotonic()
            with memory.store.write() as tx:
                pointers.put(tx, "page", "x")
                tx.record("noted", SYSTEM, subject="page")
            took.append(time.monotonic() - began)
            time.sleep(0.02)
    return statistics.quantiles(took, n=20)[-1]


def test_a_page_writes_quickly_beside_a_busy_committer(build: Build, sink: Sink) -> None:
    house = build(sink.hop)
    house.start()
    stop, sent = threading.Event(), list[int]()
    clients = [
        threading.Thread(target=pour, args=(house, number, stop, sent))
        for number in range(CONNECTIONS)
    ]
    for client in clients:
        client.start()
    measured: list[float] = []
    try:
        time.sleep(1)
        while len(measured) < WINDOWS and min(measured, default=1.0) >= P95:
            before = len(sent)
            measured.append(writes(house))
            rate = (len(sent) - before) / WINDOW
            print(f"p95 {measured[-1] * 1000:.0f} ms beside {rate:.0f} mails/s")
            assert rate > 10, "mail did not pour"
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert min(measured) < P95
    house.kill()
    assert house.verify().whole
