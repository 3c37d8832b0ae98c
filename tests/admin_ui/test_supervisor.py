"""The supervisor over real processes: a signal changes all or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.e2e.conftest import build
from tests.e2e.house import House, free_port, until

__all__ = ["build"]

pytestmark = pytest.mark.slow


@pytest.fixture
def served(build):
    port = free_port()
    house: House = build("127.0.0.1:9", f'[metrics]\nlisten = "127.0.0.1:{port}"\n')
    run = "from admin_ui.cli import main; main()"
    command = [sys.executable, "-c", run, "serve", "--config", str(house.path)]
    with house.stderr.open("ab") as errors:
        process = subprocess.Popen([*command, "--only", "core"], stdout=errors, stderr=errors)
    house.metrics_port = port
    until(lambda: house.said().count("ready\n") == 1, 60, saying="ready")
    yield house, process
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as found:
        return [int(child) for child in found.read().split()]


def test_a_signal_changes_all_or_nothing_and_a_killed_core_comes_back(served):
    house, process = served
    (before,) = children(process.pid)
    text = house.path.read_text("utf-8")
    house.path.write_text(text.replace('first_retry = "1 s"', 'frist_retry = "1 s"'), "utf-8")
    process.send_signal(signal.SIGHUP)
    until(lambda: "nothing is changed, the old stays in force" in house.said(), 30)
    assert 'did you mean "first_retry"?' in house.said() and children(process.pid) == [before]
    bad = house.folder / "bad.toml"
    bad.write_text("[[rule]]\n", "utf-8")
    house.path.write_text(f'{text}\n[policy]\nfile = "{bad}"\n', "utf-8")
    process.send_signal(signal.SIGHUP)
    until(lambda: house.said().count("nothing is changed") == 2, 30)
    assert children(process.pid) == [before]

    house.path.write_text(f'{text}\n[log]\nform = "json"\n', "utf-8")
    process.send_signal(signal.SIGHUP)
    until(lambda: '"message": "ready"' in house.said(), 60)
    (after,) = children(process.pid)
    assert after != before
    assert "serve INFO sekisho.serve configuration and policy are good" in house.said()

    os.kill(after, signal.SIGKILL)
    until(lambda: house.said().count('"message": "ready"') == 2, 60)
    with house.client() as client:
        assert client.mail("a@elsewhere.example")[0] == 250
        assert client.rcpt("b@partner.example")[0] == 550
    url = f"http://127.0.0.1:{house.metrics_port}/metrics"
    measured = urllib.request.urlopen(url, timeout=5).read().decode()
    assert 'sekisho_smtp_refusals_total{code="550",status="5.7.1"} 1.0' in measured
    assert "sekisho_scan_seconds_bucket" in measured and "elsewhere" not in measured
