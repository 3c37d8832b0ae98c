"""What must be true of an installation however it was killed, once it has run again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bridge import erasing
from bridge.erasing import ORPHAN
from tests.e2e.house import House, now

_BELONGS = {
    "recipient.consignment_id": "consignment.id",
    "consignment.letter_id": "letter.id",
    "letter.id": "consignment.letter_id",
    "demand.consignment_id": "consignment.id",
    "decision.letter_id": "letter.id",
    "attempt.consignment_id": "consignment.id",
    "parcel.consignment_id": "consignment.id",
    "parcelfile.parcel_id": "parcel.id",
    "ledgerdetail.seq": "ledgerentry.seq",
    "ledgerentry.seq": "ledgerdetail.seq",
}
_BLOBS = (
    "SELECT blob FROM letter UNION SELECT rendition FROM consignment "
    "UNION SELECT blob FROM parcelfile"
)


def sound(house: House) -> None:
    """With the core stopped: the ledger is whole, and nothing lies about that belongs to nobody."""
    outcome = house.verify()
    assert outcome.whole, outcome
    with house.rows() as conn:
        for column, other in _BELONGS.items():
            (table, name), (owner, key) = column.split("."), other.split(".")
            query = f"SELECT {name} FROM {table} WHERE {name} NOT IN (SELECT {key} FROM {owner})"
            assert list(conn.execute(text(query))) == [], column
        assert list(conn.execute(text(f"SELECT id FROM blob WHERE id NOT IN ({_BLOBS})"))) == []
        kept = set(conn.execute(text(_BLOBS)).scalars())
        parcels = set(conn.execute(text("SELECT kek FROM parcel")).scalars())
        head = conn.execute(text("SELECT size FROM ledgerhead")).scalar()
    with house.memory() as memory:
        signed = memory.ledger.last_signed()
        assert signed and signed.size == head
        erasing.orphans(memory, now() + ORPHAN + timedelta(hours=1))
        assert {f"file:{path.name}" for path in memory.vault.files()} <= kept
        own = memory.parcels.folder.glob("own-*.key")
        assert {f"own:{path.stem.removeprefix('own-')}" for path in own} <= parcels


def daily(cases: Sequence[Any], *chosen: int, named: Callable[[Any], str] = str) -> list[Any]:
    """One of each step in `make test`, all of them in `make soak`: each starts a house."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=marks, id=named(case))
        for number, case in enumerate(cases)
        for marks in [() if number in chosen else pytest.mark.long]
    ]
