"""An installation that is killed while it works, and one round of that."""

from __future__ import annotations

import json
import os
import random
import signal
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from benchmarks import measure
from benchmarks.installation import Installation
from gateway.memory.states import State
from gateway.memory.tables import Consignment, LedgerDetail, LedgerEntry, Recipient, table
from tests import samples
from tests.e2e.house import hand_over, until
from tests.e2e.sink import Sink

CONSIGNMENT, RECIPIENT = table(Consignment), table(Recipient)
ENTRY, DETAIL = table(LedgerEntry), table(LedgerDetail)
CLIENTS = 4
AWAY = 120.0
"""Seconds that a killed core may need to be back."""
LARGE = 90_000
"""Octets; above 64 KiB a mail is in a file and not in the database. One in ten is."""
KILLS = 3
"""In one round, at most."""
SETTLING = 180.0
"""Seconds for all that was taken in to arrive: a mail whose scan was cut off is scanned again."""
MOVING = tuple(s.value for s in (State.RECEIVED, State.DELAYED, State.RELEASED, State.QUEUED))


@dataclass(frozen=True, slots=True)
class Round:
    number: int
    kills: int
    accepted: int
    """mails that were answered 250"""
    arrived: int
    """of those"""
    held: int
    """of those: waiting for a person, who was told"""
    lost: int
    """of those: neither"""
    twice: int
    """arrived more than once, and the ledger says why"""
    unsaid: int
    """arrived more than once, and the ledger does not"""
    entries: int
    """in the ledger"""
    whole: bool
    """the ledger"""
    memory: float
    """MB, of the core and its workers"""
    seconds: float

    @property
    def right(self) -> bool:
        return self.whole and not self.lost and not self.unsaid

    def __str__(self) -> str:
        ledger = f"{self.entries:,} {'whole' if self.whole else 'BROKEN'}"
        return (
            f"round {self.number:>4}  kills {self.kills}  accepted {self.accepted}  "
            f"arrived {self.arrived}  held {self.held}  lost {self.lost}  "
            f"twice {self.twice} (unsaid {self.unsaid})  ledger {ledger}  "
            f"{self.memory:.0f} MB  {self.seconds:.0f} s"
        )


@dataclass
class Pouring:
    """Clients that hand in mails of one round until all numbers are used up. A mail that was not
    answered is not sent again: nobody promised anything about it."""

    port: int
    number: int
    mails: int
    accepted: dict[str, str] = field(default_factory=dict)
    """recipient → id in the 250"""

    def __post_init__(self) -> None:
        self._numbers = iter(range(self.mails))
        self._clients = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        for client in self._clients:
            client.start()

    @property
    def goes_on(self) -> bool:
        return any(client.is_alive() for client in self._clients)

    def _send(self) -> None:
        for number in self._numbers:
            until(partial(self._handed_in, number), AWAY, saying="core is away")

    def _handed_in(self, number: int) -> bool:
        """False where nobody was there to take it."""
        to = f"r{self.number}-{number}@partner.example"
        try:
            with smtplib.SMTP("127.0.0.1", self.port, "pc1.example.co.jp", 60) as client:
                client.ehlo()
                self.accepted[to] = hand_over(client, _mail(number, to), to)
        except ConnectionRefusedError:
            return False
        except (OSError, smtplib.SMTPException):
            pass
        return True


def _mail(number: int, to: str) -> bytes:
    lines = LARGE // 40 if number % 10 == 0 else 20
    body = "いつもお世話になっております。\n" * lines
    return samples.message(f"連絡 {number}", body, sender="hanako@example.co.jp", to=to)


class Battered(Installation):
    def __init__(self, folder: Path, sink: Sink) -> None:
        super().__init__(folder, sink.hop)
        self.sink = sink

    def round(self, number: int, mails: int, chance: random.Random | None) -> Round:
        """With `chance` it is a stormy one."""
        began = time.monotonic()
        self.sink.delivered.clear()
        pouring, kills = Pouring(self.port, number, mails), 0
        while pouring.goes_on:
            time.sleep(chance.uniform(0.1, 1.5) if chance else 0.1)
            if chance and kills < KILLS:
                self._strike(chance)
                kills += 1
        until(self._settled, SETTLING, saying=f"round {number} does not settle")
        copies = Counter(address for mail in self.sink.delivered for address in mail.rcpt_to)
        missing = [id for to, id in pouring.accepted.items() if not copies[to]]
        held = self._held(missing)
        twice = {to: count for to, count in copies.items() if count > 1}
        unsaid = sum(self._warned(to) < count - 1 for to, count in twice.items())
        ledger = self.verify()
        return Round(
            number=number,
            kills=kills,
            accepted=len(pouring.accepted),
            arrived=len(pouring.accepted) - len(missing),
            held=held,
            lost=len(missing) - held,
            twice=len(twice) - unsaid,
            unsaid=unsaid,
            entries=ledger.entries,
            whole=ledger.whole,
            memory=round(measure.memory(self.pid), 1),
            seconds=round(time.monotonic() - began, 1),
        )

    def _strike(self, chance: random.Random) -> None:
        """The core, mostly; all its children die with it. Else one of them alone: the nursery, a
        worker, a reader."""
        core = self.pid
        below = measure.tree(core)[1:]
        if below and chance.random() < 0.25:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(below), signal.SIGKILL)
        else:
            self.kill()
            self.start()

    def _settled(self) -> bool:
        with self.rows() as conn:
            moving = select(func.count()).where(CONSIGNMENT.c.state.in_(MOVING))
            return not conn.execute(moving).scalar()

    def _held(self, ids: Sequence[str]) -> int:
        with self.rows() as conn:
            held = CONSIGNMENT.c.id.in_(ids) & (CONSIGNMENT.c.state == State.HELD.value)
            return int(conn.execute(select(func.count()).where(held)).scalar_one())

    def _warned(self, to: str) -> int:
        """How often the ledger says of this recipient's mail: maybe delivered before."""
        query = (
            select(DETAIL.c.details)
            .join(ENTRY, DETAIL.c.seq == ENTRY.c.seq)
            .join(RECIPIENT, RECIPIENT.c.consignment_id == ENTRY.c.subject)
            .where(RECIPIENT.c.address == to, ENTRY.c.verb == "attempted")
        )
        with self.rows() as conn:
            details = [json.loads(found) for found in conn.execute(query).scalars()]
        return sum(bool(found["maybe_delivered_before"]) for found in details)
