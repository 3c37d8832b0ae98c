"""A notice that bounces: somebody was to act and was never told, so the fallback is told."""

from __future__ import annotations

import logging

from sqlalchemy import RowMapping, select

from gateway.judgement import asking, demands
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import DEMAND
from gateway.mail.courier import Hook
from gateway.mail.hop import Result
from gateway.memory.states import SYSTEM
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.holds")

ASKING = ("hold", "approval", "admin")
"""Purposes of notices that ask somebody for something."""


def hooks(ck: Checkpoint) -> dict[str, Hook]:
    def settled(tx: Tx, letter: RowMapping, recipient: RowMapping, result: Result) -> None:
        if result.outcome == "failed":
            bounced(tx, ck, letter, recipient)

    return dict.fromkeys(ASKING, settled)


def bounced(tx: Tx, ck: Checkpoint, letter: RowMapping, recipient: RowMapping) -> None:
    """Every open demand of the mails it spoke of goes to the fallback group as well."""
    log.error("a notice about %s could not be delivered", letter["about"])
    spoken_of = DEMAND.c.consignment_id.in_(asking.told_by(letter["id"]))
    open_ones = select(DEMAND).where(spoken_of, DEMAND.c.state == "open").order_by(DEMAND.c.id)
    rows = list(tx.conn.execute(open_ones).mappings())
    for row in rows:
        if row["asked"] < 2:
            demands.change(tx, row["id"], asked=2)
            id = row["consignment_id"]
            told = asking.ask(tx, ck, id, row["id"], fallback_only=True)
            tx.record(
                "escalated",
                SYSTEM,
                letter=letter["id"],
                consignment=id,
                asked=2,
                told=told,
                undeliverable=recipient["address"],
            )
