"""What is on record of a mail ends with its time; that it was there, and its end, do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge import disposal, evidence
from bridge.sweep import Sweep
from gateway.judgement import records
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.records import ERASED_THROUGH
from gateway.memory import pointers
from gateway.memory.ledger.append import DETAIL, ENTRY, lines
from gateway.memory.ledger.verify import verify
from gateway.memory.states import SYSTEM
from gateway.memory.tables import Row, table
from tests.bridge.parcels import SATO, holder, letter, made
from tests.samples import message

RAW = message("源泉徴収票の件", "本文")
LEFT = {"ledgerentry", "ledgerdetail", "ledgerhead", "pointer", "person", "address", "grant"}
"""Tables that say nothing of a mail, and the ledger."""


def swept(memory, rounds=3):
    sweeping = Sweep(memory, None, Checkpoint.of(memory))
    for _ in range(rounds):
        for chore in sweeping.chores():
            with memory.store.write() as tx:
                chore(tx)


def rows(memory):
    """Of each table that has any."""
    models = [model for model in Row.__subclasses__() if "__table__" in model.__dict__]
    with memory.store.read() as session:
        conn = session.connection()
        counted = {m.__tablename__: len(conn.execute(select(table(m))).all()) for m in models}
    return {name: count for name, count in counted.items() if count and name not in LEFT}


def entries(memory, verb):
    with memory.store.read() as session:
        return records.search(session.connection(), records.Query(verbs=(verb,)))


def details(memory):
    with memory.store.read() as session:
        return list(session.connection().execute(select(DETAIL.c.seq)).scalars())


def check(memory):
    with memory.store.read() as session:
        found = list(lines(session.connection()))
    return verify(found, memory.ledger.checkpoints(), memory.ledger.public)


def test_it_works(memory, clock):
    id = made(memory).id
    clock.forward(days=40)  # fetched or not, the files are gone by then
    swept(memory)
    assert {"letter", "consignment", "recipient", "parcel"} <= rows(memory).keys()
    clock.forward(days=2 * 365 + 2)
    swept(memory)
    assert rows(memory) == {}
    with memory.store.read() as session:
        known = records.about(session.connection(), subjects=[id])
    assert {"link.created", "link.erased"} <= {each.verb for each in known}
    assert [each for each in known if each.details is not None] == []
    outcome = check(memory)
    assert outcome.whole and outcome.erased >= len(known)


def test_what_is_younger_stays(memory, clock):
    letter(memory, RAW, {SATO: False}, state="withdrawn")
    clock.forward(days=700)
    young = letter(memory, RAW, {SATO: False}, state="withdrawn")
    swept(memory)
    clock.forward(days=40)
    before = details(memory)
    swept(memory)
    with memory.store.read() as session:
        kept = records.about(session.connection(), young)
    assert rows(memory)["letter"] == 1
    assert {each.mail_subject for each in kept} == {"源泉徴収票の件"}
    assert set(details(memory)) >= {each.seq for each in kept}
    assert before[0] not in details(memory)


def test_a_mail_that_waits_for_somebody_is_no_record_yet(memory, clock):
    letter(memory, RAW, {SATO: False}, state="held")
    clock.forward(days=3 * 365)
    with memory.store.write() as tx:
        disposal.past_records(tx, memory)
    assert rows(memory)["letter"] == 1


def test_evidence_hold_keeps_the_records(memory, clock):
    id = letter(memory, RAW, {SATO: False}, state="withdrawn")
    swept(memory)
    auditor = holder(memory, "auditor")
    with memory.store.write() as tx:
        evidence.begin(tx, "訴訟", auditor.id, auditor)
    clock.forward(days=3 * 365)
    swept(memory)
    with memory.store.read() as session:
        kept = records.about(session.connection(), id)
    assert {each.mail_subject for each in kept} == {"源泉徴収票の件"}
    assert entries(memory, disposal.DISPOSED) == []


def test_each_slice_says_what_went_and_how_far(memory, clock, monkeypatch):
    monkeypatch.setattr(disposal, "DETAILS", 4)
    with memory.store.write() as tx:
        for number in range(6):
            tx.record("held", SYSTEM, letter=f"L{number}", note="関所")
    clock.forward(days=3 * 365)
    for _ in range(4):
        with memory.store.write() as tx:
            disposal.past_records(tx, memory)
    said = [each.details for each in entries(memory, disposal.DISPOSED)][::-1]
    assert [each["through"] for each in said] == [4, 6]
    assert [each["entries"] for each in said] == [4, 2]
    assert check(memory).whole
    with memory.store.read() as session:
        assert pointers.read(session.connection(), ERASED_THROUGH) == "6"


def test_the_months_are_the_companys(memory, clock):
    letter(memory, RAW, {SATO: False}, state="withdrawn")
    swept(memory)
    retention = memory.config.retention.model_copy(update={"records_months": 36})
    memory = replace(memory, config=memory.config.model_copy(update={"retention": retention}))
    clock.forward(days=2 * 365 + 30)
    swept(memory)
    assert rows(memory)["letter"] == 1
    clock.forward(days=365)
    swept(memory)
    assert rows(memory) == {}


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_day_ends_at_midnight_in_japan(memory, clock, hours):
    """One piece of work a night, whatever the hour of the mail."""
    letter(memory, RAW, {SATO: False}, state="withdrawn")
    swept(memory)
    with memory.store.read() as session:
        last = session.connection().execute(select(ENTRY.c.at)).scalars().all()[-1]
    midnight = (last.astimezone(memory.config.zone) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    anniversary = midnight.replace(year=midnight.year + 2)
    clock.forward(seconds=(anniversary - memory.store.clock()).total_seconds() + hours * 3600)
    swept(memory)
    assert ("letter" in rows(memory)) == (hours < 0)
