"""From a report to states: verdicts, split, demands and the next arrow, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, update

from detectors.report import Report, summary
from gateway.judgement import asking, bypass, demands, notice, people, tap
from gateway.judgement.acquaintance.learner import PLACE, noted
from gateway.judgement.addressees import stated_in
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DECISION, RECIPIENT, Dossier
from gateway.judgement.identity import Sender, writes_as_ours
from gateway.judgement.policies import InForce
from gateway.judgement.policy.case import Case, Recipient, recipients_of
from gateway.judgement.policy.checks import checked
from gateway.judgement.policy.decide import decided
from gateway.judgement.policy.matching import placed
from gateway.judgement.policy.verdict import Batch, Verdict, grouped, to_json, united
from gateway.judgement.surroundings import facts
from gateway.mail.incoming import Incoming
from gateway.memory import letters
from gateway.memory.standing import Statement
from gateway.memory.states import SYSTEM, Actor, Event, Ref, State, move, split
from gateway.memory.store import Tx

WAITING = Statement(
    RECIPIENT.select()
    .where(RECIPIENT.c.consignment_id == bindparam("known"), RECIPIENT.c.status == "waiting")
    .order_by(RECIPIENT.c.id)
)
"""Who still is to get a consignment."""
_SET_RECIPIENT = Statement(update(RECIPIENT).where(RECIPIENT.c.id == bindparam("known")))
_ADD_DECISION = Statement(insert(DECISION).returning(DECISION.c.id))


@dataclass(frozen=True)
class Judgement:
    """What was decided about recipients of one letter, before it is applied."""

    inforce: InForce
    verdicts: tuple[Verdict, ...]
    decision_id: int
    case: Case
    """with what the checks have noted"""
    bypassed: Mapping[str, str]
    """recipient to the action that a bypass has spared; see `bypass`"""

    @property
    def aside(self) -> bool:
        return demands.aside(self.case.report.headers)

    @property
    def inside(self) -> frozenset[str]:
        return frozenset(r.address for r in self.case.recipients if r.inside)


def first(
    tx: Tx,
    ck: Checkpoint,
    known: Ref,
    letter: RowMapping,
    report: Report,
    inforce: InForce,
    incoming: Incoming | None = None,
) -> None:
    """Judge what was just scanned: RECEIVED → its next state, recipients with other verdicts
    split off. The strictest keeps the id that the client was told. What is `incoming` is
    written here, once all is known of it."""
    own = frozenset(ck.config.smtp.own_domains)
    if known.state is State.TAPPED:
        letter = tap.as_sent(tx, known, letter, report)
    stored = [] if incoming else _waiting(tx, known.id)
    to = incoming.addresses if incoming else [row["address"] for row in stored]
    sender = _sender(tx, ck, letter, report)
    rules, stated = inforce.policy, stated_in(report.headers)
    envelope = tuple(recipients_of(report, to, own))
    case = Case(report, sender, envelope, own, letter["received_at"], purpose=stated)
    case = placed(rules, case)
    known_now = tuple(facts(tx.conn, ck, case, rules.facts, tx.now, count=True))
    case = placed(rules, replace(case, report=replace(report, facts=(*report.facts, *known_now))))
    named = {r.address: r for r in case.recipients}
    tapped = known.state is State.TAPPED
    judgement = _decide(tx, ck, inforce, letter["id"], case, open_=not tapped)
    report = judgement.case.report
    key = incoming.key if incoming else ck.letters.key(letter)
    described, seen = _described(ck, letter, report, sender, key), [_as_seen(named[a]) for a in to]
    _record(tx, known, judgement)
    *milder, strictest = grouped(judgement.verdicts)
    if incoming:
        row = incoming.consignment
        known = known if milder else _move(tx, known, strictest, judgement, row)
        incoming.write(tx, described, seen)
    else:
        letters.CHANGE.run(tx.conn, {"known": letter["id"], **described})
        both = zip(stored, seen, strict=True)
        _SET_RECIPIENT.many(tx.conn, [{"known": row["id"], **found} for row, found in both])
    ids = {row["address"]: row["id"] for row in (_waiting(tx, known.id) if milder else ())}
    for batch in milder:
        part = split(tx, known, [ids[address] for address in batch.recipients], SYSTEM)
        _settle(tx, ck, part, batch, judgement)
    _settle(tx, ck, known, strictest, judgement)


def again(tx: Tx, ck: Checkpoint, held: Dossier, actor: Actor) -> None:
    """Judge what is left of a held consignment anew, after something was dropped from it.

    Its demands follow the new verdicts; if none is left open it goes.
    """
    case = case_of(tx.conn, ck, held, tx.now)
    judgement = _decide(tx, ck, ck.policies.active(tx.conn), held.letter["id"], case)
    batch = _one(judgement.verdicts)
    tx.conn.execute(
        update(CONSIGNMENT).where(CONSIGNMENT.c.id == held.id).values(**_columns(batch, judgement))
    )
    demands.demand(tx, ck, held.ref, held.letter, batch.demands)
    tx.record(
        "judged",
        SYSTEM,
        letter=held.letter["id"],
        consignment=held.id,
        policy=judgement.inforce.version,
        actions={v.recipient: v.action for v in judgement.verdicts},
    )
    if batch.action == "reject":
        refuse(tx, ck, held.ref, judgement.inforce.version)
    elif not batch.demands:
        demands.release(tx, held.ref, batch, actor, seen=held.seen)


def as_decided(held: Dossier) -> Batch | None:
    """The stored decision for those who still are to get the mail."""
    left = {row["address"] for row in held.recipients}
    verdicts = [v for v in held.verdicts if v.recipient in left]
    return _one(verdicts) if verdicts else None


def case_of(conn: Connection, ck: Checkpoint, held: Dossier, now: datetime) -> Case:
    """What is left of a held consignment, as it would be judged now: a rule for a department holds
    for what is left as for the whole."""
    sender = people.sent_by(conn, ck.config, held.letter, held.report, now)
    return held.case(frozenset(ck.config.smtp.own_domains), sender)


def refuse(tx: Tx, ck: Checkpoint, known: Ref, policy: int) -> None:
    demands.void(tx, known.id)
    move(tx, known, Event.REFUSE, SYSTEM, {"reason": "policy"}, policy=policy)
    asking.outcome(tx, ck, known, "refused")


# -- steps


def _decide(
    tx: Tx, ck: Checkpoint, inforce: InForce, letter_id: str, case: Case, *, open_: bool = False
) -> Judgement:
    """`open_`: what would be held passes while a bypass is on."""
    case = checked(inforce.policy, case)
    asked = verdicts = decided(inforce.policy, case)
    if open_ and bypass.of(inforce.bypass, tx.now):
        numbers = ck.config.bypass.individual_numbers == "hold"
        verdicts = bypass.let_through(asked, inforce.policy, except_numbers=numbers)
    spared = {
        was.recipient: was.action
        for was, now in zip(asked, verdicts, strict=True)
        if was.action != now.action
    }
    made = {
        "letter_id": letter_id,
        "policy_version": inforce.version,
        "made_at": tx.now,
        "verdicts": to_json(verdicts),
    }
    id = _ADD_DECISION.value(tx.conn, made)
    return Judgement(inforce, verdicts, int(id), case, spared)


def _record(tx: Tx, known: Ref, judgement: Judgement) -> None:
    report = judgement.case.report
    about: dict[str, Any] = {"letter": known.letter_id, "consignment": known.id}
    about["policy"] = judgement.inforce.version
    tx.record(
        "judged",
        SYSTEM,
        **about,
        findings=summary(report),
        facts=sorted({fact.name for fact in report.facts}),
        defects=sorted({defect.code for defect in report.defects}),
        actions={v.recipient: v.action for v in judgement.verdicts},
        rules=sorted({reason.rule for v in judgement.verdicts for reason in v.reasons}),
    )
    if judgement.bypassed:
        tx.record("bypassed", SYSTEM, **about, actions=judgement.bypassed)


def _settle(tx: Tx, ck: Checkpoint, known: Ref, batch: Batch, judgement: Judgement) -> None:
    columns, policy = _columns(batch, judgement), judgement.inforce.version
    if known.state is State.TAPPED:
        tap.observe(tx, known, batch, columns, policy)
    elif batch.action == "reject":
        tx.conn.execute(update(CONSIGNMENT).where(CONSIGNMENT.c.id == known.id).values(**columns))
        refuse(tx, ck, known, policy)
    elif batch.demands:
        letter = ck.letters.row(tx.conn, known.letter_id)
        ck.letters.give_own_key(tx, letter)
        held = move(tx, known, Event.HOLD, SYSTEM, columns, policy=policy)
        demands.demand(tx, ck, held, letter, batch.demands)
        asking.inform(tx, ck, held.id, batch.notify)
    else:
        moved = _move(tx, known, batch, judgement)
        if moved.state is State.DELAYED:
            # told while at least half of the time to stop it is left
            by = tx.now + batch.delay.clock / 2 if batch.delay else tx.now
            asking.outcome(tx, ck, moved, "delayed", by)
        elif batch.treatment:
            notice.treated(tx, ck, moved.id)


def _move(
    tx: Tx,
    known: Ref,
    batch: Batch,
    judgement: Judgement,
    row: dict[str, Any] | None = None,
) -> Ref:
    """Where nothing but the row itself changes; as it is where it was moved, or more is to do."""
    if batch.action == "reject" or batch.demands or known.state is not State.RECEIVED:
        return known
    columns, aside = _columns(batch, judgement), judgement.aside
    aside = aside and not judgement.inside.issuperset(batch.recipients)
    event = Event.RELEASE if batch.treatment or aside else Event.PASS
    if batch.action == "delay" and batch.delay:
        event, columns["due_at"] = Event.DELAY, tx.now + batch.delay.clock
    policy = judgement.inforce.version
    return move(tx, known, event, SYSTEM, columns, policy=policy, row=row)


def _columns(batch: Batch, judgement: Judgement) -> dict[str, Any]:
    return {
        "headline": batch.action,
        "decision_id": judgement.decision_id,
        "treatment": batch.treatment.model_dump(mode="json") if batch.treatment else {},
    }


def _one(verdicts: Sequence[Verdict]) -> Batch:
    """All verdicts as one batch: a consignment that is held stays together."""
    strictest = grouped(verdicts)[-1]
    return Batch(
        recipients=tuple(v.recipient for v in verdicts),
        action=strictest.action,
        demands=united(d for v in verdicts for d in v.demands),
        treatment=strictest.treatment,
        delay=strictest.delay,
        notify=strictest.notify,
    )


def _as_seen(found: Recipient) -> dict[str, Any]:
    return {"inside": found.inside, "header": found.header, "name": found.name}


def _waiting(tx: Tx, id: str) -> list[RowMapping]:
    return WAITING.rows(tx.conn, {"known": id})


def _sender(tx: Tx, ck: Checkpoint, letter: RowMapping, report: Report) -> Sender:
    """A person of ours who is not known yet is made one."""
    sender = people.sent_by(tx.conn, ck.config, letter, report, tx.now)
    if not _unmet(sender) or not writes_as_ours(sender.address, ck.config.smtp.own_domains):
        return sender
    written = report.headers.sender[0] if report.headers.sender else None
    name = written.name if written and written.address == sender.address else ""
    people.ensure(tx, sender.address, name)
    return people.sent_by(tx.conn, ck.config, letter, report, tx.now)


def _unmet(sender: Sender) -> bool:
    """A person of ours who is seen for the first time. The envelope of a list is nobody."""
    forwards = sender.class_ == "forwarded" and not sender.owner
    return not sender.person and (sender.class_ == "person" or forwards)


def _described(
    ck: Checkpoint, letter: RowMapping, report: Report, sender: Sender, key: bytes
) -> dict[str, Any]:
    """The record class of a letter: masked, searchable, kept after its content is gone."""
    headers = report.headers
    return {
        "report": ck.letters.seal_report(letter, report, key),
        "summary": {
            "findings": summary(report),
            "attachments": [part.name for part in report.attachments],
            PLACE: noted(ck.keyed, report, frozenset(ck.config.smtp.own_domains)),
            **({demands.ASIDE: True} if demands.aside(headers) else {}),
        },
        "message_id": headers.message_id,
        "subject": headers.subject,
        "header_from": headers.sender[0].address if headers.sender else "",
        "sender_class": sender.class_,
        "sender_id": sender.person,
        "sender_address": sender.address,
        "owner_id": sender.owner,
    }
