"""What arrived, what moves of it, to whom, and who decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from gateway.memory.tables.row import Row, json_column, moment


class Letter(Row, table=True):
    """What arrived, immutable: sealed bytes, key, envelope, report."""

    id: str = Field(primary_key=True)
    origin: str = "client"
    """client: somebody's mail, judged · own: our notices, codes and DSNs, never judged"""
    about: str = Field(default="", index=True)
    """own mail: the consignment or parcel it speaks of"""
    purpose: str = ""
    """own mail: hold_notice, approval_request, code, dsn …"""
    received_at: datetime = moment(index=True, nullable=False)
    listener: str = ""
    client_ip: str = ""
    helo: str = ""
    tls: str = ""
    auth_user: str = ""
    mail_from: str = ""
    body: str = "7BIT"
    smtputf8: bool = False
    envid: str = ""
    ret: str = ""
    size: int = 0
    blob: str = ""
    """vault reference of the sealed bytes, "" once erased"""
    kek: str = ""
    """which key wraps `key`: "epoch:2026-12-01" or "own:7Q3F-K2MD" """
    key: bytes = b""
    report: bytes = b""
    """sealed with the same key; b"" until judged"""
    summary: dict[str, Any] = json_column()
    """record class: counts by kind and confidence, attachment names masked"""
    message_id: str = ""
    subject: str = ""
    """record class: masked"""
    header_from: str = ""
    sender_class: str = ""
    sender_id: str = Field(default="", index=True)
    """person id, or "" where nobody is known"""
    sender_address: str = Field(default="", index=True)
    owner_id: str = ""
    erased_at: datetime | None = moment()


class Consignment(Row, table=True):
    """What moves: some recipients of a letter with one verdict and one rendition."""

    id: str = Field(primary_key=True)
    letter_id: str = Field(index=True)
    parent_id: str | None = None
    state: str
    fence: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = moment()
    due_at: datetime | None = moment()
    attempts: int = 0
    created_at: datetime = moment(nullable=False)
    changed_at: datetime = moment(nullable=False)
    headline: str = ""
    decision_id: int | None = None
    treatment: dict[str, Any] = json_column()
    dropped: dict[str, Any] = json_column()
    """{"parts": ["2"], "ways": ["bcc"], "purpose": "年末調整"}: attachments that the sender took
    out, ways of sending that the sender chose, and the purpose that the sender stated"""
    rendition: str = ""
    """vault reference of what leaves instead of the letter, sealed with its own key"""
    rendition_kek: str = ""
    rendition_key: bytes = b""
    password: bytes | None = None
    """of the encrypted ZIP in the rendition, for its sender to tell; wrapped by an epoch key"""
    password_kek: str = ""
    mail_from: str | None = None
    """envelope sender where it is not the letter's (bounce_address)"""
    next_hop: str = ""
    """one of the configuration's that an administrator chose in place of the domain's own"""
    reason: str = ""

    __table_args__ = (
        Index("ix_consignment_work", "state", "due_at", "changed_at"),
        Index("ix_consignment_changed", "changed_at"),
    )


class Recipient(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    consignment_id: str = Field(index=True)
    address: str = Field(index=True)
    inside: bool = False
    header: str = "bcc"
    """to | cc | bcc: bcc is what stands in the envelope alone"""
    name: str = ""
    status: str = "waiting"
    """waiting | delivered | failed | dropped"""
    notify: str = ""
    orcpt: str = ""
    reply: str = ""
    mx: str = ""
    tls: str = ""
    settled_at: datetime | None = moment()


class Decision(Row, table=True):
    id: int | None = Field(default=None, primary_key=True)
    letter_id: str = Field(index=True)
    policy_version: int
    made_at: datetime = moment(nullable=False)
    verdicts: dict[str, Any] = json_column()
    """{"format": 2, "verdicts": [...], ...}: `policy.verdict`'s JSON, masked places only"""


class Demand(Row, table=True):
    """One condition of release. HELD with none open is a contradiction that `check` reports."""

    id: int | None = Field(default=None, primary_key=True)
    consignment_id: str = Field(index=True)
    kind: str
    """confirm (the sender) | owner (of a machine) | admin | approve"""
    person_id: str = Field(default="", index=True)
    """confirm/owner: whose it is; approve: the person it was passed on to, if any"""
    mailbox: str = Field(default="", index=True)
    """confirm: the shared mailbox whose people may do it"""
    group: str = Field(default="", index=True)
    need: int = 1
    params: dict[str, Any] = json_column()
    state: str = Field(default="open", index=True)
    """waiting (an earlier one comes first) | open | met | void"""
    opened_at: datetime | None = moment()
    due_at: datetime | None = moment(index=True)
    next_at: datetime | None = moment(index=True)
    """next reminder, escalation or expiry: what the sweep looks at"""
    stage: int = 0
    """how many reminders went out"""
    asked: int = 0
    """approve: 0 the group · 1 its deputies too · 2 the fallback group too"""


class Act(Row, table=True):
    """What a person did about a demand, on which page."""

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(index=True)
    consignment_id: str = Field(index=True)
    person_id: str
    act: str
    """confirmed | approved | returned | refused | delegated"""
    seen: str
    """digest of the page that was shown"""
    reason: str = ""
    at: datetime = moment(nullable=False)


class Notice(Row, table=True):
    """That one of our people is told of one mail: at once, or together with others."""

    id: int | None = Field(default=None, primary_key=True)
    person_id: str
    kind: str
    """hold | shared (a hold of a shared mailbox) | admin | approval | delayed | told | expired |
    refused"""
    reminder: bool = False
    consignment_id: str = Field(index=True)
    demand_id: int = 0
    """what is asked; 0 where nothing is"""
    at: datetime = moment(nullable=False)
    """not before"""
    told_at: datetime | None = moment()
    letter_id: str = Field(default="", index=True)
    """our mail that told it; "" until then"""

    __table_args__ = (
        Index("ix_notice_turn", "person_id", "kind", "reminder", "id"),
        Index("ix_notice_due", "told_at", "at"),
    )


class Token(Row, table=True):
    """A link in a mail: 256 random bits kept as SHA-256, bound to purpose, person and subject."""

    hash: str = Field(primary_key=True)
    purpose: str
    """confirm | gathered | sign_in | enrol | parcel"""
    subject: str = Field(index=True)
    person_id: str = ""
    address: str = ""
    created_at: datetime = moment(nullable=False)
    expires_at: datetime = moment(nullable=False)
    used_at: datetime | None = moment()


class Attempt(Row, table=True):
    """Recorded before the final dot: a crash leaves "maybe delivered", and that is said."""

    id: int | None = Field(default=None, primary_key=True)
    consignment_id: str = Field(index=True)
    hop: str
    started_at: datetime = moment(nullable=False)
    ended_at: datetime | None = moment()
    outcome: str = ""
    """"" while under way | delivered | deferred | failed | unknown"""


class Blob(Row, table=True):
    """Sealed bytes up to 64 KiB, kept in the same transaction as their row."""

    id: str = Field(primary_key=True)
    data: bytes
