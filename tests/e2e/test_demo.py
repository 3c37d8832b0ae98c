"""The story of the demo, which is also the README's: once with its own mailbox as next hop, once
through a real Postfix."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from admin_ui.demo import command
from admin_ui.demo.house import Ports, build
from tests.e2e.postfix import Postfix

pytestmark = pytest.mark.slow


def free_base() -> int:
    """A base whose ports nobody holds; below the range that clients get theirs from."""
    start = 12_000 + (os.getpid() * 97) % 15_000
    return next(b for b in range(start, 30_000, 100) if all(map(command._free, Ports(b).all())))


def test_it_works(tmp_path):
    """`sekisho demo --once`, as a newcomer types it."""
    base = free_base()
    code = "from admin_ui.cli import main; main()"
    arguments = ["demo", "--once", "--port-base", str(base), "--dir", str(tmp_path / "demo")]
    told = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=240
    )
    assert told.returncode == 0, told.stdout + told.stderr
    steps = [line for line in told.stdout.splitlines() if " … " in line]
    assert len(steps) == 10 and all(" … OK" in line for line in steps)
    assert "Traceback" not in told.stderr


@pytest.mark.long
@pytest.mark.needs("postfix")
def test_the_same_story_through_a_real_postfix(tmp_path, capfd):
    ports = Ports(free_base())
    with Postfix(f"127.0.0.1:{ports.hop}") as postfix:
        file = build(tmp_path / "demo", ports, next_hop=f"smtp://{postfix.hop}")
        assert asyncio.run(command.run(file, ports, once=True)) == 0, capfd.readouterr().out
        assert "status=sent" in postfix.log()


def test_a_taken_port_is_named(tmp_path):
    import socket

    base = free_base()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", Ports(base).relay))
        other.listen()
        code = "from admin_ui.cli import main; main()"
        told = subprocess.run(
            [sys.executable, "-c", code, "demo", "--once", "--port-base", str(base)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert told.returncode == 1 and str(Ports(base).relay) in told.stderr


@pytest.mark.long
def test_it_is_up_within_a_minute_and_says_what_to_do(tmp_path):
    from admin_ui.demo.browser import Browser

    ports, began = Ports(free_base()), time.monotonic()
    code = "from admin_ui.cli import main; main()"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            code,
            "demo",
            "--port-base",
            str(ports.base),
            "--dir",
            tmp_path / "d",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for line in process.stdout:
            if "/enter/" in line:
                break
        assert time.monotonic() - began < 60
        page = Browser().get(ports.url("web") + "/")
        assert page.status == 200 and "次にすること" in page.text
        assert "手元のファイルを検査してみる（保存しません）" in page.text
        entered = Browser().get(line.split()[-1]).press("この人として入る")
        assert entered.status == 200 and "対応が必要なもの" in entered.text
        again = Browser().get(line.split()[-1])
        assert "一度使われました" in again.text
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait(40) == 0
