"""What a system administrator has to know at once, because nobody else will act on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from bridge.sweep import HEARTBEAT
from gateway.face.i18n import NN_
from gateway.judgement.dossier import CONSIGNMENT
from gateway.memory import pointers
from gateway.memory.ledger.append import ENTRY
from gateway.memory.recovery import OWNER
from gateway.memory.states import Event, State

SILENT = timedelta(minutes=2)

SENTENCES = {
    "nobody": NN_("確認や承認を頼める人がいない保留が%(num)s件あります"),
    "sealing": NN_("送信の準備に失敗したメールが%(num)s件あります"),
    "recovery": NN_("復元後の確認を待っているメールが%(num)s件あります"),
    "silent": NN_("メールの処理が%(num)s分以上止まっています"),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    code: str
    number: int
    href: str


def alarms(conn: Connection, now: datetime) -> Iterator[Alarm]:
    """The worst first."""
    if minutes := _silent_for(conn, now):
        yield Alarm("silent", minutes, "/health")
    if number := _count(conn, CONSIGNMENT.c.lease_owner == OWNER):
        yield Alarm("recovery", number, "/queue")
    for code, verb in (("nobody", "nobody_to_ask"), ("sealing", Event.FAIL_SEALING.value)):
        told = select(ENTRY.c.subject).where(ENTRY.c.verb == verb)
        held = CONSIGNMENT.c.state == State.HELD.value
        if number := _count(conn, held & CONSIGNMENT.c.id.in_(told)):
            yield Alarm(code, number, "/holds")


def _count(conn: Connection, where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(CONSIGNMENT).where(where)
    return int(conn.execute(query).scalar_one())


def _silent_for(conn: Connection, now: datetime) -> int:
    """Minutes since the core's last heartbeat, 0 while it beats (or never began)."""
    beat = pointers.read(conn, HEARTBEAT)
    gone = now - datetime.fromisoformat(beat) if beat else timedelta(0)
    return int(gone.total_seconds() // 60) if gone > SILENT else 0
