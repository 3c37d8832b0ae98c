"""The command as such: what it loads, how it errs, what its help says."""

import ast
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import click
import pytest
from sqlalchemy.exc import OperationalError

from admin_ui.cli import VERBS, told, verbs
from tests.admin_ui.cli.conftest import PLAIN, ROOT, command

# Becomes somebody else late: the interpreter may stand where others cannot read.
AS_ANOTHER = """
import os
import admin_ui.cli.db, gateway.face.words.faults, gateway.memory.opening
from admin_ui.cli import main
os.setgroups([])
os.setgid(23456)
os.setuid(23456)
main(["db", "upgrade"])
"""


def every_command(group=verbs, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        if name == "demo":  # has its own tests
            continue
        found = group.get_command(context, name)
        yield (*path, name), found
        if isinstance(found, click.Group):
            yield from every_command(found, (*path, name))


COMMANDS = dict(every_command())


def test_it_works():
    ran = command("policy", "presets")
    assert ran.returncode == 0 and ran.stdout.startswith("default  ")


def test_the_list_of_verbs_loads_none_of_them():
    script = (
        "import sys\nfrom admin_ui.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit as end: code = end.code\n"
        "assert code == 0\n"
        "print([m for m in sys.modules if m.startswith('admin_ui.cli.')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    loaded = set(ast.literal_eval(ran.stdout.splitlines()[-1]))
    assert not loaded & {where.partition(":")[0] for where, _ in VERBS.values()}
    for name in VERBS:
        assert re.search(rf"^  {name} ", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_verb_has_help_with_an_example(path):
    found = COMMANDS[path]
    text = found.get_help(found.context_class(found, info_name=" ".join(path)))
    example = text.partition("Example:")[2]
    assert f"sekisho {' '.join(path)}" in example


def test_the_version_is_that_of_the_package(sekisho):
    ran = sekisho("--version")
    assert ran.code == 0 and re.fullmatch(r"sekisho \d+\.\d+\.\d+\n", ran.stdout)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    told = project["tool"]["hatch"]["version"]
    found = re.search(told["pattern"], (ROOT / told["path"]).read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert found and ran.stdout == f"sekisho {found['version']}\n"


def test_without_a_verb_it_shows_its_help_and_fails(sekisho):
    ran = sekisho()
    assert ran.code == 2 and ran.stderr.startswith("Usage: sekisho")


ACTING = ("--on-behalf-of", "a@example.co.jp", "--reason", "why")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fly"], "fly: このコマンドはありません（使い方：sekisho --help）"),
        (["que"], "que: このコマンドはありません（もしかして：queue）"),
        (["scan"], "PATH...: 引数が必要です（使い方：sekisho scan --help）"),
        (["scan", "nowhere"], "nowhere: ファイルがありません（使い方："),
        (["scan", "--jsn", "."], "--jsn: このオプションはありません（もしかして：--json）"),
        (["scan", "--json=1", "."], "--json: 値は付けられません"),
        (["hold", "release", "X"], "--on-behalf-of: このオプションが必要です"),
        (["hold", "show", "A", "B"], "B: 余分な引数です（使い方：sekisho hold show --help）"),
        (["hold", "show", "A", "--config"], "--config: 値が必要です"),
        (["user", "import", "."], ".: フォルダーです（ファイルを指定してください）"),
        (["user", "role", "a", "--add", "king"], "--add: 次のどれかにしてください：approver, "),
        (["audit", "search", "--limit", "0"], "--limit: 1以上100000以下で指定してください"),
        (["audit", "search", "--limit", "x"], "--limit: 整数で指定してください"),
        (["audit", "search", "--from", "x"], "--from: 日付で書いてください（例：2027-03-31）"),
        (["queue", "retry", *ACTING], "メールは番号で、または --domain や --reply で"),
        (["hold", "list"], "sekisho.toml: 設定ファイルがありません（--config で指定"),
        (["serve", "--only", "core,kitchen"], "--only kitchen: 次のどれかにしてください：core, "),
    ],
)
def test_a_mistake_is_one_line_and_no_traceback(arguments, said, tmp_path, monkeypatch, sekisho):
    monkeypatch.chdir(tmp_path)
    ran = sekisho(*arguments)
    assert ran.code == 2
    assert ran.stderr.startswith("sekisho: error: ") and said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1 and not ran.stdout


def test_a_mistake_is_said_in_english_where_the_terminal_is(monkeypatch, sekisho):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    said = (
        'sekisho: error: --jsn: no such option (did you mean "--json"?) (see: sekisho scan --help)'
    )
    assert sekisho("scan", "--jsn", ".").stderr.splitlines() == [said]


def test_each_problem_of_a_configuration_is_a_line(tmp_path, monkeypatch, sekisho):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sekisho.toml").write_text('data_dr = "x"\n[bridge]\nopen_days = 90\n')
    ran = sekisho("check")
    assert ran.code == 2
    assert ran.stderr.splitlines() == [
        "sekisho: error: sekisho.toml: bridge.open_days: 31以下の数にしてください",
        "sekisho: error: sekisho.toml: data_dr: このキーはありません（もしかして：data_dir）",
    ]


@pytest.mark.parametrize(
    ("language", "locale", "said"),
    [
        ("ja", "C.UTF-8", "このキーはありません"),
        ("en", "C.UTF-8", "unknown key"),
        ("ja", "en_US.UTF-8", "unknown key"),
        ("en", "ja_JP.UTF-8", "このキーはありません"),
    ],
)
def test_a_mistake_is_said_in_the_terminals_language_else_in_the_files(
    language, locale, said, tmp_path, monkeypatch, sekisho
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", locale)
    (tmp_path / "sekisho.toml").write_text(f'language = "{language}"\ndata_dr = "x"\n')
    assert said in sekisho("check").stderr


def test_the_configuration_is_the_named_one_then_the_environments_then_the_one_here(
    tmp_path, monkeypatch, sekisho
):
    for name in ("named", "environment", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sekisho.toml").write_text(f'{name} = "x"\n')
    named, environment = (tmp_path / n / "sekisho.toml" for n in ("named", "environment"))
    monkeypatch.chdir(tmp_path / "here")
    assert "sekisho.toml: here: このキー" in sekisho("db", "upgrade").stderr
    monkeypatch.setenv("SEKISHO_CONFIG", str(environment))
    assert ": environment: このキー" in sekisho("db", "upgrade").stderr
    assert ": named: このキー" in sekisho("db", "upgrade", "--config", named).stderr


def test_serve_refuses_without_keys_and_without_a_database_and_says_so(
    tmp_path, monkeypatch, sekisho
):
    (tmp_path / "sekisho.toml").write_text(PLAIN)
    monkeypatch.chdir(tmp_path)
    ran = sekisho("serve")
    assert ran.code == 2 and "（sekisho key init を実行" in ran.stderr
    assert sekisho("key", "init").code == 0
    ran = sekisho("serve")
    assert ran.code == 2 and "（sekisho db upgrade を実行" in ran.stderr
    assert sekisho("db", "upgrade").code == 0


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_as_another_user_it_switches_or_refuses():
    with tempfile.TemporaryDirectory() as name:  # tmp_path is root's alone
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "sekisho.toml").write_text(PLAIN)
        data = folder / "var"
        data.mkdir(mode=0o755)
        os.chown(data, 12_345, 12_345)
        assert command("key", "init", cwd=folder).returncode == 0
        assert {p.stat().st_uid for p in data.rglob("*")} == {12_345}
        ran = subprocess.run(
            [sys.executable, "-c", AS_ANOTHER],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
    assert ran.returncode == 2
    assert "所有者は12345です（12345かrootで実行してください）" in ran.stderr


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    for number in range(300):
        (tmp_path / f"{number:03}.txt").write_text("x")
    process = subprocess.Popen(
        [sys.executable, "-c", "from admin_ui.cli import main; main()", "scan", "--json", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    process.stdout.readline()
    process.stdout.close()
    with process.stderr as stderr:
        assert stderr.read() == b""
    process.wait(timeout=30)


def test_what_is_our_own_fault_is_not_dressed_up():
    with pytest.raises(ZeroDivisionError):
        told(ZeroDivisionError("x"))


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("database is locked", "ほかの処理が先に変更"),
        ("database or disk is full", "空き容量が足りません"),
        ("disk I/O error", "disk I/O error"),
    ],
)
def test_a_database_that_refuses_says_what_to_do(said, hint):
    text, code = told(OperationalError("", {}, sqlite3.OperationalError(said)))
    assert (text.startswith(said), hint in text, code) == (True, True, 75)
