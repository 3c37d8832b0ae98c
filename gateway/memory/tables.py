"""The tables.

Pages read with ORM objects; the mail path uses Core statements on the same tables (an ORM object
costs 4 ms a mail, a statement 0.12).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, overload

from sqlalchemy import JSON, BigInteger, Column, Index, Table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time as microseconds since 1970: exact, sortable, and no zone to lose."""

    impl = BigInteger
    cache_ok = True

    # Not by `process_bind_param`, which costs a call more each time: a mail has thirty of them.
    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        return microseconds

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[int | None], datetime | None]:
        return _moment


@overload
def microseconds(value: datetime) -> int: ...
@overload
def microseconds(value: datetime | None) -> int | None: ...
def microseconds(value: datetime | None) -> int | None:
    """As a `Moment` is stored. Raises ValueError for a time without a zone."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored")
    return (value - EPOCH) // _MICROSECOND


def _moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(microseconds=value)


def moment(index: bool = False, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Moment, index=index, nullable=nullable))


def json_column() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False, default={}))


class Row(SQLModel):
    def __repr__(self) -> str:
        """No fields: a row holds addresses and masked subjects, and a repr ends up in logs."""
        return f"<{type(self).__name__}>"

    __str__ = __repr__


def table(model: type[Row]) -> Table:
    """The Core table of a model: `C = table(Consignment)`, then `C.c.state == …`."""
    found = model.__dict__["__table__"]
    assert isinstance(found, Table)
    return found


# -- mail ------------------------------------------------------------------------------------


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


# -- policy ----------------------------------------------------------------------------------


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


# -- acquaintance ----------------------------------------------------------------------------


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


# -- people ----------------------------------------------------------------------------------


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


# -- bridge ----------------------------------------------------------------------------------


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


# -- ledger ----------------------------------------------------------------------------------


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
