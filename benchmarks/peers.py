"""Sekisho and Postfix, each with its own sink behind it, on the disk and not in memory."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from benchmarks.installation import Installation
from benchmarks.load import Drain, program
from tests.e2e.house import free_port, until

_MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = gate.example.co.jp
mydestination =
local_recipient_maps =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
relayhost = [127.0.0.1]:{sink}
in_flow_delay = 0
message_size_limit = 52428800
"""
"""As Debian sets it up, but for what would slow it down where Sekisho does nothing: no look-ups
of names, no brake on who sends fast. Its queue files are flushed before the 250, as always."""

_MASTER = """127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


DISK = Path("/var/tmp")
"""Durable on a file system in memory would be durable for free."""


@contextmanager
def folder_on_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-", dir=DISK) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def slow_disk(milliseconds: float) -> tuple[str, ...]:
    """Put before a command, each flush to the disk takes that much longer, in all its children
    too. What a flush takes is the disk's, and decides whether many mails share one or wait for
    one each; a disk in a machine for tests has none of it."""
    flushes, delay = "fsync,fdatasync", int(milliseconds * 1000)
    tracer = ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null")
    return (*tracer, "-e", f"trace={flushes}", "-e", f"inject={flushes}:delay_exit={delay}")


class Missing(Exception):
    """Something that this machine does not have, so that a peer is left out; `str()` says what."""


class Peer(Protocol):
    name: str
    port: int
    sink: Drain

    @property
    def pids(self) -> list[int]:
        """Of the processes that all others of this peer descend from."""

    def close(self) -> None: ...


class Sekisho:
    """The real core: every part scanned, sealed at rest, in the ledger, durable before the 250.
    The pages and the bridge's door are other processes and take no part in passing mail on."""

    name = "Sekisho"

    def __init__(self, folder: Path, behind: Sequence[str] = ()) -> None:
        self.sink = Drain()
        self._ours = Installation(folder, f"127.0.0.1:{self.sink.port}", behind)
        self.port = self._ours.port
        try:
            self._ours.start()
        except BaseException:
            self._ours.close()
            self.sink.close()
            raise

    @property
    def pids(self) -> list[int]:
        return [self._ours.pid]

    def close(self) -> None:
        try:
            self._ours.stop()
        finally:
            self._ours.close()
            self.sink.close()


class Postfix:
    """Postfix alone: no scan, nothing encrypted, a log in place of the ledger."""

    name = "Postfix"

    def __init__(self, folder: Path, behind: Sequence[str] = (), settings: str = "") -> None:
        if os.getuid() != 0:
            raise SystemExit("Postfix is started by root only")
        folder.chmod(0o755)  # its processes go in as another user
        self._etc, self._pid = folder / "etc", folder / "queue" / "pid" / "master.pid"
        self.sink, self.port = Drain(), free_port()
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        user = pwd.getpwnam("postfix")
        os.chown(folder / "data", user.pw_uid, user.pw_gid)
        main = _MAIN.format(folder=folder, sink=self.sink.port)
        (self._etc / "main.cf").write_text(main + settings, "ascii")
        (self._etc / "master.cf").write_text(_MASTER.format(port=self.port), "ascii")
        try:
            self._run("start", behind)
            until(self._pid.exists, saying="Postfix does not start")
        except BaseException:
            self.sink.close()
            raise

    @property
    def pids(self) -> list[int]:
        return [int(self._pid.read_text("ascii"))]

    def close(self) -> None:
        try:
            self._run("stop")
        finally:
            self.sink.close()

    def _run(self, command: str, behind: Sequence[str] = ()) -> None:
        with (self._etc.parent / "said").open("ab") as said:  # a pipe would stay open with it
            line = [*behind, program("postfix"), "-c", str(self._etc), command]
            subprocess.run(line, check=True, timeout=60, stdout=said, stderr=said)
