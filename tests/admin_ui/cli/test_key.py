"""`sekisho key` and `db`: made once, again without harm, rotated without losing a mail."""

import fcntl
import json
import shutil

import pytest

from gateway.judgement.dossier import dossier
from gateway.memory.opening import open_memory
from gateway.memory.states import State
from tests.gateway.judgement.test_holds import OUTSIDE, mail


def test_it_works(site):
    before = {p: p.read_bytes() for p in (site.data / "keys").rglob("*") if p.is_file()}
    assert site.run("key", "init").exit_code == 0 and site.run("db", "upgrade").exit_code == 0
    after = {p: p.read_bytes() for p in (site.data / "keys").rglob("*") if p.is_file()}
    assert after == before and before


def test_after_a_rotation_every_mail_still_opens(site):
    id = site.office.arrive(mail(3), OUTSIDE)
    roots = [(site.data / "keys" / ring / "root").read_bytes() for ring in ("letters", "parcels")]
    ran = site.run("key", "rotate")
    assert ran.exit_code == 0, ran.stderr
    assert "控えを取り直してください" in ran.stdout
    assert [
        (site.data / "keys" / ring / "root").read_bytes() for ring in ("letters", "parcels")
    ] != roots
    memory = open_memory(site.office.memory.config)
    with memory.store.read() as session:
        held = dossier(session.connection(), memory.content, id)
        assert held.state is State.HELD and len(held.attachments) == 1
    memory.close()
    assert site.run("audit", "verify").exit_code == 0


def test_no_root_key_is_made_beside_a_mirror_of_another(site, tmp_path, sekisho):
    """Its keys would be lost for ever, and the new ones written among them."""
    (tmp_path / "mirror" / "letters").mkdir(parents=True)
    (tmp_path / "mirror" / "letters" / "epoch-2026-12-24.key").write_bytes(b"x")
    text = f'{site.file.read_text("utf-8")}\n[keys]\nmirror = "{tmp_path / "mirror"}"\n'
    site.file.write_text(text, "utf-8")
    assert sekisho("key", "init", "--config", site.file).code == 0
    shutil.rmtree(site.data / "keys")
    ran = sekisho("key", "init", "--config", site.file)
    assert ran.code == 2 and "ミラーに鍵があります" in ran.stderr
    assert not list((site.data / "keys").rglob("root"))


def test_beside_a_running_core_nothing_is_rotated(site, sekisho):
    root = site.data / "keys" / "letters" / "root"
    before = root.read_bytes()
    with (site.data / "run" / "core.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = sekisho("key", "rotate", "--config", site.file)
    assert ran.stderr.rstrip().endswith("Sekishoが動いています（先に停止してください）")
    assert ran.code == 75 and root.read_bytes() == before


def test_status_has_the_key_that_verifies_the_ledger(site, tmp_path):
    site.office.arrive(mail(3), OUTSIDE)
    said = json.loads(site.run("key", "status", "--json").stdout)
    site.run("audit", "export", "--format", "jsonl", "--out", tmp_path / "l.jsonl")
    assert (tmp_path / "l.key").read_text("utf-8").strip() == said["verifier"]
    letters, parcels = said["rings"]
    assert letters["own"] == 1 and letters["state"] == parcels["state"] == "ok"


@pytest.mark.parametrize("missing", ["root", "mirror"])
def test_status_fails_where_something_is_missing(site, missing, tmp_path):
    if missing == "root":
        (site.data / "keys" / "parcels" / "root").unlink()
    else:
        site.file.write_text(f'{site.file.read_text("utf-8")}[keys]\nmirror = "m"\n', "utf-8")
    ran = site.run("key", "status")
    assert ran.exit_code == 1 and ("no root key" in ran.stdout or "no mirror" in ran.stdout)
