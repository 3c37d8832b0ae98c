"""Of notices that are gathered where many are told within minutes."""

from __future__ import annotations

from sqlalchemy import update

from gateway.judgement.asking import NOTICE, WITHIN
from gateway.memory.store import Store


def long_ago(store: Store) -> None:
    """What was told until now: the cases of a test are no run of mails of one person."""
    with store.write() as tx:
        tx.conn.execute(update(NOTICE).values(told_at=tx.now - 2 * WITHIN))
