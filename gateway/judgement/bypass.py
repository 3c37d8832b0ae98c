"""Break-glass: for a limited time, what rules would hold passes. Judged and recorded all the same.

It is a row in the database: it survives a restart, ends by its own time, and every process sees
it at once. A refusal stays a refusal, and a treatment stays a treatment; what is excepted by the
configuration (individual numbers, as it comes, and what could not be read) is held as ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from detectors.text import mask
from gateway.face.dates import moment
from gateway.face.i18n import Words
from gateway.judgement import notice, people
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.policies import BYPASS
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.safety import SAFETY
from gateway.judgement.policy.verdict import Verdict
from gateway.memory import pointers
from gateway.memory.faults import Refused
from gateway.memory.states import SYSTEM, Actor
from gateway.memory.store import Tx

NAME = BYPASS
_NUMBERS = "jp.individual_number"
_UNREAD = ("scan_incomplete", "uninspectable", "ambiguous")
"""What nobody could read may hold the very numbers that are excepted."""
_HELD = ("delay", "confirm", "approve")


@dataclass(frozen=True, slots=True)
class Bypass:
    until: datetime
    reason: str
    person: str
    """id of the administrator in whose name it was begun"""


def current(conn: Connection, now: datetime) -> Bypass | None:
    """The one that is on. One whose time is over is off, whether or not the sweep has been by."""
    return of(pointers.read(conn, NAME) or "", now)


def of(written: str, now: datetime) -> Bypass | None:
    """The same, as `InForce` has it."""
    found = _read(written)
    return found if found and found.until > now else None


def begin(
    tx: Tx, ck: Checkpoint, span: timedelta, reason: str, person: str, actor: Actor
) -> Bypass:
    """Raises Refused: nobody but an administrator, not for longer than `bypass.longest`, not
    without a reason. One that is on is replaced, and that is recorded too."""
    longest = ck.config.bypass.longest.clock
    if person not in people.members(tx.conn, people.ADMINS, tx.now):
        raise Refused("bypass_not_admin")
    if not timedelta(0) < span <= longest:
        raise Refused("bypass_too_long", longest=ck.config.bypass.longest)
    if not reason.strip():
        raise Refused("bypass_no_reason")
    if _stored(tx.conn):
        end(tx, ck, actor, "replaced")
    made = Bypass(tx.now + span, mask(reason.strip()), person)
    kept = {"until": made.until.isoformat(), "reason": made.reason, "person": person}
    pointers.put(tx, NAME, json.dumps(kept))
    tx.record("bypass.begun", actor, until=made.until.isoformat(), why=made.reason)
    _tell(tx, ck, made, on=True)
    return made


def end(tx: Tx, ck: Checkpoint, actor: Actor, why: str) -> bool:
    """False where none is on."""
    found = _stored(tx.conn)
    if found is None:
        return False
    pointers.drop(tx, NAME)
    tx.record("bypass.ended", actor, why=mask(why))
    _tell(tx, ck, found, on=False)
    return True


def expire(tx: Tx, ck: Checkpoint) -> int:
    """Writes the end down when its time is over."""
    found = _stored(tx.conn)
    return int(bool(found and found.until <= tx.now and end(tx, ck, SYSTEM, "time_over")))


def let_through(
    verdicts: Iterable[Verdict], policy: Policy, *, except_numbers: bool
) -> tuple[Verdict, ...]:
    """The verdicts as they are while it is on: what would have held stands in `would`."""
    rules = (*policy.rules, *SAFETY) if except_numbers else ()
    asked = ((rule.name, noted) for rule in rules for noted in rule.when.noted)
    kept = {name for name, each in asked if each.finding == _NUMBERS or each.fact in _UNREAD}
    return tuple(_passing(verdict, kept) for verdict in verdicts)


def _passing(verdict: Verdict, kept: set[str]) -> Verdict:
    stays = any(reason.rule in kept and reason.action in _HELD for reason in verdict.reasons)
    if stays or verdict.action not in _HELD:
        return verdict
    held = tuple(reason for reason in verdict.reasons if reason.action in _HELD)
    return replace(
        verdict,
        action="pass",
        demands=(),
        delay=None,
        reasons=tuple(reason for reason in verdict.reasons if reason not in held),
        would=(*verdict.would, *held),
    )


def _stored(conn: Connection) -> Bypass | None:
    return _read(pointers.read(conn, NAME) or "")


def _read(written: str) -> Bypass | None:
    if not written:
        return None
    kept = json.loads(written)
    return Bypass(datetime.fromisoformat(kept["until"]), kept["reason"], kept["person"])


def _tell(tx: Tx, ck: Checkpoint, made: Bypass, *, on: bool) -> None:
    """Every administrator, also the one who did it: another one may have used the shell."""
    by = people.person(tx.conn, made.person)
    today = tx.now.astimezone(ck.calendar.zone).date()

    def filled(words: Words) -> dict[str, Any]:
        until = moment(made.until, words.language, today)
        name = by["name"] if by else made.person
        numbers = ck.config.bypass.individual_numbers == "hold"
        shown = {"on": on, "until": until, "reason": made.reason, "who": name}
        return {**shown, "numbers": numbers}

    for person in sorted(people.members(tx.conn, people.ADMINS, tx.now)):
        notice.write(tx, ck, person, "bypass", NAME, filled)
