"""Mail in and out: Postfix's own load tools, and a client that times the acceptance."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from benchmarks.mails import RECIPIENT, SENDER
from tests.e2e.house import free_port, until

PATIENCE = 120.0
"""Seconds for one run; one that takes longer has lost a mail or hangs."""


def program(name: str) -> str:
    """Its path; the tools lie where only administrators look. Raises SystemExit."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/postfix/sbin")
    if not found:
        raise SystemExit(f"this machine has no {name} (make machine)")
    return found


class Drain:
    """smtp-sink: throws away what it is given and counts it."""

    def __init__(self) -> None:
        self.port = free_port()
        user = ("-u", "postfix") if os.getuid() == 0 else ()
        self._process = subprocess.Popen(
            [program("smtp-sink"), "-c", *user, f"127.0.0.1:{self.port}", "200"],
            stdout=subprocess.PIPE,
        )
        self._taken = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        until(self._greets, saying="smtp-sink does not answer")

    @property
    def taken(self) -> int:
        return self._taken

    def has(self, count: int, seconds: float = PATIENCE) -> float:
        """Waits until `count` mails came since it began; when that was (`time.monotonic`)."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._taken >= count, seconds):
                raise TimeoutError(f"{self._taken} of {count} mails arrived in {seconds:.0f} s")
        return time.monotonic()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as found:
                return found.recv(3) == b"220"
        except OSError:
            return False

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as out:
            said = b""
            while more := os.read(out.fileno(), 1 << 16):
                counts = re.findall(rb"mesg=(\d+)\r", said + more)
                said = more[-40:]
                if counts:
                    with self._changed:
                        self._taken = int(counts[-1])
                        self._changed.notify_all()


def write(folder: Path, name: str, raw: bytes) -> Path:
    """As smtp-source wants it: bare LF, to which it adds the CR and the dots."""
    path = folder / f"{name.replace(' ', '')}.eml"
    path.write_bytes(raw.replace(b"\r\n", b"\n"))
    return path


def pour(port: int, mail: Path, count: int, connections: int) -> None:
    """`count` mails, each over a connection of its own, `connections` at once."""
    numbers = ("-s", str(connections), "-m", str(count))
    command = [program("smtp-source"), *numbers, "-F", str(mail), "-f", SENDER, "-t", RECIPIENT]
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True, timeout=PATIENCE)


def accepted_in(port: int, raw: bytes) -> float:
    """Seconds from connecting to the 250 after the data, for one mail."""
    dialogue = (
        (b"", b"220"),
        (b"EHLO pc1.example.co.jp\r\n", b"250"),
        (f"MAIL FROM:<{SENDER}>\r\n".encode(), b"250"),
        (f"RCPT TO:<{RECIPIENT}>\r\n".encode(), b"250"),
        (b"DATA\r\n", b"354"),
        (raw + b".\r\n", b"250"),
    )
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client.makefile("rb") as answers:
            for said, expected in dialogue:
                client.sendall(said)
                while (line := answers.readline())[3:4] == b"-":
                    pass
                if not line.startswith(expected):
                    raise ConnectionError(f"{line!r} instead of {expected!r}")
            taken = time.perf_counter() - began
            client.sendall(b"QUIT\r\n")
            answers.readline()
    return taken
