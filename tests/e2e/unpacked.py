"""Exim and OpenSMTPD as next hops. Their packages exclude each other and Postfix, so they are
unpacked by scripts/machine.sh and not installed; each runs with a view of its own of the few
folders and users that are built into it, and touches nothing of the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import ClassVar

from tests.e2e.house import free_port, until

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sekisho-mta"

USERS = """\
root:x:0:0:root:/root:/bin/sh
Debian-exim:x:601:601::/nonexistent:/bin/false
opensmtpd:x:602:602::/nonexistent:/bin/false
opensmtpq:x:603:603::/nonexistent:/bin/false
nobody:x:65534:65534::/nonexistent:/bin/false
"""
GROUPS = "root:x:0:\nDebian-exim:x:601:\nopensmtpd:x:602:\nopensmtpq:x:603:\nnogroup:x:65534:\n"


class Unpacked:
    """In a mount namespace: what is mounted there ends with the process."""

    program: ClassVar[str]
    settings: ClassVar[str]
    view: ClassVar[str] = ""

    def __init__(self, relay: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="mta-"))
        self.folder.chmod(0o777)  # their daemons write logs here as other users
        self.port = free_port()
        host, _, port = relay.rpartition(":")
        names = {"folder": self.folder, "port": self.port, "relay": host, "relay_port": port}
        names["program"] = self.folder / "mta" / self.program
        (self.folder / "mta").mkdir()
        (self.folder / "conf").write_text(self.settings.format(**names))
        (self.folder / "passwd").write_text(USERS)
        (self.folder / "group").write_text(GROUPS)
        (self.folder / "spool").mkdir(mode=0o777)
        (self.folder / "spool").chmod(0o777)

    @property
    def hop(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Unpacked:
        script = (
            f"mount --bind {self.folder}/passwd /etc/passwd && "
            f"mount --bind {self.folder}/group /etc/group && "
            # under root's home no daemon that has dropped its rights would find it again
            f"mount --bind {CACHE} {self.folder}/mta && "
            f"ldconfig -C {self.folder}/ld.so.cache {self.folder}/mta/usr/lib/*-linux-gnu && "
            f"mount --bind {self.folder}/ld.so.cache /etc/ld.so.cache && {self.view} "
            f"exec {self.folder}/mta/{self.program} {self.arguments()}"
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "-m", "sh", "-c", script],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until(self._greets, 20)
        except AssertionError:
            said = self.log()
            self.__exit__(None, None, None)
            raise AssertionError(said) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def arguments(self) -> str:
        raise NotImplementedError

    def log(self) -> str:
        files = [self.folder / "log", *self.folder.glob("*log/*"), *self.folder.glob("main*")]
        return "".join(f.read_text("utf-8", "replace") for f in files if f.is_file())

    def _greets(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, "pc1", 5):
                return True
        except (OSError, smtplib.SMTPException):
            return False


class Exim(Unpacked):
    program = "usr/sbin/exim4"
    settings = """\
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
primary_hostname = next.example.co.jp
daemon_smtp_ports = {port}
smtp_accept_queue_per_connection = 0
local_interfaces = 127.0.0.1
acl_smtp_rcpt = rcpt
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
tls_advertise_hosts =
keep_environment =
exim_path = {program}
begin acl
rcpt:
  accept
begin routers
out:
  driver = manualroute
  transport = out
  route_list = * {relay}::{relay_port} byname
  self = send
begin transports
out:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,1m,1s
"""

    def arguments(self) -> str:
        return f"-C {self.folder}/conf -bdf -q1m"


class OpenSmtpd(Unpacked):
    program = "usr/sbin/smtpd"
    view = (
        "mount -t tmpfs none /var/lib && mkdir -p /var/lib/opensmtpd/empty && "
        "mount -t tmpfs none /var/spool && mkdir -m 711 /var/spool/smtpd && "
        "mount -t tmpfs none /run && "
    )
    settings = """\
smtp max-message-size 50M
listen on 127.0.0.1 port {port} hostname next.example.co.jp
action "out" relay host smtp://{relay}:{relay_port}
match from any for any action "out"
"""

    def arguments(self) -> str:
        return f"-d -v -f {self.folder}/conf"
