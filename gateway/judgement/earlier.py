"""What was sent to the same addresses before: how often, when, and with how many numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import TIE
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.memory.letters import LETTER

_NUMBERS = "jp.individual_number"
_MOST = 30
"""Nobody compares more recipients than that, and each costs a look-up."""


@dataclass(frozen=True, slots=True)
class Earlier:
    count: int = 0
    """mails that were delivered there, by us or, as the logs of the first day tell, before us"""
    at: datetime | None = None
    """of the last one that had been held with numbers"""
    numbers: int = 0
    """in that one"""
    kinds: frozenset[str] = frozenset()
    """of numbers and lists, in that one"""
    files: tuple[str, ...] = ()
    """their names, in that one"""


NONE = Earlier()


def earlier(
    conn: Connection, keyed: Keyed, addresses: Collection[str], letter: str
) -> dict[str, Earlier]:
    """By address; `letter` is the mail itself, which does not count."""
    counted = (
        select(RECIPIENT.c.address, func.count())
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(
            RECIPIENT.c.address.in_(list(addresses)),
            RECIPIENT.c.status == "delivered",
            LETTER.c.origin == "client",
            LETTER.c.id != letter,
        )
        .group_by(RECIPIENT.c.address)
    )
    ours = Counter({address: count for address, count in conn.execute(counted)})
    most = ours | _known(conn, keyed, addresses)
    found = {address: Earlier(count) for address, count in most.items()}
    for address in list(ours)[:_MOST]:
        found[address] = _last(conn, address, letter, found[address])
    return found


def _known(conn: Connection, keyed: Keyed, addresses: Collection[str]) -> Counter[str]:
    keys = {keyed.address(address): address for address in addresses}
    seen = select(TIE.c.key, TIE.c.seen).where(TIE.c.key.in_(list(keys)))
    return Counter({keys[key]: count for key, count in conn.execute(seen)})


def _last(conn: Connection, address: str, letter: str, known: Earlier) -> Earlier:
    query = (
        select(LETTER.c.received_at, LETTER.c.summary)
        .join(CONSIGNMENT, CONSIGNMENT.c.letter_id == LETTER.c.id)
        .join(RECIPIENT, RECIPIENT.c.consignment_id == CONSIGNMENT.c.id)
        .where(
            RECIPIENT.c.address == address,
            RECIPIENT.c.status == "delivered",
            CONSIGNMENT.c.headline.in_(("confirm", "approve")),
            LETTER.c.id != letter,
        )
        .order_by(LETTER.c.received_at.desc())
        .limit(1)
    )
    row = conn.execute(query).first()
    numbers = numbers_in(row.summary) if row else 0
    if not row or not numbers:
        return known
    files = tuple(name for name in row.summary.get("attachments", ()) if name)
    return Earlier(known.count, row.received_at, numbers, kinds_in(row.summary), files)


def kinds_in(summary: Mapping[str, Any]) -> frozenset[str]:
    """Kinds of medium and high confidence in a stored summary."""
    found = (key.rpartition(":") for key in summary.get("findings", {}))
    return frozenset(kind for kind, _, level in found if level in ("medium", "high"))


def numbers_in(summary: Mapping[str, Any]) -> int:
    """Different My Numbers of medium and high confidence in a stored summary."""
    found: Mapping[str, int] = summary.get("findings", {})
    return sum(found.get(f"{_NUMBERS}:{level}", 0) for level in ("medium", "high"))
