"""One consignment as it stands now, read in one snapshot: what pages show and acts check.

`seen` is the digest of all that a decision depends on. A page carries it, an act names it, and
what was decided on another page than the present one is refused: two tabs, two approvers and a
double click decide once, on what they saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select

from detectors.report import Part, Report
from gateway.judgement.addressees import purposed, stated_in
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.explain import offered
from gateway.judgement.policy.rules import Treatment, Way
from gateway.judgement.policy.verdict import Demand as Asked
from gateway.judgement.policy.verdict import Verdict, from_json
from gateway.judgement.shown import digest
from gateway.memory.keys import KeyGone
from gateway.memory.letters import Letters
from gateway.memory.states import Ref, State
from gateway.memory.tables import Act, Consignment, Decision, Demand, table
from gateway.memory.tables import Recipient as RecipientRow

CONSIGNMENT, RECIPIENT = table(Consignment), table(RecipientRow)
DECISION, DEMAND, ACT = table(Decision), table(Demand), table(Act)


@dataclass(frozen=True)
class Dossier:
    consignment: RowMapping
    letter: RowMapping
    report: Report
    """without the attachments that were dropped, for the purpose that was stated; empty where the
    content is gone"""
    recipients: tuple[RowMapping, ...]
    """those that still are to get it"""
    demands: tuple[RowMapping, ...]
    """all that are not void, in the order they were made"""
    acts: tuple[RowMapping, ...]
    verdicts: tuple[Verdict, ...]
    policy: int

    @property
    def id(self) -> str:
        return str(self.consignment["id"])

    @property
    def state(self) -> State:
        return State(self.consignment["state"])

    @property
    def ref(self) -> Ref:
        row = self.consignment
        return Ref(row["id"], row["letter_id"], self.state, row["fence"])

    @property
    def outside(self) -> tuple[RowMapping, ...]:
        return tuple(row for row in self.recipients if not row["inside"])

    @property
    def attachments(self) -> tuple[Part, ...]:
        return self.report.attachments

    @property
    def treatment(self) -> Treatment | None:
        kept = self.consignment["treatment"]
        return Treatment.model_validate(kept) if kept else None

    @property
    def chosen(self) -> frozenset[str]:
        """Ways of sending that somebody has chosen."""
        return frozenset(self.consignment["dropped"].get("ways", ()))

    @property
    def offered(self) -> tuple[Way, ...]:
        """Ways of sending that whoever confirms may choose."""
        left = {row["address"] for row in self.recipients}
        return offered(v for v in self.verdicts if v.recipient in left)

    @property
    def purpose(self) -> str:
        """What the sender stated on the page, else by a mark in the subject; masked."""
        on_page = str(self.consignment["dropped"].get("purpose", ""))
        return on_page or stated_in(self.report.headers)

    def waiting(self, *kinds: str) -> tuple[RowMapping, ...]:
        """Open demands of these kinds."""
        return tuple(d for d in self.demands if d["state"] == "open" and d["kind"] in kinds)

    def retyped(self) -> frozenset[str]:
        """Addresses whose domain has to be typed again."""
        addresses = (v.recipient for v in self.verdicts if any(d.retype for d in v.demands))
        return frozenset(addresses) & {row["address"] for row in self.recipients}

    def case(self, own_domains: frozenset[str], sender: Sender) -> Case:
        """For a new judgement from the stored report: the mail itself is not read again. `sender`
        with the groups of today (`sent_by`), without which no rule for a department holds."""
        return Case(
            report=self.report,
            sender=sender,
            recipients=tuple(
                Recipient(row["address"], row["inside"], row["header"], row["name"])
                for row in self.recipients
            ),
            own_domains=own_domains,
            at=self.letter["received_at"],
            chosen=self.chosen,
            purpose=stated_in(self.report.headers),
        )

    @cached_property
    def seen(self) -> str:
        shown = {
            "id": self.id,
            "state": self.state.value,
            "recipients": [[row["id"], row["address"]] for row in self.recipients],
            "parts": [[part.path, part.sha256] for part in self.attachments],
            "demands": [[d["id"], d["state"], d["need"], d["asked"]] for d in self.demands],
            "acts": [act["id"] for act in self.acts],
            "decision": self.consignment["decision_id"],
            "policy": self.policy,
        }
        return digest(shown)


def dossier(conn: Connection, letters: Letters, id: str) -> Dossier | None:
    row = conn.execute(select(CONSIGNMENT).where(CONSIGNMENT.c.id == id)).mappings().first()
    if row is None:
        return None
    letter = letters.row(conn, row["letter_id"])
    try:
        report = letters.report(letter).without(frozenset(row["dropped"].get("parts", ())))
        report = purposed(report, row["dropped"].get("purpose", ""))
    except KeyGone:
        report = Report()
    made = select(DECISION).where(DECISION.c.id == row["decision_id"])
    decision = conn.execute(made).mappings().first()
    waiting = RECIPIENT.c.status.in_(("waiting", "delivered", "failed"))
    return Dossier(
        row,
        letter,
        report,
        tuple(
            conn.execute(
                select(RECIPIENT)
                .where(RECIPIENT.c.consignment_id == id, waiting)
                .order_by(RECIPIENT.c.inside, RECIPIENT.c.id)
            ).mappings()
        ),
        demands_of(conn, id),
        tuple(
            conn.execute(
                select(ACT).where(ACT.c.consignment_id == id).order_by(ACT.c.id)
            ).mappings()
        ),
        from_json(decision["verdicts"]) if decision else (),
        decision["policy_version"] if decision else 0,
    )


def beside(held: Dossier, *which: ColumnElement[bool]) -> Select[Any]:
    """Recipients of the same letter whose part of it takes another way."""
    query = select(RECIPIENT).join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
    same = CONSIGNMENT.c.letter_id == held.letter["id"], CONSIGNMENT.c.id != held.id
    return query.where(*same, *which).order_by(RECIPIENT.c.id)


def demands_of(conn: Connection, id: str) -> tuple[RowMapping, ...]:
    query = select(DEMAND).where(DEMAND.c.consignment_id == id, DEMAND.c.state != "void")
    return tuple(conn.execute(query.order_by(DEMAND.c.id)).mappings())


def asked(row: RowMapping) -> Asked:
    """A demand's row as the policy speaks of it."""
    params = row["params"]
    return Asked(
        row["kind"],
        row["group"],
        row["need"],
        bool(params.get("retype")),
        bool(params.get("purpose")),
    )
