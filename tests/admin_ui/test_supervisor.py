"""The supervisor over real processes: a signal changes all or nothing."""

from __future__ import annotations

import os
import signal
import socket
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
    until(lambda: "nothing is changed, the old stays in force" in house.said(), 60)
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


def test_whoever_calls_while_the_core_begins_anew_waits_and_is_not_refused(served):
    house, process = served
    for count, ended in enumerate((signal.SIGKILL, signal.SIGHUP), start=2):
        (core,) = children(process.pid)
        os.kill(core if ended == signal.SIGKILL else process.pid, ended)
        until(lambda core=core: core not in children(process.pid), 60)
        with house.client(timeout=60) as client:  # greeted by the one that comes
            assert client.noop()[0] == 250
        assert house.said().count("ready\n") == count


def test_an_address_that_is_taken_changes_nothing_and_another_is_listened_on(served):
    house, process = served
    before, text = children(process.pid), house.path.read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        house.path.write_text(text.replace(f"127.0.0.1:{house.port}", taken), "utf-8")
        process.send_signal(signal.SIGHUP)
        until(lambda: "nothing is changed" in house.said(), 60)
    assert f"Address already in use: '{taken}'" in house.said()
    assert children(process.pid) == before

    old, house.port = house.port, free_port()
    house.path.write_text(text.replace(f":{old}", f":{house.port}"), "utf-8")
    process.send_signal(signal.SIGHUP)
    until(lambda: house.said().count("ready\n") == 2, 60)
    with house.client() as client:
        assert client.noop()[0] == 250
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", old))


def test_it_does_not_start_where_an_address_is_taken(build):
    house: House = build("127.0.0.1:9", "")
    with socket.create_server(("127.0.0.1", house.port)):
        run = "from admin_ui.cli import main; main()"
        command = [sys.executable, "-c", run, "serve", "--config", str(house.path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert f"sekisho: error: 127.0.0.1:{house.port}: " in done.stderr
    assert "Address already in use" in done.stderr
