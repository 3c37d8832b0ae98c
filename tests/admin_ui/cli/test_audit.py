"""`sekisho audit`: the ledger is verified here, on an export, and by somebody without Sekisho."""

import base64
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from admin_ui.cli.audit import report
from gateway.judgement.reports import KINDS
from gateway.memory.ledger import verify as verifier
from gateway.memory.states import SYSTEM
from tests import samples
from tests.admin_ui.cli.conftest import command
from tests.gateway.judgement.test_holds import OUTSIDE, mail


@pytest.fixture
def busy(site):
    site.id = site.office.arrive(mail(3), OUTSIDE)
    site.acting("hold", "release", site.id)
    return site


@pytest.fixture
def exported(busy, tmp_path):
    ran = busy.run("audit", "export", "--format", "jsonl", "--out", tmp_path / "ledger.jsonl")
    assert ran.exit_code == 0, ran.stderr
    return tmp_path / "ledger.jsonl"


def test_it_works(busy):
    ran = busy.run("audit", "verify")
    assert ran.exit_code == 0 and ran.stdout.startswith("OK  ")


def test_one_changed_byte_in_the_database_is_named_by_its_number(busy):
    with sqlite3.connect(busy.data / "sekisho.db") as database:
        entry = database.execute("SELECT entry FROM ledgerentry WHERE seq = 4").fetchone()[0]
        changed = entry.replace(b'"verb":"', b'"verb":"x')
        database.execute("UPDATE ledgerentry SET entry = ? WHERE seq = 4", (changed,))
    ran = busy.run("audit", "verify")
    assert ran.exit_code == 1 and "記録番号 4 " in ran.stdout


def test_an_export_verifies_and_a_changed_one_does_not(exported, sekisho):
    assert sekisho("audit", "verify", "--export", exported).code == 0
    lines = exported.read_bytes().splitlines(keepends=True)
    row = json.loads(lines[2])
    row["details"] = row["details"].replace("1", "2") + " "
    exported.write_bytes(b"".join([*lines[:2], json.dumps(row).encode() + b"\n", *lines[3:]]))
    ran = sekisho("audit", "verify", "--export", exported)
    assert ran.code == 1 and "記録番号 3 " in ran.stdout


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda rows: rows[:3] + rows[4:], "missing"),
        (lambda rows: rows[:3] + rows[2:], "order"),
        (lambda rows: rows[:-1], "truncated"),
        (lambda rows: rows[:3] + [b"{}\n"] + rows[4:], "edited"),
    ],
    ids=["delete", "insert", "truncate", "garbage"],
)
def test_whatever_is_done_to_an_export_is_found(exported, sekisho, damage, reason):
    exported.write_bytes(b"".join(damage(exported.read_bytes().splitlines(keepends=True))))
    ran = sekisho("audit", "verify", "--export", exported)
    assert ran.code == 1 and reason in ran.stdout


def test_an_auditor_needs_nothing_of_sekisho_but_four_files(exported, tmp_path):
    """With an interpreter that finds only the standard library, cryptography and these files."""
    room = tmp_path / "auditor" / "gateway" / "memory" / "ledger"
    room.mkdir(parents=True)
    for package in (room, room.parent, room.parent.parent):
        (package / "__init__.py").touch()
    for name in ("chain", "tree", "note", "verify"):
        shutil.copy(verifier.__file__.replace("verify.py", f"{name}.py"), room)
    arguments = (exported, exported.with_suffix(".checkpoints"), exported.with_suffix(".key"))
    guard = (
        "import sys, runpy\n"
        "for name in ('sqlalchemy', 'sqlmodel', 'pydantic', 'click', 'admin_ui', 'detectors'):\n"
        "    sys.modules[name] = None\n"
        "runpy.run_module('gateway.memory.ledger.verify', run_name='__main__')"
    )
    call = [sys.executable, "-P", "-c", guard, *map(str, arguments)]
    env = {"PYTHONPATH": str(tmp_path / "auditor")}
    ran = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ran.returncode == 0 and ran.stdout.startswith("OK: "), ran.stderr
    exported.write_bytes(exported.read_bytes().replace(b'"entry": "ey', b'"entry": "eX', 1))
    assert subprocess.run(call, cwd=tmp_path, env=env, capture_output=True).returncode == 1


def test_checkpoints_signed_by_somebody_else_prove_nothing(exported, sekisho, tmp_path):
    text = exported.with_suffix(".checkpoints").read_text("utf-8")
    forged = tmp_path / "forged.checkpoints"
    forged.write_text(text.replace("\n\n\u2014", "0\n\n\u2014", 1), "utf-8")
    assert sekisho("audit", "verify", "--export", exported, "--checkpoint", forged).code == 1
    (tmp_path / "no.key").write_text("sekisho/main+00000000+AAAA")
    ran = sekisho("audit", "verify", "--export", exported, "--key", tmp_path / "no.key")
    assert ran.code == 2 and "検証の鍵として読めません" in ran.stderr


def test_an_export_holds_the_bytes_that_were_signed(exported):
    first = json.loads(exported.read_bytes().splitlines()[0])
    assert set(first) == {"entry", "salt", "details"}
    assert json.loads(base64.b64decode(first["entry"]))["seq"] == 1


@pytest.mark.parametrize(
    "filters",
    [
        ("--person", "hanako@example.co.jp"),
        ("--person", OUTSIDE[0]),
        ("--file", "一覧"),
        ("--mail", "給与資料"),
    ],
    ids=["person", "recipient", "file", "subject"],
)
def test_a_mail_is_found_by_person_by_file_and_by_mail(busy, filters):
    other = busy.office.arrive(
        mail(1, subject="別件").replace(b"hanako", b"ichiro"),
        ["x@other.example"],
        "ichiro@example.co.jp",
    )
    ran = busy.run("audit", "search", "--json", *filters)
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {"judged", "confirmed", "released"} <= {each["verb"] for each in found}
    if "--file" not in filters:
        assert other not in {each["letter"] for each in found}
    assert busy.run("audit", "search", "--json", *filters, "--to", "2020-01-01").stdout == ""


def test_a_search_is_on_record_itself(busy):
    busy.run("audit", "search", "--file", "一覧")
    found = busy.run("audit", "search", "--json", "--limit", "1").stdout
    entry = json.loads(found)
    assert entry["verb"] == "audit.searched" and entry["details"]["filters"] == {"file": "一覧"}


@pytest.mark.parametrize(("encoding", "codec"), [("utf-8-sig", "utf-8-sig"), ("cp932", "cp932")])
def test_the_csv_opens_in_excel_with_the_four_columns_first(busy, tmp_path, encoding, codec):
    out = tmp_path / "out.csv"
    ran = busy.run("audit", "export", "--format", "csv", "--encoding", encoding, "--out", out)
    assert ran.exit_code == 0, ran.stderr
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(data.decode(codec)))
    assert heading[:4] == ["日時", "ログインID", "対象", "操作"]
    assert any(row[2] == "一覧.xlsx" and row[3] == "保留" for row in rows)


def test_a_part_of_the_ledger_is_no_jsonl(busy, sekisho):
    ran = sekisho(
        *("audit", "export", "--format", "jsonl", "--from", "2026-11-01", "--config", busy.file)
    )
    assert ran.code == 2 and "一部では検証できません" in ran.stderr


@pytest.mark.parametrize(
    ("name", "verbs"),
    [
        ("use", {"検査と判定", "送信者が確認"}),
        ("taken-out", set()),
        ("disposal", set()),
        ("trial", set()),
        ("access", {"送信ルールの適用"}),
    ],
)
def test_each_report_holds_its_acts_and_no_others(busy, tmp_path, name, verbs):
    out = tmp_path / "out.csv"
    days = ("--from", "2020-01-01", "--to", "2099-12-31")
    assert busy.run("audit", "report", name, *days, "--out", out).exit_code == 0
    _, *rows = csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig")))
    assert {row[3] for row in rows} == verbs


def test_every_report_can_be_asked_for():
    (name,) = [each for each in report.params if each.name == "name"]
    assert set(name.type.choices) == set(KINDS)


@pytest.mark.slow
def test_the_command_writes_csv_to_standard_output(busy):
    ran = command("audit", "report", "use", "--config", busy.file)
    assert ran.returncode == 0 and ran.stdout.startswith("\ufeff日時,ログインID,対象,操作")


def test_what_was_taken_out_is_what_left_with_numbers_in_it(busy, tmp_path):
    raw = samples.message("見積", "よろしく", sender="hanako@example.co.jp", to=OUTSIDE)
    harmless = busy.office.arrive(raw, OUTSIDE)
    with busy.office.memory.store.write() as tx:
        for id in (busy.id, harmless):
            tx.record("delivered", SYSTEM, letter=id, consignment=id, recipient=OUTSIDE[0])
    out = tmp_path / "out.csv"
    assert busy.run("audit", "report", "taken-out", "--out", out).exit_code == 0
    _, row = csv.reader(io.StringIO(out.read_bytes().decode("utf-8-sig")))
    assert row[2] == "一覧.xlsx" and row[3] == "配送完了" and OUTSIDE[0] in row[-1]
