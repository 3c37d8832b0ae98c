"""The story of the demo, which is also the README's: once with its own mailbox as next hop, once
through a real Postfix."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from admin_ui.demo import command
from admin_ui.demo.command import Ports, build

pytestmark = pytest.mark.slow

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.example.co.jp
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{hop}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
"""


def free_base() -> int:
    """A base whose ports nobody holds; below the range that clients get theirs from."""
    start = 12_000 + (os.getpid() * 97) % 15_000
    return next(b for b in range(start, 30_000, 100) if all(map(command._free, Ports(b).all())))


@pytest.fixture
def postfix(tmp_path):
    """Starts a Postfix that relays everything to `hop`; returns its port."""
    started = []

    def start(hop: int, port: int) -> str:
        folder = tmp_path / "postfix"
        etc = folder / "etc"
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir(parents=True)
        folder.chmod(0o755)
        tmp_path.chmod(0o755)
        shutil.chown(folder / "data", "postfix")
        (etc / "main.cf").write_text(MAIN_CF.format(folder=folder, hop=hop))
        lines = Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
        kept = [line for line in lines if not line.startswith("smtp ") or " inet " not in line]
        kept = [
            " ".join([*w[:4], "n", *w[5:]]) if len(w := x.split()) >= 8 and x[0].isalpha() else x
            for x in kept
        ]
        kept.append(f"127.0.0.1:{port} inet n - n - - smtpd")
        (etc / "master.cf").write_text("\n".join(kept) + "\n")
        subprocess.run(["postfix", "-c", etc, "start"], check=True, capture_output=True)
        started.append(etc)
        return f"smtp://127.0.0.1:{port}"

    # its queue is owned by others than us, so every folder above must be passable
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest-of"):
            parent.chmod(0o755)
            (tmp_path.parent).chmod(0o755)
    yield start
    for etc in started:
        subprocess.run(["postfix", "-c", etc, "stop"], capture_output=True)


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


@pytest.mark.needs("postfix")
def test_the_same_story_through_a_real_postfix(tmp_path, postfix, capfd):
    ports = Ports(free_base())
    hop = postfix(ports.hop, ports.base + 27)
    file = build(tmp_path / "demo", ports, next_hop=hop)
    assert asyncio.run(command.run(file, ports, once=True)) == 0, capfd.readouterr().out
    log = (tmp_path / "postfix" / "log").read_text()
    assert "status=sent" in log and "relay=127.0.0.1" in log


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
