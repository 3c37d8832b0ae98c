"""A page's write stays quick while mail pours in through another process."""

from __future__ import annotations

import smtplib
import statistics
import threading
import time

import pytest
from sqlalchemy import delete, insert

from gateway.memory.states import SYSTEM
from gateway.memory.store import Pointer, table
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

POINTER = table(Pointer)
CONNECTIONS, SECONDS, P95 = 20, 6.0, 0.1


def pour(house: House, number: int, stop: threading.Event, sent: list[int]) -> None:
    to = f"busy{number}@partner.example"
    raw = samples.message("混雑", "a\n" * 1000, to=to)
    with smtplib.SMTP("127.0.0.1", house.port, "pc1", 60) as client:
        client.ehlo()
        while not stop.is_set():
            hand_over(client, raw, to)
            sent.append(number)


def writes(house: House) -> list[float]:
    """Seconds that a small transaction with a ledger entry took, as pages make them."""
    took = []
    with house.memory() as memory:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            began = time.monotonic()
            with memory.store.write() as tx:
                tx.conn.execute(delete(POINTER).where(POINTER.c.name == "page"))
                tx.conn.execute(insert(POINTER).values(name="page", value="x"))
                tx.record("noted", SYSTEM, subject="page")
            took.append(time.monotonic() - began)
            time.sleep(0.03)
    return took


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
    try:
        time.sleep(1)
        before = len(sent)
        took = writes(house)
        rate = (len(sent) - before) / SECONDS
    finally:
        stop.set()
        for client in clients:
            client.join()
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{len(took)} writes, median {statistics.median(took):.3f} s, p95 {p95:.3f} s, "
        f"max {max(took):.3f} s, beside {rate:.0f} mails/s"
    )
    assert rate > 10, "mail did not pour"
    assert p95 < P95
    house.kill()
    assert house.verify().whole
