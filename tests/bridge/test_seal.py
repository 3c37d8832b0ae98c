"""Sealing with real scan workers and a real vault."""

from __future__ import annotations

import asyncio
import email
import os
from dataclasses import replace
from datetime import timedelta
from email import policy

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from bridge import acts, erasing, packing, parcel, rendition
from bridge.parcel import PARCEL
from bridge.seal import Sealing
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.demands import demands_of
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.people import ensure
from gateway.judgement.policy.rules import Treatment
from gateway.judgement.sandbox import Sandbox
from gateway.memory.committer import Committer
from gateway.memory.keys import KeyGone
from gateway.memory.nudge import Bell
from gateway.memory.states import SYSTEM, Overtaken, State, put_back
from gateway.memory.tables import Grant, table
from tests.bridge.parcels import SATO, fetched, letter, own_mails, verbs
from tests.samples import individual_number, message

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUT = {SATO: False}
ATTACHED, WHOLE = Treatment(bridge="attachments"), Treatment(bridge="whole")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox():
    started = await Sandbox.start(1)
    yield started
    await started.stop()


@pytest.fixture
def committer(memory):
    running = Committer(memory.store)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stage(memory, committer, sandbox):
    return Sealing(memory, committer, Checkpoint.of(memory), sandbox, None, "test")


def csv(seed=1):
    return f"個人番号,氏名\r\n{individual_number(seed)},山田\r\n".encode()


def payroll(body="お送りします。", **more):
    files = [("一覧 2026.csv", csv()), ("ご案内.txt", "案内です".encode())]
    return message("給与資料", body, files, to=SATO, **more)


async def sealed(stage):
    """Everything that is due, until nothing is."""
    while claimed := await stage.committer.commit(stage.claim):
        for each in claimed:
            await stage.seal(each)


def consignments(memory):
    with memory.store.read() as session:
        conn = session.connection()
        rows = conn.execute(select(CONSIGNMENT)).mappings().all()
        return [(row, conn.execute(_to(row["id"])).scalars().all()) for row in rows]


def _to(id):
    return select(RECIPIENT.c.address).where(RECIPIENT.c.consignment_id == id)


def one(memory, id):
    with memory.store.read() as session:
        query = select(CONSIGNMENT).where(CONSIGNMENT.c.id == id)
        return session.connection().execute(query).mappings().one()


def leaving(memory, id):
    """What the courier would send."""
    row, content = one(memory, id), memory.content
    with memory.store.read() as session:
        conn = session.connection()
        if not row["rendition"]:
            return content.raw(conn, content.row(conn, row["letter_id"]))
        key = content.ring.unwrap(row["rendition_key"], row["rendition_kek"], id)
        return memory.vault.open(conn, row["rendition"], key, f"rendition {id}").whole()


def parcels(memory):
    with memory.store.read() as session:
        query = select(PARCEL).order_by(PARCEL.c.recipient)
        return session.connection().execute(query).mappings().all()


def text_of(raw):
    mail = email.message_from_bytes(raw, policy=policy.default)
    return mail.get_body(("plain",)).get_content()


async def test_it_works(memory, stage):
    id = letter(memory, payroll(), OUT, treatment=ATTACHED)
    await sealed(stage)
    (row,) = parcels(memory)
    out = leaving(memory, id)
    assert one(memory, id)["state"] == "queued"
    assert row["form"] == "attachments" and row["recipient"] == SATO
    assert f"受取番号 {row['id']}" in text_of(out) and "お送りします。" in text_of(out)
    assert b"attachment" not in out.lower() and individual_number(1).encode() not in out
    assert fetched(memory, row["id"], 1) == csv()
    assert [f.name for f in parcel.manifest(memory, row).files] == ["一覧 2026.csv", "ご案内.txt"]
    assert "sealed" in verbs(memory, id) and verbs(memory, row["id"]) == ["link.created"]


async def test_the_link_in_the_mail_opens_this_parcel(memory, stage):
    id = letter(memory, payroll(), OUT, treatment=ATTACHED)
    await sealed(stage)
    token = text_of(leaving(memory, id)).split("/d/")[1].split()[0]
    with memory.store.read() as session:
        assert parcel.find(session.connection(), token)["consignment_id"] == id


async def test_a_number_in_the_body_leaves_as_a_whole_only(memory, stage):
    number = individual_number(7)
    raw = payroll(f"個人番号は {number} です。")
    id = letter(memory, raw, OUT, treatment=WHOLE)
    await sealed(stage)
    (row,) = parcels(memory)
    out = leaving(memory, id)
    assert number not in text_of(out) and "個人番号は" not in text_of(out)
    page, eml, *rest = parcel.manifest(memory, row).files
    assert (page.name, eml.name, len(rest)) == (rendition.PAGE, rendition.MESSAGE, 2)
    assert fetched(memory, row["id"], eml.number) == raw
    assert number in fetched(memory, row["id"], page.number).decode()
    assert fetched(memory, row["id"], 3) == csv()
    assert "本文と添付ファイル（2件" in text_of(out)


def two_ways(raw: bytes) -> bytes:
    """One reader takes the first of two types of the first part, another one the last."""
    return raw.replace(
        b"Content-Type: text/plain", b"Content-Type: text/html\r\nContent-Type: text/plain", 1
    )


@pytest.mark.parametrize(
    "raw",
    [
        two_ways(payroll()),
        payroll().replace(b"charset=utf-8", b"charset=x-unknown", 1).replace(b"44GK", b"/4GK", 1),
    ],
    ids=["ambiguous", "unknown charset"],
)
async def test_what_cannot_be_spliced_safely_goes_as_a_whole(memory, stage, raw):
    letter(memory, raw, OUT, treatment=ATTACHED)
    await sealed(stage)
    (row,) = parcels(memory)
    assert row["form"] == "whole"
    assert len(list(memory.parcels.folder.glob("own-*.key"))) == 1  # the first attempt left no key


async def test_a_number_in_the_subject_stands_in_the_parcel_alone(memory, stage):
    number = individual_number(8)
    raw = message(f"個人番号 {number} の件", "お送りします。", to=SATO)
    id = letter(memory, raw, OUT, treatment=WHOLE)
    await sealed(stage)
    (row,) = parcels(memory)
    out = email.message_from_bytes(leaving(memory, id), policy=policy.default)
    assert number not in out["Subject"] and "個人番号" in out["Subject"]
    assert number not in parcel.manifest(memory, row).subject
    assert number in fetched(memory, row["id"], 1).decode()


async def test_each_outside_recipient_gets_a_link_of_their_own(memory, stage):
    people = {
        SATO: False,
        "boss@example.co.jp": True,
        "ito@other.example": False,
        "k@example.co.jp": True,
    }
    raw = payroll()
    letter(memory, raw, people, treatment=ATTACHED)
    await sealed(stage)
    found = {frozenset(to): row for row, to in consignments(memory)}
    inside = frozenset({"boss@example.co.jp", "k@example.co.jp"})
    assert set(found) == {frozenset({SATO}), frozenset({"ito@other.example"}), inside}
    assert {row["state"] for row in found.values()} == {"queued"}
    assert leaving(memory, found[inside]["id"]) == raw
    assert [row["recipient"] for row in parcels(memory)] == ["ito@other.example", SATO]
    bodies = {text_of(leaving(memory, row["consignment_id"])) for row in parcels(memory)}
    assert len(bodies) == 2


async def test_a_told_word_is_asked_and_not_written_to_the_recipient(memory, stage):
    id = letter(memory, payroll(), OUT, treatment=Treatment(bridge="attachments", told_word=True))
    await sealed(stage)
    (row,) = parcels(memory)
    word = parcel.word(memory, row)
    assert len(word) == 6 and "合言葉" in text_of(leaving(memory, id))
    assert word not in text_of(leaving(memory, id))


async def test_a_dropped_attachment_is_nowhere(memory, stage):
    both = {SATO: False, "boss@example.co.jp": True}
    letter(memory, payroll(), both, treatment=ATTACHED, dropped={"parts": ["2"]})
    await sealed(stage)
    (row,) = parcels(memory)
    assert [f.name for f in parcel.manifest(memory, row).files] == ["ご案内.txt"]
    for each, _ in consignments(memory):
        out = leaving(memory, each["id"])
        names = [
            p.get_filename() for p in email.message_from_bytes(out, policy=policy.default).walk()
        ]
        assert not any(name and name.startswith("一覧") for name in names)


async def test_a_dropped_attachment_is_not_in_a_whole_parcel_either(memory, stage):
    letter(memory, payroll(), OUT, treatment=WHOLE, dropped={"parts": ["2"]})
    await sealed(stage)
    (row,) = parcels(memory)
    assert [f.name for f in parcel.manifest(memory, row).files][2:] == ["ご案内.txt"]
    assert b"csv" not in fetched(memory, row["id"], 2)


async def test_without_a_treatment_only_what_was_dropped_is_taken_out(memory, stage):
    id = letter(memory, payroll(), OUT, dropped={"parts": ["2"]})
    await sealed(stage)
    assert parcels(memory) == []
    names = [
        p.get_filename()
        for p in email.message_from_bytes(
            leaving(memory, id), policy=policy.default
        ).iter_attachments()
    ]
    assert names == ["ご案内.txt"]


# -- what goes wrong


async def test_what_fails_three_times_is_held_for_the_administrator(memory, stage, clock, caplog):
    # dropping a part of a mail that reads two ways cannot be done
    raw = two_ways(payroll(f"番号 {individual_number(3)}"))
    id = letter(memory, raw, OUT, treatment=WHOLE, dropped={"parts": ["2"]})
    with memory.store.write() as tx:
        admin = ensure(tx, "admin@example.co.jp")
        tx.conn.execute(
            insert(table(Grant)).values(person_id=admin, kind="role", name="system_admin")
        )
    for expected in ("released", "released", "held"):
        await sealed(stage)
        assert one(memory, id)["state"] == expected
        clock.forward(minutes=2)
    with memory.store.read() as session:
        (demand,) = demands_of(session.connection(), id)
    assert (demand["kind"], demand["state"]) == ("admin", "open")
    assert len(own_mails(memory, "admin")) == 1
    assert parcels(memory) == [] and list(memory.parcels.folder.glob("own-*.key")) == []
    assert individual_number(3) not in caplog.text


async def test_a_lost_lease_writes_nothing_and_leaves_no_key(memory, stage):
    id = letter(memory, payroll(), OUT, treatment=ATTACHED)
    (claimed,) = await stage.committer.commit(stage.claim)
    with memory.store.write() as tx:  # somebody else took it meanwhile
        put_back(tx, claimed.ref, wait=timedelta())
    await stage.seal(claimed)
    assert one(memory, id)["state"] == "released"
    assert parcels(memory) == [] and list(memory.parcels.folder.glob("own-*.key")) == []
    await sealed(stage)
    assert one(memory, id)["state"] == "queued" and len(parcels(memory)) == 1


async def test_two_workers_that_seal_the_same_mail_make_one_parcel(memory, stage, clock):
    letter(memory, payroll(), OUT, treatment=ATTACHED)
    (slow,) = await stage.committer.commit(stage.claim)
    assert await stage.committer.commit(stage.claim) == []  # leased
    clock.forward(minutes=11)
    (quick,) = await stage.committer.commit(stage.claim)
    await asyncio.gather(stage.seal(slow), stage.seal(quick))
    assert len(parcels(memory)) == 1


@pytest.mark.parametrize("step", ["packed", "rendition", "row"])
async def test_a_crash_between_the_steps_lets_nothing_leave(
    memory, stage, clock, monkeypatch, step, caplog
):
    """As kill -9 would: what was done stays, nothing that tidies up runs."""
    id = letter(memory, payroll("x" * 70_000), OUT, treatment=ATTACHED)

    class Killed(BaseException):
        pass

    def killed(*_args, **_named):
        raise Killed

    monkeypatch.setattr(packing, "discard", lambda *_: None)
    target, name = {
        "packed": ("bridge.splice", "take_out"),
        "rendition": ("gateway.memory.vault.Vault", "seal"),
        "row": ("bridge.seal", "_Work"),
    }[step]
    if step == "rendition":
        real = memory.vault.seal
        monkeypatch.setattr(
            type(memory.vault),
            "seal",
            lambda self, plain, key, about: (
                killed() if about.startswith("rendition") else real(plain, key, about)
            ),
        )
    else:
        monkeypatch.setattr(f"{target}.{name}", killed)
    (claimed,) = await stage.committer.commit(stage.claim)
    with pytest.raises(Killed):
        await stage.seal(claimed)
    assert one(memory, id)["state"] == "released" and parcels(memory) == []
    assert list(memory.parcels.folder.glob("own-*.key"))  # an orphan that opens nothing
    monkeypatch.undo()

    clock.forward(minutes=11)  # the lease runs out
    await sealed(stage)
    assert one(memory, id)["state"] == "queued"
    (row,) = parcels(memory)
    old = (clock() - timedelta(hours=26)).timestamp()
    for path in (*memory.vault.files(), *memory.parcels.folder.glob("own-*.key")):
        os.utime(path, (old, old))
    assert erasing.orphans(memory, clock()) >= 1
    assert len(list(memory.parcels.folder.glob("own-*.key"))) == 1
    assert fetched(memory, row["id"]) == csv()
    assert leaving(memory, id)


async def test_the_stage_seals_what_is_released_while_it_runs(memory, stage):
    bell = Bell(asyncio.get_running_loop())
    memory.store.listeners.append(bell.ring)
    running = asyncio.create_task(replace(stage, bell=bell).run())
    id = letter(memory, payroll(), OUT, treatment=ATTACHED)
    bell.ring(State.RELEASED.value)
    await bell.wait(State.QUEUED.value, 20)
    assert one(memory, id)["state"] == "queued"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_recall_before_delivery_ends_a_parcel_that_was_just_sealed(memory, stage):
    letter(memory, payroll(), OUT, treatment=ATTACHED)
    await sealed(stage)
    (row,) = parcels(memory)
    with memory.store.write() as tx:
        acts.recall(tx, memory, row, SYSTEM)
    with pytest.raises(KeyGone):
        parcel.key(memory, row)
    with pytest.raises(Overtaken), memory.store.write() as tx:
        acts.stop(tx, row, SYSTEM)
