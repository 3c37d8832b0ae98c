"""Who writes to whom, as it was learned from mail that left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from gateway.memory.tables.row import Row, json_column, moment


class Tie(Row, table=True):
    """How often something was seen that need not be read back: a pair of sender and recipient, an
    address, two recipients of one mail. `key` is a keyed digest of what it is and of whom."""

    key: bytes = Field(primary_key=True)
    seen: int = 0
    first_at: datetime = moment(nullable=False)
    last_at: datetime = moment(index=True, nullable=False)

    __table_args__ = {"sqlite_with_rowid": False}


class UsualDomain(Row, table=True):
    """At which domain a name is usually found; `key` digests the name (and whose habit it is)."""

    key: bytes = Field(primary_key=True)
    domain: str = Field(primary_key=True)
    seen: int = 0
    last_at: datetime = moment(index=True, nullable=False)

    __table_args__ = {"sqlite_with_rowid": False}


class KnownDomain(Row, table=True):
    """Outside domains that the company writes to, in the clear: others are compared with them."""

    domain: str = Field(primary_key=True)
    first_at: datetime = moment(nullable=False)


class Spelling(Row, table=True):
    """A known domain under each spelling with a letter left out, so that one that is misspelt is
    found by a look-up and not by going through all of them (as SymSpell does)."""

    variant: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    domain: str = Field(primary_key=True)

    __table_args__ = {"sqlite_with_rowid": False}


class ThreadDomains(Row, table=True):
    """Outside domains that were in a thread until one of its mails, told by its Message-ID."""

    key: bytes = Field(primary_key=True)
    domains: dict[str, Any] = json_column()
    """{"domains": ["partner.example"]}"""
    last_at: datetime = moment(index=True, nullable=False)
