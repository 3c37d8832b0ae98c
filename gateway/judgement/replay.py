"""Past mail judged once more by other rules, from the reports that still can be opened.

Only what is kept is replayed: a mail whose content was erased has no report any more, and is
counted and not guessed at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.rules import Policy
from gateway.memory.keys import KeyGone
from gateway.memory.letters import LETTER, Letters
from gateway.memory.vault import Damaged


@dataclass
class Replayed:
    mails: int = 0
    """judged by both"""
    gone: int = 0
    """their content is erased"""
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(action before, action after) to number of recipients, where they differ"""
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)
    """the first few: letter, recipient, action before, action after"""


def replay(
    conn: Connection,
    letters: Letters,
    own_domains: frozenset[str],
    old: Policy,
    new: Policy,
    since: datetime,
) -> Replayed:
    """Everything that clients have handed in since then."""
    done = Replayed()
    for letter in _since(conn, since):
        case = _case(conn, letters, letter, own_domains)
        if case is None:
            done.gone += 1
            continue
        done.mails += 1
        for before, after in zip(decide(old, case), decide(new, case), strict=True):
            if before.action != after.action:
                done.changes[before.action, after.action] += 1
                if len(done.examples) < 20:
                    row = (letter["id"], before.recipient, before.action, after.action)
                    done.examples.append(row)
    return done


def _since(conn: Connection, since: datetime) -> Iterator[RowMapping]:
    query = select(LETTER).where(LETTER.c.origin == "client", LETTER.c.received_at >= since)
    yield from conn.execute(query.order_by(LETTER.c.received_at)).mappings()


def _case(
    conn: Connection, letters: Letters, letter: RowMapping, own: frozenset[str]
) -> Case | None:
    if not letter["report"]:
        return None
    try:
        report = letters.report(letter)
    except (KeyGone, Damaged):
        return None
    rows = conn.execute(
        select(RECIPIENT)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(CONSIGNMENT.c.letter_id == letter["id"])
        .order_by(RECIPIENT.c.id)
    ).mappings()
    sender = Sender(
        letter["sender_class"], letter["sender_address"], letter["sender_id"], letter["owner_id"]
    )
    to = (Recipient(row["address"], row["inside"], row["header"], row["name"]) for row in rows)
    return Case(report, sender, tuple(to), own)
