"""Which rules are in force, and to whom My Numbers may go."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from gateway.memory.tables.row import Row, moment


class PolicyVersion(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(index=True)
    origin: str
    text: str
    published_at: datetime = moment(nullable=False)
    published_by: str = ""


class Pointer(Row, table=True):
    """Single values that many read: the active policy, the last heartbeat, recovery."""

    name: str = Field(primary_key=True)
    value: str


class Addressee(Row, table=True):
    """送付先台帳: to whom My Numbers may go, for what and until when. It counts once a second
    person has approved it, and is never deleted: what once was entitled is a finding of its own."""

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    """sato@sr-office.example, or sr-office.example for all of it; lower case"""
    name: str
    purpose: str
    told_word: bool = False
    last_day: str = ""
    """of the contract, 2027-03-31 in Japan; "" where it has no end"""
    registered_at: datetime = moment(nullable=False)
    registered_by: str
    approved_at: datetime | None = moment()
    approved_by: str = ""
    ended_at: datetime | None = moment()
    ended_by: str = ""
