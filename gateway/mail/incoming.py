"""A mail that is on no table yet: written once, with all that is known of it by then.

Read ahead, it is judged in the transaction that keeps it. Each of its rows written first as it
came and then as it was judged costs two statements more and a reading of what was just there; and
who is to hand it over would read all of it a third time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, insert

from gateway.mail.pieces import Pieces
from gateway.memory.letters import LETTER, as_row
from gateway.memory.standing import Statement, as_read
from gateway.memory.states import State
from gateway.memory.store import Tx
from gateway.memory.tables import Consignment, Recipient, table

CONSIGNMENT, RECIPIENT = table(Consignment), table(Recipient)
_ADD_LETTER = Statement(insert(LETTER))
_ADD_CONSIGNMENT = Statement(insert(CONSIGNMENT))
_ADD_RECIPIENT = Statement(insert(RECIPIENT).returning(RECIPIENT.c.id))
_CONSIGNMENT, _RECIPIENT = as_read(CONSIGNMENT), as_read(RECIPIENT)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """All of a mail, as it would be read."""

    letter: RowMapping
    consignment: Values
    """that is still to be written"""
    recipients: tuple[RowMapping, ...]
    source: bytes | Path
    """of the sealed bytes"""
    clear: Pieces | None
    """these bytes, where they are still in memory"""

    def as_row(self, more: Values) -> RowMapping:
        return _CONSIGNMENT({**self.consignment, **more})


@dataclass(frozen=True)
class Incoming:
    columns: Values
    """of the letter"""
    recipients: Sequence[Values]
    consignment: dict[str, Any]
    """its row, which `move` may change before it is written"""
    source: bytes | Path
    """of the sealed bytes"""
    key: bytes = field(repr=False)
    """that the letter is sealed with: its report will be too"""
    clear: Pieces | None = None
    """the bytes themselves, where they are still in memory"""

    @property
    def letter(self) -> RowMapping:
        """As it will be read."""
        return as_row(self.columns)

    @property
    def addresses(self) -> list[str]:
        return [recipient["address"] for recipient in self.recipients]

    def write(self, tx: Tx, described: Values | None = None, seen: Sequence[Values] = ()) -> None:
        """`described` are further columns of the letter, `seen` such of each recipient."""
        letter = {**self.columns, **(described or {})}
        _ADD_LETTER.run(tx.conn, letter)
        more = seen or [{}] * len(self.recipients)
        both = zip(self.recipients, more, strict=True)
        recipients = [{"consignment_id": letter["id"], **a, **b} for a, b in both]
        ids = [_ADD_RECIPIENT.value(tx.conn, each) for each in recipients]

        row, lease, taker = self.consignment, None, tx.takers.get(self.consignment["state"])
        if taker:
            read = tuple(_RECIPIENT({**a, "id": id}) for a, id in zip(recipients, ids, strict=True))
            lease = taker(tx, Written(as_row(letter), row, read, self.source, self.clear))
        _ADD_CONSIGNMENT.run(tx.conn, {**row, **(lease or {})})
        if row["fence"] and lease is None:
            tx.nudge(row["state"])


def arriving(id: str, state: State, tx: Tx) -> dict[str, Any]:
    """The first consignment of a letter bears its name, which its client was told."""
    row = {"id": id, "letter_id": id, "state": state.value, "fence": 0}
    return {**row, "created_at": tx.now, "changed_at": tx.now}
