"""How the house is doing: what waits and since when, read from what every process shares."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from bridge.parcel import PARCEL
from bridge.sweep import HEARTBEAT
from gateway.face.words.record import DEMANDS
from gateway.judgement.dossier import CONSIGNMENT, DEMAND
from gateway.judgement.policies import active_version
from gateway.memory import pointers
from gateway.memory.ledger.append import ENTRY, Ledger
from gateway.memory.ledger.note import BadNote
from gateway.memory.opening import Memory
from gateway.memory.recovery import MOVING, OWNER
from gateway.memory.states import State

SILENT = timedelta(seconds=60)
"""The core beats every five seconds; twelve missed beats are no coincidence."""
UNSIGNED = timedelta(minutes=10)
LITTLE = 500_000_000
"""Octets free below which mail may soon be refused for want of room."""
WAITING = (*MOVING, State.HELD, State.TAPPED)
COUNTED = (
    *("received", "judged", "held", "confirmed", "approved", "returned", "refused", "expired"),
    *(
        "withdrawn",
        "sealed",
        "sealing_failed",
        "observed",
        "delivered",
        "deferred",
        "bounced",
        "unknown",
    ),
    *("link.created", "link.recalled", "link.locked", "download.completed", "login.failed"),
)
"""Verbs whose entries monitoring adds up."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many are in one state, and since when the oldest is."""

    state: str
    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Signed:
    size: int
    """entries that the last checkpoint speaks of"""
    at: datetime


@dataclass(frozen=True)
class Vitals:
    now: datetime
    depths: tuple[Depth, ...]
    demands: Mapping[str, int]
    """open ones by kind"""
    overdue: int
    heartbeat: datetime | None
    signed: Signed | None
    entries: int
    disk_total: int
    disk_free: int
    policy: int | None
    recovery: int
    workers: tuple[tuple[str, int], ...]
    """who holds leases now, and how many"""
    parcels: Mapping[str, int]
    asked: int
    """re-issues that recipients asked for"""
    events: Mapping[str, int]
    """entries of the ledger by verb, of `COUNTED`"""

    @property
    def core_silent(self) -> bool:
        return self.heartbeat is None or self.now - self.heartbeat > SILENT

    @property
    def unsigned(self) -> bool:
        """Entries that no checkpoint has covered for too long."""
        if self.signed is None:
            return self.entries > 0
        return self.signed.size < self.entries and self.now - self.signed.at > UNSIGNED

    @property
    def disk_low(self) -> bool:
        return self.disk_free < LITTLE

    @property
    def disk_used(self) -> int:
        """Per cent."""
        return round(100 * (self.disk_total - self.disk_free) / self.disk_total)

    def depth(self, state: str) -> Depth:
        return next(each for each in self.depths if each.state == state)


def vitals(conn: Connection, memory: Memory, now: datetime) -> Vitals:
    disk = shutil.disk_usage(memory.config.data_dir)
    return Vitals(
        now=now,
        depths=_depths(conn),
        demands=_demands(conn),
        overdue=_overdue(conn, now),
        heartbeat=heartbeat(conn),
        signed=last_signed(memory.ledger),
        entries=memory.ledger.head(conn).size,
        disk_total=disk.total,
        disk_free=disk.free,
        policy=active_version(conn),
        recovery=_recovery(conn),
        workers=_workers(conn, now),
        parcels=_parcels(conn, now),
        asked=_asked(conn, now),
        events=_events(conn),
    )


def heartbeat(conn: Connection) -> datetime | None:
    value = pointers.read(conn, HEARTBEAT)
    return datetime.fromisoformat(value) if value else None


def last_signed(ledger: Ledger) -> Signed | None:
    """What the last whole checkpoint says, whoever signed it: that is for `audit verify`."""
    try:
        written = ledger.path.stat().st_mtime
        newest = ledger.last_note()
    except (OSError, BadNote):
        return None
    if newest is None:
        return None
    return Signed(int(newest.split("\n")[1]), datetime.fromtimestamp(written, UTC))


# -- counts


def _depths(conn: Connection) -> tuple[Depth, ...]:
    """Of what is not final: the index holds them, however many are done."""
    query = (
        select(CONSIGNMENT.c.state, func.count(), func.min(CONSIGNMENT.c.changed_at))
        .where(CONSIGNMENT.c.state.in_([state.value for state in WAITING]))
        .group_by(CONSIGNMENT.c.state)
    )
    found = {state: Depth(state, number, oldest) for state, number, oldest in conn.execute(query)}
    return tuple(found.get(state.value, Depth(state.value, 0, None)) for state in WAITING)


def _demands(conn: Connection) -> dict[str, int]:
    query = select(DEMAND.c.kind, func.count()).where(DEMAND.c.state == "open")
    found = {kind: number for kind, number in conn.execute(query.group_by(DEMAND.c.kind))}
    return dict.fromkeys(DEMANDS, 0) | found


def _overdue(conn: Connection, now: datetime) -> int:
    query = select(func.count()).where(DEMAND.c.state == "open", DEMAND.c.due_at < now)
    return int(conn.execute(query.select_from(DEMAND)).scalar_one())


def _recovery(conn: Connection) -> int:
    moving = CONSIGNMENT.c.state.in_([state.value for state in MOVING])
    query = select(func.count()).where(moving, CONSIGNMENT.c.lease_owner == OWNER)
    return int(conn.execute(query.select_from(CONSIGNMENT)).scalar_one())


def _workers(conn: Connection, now: datetime) -> tuple[tuple[str, int], ...]:
    moving = CONSIGNMENT.c.state.in_([state.value for state in MOVING])
    owner = CONSIGNMENT.c.lease_owner
    query = (
        select(owner, func.count())
        .where(moving, CONSIGNMENT.c.lease_until > now, owner != OWNER)
        .group_by(owner)
        .order_by(owner)
    )
    return tuple((str(name), int(number)) for name, number in conn.execute(query))


def _parcels(conn: Connection, now: datetime) -> dict[str, int]:
    query = (
        select(PARCEL.c.state, func.count())
        .where(PARCEL.c.state.in_(("open", "stopped")), PARCEL.c.closes_at > now)
        .group_by(PARCEL.c.state)
    )
    return {"open": 0, "stopped": 0} | {state: n for state, n in conn.execute(query)}


def _asked(conn: Connection, now: datetime) -> int:
    query = select(func.count()).where(
        PARCEL.c.asked_at.is_not(None), PARCEL.c.state.in_(("open", "stopped"))
    )
    return int(conn.execute(query.select_from(PARCEL)).scalar_one())


def _events(conn: Connection) -> dict[str, int]:
    query = select(ENTRY.c.verb, func.count()).where(ENTRY.c.verb.in_(COUNTED))
    found = {verb: number for verb, number in conn.execute(query.group_by(ENTRY.c.verb))}
    return {verb: found.get(verb, 0) for verb in COUNTED}
