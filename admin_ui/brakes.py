"""Growing delays before the next try to sign in, kept in the database and in nobody's memory.

Three brakes at once. Who guesses from one place at one name is slowed down to a quarter of an
hour; a name that is tried from everywhere, and a place that tries every name, only to a minute:
that stops guessing, while strangers cannot lock a person out. A name that nobody has is braked
like all others, so that a wait does not tell which names exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, insert, select, update

from gateway.judgement.tokens import digest
from gateway.memory.store import Tx
from gateway.memory.tables import Credential, table

CREDENTIAL = table(Credential)
FORGET = timedelta(days=1)
PREFIX = "brake:"
"""These rows of the table belong to a name or a place and not to a person."""


@dataclass(frozen=True, slots=True)
class Brake:
    free: int
    """failures without any delay"""
    longest: timedelta

    def delay(self, failures: int) -> timedelta:
        """
        >>> [Brake(3, timedelta(minutes=15)).delay(n).seconds for n in (3, 4, 6, 99)]
        [0, 1, 4, 900]
        """
        over = min(failures - self.free, 20)
        return min(timedelta(seconds=2 ** (over - 1)), self.longest) if over > 0 else timedelta(0)


BOTH = Brake(3, timedelta(minutes=15))
NAME = Brake(10, timedelta(minutes=1))
PLACE = Brake(20, timedelta(minutes=1))


def _keys(name: str, ip: str) -> Iterator[tuple[Brake, str]]:
    name = name.casefold()
    for brake, about in ((BOTH, f"{name}\n{ip}"), (NAME, name), (PLACE, f"\n{ip}")):
        yield brake, PREFIX + digest(about)


def press(tx: Tx, name: str, ip: str) -> datetime | None:
    """Count a failure before anything is compared: a hundred guesses sent at once find the
    brake on. Returns until when to wait; a try that comes too early is not counted."""
    tx.conn.execute(
        delete(CREDENTIAL).where(
            CREDENTIAL.c.person_id.startswith(PREFIX), CREDENTIAL.c.wait_until < tx.now - FORGET
        )
    )
    found = {key: _row(tx, key) for _, key in _keys(name, ip)}
    waits: list[datetime] = [
        row["wait_until"] for row in found.values() if row and row["wait_until"] > tx.now
    ]
    if waits:
        return max(waits)
    for brake, key in _keys(name, ip):
        row = found[key]
        failures = row["failures"] + 1 if row else 1
        values = {"failures": failures, "wait_until": tx.now + brake.delay(failures)}
        if row:
            tx.conn.execute(
                update(CREDENTIAL).where(CREDENTIAL.c.person_id == key).values(**values)
            )
        else:
            tx.conn.execute(insert(CREDENTIAL).values(person_id=key, **values))
    return None


def release(tx: Tx, name: str, ip: str) -> None:
    """After the right password: the person's own brakes are off. That of the place only takes
    this try back, or whoever has one account could guess at all others from there."""
    for brake, key in _keys(name, ip):
        here = CREDENTIAL.c.person_id == key
        if brake is PLACE:
            tx.conn.execute(
                update(CREDENTIAL)
                .where(here)
                .values(failures=CREDENTIAL.c.failures - 1, wait_until=tx.now)
            )
        else:
            tx.conn.execute(delete(CREDENTIAL).where(here))


def _row(tx: Tx, key: str) -> RowMapping | None:
    columns = select(CREDENTIAL.c.failures, CREDENTIAL.c.wait_until)
    return tx.conn.execute(columns.where(CREDENTIAL.c.person_id == key)).mappings().first()
