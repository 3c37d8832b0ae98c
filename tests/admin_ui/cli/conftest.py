"""An installation in tmp_path with an office in it, and the command as people call it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from admin_ui.cli import main, verbs
from gateway.judgement import policies
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.config import load
from gateway.memory.opening import open_memory, prepare
from gateway.memory.states import SYSTEM
from tests.gateway.judgement.conftest import Office

ROOT = Path(__file__).parents[3]
PLAIN = """
[smtp]
listen = ["127.0.0.1:0"]
[web]
listen = "127.0.0.1:0"
url = "https://mail-check.example.co.jp"
[bridge]
listen = "127.0.0.1:0"
url = "https://files.example.co.jp"
"""


def command(*arguments: object, cwd: Path | None = None, **more) -> subprocess.CompletedProcess:
    """The real command in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, "-c", "from admin_ui.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=env,
        timeout=60,
        **more,
    )


@dataclass(frozen=True)
class Ended:
    code: int
    stdout: str
    stderr: str


@pytest.fixture
def sekisho(capsys):
    """`main` itself, in this process: quick, and with its exit code."""

    def call(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(list(map(str, arguments)))
        said = capsys.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return call


@dataclass
class Installation:
    file: Path
    office: Office

    def run(self, *arguments: object) -> Result:
        """In this process; `exit_code`, `stdout` and `stderr` are the command's."""
        return CliRunner().invoke(
            verbs, [*map(str, arguments), "--config", str(self.file)], prog_name="sekisho"
        )

    def acting(self, *arguments: object, person: str = "hanako@example.co.jp") -> Result:
        return self.run(*arguments, "--on-behalf-of", person, "--reason", "電話で確認")

    @property
    def data(self) -> Path:
        return self.file.parent / "var"


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.delenv("SEKISHO_CONFIG", raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """An installation made once: each test has a copy of its own."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "sekisho.toml").write_text(PLAIN, "utf-8")
    config = load(folder / "sekisho.toml")
    prepare(config)
    memory = open_memory(config)
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
    policies.publish(memory.store, policies.default_text(), "default", SYSTEM)
    office = Office(memory, Checkpoint.of(memory))
    office.hire("hanako")
    for name in ("ichiro", "saburo", "goro"):
        office.hire(name, ("group", "情報管理責任者"), ("role", "approver"))
    office.hire("rules", ("role", "policy_admin"))
    office.hire("root", ("role", "system_admin"))
    memory.close()
    return folder


@pytest.fixture
def site(tmp_path, model):
    shutil.copytree(model, tmp_path, dirs_exist_ok=True)
    memory = open_memory(load(tmp_path / "sekisho.toml"))
    yield Installation(tmp_path / "sekisho.toml", Office(memory, Checkpoint.of(memory)))
    memory.close()
