from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bridge import acts, packing, parcel, visit
from bridge.packing import Content
from bridge.parcel import PARCEL
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.policy.rules import Treatment
from gateway.memory.config import Bridge, Config
from gateway.memory.durations import parse
from gateway.memory.keys import KeyGone
from gateway.memory.opening import open_memory
from gateway.memory.states import Actor, Overtaken
from gateway.memory.tables import Deputy, table
from tests.bridge.parcels import DATA, YAMADA, fetched, made, own_mails, row, standing, verbs


def recall(memory, id):
    with memory.store.write() as tx:
        acts.recall(tx, memory, parcel.get(tx.conn, id), YAMADA, "宛先の間違い")


def test_it_works(memory):
    done = made(
        memory, Content("一覧.csv", "text/csv", DATA), Content("小.txt", "text/plain", b"x")
    )
    told = parcel.manifest(memory, row(memory, done.id))
    assert [(f.number, f.name, f.size) for f in told.files] == [
        (1, "一覧.csv", len(DATA)),
        (2, "小.txt", 1),
    ]
    assert told.sender == "総務課 山田 花子"
    assert fetched(memory, done.id) == DATA and fetched(memory, done.id, 2) == b"x"
    assert standing(memory, done.id) == "open"
    assert verbs(memory, done.id) == ["link.created"]


def test_it_is_found_by_its_link_and_by_a_typed_pickup_number(memory):
    done = made(memory)
    with memory.store.read() as session:
        conn = session.connection()
        assert parcel.find(conn, done.token)["id"] == done.id
        assert parcel.at_pickup(conn, f" {done.id.lower().replace('-', ' ')} ")["id"] == done.id
        assert parcel.find(conn, done.token[:-1]) is None
        assert parcel.at_pickup(conn, "0" * 5_000) is None


def test_neither_link_nor_word_nor_file_stands_in_the_clear(memory):
    done = made(memory, Content("一覧.csv", "text/csv", b"secret words"), told_word=True)
    memory.store.disconnect()
    held = b"".join(p.read_bytes() for p in memory.store.folder.rglob("*") if p.is_file())
    for secret in (done.token, done.word, "secret words", "一覧.csv"):
        assert secret.encode() not in held
    assert parcel.word(memory, row(memory, done.id)) == done.word


def test_the_door_reads_parcels_with_their_keys_alone_and_no_word(memory, clock):
    done = made(memory, told_word=True)
    door = open_memory(memory.config, with_letters=False, clock=clock)
    assert fetched(door, done.id) == DATA
    with pytest.raises(PermissionError):
        parcel.word(door, row(door, done.id))
    door.close()


@pytest.mark.parametrize(
    ("asked", "closes", "downloads"),
    [
        (None, "2026-11-28T23:59:59+09:00", 5),
        ({"days": 2, "downloads": 1}, "2026-11-23T23:59:59+09:00", 1),
        ({"days": 30, "downloads": 99}, "2026-11-28T23:59:59+09:00", 5),  # the stricter one
        ({"opens_after": "10 h"}, "2026-11-29T23:59:59+09:00", 5),
    ],
)
def test_dates_follow_settings_and_rule(config, clock, asked, closes, downloads):
    treatment = Treatment.model_validate({"bridge": "attachments", **asked}) if asked else None
    terms = parcel.terms(config, treatment, clock())
    assert terms.closes_at.isoformat() == closes
    assert terms.downloads == downloads
    assert terms.erase_at - terms.closes_at == timedelta(days=7)
    opens = parse("10 h").clock if asked and "opens_after" in asked else timedelta()
    assert terms.opens_at == clock() + opens


def test_standing_follows_dates_and_counts(memory, clock):
    done = made(memory, opens_at=clock() + timedelta(hours=1))
    assert standing(memory, done.id) == "not_yet"
    clock.forward(hours=1)
    assert standing(memory, done.id) == "open"
    for _ in range(5):
        with memory.store.write() as tx:
            access = visit.start_download(tx, parcel.get(tx.conn, done.id), 1, "192.0.2.1", "UA")
            visit.end_download(tx, access, len(DATA), "192.0.2.1")
    assert standing(memory, done.id) == "used_up"
    with memory.store.write() as tx:
        assert visit.start_download(tx, parcel.get(tx.conn, done.id), 1, "", "") is None
    clock.forward(days=8)
    assert standing(memory, done.id) == "expired"


def test_an_aborted_download_does_not_count(memory):
    done = made(memory)
    with memory.store.write() as tx:
        access = visit.start_download(tx, parcel.get(tx.conn, done.id), 1, "192.0.2.1", "UA")
        visit.end_download(tx, access, 10, "192.0.2.1")
        assert parcel.files(tx.conn, done.id)[0]["taken"] == 0
    assert verbs(memory, done.id)[1:] == ["download.started", "download.aborted"]


# -- what people do


def test_it_can_be_stopped_and_opened_again(memory):
    done = made(memory)
    with memory.store.write() as tx:
        acts.stop(tx, parcel.get(tx.conn, done.id), YAMADA, "確認中")
    assert standing(memory, done.id) == "stopped"
    with memory.store.write() as tx:
        acts.resume(tx, parcel.get(tx.conn, done.id), YAMADA)
    assert standing(memory, done.id) == "open"
    assert verbs(memory, done.id)[1:] == ["link.stopped", "link.resumed"]


def test_it_can_be_extended_for_31_days_and_no_more(memory, clock):
    done = made(memory)
    clock.forward(days=9)
    with memory.store.write() as tx:
        acts.extend(tx, memory.config, parcel.get(tx.conn, done.id), tx.now, YAMADA)
    assert standing(memory, done.id) == "open"
    late = clock() + timedelta(days=23)
    for until, code in ((late, "too_long"), (clock() - timedelta(days=1), "past")):
        with pytest.raises(acts.Refused, match=code), memory.store.write() as tx:
            acts.extend(tx, memory.config, parcel.get(tx.conn, done.id), until, YAMADA)


def test_a_recall_ends_key_bytes_and_word_at_once(memory):
    done = made(memory, told_word=True)
    before = row(memory, done.id)
    recall(memory, done.id)
    after = row(memory, done.id)
    assert standing(memory, done.id) == "recalled"
    assert (after["key"], after["manifest"], after["word"]) == (b"", b"", b"")
    assert memory.parcels.is_gone(after["kek"])
    assert list(memory.vault.files()) == []
    with pytest.raises(KeyGone):
        parcel.manifest(memory, before)
    assert verbs(memory, done.id)[1:] == ["link.recalled", "link.erased"]


def test_a_restored_backup_from_before_the_recall_cannot_open_the_file(memory, clock, tmp_path):
    done = made(memory)
    backup = tmp_path / "backup"
    memory.store.disconnect()
    shutil.copytree(memory.config.data_dir, backup, ignore=shutil.ignore_patterns("keys"))
    recall(memory, done.id)
    memory.close()
    # database, vault and ledger come back as they were; keys are in no dated backup
    shutil.copytree(backup, memory.config.data_dir, dirs_exist_ok=True)
    restored = open_memory(memory.config, clock=clock)
    assert row(restored, done.id)["state"] == "open"
    assert list(restored.vault.files())
    with pytest.raises(KeyGone):
        fetched(restored, done.id)
    restored.close()


def test_even_the_key_file_put_back_does_not_open_what_was_recalled(memory, tmp_path):
    done = made(memory)
    old = row(memory, done.id)
    path = memory.parcels.folder / f"own-{done.id}.key"
    shutil.copy(path, tmp_path / "key")
    recall(memory, done.id)
    shutil.copy(tmp_path / "key", path)
    with pytest.raises(KeyGone):
        parcel.key(memory, old)


def test_two_recalls_act_once(memory):
    done = made(memory)
    seen = row(memory, done.id)
    recall(memory, done.id)
    with pytest.raises(Overtaken), memory.store.write() as tx:  # the page of before
        acts.recall(tx, memory, seen, YAMADA)
    with pytest.raises(acts.Refused, match="settled"):
        recall(memory, done.id)
    assert verbs(memory, done.id).count("link.recalled") == 1


def test_a_page_that_is_out_of_date_changes_nothing(memory):
    done = made(memory)
    seen = row(memory, done.id)
    with memory.store.write() as tx:
        acts.extend(tx, memory.config, seen, tx.now + timedelta(days=9), YAMADA)
    for act in (
        lambda tx: acts.extend(tx, memory.config, seen, tx.now + timedelta(days=1), YAMADA),
        lambda tx: acts.recall(tx, memory, seen, YAMADA),
        lambda tx: acts.stop(tx, seen, YAMADA),
    ):
        with pytest.raises(Overtaken), memory.store.write() as tx:
            act(tx)
    assert fetched(memory, done.id) == DATA
    assert verbs(memory, done.id)[1:] == ["link.extended"]


def test_a_reissue_is_a_new_parcel_with_the_same_files_and_a_mail(memory, clock):
    done = made(memory, told_word=True)
    clock.forward(days=9)
    with memory.store.write() as tx:
        acts.ask_reissue(tx, parcel.get(tx.conn, done.id), "192.0.2.1")
    packed = acts.repack(memory, row(memory, done.id))
    with memory.store.write() as tx:
        old = parcel.get(tx.conn, done.id)
        new = acts.reissue(tx, Checkpoint.of(memory), memory, old, packed, YAMADA)
    assert fetched(memory, new.id) == DATA
    assert row(memory, new.id)["parent_id"] == done.id
    assert new.word and new.word != done.word
    assert (standing(memory, done.id), standing(memory, new.id)) == ("expired", "open")
    (mail,) = own_mails(memory, "link")
    assert new.token in mail and new.id in mail and new.word not in mail
    assert verbs(memory, done.id)[-1] == "link.reissued"


def test_what_was_erased_cannot_be_issued_again(memory):
    done = made(memory)
    recall(memory, done.id)
    with pytest.raises(acts.Refused, match="erased"):
        acts.repack(memory, row(memory, done.id))


def test_what_was_packed_and_discarded_leaves_nothing(memory):
    blank = parcel.Manifest((), "attachments", "", "", "", "ja", "")
    packed = packing.pack(memory, blank, [Content("a", "text/plain", DATA)], told_word=False)
    assert list(memory.vault.files())
    packing.discard(memory, packed)
    assert list(memory.vault.files()) == []
    assert memory.parcels.is_gone(packed.kek)


@pytest.mark.parametrize(
    ("person", "roles", "seen", "changed"),
    [
        ("sender", (), True, True),
        ("deputy", (), True, True),
        ("stranger", (), False, False),
        ("", (), False, False),
        ("stranger", ("system_admin",), True, True),
        ("stranger", ("auditor",), True, False),
        ("stranger", ("approver", "handler"), False, False),
    ],
)
def test_who_sees_it_and_who_may_act(memory, clock, person, roles, seen, changed):
    done = made(memory)
    sender = row(memory, done.id)["sender_id"]
    with memory.store.write() as tx:
        tx.conn.execute(insert(table(Deputy)).values(person_id=sender, deputy_id="deputy"))
    person = sender if person == "sender" else person
    with memory.store.read() as session:
        conn = session.connection()
        for clause, expected in ((parcel.visible, seen), (parcel.changeable, changed)):
            query = select(PARCEL.c.id).where(clause(conn, person, roles, clock()))
            assert (done.id in conn.execute(query).scalars().all()) is expected


def test_a_file_name_cannot_lead_astray():
    assert packing.file_name("..\\..\\a/b\u202efdp.exe\r\n") == "_.._a_b_fdp.exe__"
    assert packing.file_name(" .. ") == ""


def test_an_operator_is_named_in_the_ledger(memory):
    done = made(memory)
    with memory.store.write() as tx:
        by = Actor("operator", "root", on_behalf_of="yamada")
        acts.stop(tx, parcel.get(tx.conn, done.id), by, "電話での依頼")
    assert verbs(memory, done.id)[-1] == "link.stopped"


def test_company_settings_bound_the_days():
    with pytest.raises(ValueError):
        Config(bridge=Bridge(open_days=32))
