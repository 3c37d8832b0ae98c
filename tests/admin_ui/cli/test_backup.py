"""Backup and restore: recalled stays recalled, and what was on its way waits for a person."""

import fcntl
import json
import shutil
from datetime import timedelta

import pytest
from sqlalchemy import select

from bridge import packing, parcel
from bridge.packing import Content
from bridge.parcel import Manifest
from gateway.judgement.dossier import dossier
from gateway.memory.config import load
from gateway.memory.keys import KeyGone
from gateway.memory.ledger.append import RolledBack
from gateway.memory.opening import open_memory
from gateway.memory.states import State, claim
from gateway.memory.tables import Consignment, table
from tests import samples
from tests.admin_ui.cli.conftest import Office
from tests.gateway.judgement.test_holds import OUTSIDE, mail

CONSIGNMENT = table(Consignment)


@pytest.fixture
def reopened(site):
    """The memory as a process that starts after the restore opens it."""
    opened = []

    def again():
        opened.append(open_memory(site.office.memory.config))
        return opened[-1]

    yield again
    for memory in opened:
        memory.close()


def state_of(memory, id):
    with memory.store.read() as session:
        query = select(CONSIGNMENT.c.state).where(CONSIGNMENT.c.id == id)
        return session.connection().execute(query).scalar()


def plain(office: Office):
    raw = samples.message("見積", "よろしく", sender="hanako@example.co.jp", to=OUTSIDE)
    return office.arrive(raw, OUTSIDE)


def make_parcel(office: Office, letter: str) -> str:
    memory = office.memory
    blank = Manifest((), "attachments", "株式会社サンプル", "花子", "人事部", "ja", "資料")
    packed = packing.pack(
        memory, blank, [Content("一覧.xlsx", "application/x", b"x" * 200_000)], told_word=False
    )
    with memory.store.write() as tx:
        terms = parcel.terms(memory.config, None, tx.now)
        row = office.ck.letters.row(tx.conn, letter)
        made = packing.create(
            tx, memory, packed, terms, letter=row, consignment_id=letter, recipient=OUTSIDE[0]
        )
    return made.id


def restore(site, folder):
    return site.acting("restore", folder, person="root@example.co.jp")


def test_it_works(site, tmp_path, reopened):
    held, queued = site.office.arrive(mail(3), OUTSIDE), plain(site.office)
    ran = site.run("backup", tmp_path / "backup")
    assert ran.exit_code == 0, ran.stderr
    later = plain(site.office)
    ran = restore(site, tmp_path / "backup")
    assert ran.exit_code == 0, ran.stderr
    memory = reopened()
    assert state_of(memory, held) == "held" and state_of(memory, queued) == "queued"
    assert state_of(memory, later) is None
    assert site.run("audit", "verify").exit_code == 0


@pytest.fixture
def new_machine(site, tmp_path):
    """The same configuration, and nothing else yet."""
    site.office.arrive(mail(3), OUTSIDE)
    site.run("backup", tmp_path / "backup")
    (tmp_path / "new").mkdir()
    shutil.copy(site.file, tmp_path / "new")
    return tmp_path / "new"


def test_on_a_new_machine_the_keys_come_first(site, tmp_path, new_machine, sekisho):
    asked = ("restore", tmp_path / "backup", "--on-behalf-of", "root", "--reason", "x")
    ran = sekisho(*asked, "--config", new_machine / "sekisho.toml")
    assert ran.code == 2 and "letters/root" in ran.stderr and "控えの鍵" in ran.stderr
    assert not list(new_machine.rglob("root")) and not list(new_machine.rglob("sekisho.db"))
    shutil.copytree(site.data / "keys", new_machine / "var" / "keys")
    assert sekisho(*asked, "--config", new_machine / "sekisho.toml").code == 0
    memory = open_memory(load(new_machine / "sekisho.toml"))
    with memory.store.read() as session:
        conn = session.connection()
        (id,) = conn.execute(
            select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.state == "held")
        ).scalars()
        assert dossier(conn, memory.content, id).attachments
    memory.close()


def test_a_backup_holds_no_key(site, tmp_path):
    site.office.arrive(mail(3), OUTSIDE)
    site.run("backup", tmp_path / "backup")
    names = {path.name for path in (tmp_path / "backup").rglob("*")}
    assert names >= {"sekisho.db", "vault", "main.checkpoints", "backup.json"}
    assert not any(n.endswith(".key") or n in ("root", "marks", "people", "keys") for n in names)


def test_what_was_recalled_after_the_backup_cannot_be_opened_from_it(site, tmp_path, reopened):
    office = site.office
    id = make_parcel(office, office.arrive(mail(3), OUTSIDE))
    with office.memory.store.read() as session:
        conn = session.connection()
        row = parcel.get(conn, id)
        assert len(parcel.open_file(office.memory, conn, row, 1).whole()) == 200_000
    site.run("backup", tmp_path / "backup")
    ran = site.acting("transfer", "recall", id)
    assert ran.exit_code == 0, ran.stderr
    assert restore(site, tmp_path / "backup").exit_code == 0
    memory = reopened()
    with memory.store.read() as session:
        conn = session.connection()
        row = parcel.get(conn, id)
        assert row["state"] == "open"  # so the old database says, and it opens nothing
        for attempt in (
            lambda: parcel.manifest(memory, row),
            lambda: parcel.open_file(memory, conn, row, 1),
        ):
            with pytest.raises(KeyGone):
                attempt()


def test_nothing_leaves_until_a_person_says_so(site, tmp_path, reopened):
    queued = plain(site.office)
    notices = len(site.office.notices(queued))
    site.run("backup", tmp_path / "backup")
    assert "1件" in restore(site, tmp_path / "backup").stdout and not notices
    memory = reopened()
    with memory.store.write() as tx:
        assert claim(tx, State.QUEUED, "courier", timedelta(minutes=20)) == []
    (row,) = map(json.loads, site.run("queue", "list", "--json").stdout.splitlines())
    assert row["id"] == queued and row["recovery"] is True
    assert site.acting("queue", "retry", queued, person="root").exit_code == 0
    with memory.store.write() as tx:
        assert [ref.id for ref in claim(tx, State.QUEUED, "courier", timedelta(minutes=20))] == [
            queued
        ]


def test_the_restore_names_what_was_signed_before_and_keeps_it_aside(site, tmp_path):
    site.run("backup", tmp_path / "backup")
    plain(site.office)
    with site.office.memory.store.read() as session:
        size = site.office.memory.ledger.head(session.connection()).size
    restore(site, tmp_path / "backup")
    found = site.run("audit", "search", "--json", "--limit", "50").stdout.splitlines()
    (entry,) = [e for e in map(json.loads, found) if e["verb"] == "restored"]
    assert entry["details"]["signed_size"] == size and len(entry["details"]["signed_root"]) == 64
    assert entry["actor"]["kind"] == "operator" and entry["actor"]["for"] == "root@example.co.jp"
    (aside,) = site.data.glob("before-restore-*")
    assert {"sekisho.db", "main.checkpoints"} <= {path.name for path in aside.iterdir()}


def test_a_database_that_was_put_back_by_hand_is_refused(site, tmp_path, sekisho):
    site.run("backup", tmp_path / "backup")
    queued = plain(site.office)
    site.office.memory.close()
    for name in ("sekisho.db-wal", "sekisho.db-shm"):
        (site.data / name).unlink(missing_ok=True)
    (site.data / "sekisho.db").write_bytes((tmp_path / "backup" / "sekisho.db").read_bytes())
    ran = site.acting("queue", "retry", queued, person="root")
    assert ran.exit_code == 1 and isinstance(ran.exception, RolledBack)
    ran = sekisho(
        *("queue", "retry", queued, "--on-behalf-of", "root", "--reason", "x"),
        *("--config", site.file),
    )
    assert ran.code == 2 and "署名済み" in ran.stderr


@pytest.mark.parametrize("damage", ["unfinished", "damaged", "served"])
def test_nothing_is_touched_where_a_restore_cannot_be_whole(site, tmp_path, damage, sekisho):
    backup = tmp_path / "backup"
    site.run("backup", backup)
    before = (site.data / "sekisho.db").read_bytes()
    lock = None
    if damage == "unfinished":
        (backup / "backup.json").unlink()
    elif damage == "damaged":
        data = bytearray((backup / "sekisho.db").read_bytes())
        data[4096:8192] = bytes(4096)
        (backup / "sekisho.db").write_bytes(data)
    else:
        lock = (site.data / "run" / "core.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    ran = sekisho(
        *("restore", backup, "--config", site.file, "--on-behalf-of", "root", "--reason", "x")
    )
    assert ran.code == (75 if lock else 2) and ran.stderr.startswith("sekisho: error: ")
    assert (site.data / "sekisho.db").read_bytes() == before
    assert not list(site.data.glob("before-restore-*"))
    if lock:
        lock.close()


def test_a_folder_with_something_in_it_is_no_place_for_a_backup(site, tmp_path, sekisho):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("x")
    ran = sekisho("backup", tmp_path / "full", "--config", site.file)
    assert ran.code == 2 and "空ではありません" in ran.stderr


def test_a_stopped_parcel_is_resumed_and_extended_on_behalf_of_its_sender(site):
    id = make_parcel(site.office, site.office.arrive(mail(3), OUTSIDE))
    (row,) = map(json.loads, site.run("transfer", "list", "--json").stdout.splitlines())
    assert row["id"] == id and row["standing"] == "open" and row["files"] == 1
    assert "一時停止中" in site.acting("transfer", "stop", id).stdout
    assert "公開中" in site.acting("transfer", "resume", id).stdout
    day = (site.office.memory.store.clock() + timedelta(days=20)).date().isoformat()
    ran = site.acting("transfer", "extend", id, "--until", day, "--json")
    assert ran.exit_code == 0, ran.stderr
    said = json.loads(site.run("transfer", "show", id, "--json").stdout)
    assert said["closes_at"].startswith(day) and "一覧" not in json.dumps(said, ensure_ascii=False)
    ran = site.acting("transfer", "stop", id, person="ichiro")
    assert ran.exit_code == 1 and "権限がありません" in ran.stderr
    assert site.acting("transfer", "extend", id, "--until", "2020-01-01").exit_code == 1
    assert site.acting("transfer", "recall", id, person="root").exit_code == 0
    ran = site.acting("transfer", "recall", id)
    assert ran.exit_code == 1 and "すでに回収または消去されています" in ran.stderr
