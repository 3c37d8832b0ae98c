"""The password of an encrypted ZIP: made here, kept for its sender alone, told by telephone.

It stands in no mail, log, notice or entry of the ledger. A password that follows its file by mail
(PPAP) protects from nobody who reads the mail: the Cabinet Office ended that in November 2020.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from bridge import zip_part
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.memory.keys import KeyGone
from gateway.memory.opening import Memory
from gateway.memory.states import Actor
from gateway.memory.store import Tx

_ALPHABET = "23456789HJKLMRUWXY"
"""Letters and figures that no telephone makes alike, in Japanese and in English: none of B, C, D,
E, G, P, T, V and Z, one of M and N and one of F, S and X; no Q beside 9 (both are キュー), no A
beside 8, and nothing that looks like 0 or 1."""
_GROUPS, _GROUP = 6, 3
"""18 letters at 18 places, told three at a time: 74 bits. A ZIP stretches its password by 1,000
rounds of HMAC-SHA1 only, whoever has the file may try for ever, and a graphics card tries some ten
million a second: a thousand of them need 36,000 years, where twelve places would fall in a day.
A hundred bits are more than people tell each other without a mistake."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sender needs for a telephone call about one ZIP."""

    name: str
    recipients: tuple[str, ...]
    password: str = field(repr=False)

    @property
    def groups(self) -> tuple[str, ...]:
        """As it is read out; the gaps are no part of it."""
        places = range(0, len(self.password), _GROUP)
        return tuple(self.password[at : at + _GROUP] for at in places)


def new() -> str:
    """Never twelve figures in a row, which we and others would take for a My Number."""
    return "".join(_group() for _ in range(_GROUPS))


def _group() -> str:
    while (found := "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))).isdigit():
        pass
    return found


def columns(memory: Memory, tx: Tx, id: str, password: str) -> dict[str, Any]:
    """Of the consignment `id`. The key is that of a day: the content, whose key could not be used,
    is as a rule erased as soon as the mail is delivered, and the telephone call comes after that.
    It is told for as long as a link would have been open, or the content stays."""
    config = memory.config
    days = max(config.bridge.open_days, config.retention.content_days)
    ring = memory.content.ring
    kek = ring.epoch((tx.now + timedelta(days=days)).date())
    return {"password_kek": kek, "password": ring.wrap(password.encode(), kek, _about(id))}


def kept(conn: Connection, letter_id: str) -> list[RowMapping]:
    """Consignments of this letter that left, or leave, with a ZIP whose password can be told."""
    query = select(CONSIGNMENT).where(
        CONSIGNMENT.c.letter_id == letter_id,
        CONSIGNMENT.c.password.is_not(None),
        CONSIGNMENT.c.state.in_(("queued", "done", "erased")),
    )
    return list(conn.execute(query.order_by(CONSIGNMENT.c.created_at, CONSIGNMENT.c.id)).mappings())


def tell(tx: Tx, memory: Memory, letter_id: str, actor: Actor) -> tuple[Told, ...]:
    """All of this letter, and in the ledger who was shown them; empty where their day is over."""
    told = []
    for row in kept(tx.conn, letter_id):
        try:
            key = memory.content.ring.unwrap(
                row["password"], row["password_kek"], _about(row["id"])
            )
        except KeyGone:
            continue
        to = select(RECIPIENT.c.address).where(RECIPIENT.c.consignment_id == row["id"])
        recipients = tuple(tx.conn.execute(to.order_by(RECIPIENT.c.id)).scalars())
        told.append(Told(zip_part.name_of(row["id"]), recipients, key.decode()))
        tx.record("password.shown", actor, letter=letter_id, consignment=row["id"])
    return tuple(told)


def _about(id: str) -> str:
    return f"password {id}"
