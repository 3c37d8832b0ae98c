"""Three lines on each recipient outside, for whoever decides: who it is, what is odd, what differs
from the last sending. The page of the mail and the mail to the approver say them alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from gateway.face.i18n import Words
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.compared import against, differences
from gateway.judgement.dossier import Dossier
from gateway.judgement.earlier import NONE, Earlier, earlier
from gateway.judgement.entitled import Entitled, entitled
from gateway.judgement.grounds import about as remarks
from gateway.judgement.policy.verdict import Verdict


@dataclass(frozen=True)
class Brief:
    row: RowMapping
    before: Earlier
    entitled: Entitled
    why: tuple[str, ...]
    """what rules say of this very recipient, and what was noted of it"""
    against: str
    """the number of persons and the last time, or that there was none"""
    differs: tuple[str, ...]
    """beside that"""

    @property
    def changed(self) -> tuple[str, ...]:
        return (self.against, *self.differs)


def briefs(
    conn: Connection,
    ck: Checkpoint,
    words: Words,
    held: Dossier,
    now: datetime,
    *,
    file_names: bool = True,
) -> Iterator[Brief]:
    """In the order of the recipients. Without `file_names` for a mail, which shows none."""
    verdicts = {verdict.recipient: verdict for verdict in held.verdicts}
    singling = _singling_out(conn, ck, held)
    addresses = [row["address"] for row in held.outside]
    before = earlier(conn, ck.keyed, addresses, held.letter["id"])
    # as it stands now, and not when the mail came: what ended since is to be seen
    ledger = entitled(conn, words, addresses, now)
    for row in held.outside:
        address = row["address"]
        last = before.get(address, NONE)
        why = tuple(
            reason.why.said(words.language)
            for reason in verdicts.get(address, Verdict(address)).reasons
            if reason.rule in singling and reason.action != "pass"
        )
        yield Brief(
            row,
            last,
            ledger[address],
            why + remarks(words, held, address),
            against(words, last, held),
            tuple(differences(words, last, held, file_names=file_names)),
        )


def _singling_out(conn: Connection, ck: Checkpoint, held: Dossier) -> frozenset[str]:
    """Rules that name recipients, so that leaving one out is an answer to them."""
    if not held.policy:
        return frozenset()
    rules = ck.policies.version(conn, held.policy).policy.rules
    return frozenset(rule.name for rule in rules if rule.when.names_recipients)
