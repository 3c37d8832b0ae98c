"""Single values by name: what is in force, what was mailed last, when the core last beat."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from gateway.memory.standing import Statement
from gateway.memory.store import POINTERS, Tx
from gateway.memory.tables import Pointer, table

_POINTER = table(Pointer)
_NAMED = _POINTER.c.name == bindparam("known")
_READ = Statement(select(_POINTER.c.value).where(_NAMED))
_SEVERAL = Statement(
    select(_POINTER.c.name, _POINTER.c.value).where(
        _POINTER.c.name.in_(bindparam("names", expanding=True))
    )
)
_SET, _ADD = Statement(update(_POINTER).where(_NAMED)), Statement(insert(_POINTER))
_DROP = Statement(delete(_POINTER).where(_NAMED))


def read(conn: Connection, name: str) -> str | None:
    """Once in a write transaction: nobody else writes meanwhile."""
    known: dict[str, str | None] = conn.info.get(POINTERS, {})
    if name not in known:
        known[name] = _READ.value(conn, {"known": name})
    return known[name]


def several(conn: Connection, *names: str) -> dict[str, str]:
    """Those of them that are there, from one look-up; once in a write transaction, as `read`."""
    known: dict[str, str | None] = conn.info.get(POINTERS, {})
    if not known.keys() >= {*names}:
        known.update(dict.fromkeys(names))
        known.update((row["name"], row["value"]) for row in _SEVERAL.rows(conn, {"names": names}))
    return {name: value for name in names if (value := known[name]) is not None}


def put(tx: Tx, name: str, value: str) -> None:
    """In the place of what was there."""
    tx.pointers.pop(name, None)
    if not _SET.run(tx.conn, {"known": name, "value": value}):
        _ADD.run(tx.conn, {"name": name, "value": value})


def drop(tx: Tx, name: str) -> None:
    tx.pointers.pop(name, None)
    _DROP.run(tx.conn, {"known": name})
