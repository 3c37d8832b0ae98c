"""A mail that is on no table yet: written once, with all that is known of it by then.

Read ahead, it is judged in the transaction that keeps it. Each of its rows written first as it
came and then as it was judged costs two statements more and a reading of what was just there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import RowMapping, insert

from gateway.memory.letters import LETTER, as_row
from gateway.memory.standing import Statement
from gateway.memory.states import State
from gateway.memory.store import Consignment, Recipient, Tx, table

_ADD_LETTER = Statement(insert(LETTER))
_ADD_CONSIGNMENT = Statement(insert(table(Consignment)))
_ADD_RECIPIENT = Statement(insert(table(Recipient)))

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Incoming:
    columns: Values
    """of the letter"""
    recipients: Sequence[Values]
    state: State
    key: bytes = field(repr=False)
    """that the letter is sealed with: its report will be too"""

    @property
    def letter(self) -> RowMapping:
        """As it will be read."""
        return as_row(self.columns)

    @property
    def addresses(self) -> list[str]:
        return [recipient["address"] for recipient in self.recipients]

    def write(self, tx: Tx, described: Values | None = None, seen: Sequence[Values] = ()) -> None:
        """`described` are further columns of the letter, `seen` such of each recipient."""
        id = self.columns["id"]
        _ADD_LETTER.run(tx.conn, {**self.columns, **(described or {})})
        row = {"id": id, "letter_id": id, "state": self.state.value}
        _ADD_CONSIGNMENT.run(tx.conn, {**row, "created_at": tx.now, "changed_at": tx.now})
        more = seen or [{}] * len(self.recipients)
        both = zip(self.recipients, more, strict=True)
        _ADD_RECIPIENT.many(tx.conn, [{"consignment_id": id, **a, **b} for a, b in both])
