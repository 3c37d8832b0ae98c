"""Processes of a house that start quickly: forked from one that has everything imported and nothing
begun.

What runs in the child is `admin_ui.serve.role`, from its first line on; only the imports, three
seconds of them, are done once. The nursery of the scan workers is exec'ed by it as always.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


class Zygote:
    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        self._one = threading.Lock()

    def spawn(
        self,
        argv: Sequence[str],
        errors: Path,
        folder: Path,
        environment: Mapping[str, str] = {},
        *,
        module: str = "admin_ui.serve.role",
    ) -> Child:
        """`argv` as `main` of the module has it."""
        own = {"TMPDIR": str(folder), **environment}
        said = {"module": module, "argv": list(argv), "errors": str(errors), "environment": own}
        return Child(self, self.ask(**said))

    def ask(self, **question: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        with self._one:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate(timeout=10)


class Child:
    """As much of a `subprocess.Popen` as a house needs."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self.zygote, self.pid = zygote, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.zygote.ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("a process of the house", timeout)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)


@cache
def shared() -> Zygote:
    """One for all houses of a session that nothing else is wanted of."""
    made = Zygote()
    atexit.register(made.close)
    return made


def _run(question: dict[str, Any]) -> None:
    module = importlib.import_module(question["module"])
    errors = os.open(question["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(errors, number)
    os.environ |= question["environment"]
    sys.argv = [question["module"], *question["argv"]]
    code = 70
    try:
        code = int(module.main() or 0)
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _ended(pid: int) -> int | None:
    """Its exit code as subprocess tells it; None while it runs."""
    handle = os.pidfd_open(pid)
    try:
        if not select.select([handle], [], [], 0)[0]:
            return None
    finally:
        os.close(handle)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main() -> None:
    for name in ("admin_ui.serve.core", "admin_ui.serve.web", "admin_ui.serve.role"):
        importlib.import_module(name)
    for line in sys.stdin.buffer:
        question = json.loads(line)
        if "ended" in question:
            answer = _ended(question["ended"])
        else:
            answer = os.fork()
            if answer == 0:
                _run(question)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
