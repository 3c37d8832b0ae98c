"""A real PostgreSQL server in a folder of its own, on a socket in it, run by nobody with rights.

Ended by its own process ids; the machine's own server, if there is one, is left alone."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psycopg

from tests.e2e.house import until

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda each: each.parts[-2])
_OWNER, USER = "postgres", "sekisho"
"""Who runs the server and may do anything, and whose the databases are"""


class Server:
    def __enter__(self) -> Server:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._as: dict[str, str] = {}
        if os.getuid() == 0:  # the server refuses to run as root
            self._as = {"user": _OWNER, "group": _OWNER}
            known = pwd.getpwnam(_OWNER)
            os.chown(self.folder, known.pw_uid, known.pw_gid)
        how = "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"
        self._run("initdb", "-D", "data", "-U", _OWNER, *how)
        self.start()
        self.tell(f"CREATE ROLE {USER} LOGIN")
        self.database(USER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            self._process.wait(30)
        shutil.rmtree(self.folder)

    def start(self) -> None:
        # What is killed here loses nothing that the kernel has: its disk need not be waited for.
        settings = "listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off"
        said = [each for setting in settings for each in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAMS[-1] / "postgres", "-D", "data", *said],
                cwd=self.folder, stdout=log, stderr=log, **self._as,
            )  # fmt: skip
        until(self._answers, 60, saying="PostgreSQL does not answer")

    def kill(self) -> None:
        """It and all of its processes, as a machine that loses its power ends them."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._process.wait(30)

    def url(self, name: str = USER) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def database(self, name: str, *how: str) -> str:
        """Its address. `how`: of CREATE DATABASE."""
        self.tell(" ".join((f"CREATE DATABASE {name} OWNER {USER}", *how)))
        return self.url(name)

    def tell(self, sql: str, name: str = _OWNER) -> list[tuple[object, ...]]:
        with psycopg.connect(host=str(self.folder), user=_OWNER, dbname=name) as conn:
            conn.autocommit = True
            said = conn.execute(sql.encode())
            return said.fetchall() if said.description else []

    def _answers(self) -> bool:
        try:
            return bool(self.tell("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [PROGRAMS[-1] / program, *arguments],
            cwd=self.folder, capture_output=True, text=True, **self._as,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
