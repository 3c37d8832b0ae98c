"""証拠保全: while it is on, nothing is erased because its time has come.

An investigation wants what retention would end: contents, files, keys, records. What persons do
goes on: a recall destroys a file at once, and closing a link is no erasure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from detectors.text import mask
from gateway.judgement import people
from gateway.memory import pointers
from gateway.memory.faults import Refused
from gateway.memory.states import Actor
from gateway.memory.store import Tx

ROLES = ("auditor", "system_admin")
_NAME = "evidence_hold"


@dataclass(frozen=True, slots=True)
class Hold:
    since: datetime
    reason: str
    person: str
    """id of the person in whose name it was begun"""


def current(conn: Connection) -> Hold | None:
    found = pointers.read(conn, _NAME)
    if not found:
        return None
    kept = json.loads(found)
    return Hold(datetime.fromisoformat(kept["since"]), kept["reason"], kept["person"])


def begin(tx: Tx, reason: str, person: str, actor: Actor) -> Hold:
    """Raises Refused: one is on, or `person` is neither auditor nor administrator."""
    _allowed(tx, person)
    if current(tx.conn):
        raise Refused("evidence_held")
    made = Hold(tx.now, mask(reason), person)
    kept = {"since": made.since.isoformat(), "reason": made.reason, "person": person}
    pointers.put(tx, _NAME, json.dumps(kept))
    tx.record("evidence.held", actor, why=made.reason)
    return made


def end(tx: Tx, reason: str, person: str, actor: Actor) -> None:
    """What is due by then is erased with the next round. Raises Refused, also where none is on."""
    _allowed(tx, person)
    if not current(tx.conn):
        raise Refused("evidence_not_held")
    pointers.drop(tx, _NAME)
    tx.record("evidence.freed", actor, why=mask(reason))


def _allowed(tx: Tx, person: str) -> None:
    if not people.granted(tx.conn, person, "role", tx.now) & {*ROLES}:
        raise Refused("evidence_not_allowed")
