"""A draft of the rules on a busy month: `python -m benchmarks.replay [--quick]`.

In a house with a hundred thousand stored decisions (see `month`) `sekisho policy diff OLD NEW
--replay 30d` as an operator runs it, with a draft that changes one rule, six rules, and a list;
once stopped by Ctrl-C, and once on the page. Exits 1 where it takes longer than promised, says
nothing on the way, does not stop, or keeps others waiting.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import uvicorn

from admin_ui import access
from admin_ui.app import create_app
from benchmarks.month import house
from gateway.judgement import policies
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.policy.start import STARTS
from gateway.memory.config import load as configured
from gateway.memory.opening import Memory, open_memory
from tests.office import Office

DECISIONS, QUICK = 100_000, 5_000
MOST = 120.0
"""Seconds of CPU, and of one core, so that what else the machine does is left out."""
LIST = '\n[lists."取引先"]\ndomains = ["kaisha1.example"]\n'
"""Where a list is another one, no rule is left out as the same in both."""
COMMAND = (sys.executable, "-c", "import sys; from admin_ui.cli import main; sys.exit(main())")


def drafts(folder: Path) -> dict[str, tuple[Path, Path]]:
    text = policies.default_text()
    texts = {
        "old": text,
        "one rule": text.replace('unique = "1..9"', 'unique = "1..2"', 1),
        "six rules": STARTS["two-weeks"].text(),
        "a list": text + LIST,
    }
    files = {name: folder / f"{name.replace(' ', '-')}.toml" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name], "utf-8")
    return {name: (files["old"], file) for name, file in files.items() if name != "old"}


def started(config: Path, old: Path, new: Path) -> subprocess.Popen[str]:
    diff = ("policy", "diff", old, new, "--replay", "30d", "--config", config)
    return subprocess.Popen(
        [*COMMAND, *map(str, diff)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )


def whole(name: str, config: Path, old: Path, new: Path, count: int) -> bool:
    began, before = time.monotonic(), _cpu()
    ran = started(config, old, new)
    out, said = ran.communicate()
    seconds, cpu = time.monotonic() - began, _cpu() - before
    steps = len(re.findall(r"\d+ of \d+", said))
    good = ran.returncode == 0 and f"{count} stored mails replayed" in out and steps >= 5
    rate = f"{cpu:7.1f} s CPU {count / seconds:8.0f} mails/s"
    print(f"{name:12}{seconds:7.1f} s {rate}   told {steps} times")
    if not good:
        print(f"exit {ran.returncode}\n{said}\n{out}")
    return good and cpu <= MOST


def _cpu() -> float:
    """Seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stopped(config: Path, old: Path, new: Path) -> bool:
    """Ctrl-C once it has begun to tell how far it is."""
    ran = started(config, old, new)
    assert ran.stderr is not None
    first = ran.stderr.readline()
    ran.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, said = ran.communicate()
    seconds = time.monotonic() - began
    good = ran.returncode == 1 and "stopped early" in out and "Traceback" not in said
    print(f"{'Ctrl-C':12}{seconds:7.1f} s   exit {ran.returncode}, after {first.strip()}")
    if not good:
        print(f"{said}\n{out}")
    return good and seconds < 3


# -- the page


def page(config: Path, draft: str) -> bool:
    """The lab's replay while others use the pages of the same process."""
    memory = open_memory(configured(config))
    office = Office(memory, Checkpoint.of(memory))
    office.hire("paul", ("role", "policy_admin"))
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
        cookie = access.enter(tx, "paul", "127.0.0.1", "benchmark")
    headers = {"Cookie": f"sekisho-session={cookie}", "Sec-Fetch-Site": "same-origin"}
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    headers["Host"] = urlsplit(memory.config.web.url).netloc
    with _served(memory) as url, ThreadPoolExecutor(1) as other:

        def ask(path: str, data: bytes | None = None) -> float:
            """Seconds; raises where the answer is no page."""
            began = time.monotonic()
            with urlopen(Request(url + path, data, headers), timeout=60) as answer:
                answer.read()
            return time.monotonic() - began

        ask("/policy")  # what is read once
        replay = other.submit(ask, "/policy/lab/past", _form(draft))
        waits = []
        while not replay.done():
            waits.append(ask("/policy"))
            time.sleep(0.05)
    memory.close()
    print(
        f"{'page':12}{replay.result():7.1f} s   another page meanwhile {max(waits):.2f} s at most"
    )
    return max(waits) < 2


def _form(draft: str) -> bytes:
    field = f'--x\r\nContent-Disposition: form-data; name="draft"\r\n\r\n{draft}\r\n--x--\r\n'
    return field.encode()


@contextmanager
def _served(memory: Memory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(memory, secure_cookies=False)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def main(arguments: list[str]) -> int:
    count = QUICK if "--quick" in arguments else DECISIONS
    with tempfile.TemporaryDirectory(prefix="sekisho-", dir="/var/tmp") as name:
        folder, began = Path(name), time.monotonic()
        config = house(folder, count)
        print(f"{count:,} decisions stored in {time.monotonic() - began:.0f} s\n")
        pairs = drafts(folder)
        good = [whole(name, config, *files, count) for name, files in pairs.items()]
        good.append(stopped(config, *pairs["a list"]))
        good.append(page(config, pairs["a list"][1].read_text("utf-8")))
    print(f"promised: at most {MOST:.0f} s CPU")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
