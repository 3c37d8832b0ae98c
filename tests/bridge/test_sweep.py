from __future__ import annotations

import asyncio
import os
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event, func, insert, select, update

from bridge import acts, erasing, evidence, parcel, sweep, visit
from bridge.parcel import PARCEL
from bridge.sweep import Sweep
from detectors.report import Report
from gateway.judgement import tokens
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.demands import demand
from gateway.judgement.dossier import CONSIGNMENT, DEMAND, RECIPIENT
from gateway.judgement.policy.verdict import Demand
from gateway.memory.committer import Committer
from gateway.memory.keys import KeyGone
from gateway.memory.letters import LETTER
from gateway.memory.opening import open_memory
from gateway.memory.states import ref
from gateway.memory.vault import Damaged
from tests.bridge.parcels import (
    DATA,
    ENTRY,
    SATO,
    YAMADA,
    fetched,
    holder,
    letter,
    made,
    own_mails,
    row,
    standing,
    verbs,
)
from tests.samples import message

RAW = message("件名", "本文", [("大.csv", DATA)])


@pytest.fixture
def sweeping(memory):
    return Sweep(memory, None, Checkpoint.of(memory))


def once(memory, sweeping):
    for chore in sweeping.chores():
        with memory.store.write() as tx:
            chore(tx)


def consignment(memory, id):
    with memory.store.read() as session:
        query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == id)
        return session.connection().execute(query).mappings().one()


def letter_row(memory, id):
    with memory.store.read() as session:
        return memory.content.row(session.connection(), id)


GROWING = re.compile(r"SCAN (letter|consignment|recipient|attempt|decision|ledger\w+)\b(?! USING)")


def test_a_round_goes_through_no_history(memory, sweeping):
    """Every five seconds, beside the mail: with a million letters gone by it would take seconds."""
    memory.content.ring.epoch(memory.store.clock().date())  # in force, and not over
    said = []

    def note(conn, cursor, statement, parameters, context, many):
        said.append((statement, parameters))

    event.listen(memory.store.engine, "before_cursor_execute", note)
    once(memory, sweeping)
    event.remove(memory.store.engine, "before_cursor_execute", note)
    looked = [each for each in said if each[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    assert len(looked) > 10
    with memory.store.read() as session:
        for statement, parameters in looked:
            plan = f"EXPLAIN QUERY PLAN {statement}"
            found = session.connection().exec_driver_sql(plan, parameters).fetchall()
            assert not [step for *_, step in found if GROWING.search(step)], (statement, found)


# -- parcels


def test_a_parcel_closes_at_one_date_and_is_erased_at_a_later_one(memory, sweeping, clock):
    done = made(memory, told_word=True)
    clock.forward(days=8)
    once(memory, sweeping)
    once(memory, sweeping)
    assert standing(memory, done.id) == "expired"
    assert fetched(memory, done.id) == DATA  # a re-issue is still one click
    assert verbs(memory, done.id).count("link.expired") == 1
    clock.forward(days=7)
    once(memory, sweeping)
    once(memory, sweeping)
    after = row(memory, done.id)
    assert standing(memory, done.id) == "erased"
    assert (after["key"], after["manifest"], after["word"]) == (b"", b"", b"")
    assert memory.parcels.is_gone(after["kek"]) and list(memory.vault.files()) == []
    assert verbs(memory, done.id).count("link.erased") == 1


def test_a_second_end_after_an_extension_is_written_down_too(memory, sweeping, clock):
    done = made(memory)
    clock.forward(days=8)
    once(memory, sweeping)
    with memory.store.write() as tx:
        acts.extend(tx, memory.config, parcel.get(tx.conn, done.id), tx.now, YAMADA)
    once(memory, sweeping)
    assert verbs(memory, done.id).count("link.expired") == 1
    clock.forward(days=1)
    once(memory, sweeping)
    assert verbs(memory, done.id).count("link.expired") == 2


def test_a_reminder_goes_out_once_two_days_before_the_end(memory, sweeping, clock):
    done = made(memory)
    clock.forward(days=5)
    once(memory, sweeping)
    assert own_mails(memory, "reminder") == []
    clock.forward(hours=12)
    once(memory, sweeping)
    with memory.store.read() as session:
        (mail,) = (
            session.connection()
            .execute(select(LETTER.c.mail_from).where(LETTER.c.purpose == "reminder"))
            .scalars()
        )
    assert mail == memory.config.delivery.bounce_address
    once(memory, sweeping)
    assert verbs(memory, done.id).count("link.reminded") == 1


def test_the_link_of_a_reminder_opens_the_same_parcel(memory, clock):
    done = made(memory)
    with memory.store.write() as tx:
        acts.remind(tx, Checkpoint.of(memory), memory, parcel.get(tx.conn, done.id), YAMADA)
    (mail,) = own_mails(memory, "reminder")
    token = mail.split("/d/")[1].split()[0]
    assert token != done.token
    with memory.store.read() as session:
        assert parcel.find(session.connection(), token)["id"] == done.id


@pytest.mark.parametrize("why", ["fetched", "not delivered", "stopped", "short"])
def test_nobody_is_reminded_in_vain(memory, sweeping, clock, why):
    short = {"closes_at": clock() + timedelta(days=2)} if why == "short" else {}
    done = made(memory, **short)
    with memory.store.write() as tx:
        if why == "fetched":
            access = visit.start_download(tx, parcel.get(tx.conn, done.id), 1, "", "")
            visit.end_download(tx, access, len(DATA), "")
        elif why == "not delivered":
            tx.conn.execute(update(RECIPIENT).values(status="failed"))
        elif why == "stopped":
            acts.stop(tx, parcel.get(tx.conn, done.id), YAMADA)
    clock.forward(days=0 if why == "short" else 6)
    once(memory, sweeping)
    assert "link.reminded" not in verbs(memory, done.id)


def test_the_sender_is_told_once_that_a_new_link_is_asked_for(memory, sweeping, clock):
    done = made(memory)
    clock.forward(days=8)
    for _ in range(3):
        with memory.store.write() as tx:
            acts.ask_reissue(tx, parcel.get(tx.conn, done.id), "192.0.2.1")
            sweep.tell_senders(tx, sweeping.checkpoint)
    (mail,) = own_mails(memory, "reissue_asked")
    assert "山田 花子 様" in mail and SATO in mail
    assert verbs(memory, done.id).count("link.reissue_asked") == 1


def test_a_sender_is_told_once_of_each_download(memory, sweeping):
    done = made(memory)
    with memory.store.write() as tx:
        access = visit.start_download(tx, row(memory, done.id), 1, "192.0.2.1", "a browser")
        visit.end_download(tx, access, 1, "192.0.2.1")
        sweep.tell_downloads(tx, sweeping.checkpoint, memory)
    assert own_mails(memory, "fetched") == []  # broken off
    with memory.store.write() as tx:
        visit.end_download(tx, access, 10**9, "192.0.2.1")
    for _ in range(2):
        with memory.store.write() as tx:
            sweep.tell_downloads(tx, sweeping.checkpoint, memory)
    (mail,) = own_mails(memory, "fetched")
    assert "山田 花子 様" in mail and SATO in mail and "192.0.2.1" in mail


def test_what_was_recalled_stays_recalled_in_an_old_database(memory):
    done = made(memory)
    memory.parcels.destroy(row(memory, done.id)["kek"], "recalled, then the database was lost")
    assert standing(memory, done.id) == "open"
    with memory.store.write() as tx:
        assert erasing.lost_keys(tx, memory) == 1
    assert standing(memory, done.id) == "erased"


# -- letters


@pytest.mark.parametrize("state", ["done", "withdrawn", "refused", "expired"])
def test_a_letter_whose_last_consignment_is_final_is_erased(memory, sweeping, state):
    id = letter(memory, RAW, {SATO: False}, state=state)
    before = letter_row(memory, id)
    sealed = memory.vault.folder.joinpath(before["blob"].removeprefix("file:"))
    content = sealed.read_bytes()
    once(memory, sweeping)
    after = letter_row(memory, id)
    assert after["blob"] == "" and not sealed.exists()
    with pytest.raises(Damaged):  # the key that is there now opens what was found, not the mail
        memory.content.opened(content, after).whole()
    assert memory.content.report(after) == Report()
    assert after["subject"] == "件名" and after["erased_at"]  # the record stays
    assert consignment(memory, id)["state"] == "erased"
    once(memory, sweeping)
    assert verbs(memory, id).count("erased") == 1


@pytest.mark.parametrize("state", ["received", "held", "released", "queued", "delayed"])
def test_what_is_still_to_be_done_is_not_erased(memory, sweeping, state):
    id = letter(memory, RAW, {SATO: False}, state="done")
    with memory.store.write() as tx:
        tx.conn.execute(
            insert(CONSIGNMENT).values(
                id="OTHER",
                letter_id=id,
                state=state,
                created_at=tx.now,
                changed_at=tx.now,
                due_at=tx.now + timedelta(days=1),
            )  # fmt: skip
        )
    once(memory, sweeping)
    assert letter_row(memory, id)["blob"]


def test_an_own_key_is_destroyed_with_its_letter(memory, sweeping):
    id = letter(memory, RAW, {SATO: False}, state="refused")
    with memory.store.write() as tx:
        memory.content.give_own_key(tx, memory.content.row(tx.conn, id))
    held = letter_row(memory, id)
    once(memory, sweeping)
    with pytest.raises(KeyGone):
        memory.content.key(held)


def test_a_rendition_is_erased_with_it(memory, sweeping):
    id = letter(memory, RAW, {SATO: False}, state="done")
    sealed = memory.vault.seal(DATA, bytes(32), f"rendition {id}")
    with memory.store.write() as tx:
        tx.conn.execute(
            update(CONSIGNMENT)
            .where(CONSIGNMENT.c.id == id)
            .values(rendition=memory.vault.keep(tx.conn, sealed), rendition_key=b"k")
        )
    once(memory, sweeping)
    after = consignment(memory, id)
    assert (after["rendition"], after["rendition_key"]) == ("", b"")
    assert list(memory.vault.files()) == []


def test_an_option_keeps_content_for_some_days(memory, clock):
    config = memory.config.model_copy(
        update={"retention": memory.config.retention.model_copy(update={"content_days": 30})}
    )
    keeping = open_memory(config, clock=clock)
    id = letter(keeping, RAW, {SATO: False}, state="done")
    sweeping = Sweep(keeping, None, Checkpoint.of(keeping))
    clock.forward(days=29)
    once(keeping, sweeping)
    assert letter_row(keeping, id)["blob"]
    clock.forward(days=2)
    once(keeping, sweeping)
    assert not letter_row(keeping, id)["blob"]
    keeping.close()


def test_an_evidence_hold_stops_all_erasing(memory, sweeping, clock):
    done, id = made(memory), letter(memory, RAW, {SATO: False}, state="done")
    auditor = holder(memory, "auditor")
    with memory.store.write() as tx:
        evidence.begin(tx, "税務調査 2026-11", auditor.id, auditor)
    clock.forward(days=40)
    once(memory, sweeping)
    assert fetched(memory, done.id) == DATA and letter_row(memory, id)["blob"]
    assert standing(memory, done.id) == "expired"  # closed all the same
    assert list(memory.content.ring.folder.glob("epoch-*.key"))
    with memory.store.write() as tx:
        evidence.end(tx, "調査の終了", auditor.id, auditor)
    once(memory, sweeping)
    assert standing(memory, done.id) == "erased" and not letter_row(memory, id)["blob"]


# -- keys, orphans, tokens


def test_a_key_whose_day_is_over_is_destroyed_unless_a_letter_lives(memory, sweeping, clock):
    done = letter(memory, RAW, {SATO: False}, state="done")
    letter(memory, RAW, {SATO: False}, state="queued")
    once(memory, sweeping)
    assert letter_row(memory, done)["report"]
    ring = memory.content.ring
    unused = ring.epoch(date(2026, 12, 1))
    clock.forward(days=40)
    once(memory, sweeping)
    assert ring.is_gone(unused)
    assert not letter_row(memory, done)["report"]  # what nobody can open any more
    assert len(list(ring.folder.glob("epoch-*.key"))) == 1  # mail is not lost by standing still


def test_files_without_a_row_are_removed_when_they_are_old(memory, clock):
    done = made(memory)
    orphan = memory.vault.seal(DATA, bytes(32), "nobody")
    part = memory.vault.folder / "0000.part"
    part.write_bytes(b"half")
    memory.parcels.own("NEVER-MADE")
    assert erasing.orphans(memory, clock()) == 0  # they are on their way
    old = (clock() - timedelta(hours=26)).timestamp()
    for path in (*memory.vault.files(), *memory.parcels.folder.glob("own-*.key")):
        os.utime(path, (old, old))
    assert erasing.orphans(memory, clock()) == 3
    assert not memory.vault.folder.joinpath(orphan.ref.removeprefix("file:")).exists()
    assert fetched(memory, done.id) == DATA


def test_tokens_and_sessions_that_are_over_are_forgotten(memory, sweeping, clock):
    done = made(memory)
    with memory.store.write() as tx:
        tokens.issue(tx, "confirm", "X", tx.now + timedelta(hours=1))
        kept = tokens.issue(tx, "confirm", "Y", tx.now + timedelta(days=1))
        visit.enter(tx, parcel.get(tx.conn, done.id), "", "")
    clock.forward(hours=2)
    once(memory, sweeping)
    with memory.store.read() as session:
        conn = session.connection()
        assert conn.execute(select(func.count()).select_from(tokens.TOKEN)).scalar() == 1
        assert conn.execute(select(func.count()).select_from(visit.SESSION)).scalar() == 0
        assert tokens.find(conn, kept, "confirm")


def test_what_the_door_wrote_is_signed(memory, clock):
    done = made(memory)
    door = open_memory(memory.config, with_letters=False, clock=clock)
    with door.store.write() as tx:
        acts.ask_reissue(tx, parcel.get(tx.conn, done.id), "192.0.2.1")
    with memory.store.read() as session:
        size = memory.ledger.head(session.connection()).size
    assert memory.ledger.last_signed().size == size - 1
    with memory.store.write() as tx:
        memory.ledger.sign(tx)
    assert memory.ledger.last_signed().size == size
    door.close()


# -- the loop


@pytest.mark.parametrize(
    ("down", "moved"), [(timedelta(minutes=1), False), (timedelta(hours=9), True)]
)
def test_deadlines_stop_while_the_service_is_down(memory, sweeping, clock, down, moved):
    id = letter(memory, RAW, {SATO: False}, state="held")
    with memory.store.write() as tx:
        sweeping.beat(tx)
        known = ref(tx, id)
        demand(tx, sweeping.checkpoint, known, memory.content.row(tx.conn, id), [Demand("confirm")])
        before = tx.conn.execute(select(DEMAND.c.due_at)).scalar_one()
    clock.forward(seconds=down.total_seconds())
    with memory.store.write() as tx:
        sweeping.wake(tx)
        after = tx.conn.execute(select(DEMAND.c.due_at)).scalar_one()
    assert after - before == (down if moved else timedelta())


def test_the_log_of_the_database_is_cut_off_after_an_erasure(memory, sweeping):
    made(memory)
    wal = memory.store.folder / "sekisho.db-wal"
    sweeping.checkpoint_wal()
    assert wal.stat().st_size > 0
    sweeping.to_cut = True
    with memory.store.read() as session:
        session.connection().execute(select(PARCEL.c.id)).all()
        with memory.store.write() as tx:
            sweeping.beat(tx)
        sweeping.checkpoint_wal()
        assert sweeping.to_cut and wal.stat().st_size > 0  # a page is being read
    sweeping.checkpoint_wal()
    assert not sweeping.to_cut and wal.stat().st_size == 0


async def test_one_chore_that_fails_does_not_stop_the_others(memory, sweeping, clock, monkeypatch):
    done = made(memory)
    clock.forward(days=20)
    sweeping.committer = Committer(memory.store)
    sweeping.committer.start()

    def broken(*_args, **_named):
        raise RuntimeError("a chore of ours")

    monkeypatch.setattr(sweep.overdue, "sweep", broken)
    running = asyncio.create_task(sweeping.run())
    async with asyncio.timeout(10):
        while standing(memory, done.id) != "erased":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    sweeping.committer.stop()


def test_every_end_is_in_the_ledger_with_its_letter(memory, sweeping, clock):
    done = made(memory)
    clock.forward(days=20)
    once(memory, sweeping)
    with memory.store.read() as session:
        query = select(ENTRY.c.letter_id).where(ENTRY.c.subject == done.id)
        letters = set(session.connection().execute(query).scalars())
        own = session.connection().execute(select(PARCEL.c.letter_id)).scalar()
    assert letters == {own}
