"""The chained record of what was done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from gateway.memory.tables.row import Row, moment

_OTHERS, _NAMED = text("letter_id <> subject"), text("actor_id <> ''")
"""The index serves a query that says so too."""


class LedgerEntry(Row, table=True):
    """One entry as signed (`entry`), with a few of its fields as columns to search by.

    SQLite, whose file has one owner and so one stream, stores it by `seq` alone."""

    seq: int = Field(primary_key=True)
    stream: str = Field(default="main", primary_key=True)
    at: datetime = moment(index=True, nullable=False)
    actor_kind: str
    actor_id: str
    verb: str = Field(index=True)
    letter_id: str = ""
    subject: str = Field(default="", index=True)
    """consignment, parcel, person … whose previous entry this one names"""
    entry: bytes
    hash: bytes

    __table_args__ = (
        # Most entries are of the consignment that bears its letter's name: they are found as its,
        # and a second index of the same names would only be written.
        Index("ix_ledgerentry_letter", "letter_id", sqlite_where=_OTHERS, postgresql_where=_OTHERS),
        # and most are of the system, which nobody searches for by its name
        Index("ix_ledgerentry_actor", "actor_id", sqlite_where=_NAMED, postgresql_where=_NAMED),
    )


class LedgerDetail(Row, table=True):
    """What may have to be erased one day: names, addresses, replies. The entry holds its
    salted digest, so that erasing it lawfully leaves the chain whole."""

    stream: str = Field(default="main", primary_key=True)
    seq: int = Field(primary_key=True)
    salt: bytes
    details: str
    """canonical JSON"""


class LedgerHead(Row, table=True):
    stream: str = Field(primary_key=True)
    size: int = 0
    last: bytes = b""
    edge: bytes = b""
    """right edge of the Merkle tree: the roots of its complete subtrees, 32 octets each"""
