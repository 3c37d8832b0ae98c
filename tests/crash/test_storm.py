"""Mail pours in and the core is killed, again and again, at no chosen moment."""

from __future__ import annotations

import random
import smtplib
import threading
import time
from collections import Counter

import pytest

from tests import samples
from tests.crash.checks import sound
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over, until
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

MAILS, SENDERS, KILLS = 80, 4, 2  # more from one person an hour are held: mass mail


class Sender(threading.Thread):
    """A mail client as they are: what was not acknowledged is sent again."""

    def __init__(self, house: House, mails: list[str]) -> None:
        super().__init__()
        self.house, self.mails = house, mails
        self.acknowledged: Counter[str] = Counter()
        self.doubtful: Counter[str] = Counter()
        """the connection broke before the answer: it may have been taken"""
        self.tries: Counter[str] = Counter()
        """without an acknowledgement"""

    def run(self) -> None:
        for to in self.mails:
            raw = self.raw(to)
            while not self._send(raw, to):
                self.tries[to] += 1
                time.sleep(0.05)

    def sender(self, to: str) -> str:
        return "hanako@example.co.jp"

    def raw(self, to: str) -> bytes:
        return samples.message("嵐", "a\n" * random.Random(to).choice((10, 60_000)), to=to)

    def _send(self, raw: bytes, to: str) -> bool:
        """Whether it was acknowledged. 451 is an answer, a broken connection is none."""
        self.doubtful[to] += 1
        try:
            with self.house.client(30) as client:
                hand_over(client, raw, to, self.sender(to))
                self.acknowledged[to] += 1
                self.doubtful[to] -= 1
        except smtplib.SMTPResponseException:
            self.doubtful[to] -= 1
        except (smtplib.SMTPException, OSError):
            pass
        return self.acknowledged[to] > 0


def test_nothing_is_lost_and_every_double_can_be_explained(build: Build, sink: Sink) -> None:
    house = build(sink.hop)
    house.start()
    recipients = [f"storm{number}@partner.example" for number in range(MAILS)]
    senders = [Sender(house, recipients[start::SENDERS]) for start in range(SENDERS)]
    for sender in senders:
        sender.start()
    draw = random.Random(20261121)
    for _ in range(KILLS):
        enough = len(sink.delivered) + draw.randrange(5, 25)
        until(lambda goal=enough: len(sink.delivered) > goal, 60, saying=house.said()[-2000:])
        house.kill()
        house.start()
    for sender in senders:
        sender.join(120)
        assert not sender.is_alive()
    until(lambda: all(c["state"] in ("done", "erased") for c in house.consignments()), 60)
    house.stop()
    sound(house)
    reconcile(house, sink, senders, recipients)


def reconcile(house: House, sink: Sink, senders: list[Sender], recipients: list[str]) -> None:
    arrived = Counter(to for mail in sink.delivered for to in mail.rcpt_to)
    taken: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    for row in house.consignments():
        facts = house.verbs(row["id"])
        (to,) = next(f["recipients"] for verb, f in facts if verb == "received")
        taken[to] += 1
        unsure[to] += sum(f["maybe_delivered_before"] for v, f in facts if v == "attempted")
        assert [verb for verb, _ in facts].count("delivered") == 1
    for sender in senders:
        for to in sender.mails:
            acknowledged, doubtful = sender.acknowledged[to], sender.doubtful[to]
            assert acknowledged <= taken[to] <= acknowledged + doubtful
            assert taken[to] <= arrived[to] <= taken[to] + unsure[to]
    assert set(arrived) >= set(recipients)
