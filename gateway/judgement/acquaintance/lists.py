"""Mailing lists of ours that reach people outside, learned from the copies that they send there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.acquaintance.learn import TIE, touch
from gateway.memory.standing import Statement, slices

_SEEN = Statement(select(TIE.c.key).where(TIE.c.key.in_(bindparam("keys", expanding=True))))


def remember(conn: Connection, keyed: Keyed, address: str, at: datetime) -> None:
    """A list has handed a mail to somebody outside."""
    touch(conn, keyed.of("list", address), at)


def reaching(conn: Connection, keyed: Keyed, addresses: Iterable[str]) -> list[str]:
    """Those of these inside addresses that are such lists."""
    by_key = {keyed.of("list", address): address for address in addresses}
    seen: set[bytes] = set()
    for some in slices(list(by_key)):
        seen.update(_SEEN.values(conn, {"keys": some}))
    return [address for key, address in by_key.items() if key in seen]
