"""The tables.

Pages read with ORM objects; the mail path uses Core statements on the same tables (an ORM object
costs 4 ms a mail, a statement 0.12).
"""

from gateway.memory.tables.acquaintance import (
    KnownDomain,
    Spelling,
    ThreadDomains,
    Tie,
    UsualDomain,
)
from gateway.memory.tables.bridge import Access, Code, DoorSession, Parcel, ParcelFile
from gateway.memory.tables.ledger import LedgerDetail, LedgerEntry, LedgerHead
from gateway.memory.tables.mail import (
    Act,
    Attempt,
    Blob,
    Consignment,
    Decision,
    Demand,
    Letter,
    Notice,
    Recipient,
    Token,
)
from gateway.memory.tables.people import Address, Credential, Deputy, Grant, Person, WebSession
from gateway.memory.tables.policy import Addressee, Pointer, PolicyVersion
from gateway.memory.tables.row import EPOCH, Moment, Row, json_column, microseconds, moment, table

__all__ = [
    "EPOCH",
    "Access",
    "Act",
    "Address",
    "Addressee",
    "Attempt",
    "Blob",
    "Code",
    "Consignment",
    "Credential",
    "Decision",
    "Demand",
    "Deputy",
    "DoorSession",
    "Grant",
    "KnownDomain",
    "LedgerDetail",
    "LedgerEntry",
    "LedgerHead",
    "Letter",
    "Moment",
    "Notice",
    "Parcel",
    "ParcelFile",
    "Person",
    "Pointer",
    "PolicyVersion",
    "Recipient",
    "Row",
    "Spelling",
    "ThreadDomains",
    "Tie",
    "Token",
    "UsualDomain",
    "WebSession",
    "json_column",
    "microseconds",
    "moment",
    "table",
]
