"""Parcels: files for one outside recipient, behind one link, under one key of their own.

The key of a parcel is wrapped in the *parcels* ring, by a key file of its own: the outside door
can open it and nothing else, and one recall ends one parcel, in every backup too.

Here is what everybody reads: the door, the inside pages, the sweep. People's acts are in `acts`,
packing is in `packing`, the proof in `proof`, sessions and downloads in `visit`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, RowMapping, false, or_, select, true

from gateway.judgement import people, tokens
from gateway.judgement.policy.rules import Bridge as Form
from gateway.judgement.policy.rules import Treatment
from gateway.memory.config import Config
from gateway.memory.ids import tidy
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.tables import Parcel, ParcelFile, table
from gateway.memory.vault import Opened, open_small

PARCEL, FILE = table(Parcel), table(ParcelFile)

LONGEST = timedelta(days=31)
"""From making to closing, extensions included."""
TOKEN = "parcel"
"""Purpose of the further tokens that reminders carry."""


class Standing(StrEnum):
    """What a recipient is told. Stored is only what a person decided; the rest follows from
    dates and counts, so that nobody has to be awake for a link to end."""

    OPEN = "open"
    NOT_YET = "not_yet"
    STOPPED = "stopped"
    LOCKED = "locked"
    USED_UP = "used_up"
    EXPIRED = "expired"
    RECALLED = "recalled"
    ERASED = "erased"


def standing(row: Mapping[Any, Any], files: Sequence[Mapping[Any, Any]], now: datetime) -> Standing:
    if row["state"] in ("recalled", "erased"):
        return Standing(row["state"])
    if row["closes_at"] <= now:
        return Standing.EXPIRED
    if row["state"] == "stopped":
        return Standing.STOPPED
    if row["opens_at"] > now:
        return Standing.NOT_YET
    if all(file["taken"] >= row["downloads"] for file in files):
        return Standing.USED_UP
    if row["locked_until"] and row["locked_until"] > now:
        return Standing.LOCKED
    return Standing.OPEN


# -- what is in it


@dataclass(frozen=True, slots=True)
class File:
    number: int
    """from 1, as in `ParcelFile.number`"""
    name: str
    media_type: str
    size: int
    sha256: str
    """hex, of the plain octets"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What only who has proved to be the recipient may read."""

    files: tuple[File, ...]
    form: Form
    company: str
    sender_name: str
    sender_department: str
    language: str
    """of the sender: ja | en"""
    subject: str
    """masked"""
    format: int = 1

    @property
    def octets(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def sender(self) -> str:
        return f"{self.sender_department} {self.sender_name}".strip()


MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def key(memory: Memory, row: RowMapping) -> bytes:
    """Raises keys.KeyGone once it was recalled or erased, whatever the row (of an old backup)
    may say."""
    return memory.parcels.unwrap(row["key"], row["kek"], row["id"])


def manifest(memory: Memory, row: RowMapping) -> Manifest:
    """Raises keys.KeyGone."""
    plain = open_small(row["manifest"], key(memory, row), f"manifest {row['id']}")
    return MANIFEST.validate_json(plain)


def open_file(memory: Memory, conn: Connection, row: RowMapping, number: int) -> Opened:
    """File `number` of the parcel, to be read in ranges.

    Raises LookupError (no such file, or its bytes are gone), keys.KeyGone, vault.Damaged.
    """
    file = next((f for f in files(conn, row["id"]) if f["number"] == number), None)
    if file is None or not file["blob"]:
        raise LookupError(f"no file {number}")
    return memory.vault.open(conn, file["blob"], key(memory, row), about(row["id"], number))


def about(id: str, number: int) -> str:
    return f"parcel {id} {number}"


def word(memory: Memory, row: RowMapping) -> str:
    """The told word, for the sender's eyes on an inside page; "" where none is asked.

    It opens no longer than the longest life of a parcel; raises keys.KeyGone afterwards.
    """
    if not row["word"]:
        return ""
    kek, _, wrapped = row["word"].partition(b"\0")
    return memory.content.ring.unwrap(wrapped, kek.decode(), f"word {row['id']}").decode()


# -- finding it


def get(conn: Connection, id: str) -> RowMapping | None:
    return conn.execute(select(PARCEL).where(PARCEL.c.id == id)).mappings().first()


def files(conn: Connection, id: str) -> tuple[RowMapping, ...]:
    query = select(FILE).where(FILE.c.parcel_id == id).order_by(FILE.c.number)
    return tuple(conn.execute(query).mappings())


def find(conn: Connection, token: str) -> RowMapping | None:
    """By the token of a link: the first one, or one that a reminder carried. In any standing."""
    first = select(PARCEL).where(PARCEL.c.token_hash == tokens.digest(token))
    if row := conn.execute(first).mappings().first():
        return row
    later = tokens.find(conn, token, TOKEN)
    return get(conn, later["subject"]) if later else None


def at_pickup(conn: Connection, typed: str) -> RowMapping | None:
    """By the pick-up number as somebody typed it."""
    return get(conn, tidy(typed)) if len(typed) <= 64 else None


def visible(
    conn: Connection, person: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """Parcels this person may see: a clause on `PARCEL`. Auditors see all and change none."""
    if "auditor" in roles:
        return true()
    return changeable(conn, person, roles, now)


def changeable(
    conn: Connection, person: str, roles: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """Parcels this person may act on: one's own, of a shared mailbox, of whom one stands in for."""
    if "system_admin" in roles:
        return true()
    if not person:
        return false()
    senders = {person} | people.deputies_for(conn, person, now)
    shared = select(LETTER.c.id).where(
        LETTER.c.sender_address.in_(people.mailboxes(conn, person)), LETTER.c.sender_id == ""
    )
    return or_(PARCEL.c.sender_id.in_(senders), PARCEL.c.letter_id.in_(shared))


# -- its dates


@dataclass(frozen=True, slots=True)
class Terms:
    opens_at: datetime
    closes_at: datetime
    erase_at: datetime
    downloads: int
    """for each file"""


def terms(config: Config, treatment: Treatment | None, now: datetime) -> Terms:
    """From the bridge's settings and the rule's treatment; of each number the stricter one."""
    bridge = config.bridge
    asked = treatment or Treatment(bridge="attachments")
    opens = now + asked.opens_after.clock if asked.opens_after else now
    closes = end_of_day(config, opens + timedelta(days=min(bridge.open_days, asked.days or 31)))
    return Terms(
        opens,
        closes,
        closes + timedelta(days=bridge.erase_days),
        min(bridge.downloads, asked.downloads or bridge.downloads),
    )


def end_of_day(config: Config, at: datetime) -> datetime:
    """The end of the minute 23:59 of that day here: what is said is "23:59まで"."""
    day = at.astimezone(config.zone).date()
    return datetime.combine(day, time(23, 59, 59), config.zone)
