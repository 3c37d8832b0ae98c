"""Single values by name: what is in force, what was mailed last, when the core last beat."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateway.memory.store import Pointer, Tx, table

_POINTER = table(Pointer)
# Asked for with each mail: see `states` on statements that stand.
_NAMED = _POINTER.c.name == bindparam("known")
_READ, _SET = select(_POINTER.c.value).where(_NAMED), update(_POINTER).where(_NAMED)
_ADD, _DROP = insert(_POINTER), delete(_POINTER).where(_NAMED)


def read(conn: Connection, name: str) -> str | None:
    value: str | None = conn.execute(_READ, {"known": name}).scalar()
    return value


def put(tx: Tx, name: str, value: str) -> None:
    """In the place of what was there."""
    if not tx.conn.execute(_SET, {"known": name, "value": value}).rowcount:
        tx.conn.execute(_ADD, {"name": name, "value": value})


def drop(tx: Tx, name: str) -> None:
    tx.conn.execute(_DROP, {"known": name})
