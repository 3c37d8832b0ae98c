"""Copies that others deliver: judged as the mail would have been, recorded, and never sent.

A company sees two weeks of truth before anything is in the path. A copy enters as TAPPED, and the
table of states has no arrow from there to anything that leaves; nobody is asked and nobody is
told. Its verdict, its recipients and its sender stand in the records like those of any mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, bindparam, insert, update

from detectors.report import Report
from gateway.judgement.dossier import RECIPIENT
from gateway.judgement.policy.verdict import Batch
from gateway.mail.address import BadAddress, parse_address
from gateway.memory import letters
from gateway.memory.states import SYSTEM, Event, Ref, move
from gateway.memory.store import Tx

OBSERVED = "observed"
"""`Recipient.status` of whom a copy went to."""
_DROP = RECIPIENT.delete().where(RECIPIENT.c.consignment_id == bindparam("known"))
_SEEN = update(RECIPIENT).where(RECIPIENT.c.consignment_id == bindparam("known"))


def as_sent(tx: Tx, known: Ref, letter: RowMapping, report: Report) -> RowMapping:
    """Gives the copy the envelope of its original: that of the journal report, or the addresses
    in the header of a Bcc copy, whose own envelope names the tap alone."""
    sender, recipients = _original(letter, report)
    if recipients:
        tx.conn.execute(_DROP, {"known": known.id})
        rows = [{"consignment_id": known.id, "address": address} for address in recipients]
        tx.conn.execute(insert(RECIPIENT), rows)
    if sender:
        letters.CHANGE.run(tx.conn, {"known": letter["id"], "mail_from": sender})
    return letters.BY_ID.one(tx.conn, {"known": letter["id"]})


def observe(tx: Tx, known: Ref, batch: Batch, columns: Mapping[str, Any], policy: int) -> None:
    """TAPPED → OBSERVED with the verdict that would have been."""
    tx.conn.execute(_SEEN.values(status=OBSERVED, settled_at=tx.now), {"known": known.id})
    demands = [f"{demand.kind}:{demand.group}".rstrip(":") for demand in batch.demands]
    move(
        tx,
        known,
        Event.OBSERVE,
        SYSTEM,
        {**columns, "reason": "tap"},
        policy=policy,
        action=batch.action,
        demands=demands,
        recipients=list(batch.recipients),
    )


def _original(letter: RowMapping, report: Report) -> tuple[str, list[str]]:
    headers = report.headers
    written = headers.sender[0].address if headers.sender else ""
    if report.envelope:
        found = report.envelope.recipients
        return report.envelope.sender or written, list(filter(_is_address, found))
    found = tuple(box.address for box in headers.shown)
    unique = {address.lower(): address for address in found if _is_address(address)}
    return letter["mail_from"] or written, list(unique.values())


def _is_address(text: str) -> bool:
    try:
        return bool(parse_address(text, utf8=True).domain)
    except BadAddress:
        return False
