"""`sekisho scan`: lines as scripts hold on to them, and nothing loaded that it does not need."""

import json
import os
import subprocess
import sys

import pytest

from tests import samples
from tests.admin_ui.cli.conftest import PLAIN, ROOT, command

NUMBERS = samples.individual_numbers(36, 5)


@pytest.fixture
def desktop(tmp_path, monkeypatch):
    """A folder with one file of each verdict."""
    rows = [["氏名", "個人番号"], *([f"社員{i}", n] for i, n in enumerate(NUMBERS))]
    book = samples.workbook({"一覧": [["表紙"]], "内訳": rows}, hidden=["内訳"])
    folder = tmp_path / "机"
    (folder / "奥").mkdir(parents=True)
    (folder / "一覧.xlsx").write_bytes(book)
    (folder / "奥" / "挨拶.txt").write_text("お世話になっております。", "utf-8")
    locked = samples.encrypted_zip({"中身.txt": b"x"}, "himitsu")
    (folder / "mail.eml").write_bytes(samples.message("資料", "送ります", [("資料.zip", locked)]))
    monkeypatch.chdir(tmp_path)
    return folder


def by_file(ran):
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return {os.path.basename(line["file"]): line for line in lines}


def test_it_works(desktop, sekisho):
    ran = sekisho("scan", "--json", desktop / "一覧.xlsx")
    assert ran.code == 1
    (line,) = by_file(ran).values()
    assert list(line) == [
        *("file", "verdict", "findings", "defects", "not_inspected", "elapsed_ms"),
    ]
    assert line["verdict"] == "hit" and line["defects"] == []
    (finding,) = line["findings"]
    assert finding["kind"] == "jp.individual_number" and finding["confidence"] == "high"
    assert finding["unique"] == 36 and finding["masked"] == "●●●● ●●●● ●●●●"
    (where,) = finding["where"]
    assert where == {"part": "", "path": ["一覧.xlsx", "内訳"], "range": "B2:B37", "hidden": True}
    assert "column_header" in finding["reasons"]


def test_directories_are_walked_and_each_file_has_its_verdict(desktop, sekisho):
    ran = sekisho("scan", "--json", desktop)
    verdicts = {name: line["verdict"] for name, line in by_file(ran).items()}
    assert verdicts == {"一覧.xlsx": "hit", "mail.eml": "uninspectable", "挨拶.txt": "clean"}
    (unread,) = by_file(ran)["mail.eml"]["not_inspected"]
    assert unread["path"] == ["資料.zip"] and unread["reason"] == "encrypted_zip"


@pytest.mark.parametrize(("name", "code"), [("奥", 0), ("mail.eml", 1), ("一覧.xlsx", 1)])
def test_the_exit_code_tells_whether_something_was_found(name, code, desktop, sekisho):
    assert sekisho("scan", desktop / name).code == code


def test_numbers_are_printed_only_when_that_is_asked_for(desktop, sekisho):
    masked, open_ = (
        sekisho("scan", "--json", desktop),
        sekisho("scan", "--json", "--reveal", desktop),
    )
    assert not any(number in masked.stdout + masked.stderr for number in NUMBERS)
    values = by_file(open_)["一覧.xlsx"]["values"]
    assert sorted(values["jp.individual_number"]) == sorted(NUMBERS)
    assert not any(number in open_.stderr for number in NUMBERS)
    assert NUMBERS[0] in sekisho("scan", "--reveal", desktop).stdout


OTHERS = "基礎年金番号：1234-567890\nお振込先：みどり銀行 普通 1234567\nTEL 03-1234-5678\n"
RULE = """
[[rule]]
name = "accounts"
why = { ja = "口座番号があります。", en = "There are account numbers." }
when = { finding = "jp.bank_account" }
then = { action = "confirm" }
"""


def test_other_kinds_are_found_when_asked_for_and_only_then(tmp_path, sekisho):
    letter = tmp_path / "給与.eml"
    letter.write_bytes(samples.message("手続き", OTHERS, [("控え.txt", OTHERS.encode())]))
    assert sekisho("scan", letter).code == 0
    asked = ("--kind", "jp.pension_number", "--kind", "jp.telephone")
    ran = sekisho("scan", "--json", *asked, letter)
    found = {f["kind"]: f for f in by_file(ran)["給与.eml"]["findings"]}
    assert set(found) == {"jp.pension_number", "jp.telephone"} and ran.code == 1
    assert found["jp.telephone"]["unique"] == 1 and len(found["jp.telephone"]["where"]) == 2
    assert "1234" not in ran.stdout
    assert sekisho("scan", "--kind", "jp.everything", letter).code == 2


def test_what_the_configured_policy_asks_for_is_looked_for(tmp_path, sekisho, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    (tmp_path / "rules.toml").write_text(RULE, "utf-8")
    file = tmp_path / "sekisho.toml"
    file.write_text(PLAIN + f'[policy]\nfile = "{tmp_path / "rules.toml"}"\n', "utf-8")
    letter = tmp_path / "振込.eml"
    letter.write_bytes(samples.message("振込先", OTHERS, []))
    ran = sekisho("scan", letter, "--config", file)
    assert "口座番号" in ran.stdout and "年金" not in ran.stdout and ran.code == 1
    explained = sekisho("policy", "explain", letter, "--to", "a@partner.example", "--config", file)
    assert "accounts" in explained.stdout and explained.code == 0


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("ja_JP.UTF-8", ["検出", "個人番号（マイナンバー）", "36件", "内訳（非表示） › B2:B37"]),
        ("en_US.UTF-8", ["found", "My Number", "1 with findings, 1 that could not be read"]),
    ],
)
def test_people_read_a_table_in_their_language(locale, said, desktop, monkeypatch, sekisho):
    monkeypatch.setenv("LC_ALL", locale)
    text = sekisho("scan", desktop).stdout
    for words in said:
        assert words in text


def test_a_pipe_among_the_files_is_not_opened(desktop, sekisho):
    os.mkfifo(desktop / "奥" / "pipe")
    os.symlink("/nowhere", desktop / "奥" / "broken-link")
    assert set(by_file(sekisho("scan", "--json", desktop / "奥"))) == {"挨拶.txt"}


def test_a_name_cannot_give_orders_to_the_terminal(desktop, sekisho):
    (desktop / "奥" / "a\x1b[2Jb.txt").write_text("x")
    assert "\x1b" not in sekisho("scan", desktop / "奥").stdout


@pytest.mark.slow
def test_it_loads_no_web_and_no_database(desktop):
    script = (
        "import sys\nfrom admin_ui.cli import main\n"
        "try: main(['scan', '--json', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(desktop)], cwd=ROOT, capture_output=True, text=True
    )
    loaded = {name.partition(".")[0] for name in ran.stdout.splitlines()[-1].split()}
    unwanted = {"starlette", "uvicorn", "jinja2", "sqlalchemy", "sqlmodel", "sqlite3", "alembic"}
    assert "detectors" in loaded and not loaded & unwanted


@pytest.mark.slow
def test_nothing_is_written_anywhere(desktop, tmp_path):
    ran = command("scan", desktop, cwd=tmp_path)
    assert ran.returncode == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["机"]
