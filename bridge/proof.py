"""The proof: a code that went to the recipient's own mailbox and, where it is asked, the word
that the sender tells by telephone.

The door only asks for a code; the core makes and mails it (`codes`), so that the door needs no
key but the parcels'. Codes and words are stored under an HMAC keyed by the parcel's key: a stolen
database alone cannot be searched for six digits, and after a recall nobody can prove anything.

Wrong tries lock a parcel for a while that grows. They never delete anything: else whoever knows
the link could destroy what somebody else was sent.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, func, insert, or_, select, update

from bridge import parcel, visit
from bridge.parcel import PARCEL, Standing
from gateway.memory.opening import Memory
from gateway.memory.states import Actor
from gateway.memory.store import Tx
from gateway.memory.tables import Code, table

CODE = table(Code)
ROOM = "code"
"""What the core's stage is nudged with."""

EVERY = timedelta(minutes=1)
A_DAY = 20
VALID = 3
"""The last so many codes are good: mails overtake each other."""
LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Asked:
    """The same whatever happened: who asks learns nothing about the mailbox or the limits."""

    again_at: datetime
    """when the button may be pressed again"""


@dataclass(frozen=True, slots=True)
class Proved:
    session_token: str
    """of a fresh session; replaces the cookie from before the proof"""


@dataclass(frozen=True, slots=True)
class Wrong:
    left: int
    """tries until it locks"""


@dataclass(frozen=True, slots=True)
class Locked:
    until: datetime


@dataclass(frozen=True, slots=True)
class Shut:
    """It is not open (any more): no code was looked at."""

    standing: Standing


def ask_code(tx: Tx, row: RowMapping, ip: str) -> Asked:
    """Ask for a code: at most one a minute and 20 a day per parcel, and only while it is open."""
    now = parcel.get(tx.conn, row["id"])
    if now and _stands(tx, now) is Standing.OPEN and not _too_often(tx, row["id"]):
        tx.conn.execute(
            insert(CODE).values(parcel_id=row["id"], state="wanted", wanted_at=tx.now, ip=ip)
        )
        _record(tx, row, "link.code_wanted", ip)
        tx.nudge(ROOM)
    return Asked(tx.now + EVERY)


def prove(
    tx: Tx, memory: Memory, row: RowMapping, code: str, word: str, ip: str, agent: str
) -> Proved | Wrong | Locked | Shut:
    """Count the try, then compare: one transaction, and nothing is answered before its commit.

    What is no six digits at all is no try. Which of code and word was wrong is not told.
    Raises keys.KeyGone where the parcel was recalled meanwhile.
    """
    found = parcel.get(tx.conn, row["id"])
    stands = _stands(tx, found) if found else Standing.ERASED
    if found is None or stands not in (Standing.OPEN, Standing.LOCKED):
        return Shut(stands)
    if stands is Standing.LOCKED:
        return Locked(found["locked_until"])
    limit = memory.config.bridge.code_tries
    typed, told = six_digits(code), six_digits(word)
    if not typed or (found["word_hash"] and not told):
        return Wrong(limit - found["tries"] % limit)
    tries = _count(tx, found)
    fitting = _compare(tx, memory, found, typed, told)
    if fitting is None:
        return _wrong(tx, found, tries, limit, ip, agent)
    return _right(tx, found, fitting, ip, agent)


def digest(key: bytes, about: str, secret: str) -> str:
    """`about` is "code <row id>" or "word <parcel id>"."""
    return hmac.digest(key, f"{about}\n{secret}".encode(), "sha256").hex()


def new_secret() -> str:
    """Six digits: two of them are never written next to each other, so no mail shows twelve."""
    return f"{secrets.randbelow(10**6):06d}"


def six_digits(typed: str) -> str:
    """
    >>> six_digits("０１２-345 "), six_digits("12345")
    ('012345', '')
    """
    flat = re.sub(r"[\s\-‐-―−ー]", "", unicodedata.normalize("NFKC", typed[:64]))
    return flat if re.fullmatch("[0-9]{6}", flat) else ""


# -- steps


def _stands(tx: Tx, row: RowMapping) -> Standing:
    return parcel.standing(row, parcel.files(tx.conn, row["id"]), tx.now)


def _too_often(tx: Tx, id: str) -> bool:
    query = select(func.count(), func.max(CODE.c.wanted_at)).where(
        CODE.c.parcel_id == id, CODE.c.wanted_at > tx.now - timedelta(days=1)
    )
    today, last = tx.conn.execute(query).one()
    return today >= A_DAY or (last is not None and last > tx.now - EVERY)


def _count(tx: Tx, row: RowMapping) -> int:
    tried = update(PARCEL).where(PARCEL.c.id == row["id"]).values(tries=PARCEL.c.tries + 1)
    return int(tx.conn.execute(tried.returning(PARCEL.c.tries)).scalar_one())


def _compare(tx: Tx, memory: Memory, row: RowMapping, code: str, word: str) -> int | None:
    """Id of the code that fits. All are compared, whichever fits, and each of them only so often:
    after the lock an old code is not guessed at any further."""
    limit, key = memory.config.bridge.code_tries, parcel.key(memory, row)
    # without a time of expiry it is still under way: whoever knows it has got it
    recent = (
        select(CODE.c.id)
        .where(
            CODE.c.parcel_id == row["id"],
            CODE.c.state.in_(("sent", "accepted")),
            or_(CODE.c.expires_at.is_(None), CODE.c.expires_at > tx.now),
        )
        .order_by(CODE.c.id.desc())
        .limit(VALID)
    )
    counted = (
        update(CODE)
        .where(CODE.c.id.in_(recent.scalar_subquery()), CODE.c.tries < limit)
        .values(tries=CODE.c.tries + 1)
        .returning(CODE.c.id, CODE.c.hash)
    )
    rows = tx.conn.execute(counted).all()
    told = not row["word_hash"] or hmac.compare_digest(
        row["word_hash"], digest(key, f"word {row['id']}", word)
    )
    fits = [r.id for r in rows if hmac.compare_digest(r.hash, digest(key, f"code {r.id}", code))]
    return int(fits[0]) if fits and told else None


def _right(tx: Tx, row: RowMapping, code: int, ip: str, agent: str) -> Proved:
    mine = CODE.c.parcel_id == row["id"], CODE.c.state.in_(("wanted", "sent", "accepted"))
    tx.conn.execute(update(CODE).where(CODE.c.id == code).values(state="used"))
    tx.conn.execute(update(CODE).where(*mine).values(state="void"))
    tx.conn.execute(
        update(PARCEL).where(PARCEL.c.id == row["id"]).values(tries=0, locked_until=None)
    )
    visit.note(tx, row, "proved", ip, agent)
    _record(tx, row, "link.code_ok", ip, agent=agent[:200], word=bool(row["word_hash"]))
    return Proved(visit.begin(tx, row, proved=True))


def _wrong(tx: Tx, row: RowMapping, tries: int, limit: int, ip: str, agent: str) -> Wrong | Locked:
    visit.note(tx, row, "failed", ip, agent)
    _record(tx, row, "link.code_failed", ip, tries=tries)
    if tries % limit:
        return Wrong(limit - tries % limit)
    doubled = min(tries // limit - 1, 10)
    until = tx.now + min(LOCK * 2**doubled, LONGEST_LOCK)
    tx.conn.execute(update(PARCEL).where(PARCEL.c.id == row["id"]).values(locked_until=until))
    _record(tx, row, "link.locked", ip, until=until.isoformat(), tries=tries)
    return Locked(until)


def _record(tx: Tx, row: RowMapping, verb: str, ip: str, **facts: Any) -> None:
    actor = Actor("recipient", ip=ip)
    tx.record(verb, actor, letter=row["letter_id"], subject=row["id"], **facts)
