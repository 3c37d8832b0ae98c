"""Who may sign in, what they may do, and by which addresses mail is theirs."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from gateway.memory.tables.row import Row, moment


class Person(Row, table=True):
    id: str = Field(primary_key=True)
    name: str
    email: str = Field(index=True)
    department: str = ""
    language: str = "ja"
    active_from: datetime | None = moment()
    active_until: datetime | None = moment()
    locked: bool = False


class Address(Row, table=True):
    """Which person, or which shared mailbox, an address belongs to (one row a pair)."""

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    """lower case"""
    person_id: str = Field(index=True)
    shared: bool = False


class Grant(Row, table=True):
    """A role or a group of a person, for a time."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(index=True)
    kind: str
    """role | group"""
    name: str = Field(index=True)
    """role: approver, handler, auditor, policy_admin, system_admin; group: 情報管理責任者 …"""
    starts_at: datetime | None = moment()
    ends_at: datetime | None = moment()
    granted_by: str = ""


class Deputy(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    person_id: str = Field(index=True)
    deputy_id: str
    starts_at: datetime | None = moment()
    ends_at: datetime | None = moment()


class Credential(Row, table=True):
    person_id: str = Field(primary_key=True)
    password: str = ""
    """Argon2id, PHC string"""
    totp: bytes = b""
    """sealed secret"""
    totp_step: int = 0
    """last time step used: a code works once (RFC 6238 §5.2)"""
    failures: int = 0
    wait_until: datetime | None = moment()


class WebSession(Row, table=True):
    hash: str = Field(primary_key=True)
    kind: str
    """staff | sender"""
    person_id: str = Field(index=True)
    created_at: datetime = moment(nullable=False)
    seen_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    ended_at: datetime | None = moment()
    ip: str = ""
    agent: str = ""
    scope: str = ""
    """sender: the consignment whose link opened it"""
