"""An installation with a real core, to measure it or to batter it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gateway.memory import config as configuration
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.verify import Outcome, verify
from gateway.memory.opening import Memory, database, open_memory, prepare
from gateway.memory.store import Store
from tests.e2e.house import free_port, until

_CONFIG = """data_dir = "var"
[smtp]
listen = ["127.0.0.1:{port}"]
hostname = "gate.example.co.jp"
own_domains = ["example.co.jp"]
[delivery]
next_hop = "smtp://{hop}"
first_retry = "1 s"
[store]
ballast = "1MB"
[[sender]] # who sends thousands an hour is asked about it, unless it is known as a machine
address = "hanako@example.co.jp"
class = "system"
"""
STARTING, STOPPING = 120.0, 60.0


class Installation:
    """The default policy, keys and a database of its own in `folder`; what is there already is
    gone on with. `hop` is "host:port" of the server behind it; `behind` are words before the
    command of the core."""

    def __init__(self, folder: Path, hop: str, behind: Sequence[str] = ()) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port, self._behind = free_port(), behind
        self._path, self._stderr = folder / "sekisho.toml", folder / "stderr"
        self._path.write_text(_CONFIG.format(port=self.port, hop=hop), "ascii")
        self._config = configuration.load(self._path)
        self._core: subprocess.Popen[bytes] | None = None
        prepare(self._config)
        self._store = Store(database(self._config), self._config.data_dir)

    @property
    def pid(self) -> int:
        """Of the core. Raises AssertionError when it does not run (any more)."""
        assert self._core and self._core.poll() is None, f"no core:\n{self._said()}"
        return self._core.pid

    def start(self) -> None:
        """Returns when it takes mail."""
        command = [
            *self._behind,
            sys.executable,
            "-m",
            "admin_ui.serve.role",
            "core",
            str(self._path),
        ]
        with self._stderr.open("ab") as said:
            self._core = subprocess.Popen(command, stdout=said, stderr=said)
        until(self._greets, STARTING, saying="the core does not answer")

    def stop(self) -> None:
        """What was begun is finished first. Raises CalledProcessError when it ended badly."""
        core, self._core = self._core, None
        if core:
            core.send_signal(signal.SIGTERM)
            if code := core.wait(STOPPING):
                raise subprocess.CalledProcessError(code, core.args, stderr=self._said())

    def kill(self) -> None:
        """As the out-of-memory killer does it; the workers die with the core."""
        core, self._core = self._core, None
        if core:
            core.kill()
            core.wait()

    def close(self) -> None:
        self.kill()
        self._store.close()

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        with self._store.read() as session:
            yield session.connection()

    @contextmanager
    def memory(self, clock: Callable[[], datetime]) -> Iterator[Memory]:
        """All of it, while no core runs; or beside one, to read."""
        opened = open_memory(self._config, clock=clock)
        try:
            yield opened
        finally:
            opened.close()

    def verify(self) -> Outcome:
        with self.memory(lambda: datetime.now(UTC)) as memory, memory.store.read() as session:
            signed = list(memory.ledger.checkpoints())  # first: entries come before them
            return verify(lines(session.connection()), signed, memory.ledger.public)

    def _greets(self) -> bool:
        assert self.pid
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as found:
                return found.recv(3) == b"220"
        except OSError:
            return False

    def _said(self) -> str:
        return self._stderr.read_text("utf-8", "replace")[-4000:]


def carried_over(memory: Memory, how: str) -> None:
    """The write-ahead log into the database, as a core does it every few seconds."""
    with closing(memory.store.engine.raw_connection()) as raw:
        raw.cursor().execute(f"PRAGMA wal_checkpoint({how})").fetchall()
