"""Parcels, who may open them, and who did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from gateway.memory.tables.row import Row, json_column, moment


class Parcel(Row, table=True):
    """Files for one outside recipient behind one link. `state` is what a person decided;
    expiry and exhaustion follow from dates and counts."""

    id: str = Field(primary_key=True)
    """pick-up number"""
    letter_id: str = Field(index=True)
    consignment_id: str = Field(index=True)
    recipient: str = Field(index=True)
    sender_id: str = Field(default="", index=True)
    form: str
    """attachments | whole"""
    state: str = "open"
    """open | stopped | recalled | erased"""
    token_hash: str = Field(index=True)
    kek: str = ""
    key: bytes = b""
    manifest: bytes = b""
    """sealed: names, sizes, SHA-256, sender's name, company"""
    word_hash: str = ""
    word: bytes = b""
    """the told word, sealed with the letters' ring: only the inside web shows it"""
    created_at: datetime = moment(nullable=False)
    opens_at: datetime = moment(nullable=False)
    closes_at: datetime = moment(index=True, nullable=False)
    erase_at: datetime = moment(index=True, nullable=False)
    downloads: int = 5
    """allowed for each file"""
    tries: int = 0
    """wrong codes since the last right one"""
    locked_until: datetime | None = moment()
    reminded_at: datetime | None = moment()
    asked_at: datetime | None = moment()
    """the recipient asked for a re-issue"""
    parent_id: str | None = None
    fence: int = 0


class ParcelFile(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    parcel_id: str = Field(index=True)
    number: int
    blob: str
    size: int
    taken: int = 0
    """completed downloads"""


class Code(Row, table=True):
    """A mailbox code. The door only asks for one; the core makes and mails it, so that the
    door needs no key but the parcels'."""

    id: int | None = Field(default=None, primary_key=True)
    parcel_id: str = Field(index=True)
    state: str = Field(default="wanted", index=True)
    """wanted | sent | accepted | failed | used | void"""
    wanted_at: datetime = moment(nullable=False)
    ip: str = ""
    hash: str = ""
    letter_id: str = Field(default="", index=True)
    expires_at: datetime | None = moment()
    tries: int = 0


class Access(Row, table=True):
    """Who came to a parcel's page and what was handed over."""

    id: int | None = Field(default=None, primary_key=True)
    parcel_id: str = Field(index=True)
    at: datetime = moment(nullable=False)
    kind: str
    """page | proved | failed | download"""
    ip: str = ""
    agent: str = ""
    file: int | None = None
    octets: int = 0
    parts: dict[str, Any] = json_column()
    """{"parts": [[0, 65536]]}: where the stretches that were handed over begin and end"""
    complete: bool = False
    told: bool = False
    """the sender knows of this download"""


class DoorSession(Row, table=True):
    """After the proof: a cookie that opens one parcel for a while."""

    hash: str = Field(primary_key=True)
    parcel_id: str = Field(index=True)
    created_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    proved: bool = False
