"""A burst: more mail at once than the rules let by, which an administrator judges as one thing.

A mail merge and an account that somebody has taken over look alike from afar, so a rule that counts
what a sender sends asks an administrator of each further mail. Who has to open a hundred of them
learns to press without reading, and needs longer to stop them than it took to send them.

1. A burst is what waits for administrators by such a rule, of one sender (`found`). What such a
   rule asks is whether it is meant that so much is sent, and it says nothing of the mail itself.
2. Let on by a list of it, that question alone is answered: what else is asked of a mail, of its
   sender or of approvers, still stands. What is not like the others, and what an administrator has
   to look at for another reason too, stands apart and is opened by itself.
3. Refused, all of it is, whatever it is like.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from gateway.judgement import acts, run
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DECISION, DEMAND, RECIPIENT
from gateway.judgement.identity import domain_of
from gateway.judgement.people import PERSON
from gateway.judgement.policy.rules import Rule, Sentence
from gateway.judgement.policy.safety import SAFETY
from gateway.judgement.policy.verdict import from_json
from gateway.mail import queue
from gateway.memory.letters import LETTER
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx

MOST = 2_000
"""Mails of which bursts are made; what came after them follows when these are decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst(run.Found):
    sender: str
    """as people know them: the name, else the address"""
    person: str
    """id, "" where it is nobody's own mail"""
    since: datetime
    until: datetime
    due: datetime | None
    """of the first that is"""
    recipients: int
    """different addresses outside"""
    domains: int
    whys: tuple[Sentence, ...]
    """what the rules that count say"""


class _Asked(NamedTuple):
    row: RowMapping
    rules: list[Rule]
    """that ask an administrator for its number alone"""
    apart: tuple[str, ...]


# -- which


def found(conn: Connection, ck: Checkpoint, asked: ColumnElement[bool]) -> list[Burst]:
    """The oldest first; `asked` over the demands on administrators (`parties.mine`)."""
    groups: dict[str, list[_Asked]] = {}
    for row in _candidates(conn, asked):
        rules, apart = _why(conn, ck, row)
        if rules:
            sender = row["sender_id"] or row["sender_address"]
            groups.setdefault(sender, []).append(_Asked(row, rules, apart))
    return [_burst(conn, mails) for mails in groups.values() if len(mails) >= run.LEAST]


def _candidates(conn: Connection, asked: ColumnElement[bool]) -> Sequence[RowMapping]:
    columns = (LETTER.c.sender_id, LETTER.c.sender_address, LETTER.c.received_at, LETTER.c.subject)
    query = (
        select(CONSIGNMENT.c.id, *columns, PERSON.c.name, DEMAND.c.params, DEMAND.c.due_at)
        .add_columns(DECISION.c.verdicts, DECISION.c.policy_version)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .join(DECISION, DECISION.c.id == CONSIGNMENT.c.decision_id)
        .join(DEMAND, DEMAND.c.consignment_id == CONSIGNMENT.c.id)
        .outerjoin(PERSON, PERSON.c.id == LETTER.c.sender_id)
        .where(CONSIGNMENT.c.state == State.HELD.value, DEMAND.c.kind == "admin", asked)
        # what could not be made ready to leave asks for an administrator whatever the rules say
        .where(CONSIGNMENT.c.reason != "sealing_failed")
        .order_by(LETTER.c.received_at, CONSIGNMENT.c.id)
        .limit(MOST)
    )
    return conn.execute(query).mappings().all()


def _why(conn: Connection, ck: Checkpoint, row: RowMapping) -> tuple[list[Rule], tuple[str, ...]]:
    """The rules that count, of those that ask an administrator, and why it stands apart."""
    reasons = [r for v in from_json(row["verdicts"], traced=False) for r in v.reasons]
    matched = {reason.rule for reason in reasons}
    written = ck.policies.version(conn, row["policy_version"]).policy.rules
    asking = [r for r in (*written, *SAFETY) if r.name in matched and r.then.by == "admin"]
    counting = [rule for rule in asking if rule.when.volume]
    more = len(asking) > len(counting) or any(row["params"].values())
    apart = {"asked": more, "two_ways": run.reads_two_ways(reasons)}
    return counting, tuple(name for name, holds in apart.items() if holds)


def _burst(conn: Connection, mails: Sequence[_Asked]) -> Burst:
    first, last = mails[0].row, mails[-1].row
    ids = tuple(each.row["id"] for each in mails)
    addresses = _addresses(conn, ids)
    return Burst(
        ids=ids,
        subject=first["subject"],
        apart={each.row["id"]: each.apart for each in mails if each.apart},
        sender=first["name"] or first["sender_address"],
        person=first["sender_id"],
        since=first["received_at"],
        until=last["received_at"],
        due=min((each.row["due_at"] for each in mails if each.row["due_at"]), default=None),
        recipients=len(addresses),
        domains=len({domain_of(address) for address in addresses}),
        whys=tuple(dict.fromkeys(rule.why for each in mails for rule in each.rules)),
    )


def _addresses(conn: Connection, ids: Collection[str]) -> set[str]:
    outside = RECIPIENT.c.consignment_id.in_(ids), RECIPIENT.c.inside.is_(False)
    query = select(RECIPIENT.c.address).where(*outside)
    return {address.lower() for address in conn.execute(query).scalars()}


# -- what is done with it


def letting_on(
    tx: Tx, ck: Checkpoint, shown: run.Run, person: str, actor: Actor, why: str = ""
) -> queue.Act:
    """Write down that these were let on by one list; what to do with each."""
    mails = {held.id: held.seen for held in shown.mails}
    said = {"why": why} if why else {}
    facts = run.record(tx, "burst.confirmed", actor, tuple(mails), seen=shown.seen, **said) | said

    def act(tx: Tx, id: str) -> State:
        return acts.let_on(tx, ck, id, person, mails[id], actor, **facts)

    return act


def refusing(
    tx: Tx, ck: Checkpoint, ids: Iterable[str], person: str, why: str, actor: Actor
) -> queue.Act:
    """Write down that these were refused for one reason; what to do with each."""
    said = acts.said(why)
    facts = run.record(tx, "burst.refused", actor, tuple(ids), why=said)

    def act(tx: Tx, id: str) -> State:
        return acts.refuse(tx, ck, id, person, None, said, actor, **facts)

    return act
