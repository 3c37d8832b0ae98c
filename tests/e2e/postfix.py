"""A real Postfix as next hop, in a folder of its own, relaying on to a sink."""

from __future__ import annotations

import re
import shutil
import smtplib
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from tests.e2e.house import free_port, until

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = next.example.co.jp
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [{host}]:{port}
smtp_tls_security_level = none
smtpd_recipient_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
alias_maps =
"""


class Postfix:
    """Started and stopped by its own `postfix -c`, which knows its master by its process id."""

    def __init__(self, relay: str) -> None:
        # Not under pytest's folder: its daemons run as another user and must get in.
        self.folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.etc = self.folder / "etc"
        for name in ("etc", "spool", "data"):
            (self.folder / name).mkdir()
        host, _, port = relay.rpartition(":")
        main = MAIN.format(folder=self.folder, host=host, port=port)
        (self.etc / "main.cf").write_text(main)
        master = Path("/usr/share/postfix/master.cf.dist").read_text()
        master = re.sub(r"^smtp +inet .*$", "", master, flags=re.M)
        master = re.sub(r"^(\S+ +\S+ +\S+ +\S+ +)y( )", r"\1n\2", master, flags=re.M)
        (self.etc / "master.cf").write_text(f"127.0.0.1:{self.port} inet n - n - - smtpd\n{master}")
        shutil.chown(self.folder / "data", "postfix")

    @property
    def hop(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Postfix:
        self._do("start")
        until(self._greets, 20, saying=self.log())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        path = self.folder / "mail.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _do(self, act: str) -> None:
        done = subprocess.run(
            ["postfix", "-c", str(self.etc), act], capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace") + self.log()

    def _greets(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, "pc1", 5):
                return True
        except (OSError, smtplib.SMTPException):
            return False
