"""A whole installation for tests: real configuration, real processes, real sockets.

Processes are started as `serve` starts them and ended by their own id, never by name.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import Connection, RowMapping, insert, select

from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.people import ADDRESS, GRANT, PERSON
from gateway.memory import config as configuration
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.verify import Outcome, verify
from gateway.memory.opening import Memory, open_memory, prepare
from gateway.memory.store import Store
from gateway.memory.tables import Attempt, Consignment, LedgerDetail, LedgerEntry, Recipient, table
from tests.e2e.zygote import shared

CONSIGNMENT, RECIPIENT, ATTEMPT = table(Consignment), table(Recipient), table(Attempt)
ENTRY, DETAIL = table(LedgerEntry), table(LedgerDetail)
T = TypeVar("T")

STARTING = 60.0
STOPPING = 60.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(what: Callable[[], T], seconds: float = 10.0, *, saying: str = "") -> T:
    """The first true answer of `what`; fails when none came in time."""
    end = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {saying or what}; last: {answer!r}")
        time.sleep(0.02)


class Died(AssertionError):
    """A process ended that should not have."""


class Process(Protocol):
    """As much of a `subprocess.Popen` as is needed here."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...


class House:
    """`config` is TOML text behind what every house needs; `hop` is "host:port" of the peer;
    `url` that of an empty database in the place of a file."""

    all: ClassVar[list[Path]] = []
    """Folders of all that were built in this session."""
    _template: ClassVar[list[Path]] = []

    def __init__(
        self,
        folder: Path,
        hop: str,
        config: str = "",
        smtp: str = "",
        own: Sequence[str] = ("example.co.jp",),
        url: str = "sqlite",
    ) -> None:
        self.all.append(folder)
        self.folder = folder
        (folder / "tmp").mkdir()
        self.port, self.web_port, self.door_port = free_port(), free_port(), free_port()
        self.path = folder / "sekisho.toml"
        self.path.write_text(
            f"""data_dir = "var"
[smtp]
listen = ["127.0.0.1:{self.port}"]
hostname = "gate.example.co.jp"
own_domains = {json.dumps(own)}
{smtp}
[delivery]
next_hop = "smtp://{hop}"
first_retry = "1 s"
[store]
url = "{url}"
ballast = "1MB"
[web]
listen = "127.0.0.1:{self.web_port}"
url = "http://127.0.0.1:{self.web_port}"
[bridge]
listen = "127.0.0.1:{self.door_port}"
url = "http://localhost:{self.door_port}"
{config}
""",
            "utf-8",
        )
        self.config = configuration.load(self.path)
        self.processes: dict[str, Process] = {}
        self.stderr = folder / "stderr"
        self._settle_in()
        self.store = Store(url, self.config.data_dir)

    # -- processes

    def start(self, *roles: str, argv: Sequence[str] = (), wait: bool = True) -> None:
        """`argv` replaces `python -m admin_ui.serve.role` before role and configuration."""
        for role in roles or ("core",):
            self.processes[role] = self.spawn(role, argv)
        if wait:
            for role in roles or ("core",):
                self.answers(role)

    def spawn(self, role: str, argv: Sequence[str] = ()) -> Process:
        if not argv:
            return shared().spawn([role, str(self.path)], self.stderr, self.folder / "tmp")
        command = [*argv, role, str(self.path)]
        environment = {**os.environ, "TMPDIR": str(self.folder / "tmp")}
        with self.stderr.open("ab") as errors:
            return subprocess.Popen(command, stdout=errors, stderr=errors, env=environment)

    def stop(self) -> None:
        """In order, by SIGTERM; each must end well."""
        for role, process in reversed(list(self.processes.items())):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(STOPPING)
            except subprocess.TimeoutExpired:
                self.kill(role)
                raise Died(f"{role} did not end\n{self.said()}") from None
            del self.processes[role]
            if code != 0:
                raise Died(f"{role} ended with {code}\n{self.said()}")

    def kill(self, role: str = "core") -> None:
        """As the out-of-memory killer does it."""
        process = self.processes.pop(role)
        process.kill()
        process.wait(STOPPING)

    def ended(self, role: str = "core", seconds: float = 20.0) -> int:
        """Waits until the process has ended by itself; its exit code."""
        return self.processes.pop(role).wait(seconds)

    def close(self) -> None:
        for role in list(self.processes):
            self.kill(role)
        self.store.close()

    def said(self) -> str:
        return self.stderr.read_text("utf-8", "replace") if self.stderr.exists() else ""

    def answers(self, role: str) -> None:
        port = {"core": self.port, "web": self.web_port, "door": self.door_port}[role]
        end = time.monotonic() + STARTING
        while not _greets(port, smtp=role == "core"):
            if self.processes[role].poll() is not None or time.monotonic() > end:
                raise Died(f"{role} does not answer\n{self.said()}")
            time.sleep(0.05)

    # -- mail in

    @contextmanager
    def client(self, timeout: float = 20.0) -> Iterator[smtplib.SMTP]:
        with smtplib.SMTP("127.0.0.1", self.port, "pc1.example.co.jp", timeout) as client:
            client.ehlo()
            yield client

    def send(
        self,
        raw: bytes,
        to: str | Sequence[str] = "sato@partner.example",
        sender: str = "hanako@example.co.jp",
        options: Sequence[str] = (),
    ) -> str:
        """The id in the 250; raises smtplib's errors."""
        with self.client() as client:
            return hand_over(client, raw, to, sender, options)

    # -- what there is

    @contextmanager
    def memory(self) -> Iterator[Memory]:
        opened = open_memory(self.config)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def checkpoint(self) -> Iterator[Checkpoint]:
        with self.memory() as memory:
            yield Checkpoint.of(memory)

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        with self.store.read() as session:
            yield session.connection()

    def consignments(self, letter: str = "") -> list[RowMapping]:
        with self.rows() as conn:
            query = select(CONSIGNMENT).order_by(CONSIGNMENT.c.created_at)
            if letter:
                query = query.where(CONSIGNMENT.c.letter_id == letter)
            return list(conn.execute(query).mappings())

    def state(self, consignment: str) -> str:
        with self.rows() as conn:
            query = select(CONSIGNMENT.c.state).where(CONSIGNMENT.c.id == consignment)
            return str(conn.execute(query).scalar())

    def reaches(self, consignment: str, *states: str, seconds: float = 10.0) -> str:
        """What is done is erased soon after: who looks late finds it so."""
        wanted = (*states, "erased") if "done" in states else states

        def look() -> str:
            found = self.state(consignment)
            return found if found in wanted else ""

        return until(look, seconds, saying=f"{consignment} {states}\n{self.said()[-2000:]}")

    def verbs(self, subject: str) -> list[tuple[str, dict[str, Any]]]:
        """Verb and details of all ledger entries about one consignment, parcel or letter."""
        with self.rows() as conn:
            query = (
                select(ENTRY.c.verb, DETAIL.c.details)
                .join(DETAIL, DETAIL.c.seq == ENTRY.c.seq)
                .where((ENTRY.c.subject == subject) | (ENTRY.c.letter_id == subject))
                .order_by(ENTRY.c.seq)
            )
            return [(row.verb, json.loads(row.details)) for row in conn.execute(query)]

    def verify(self) -> Outcome:
        with self.memory() as memory, memory.store.read() as session:
            found = lines(session.connection())
            ledger = memory.ledger
            return verify(found, list(ledger.checkpoints()), ledger.public)

    # -- what it begins with

    def _settle_in(self) -> None:
        """Keys, an empty database and its people; made once, since migrations take a second."""
        if self.config.store.url != "sqlite":
            prepare(self.config)
            self._employ()
        elif not self._template:
            prepare(self.config)
            self._employ()
            self._template.append(self.folder / "template")
            shutil.copytree(self.config.data_dir, self._template[0])
        else:
            shutil.copytree(self._template[0], self.config.data_dir)

    def _employ(self) -> None:
        with self.memory() as memory, memory.store.write() as tx:
            memory.ledger.open(tx.conn)
            for id, grants in PEOPLE.items():
                address = f"{id}@example.co.jp"
                tx.conn.execute(insert(PERSON).values(id=id, name=id.title(), email=address))
                tx.conn.execute(insert(ADDRESS).values(address=address, person_id=id, shared=False))
                for kind, name in grants:
                    tx.conn.execute(insert(GRANT).values(person_id=id, kind=kind, name=name))


PEOPLE: Mapping[str, Sequence[tuple[str, str]]] = {
    "hanako": (),
    "ichiro": (("group", "情報管理責任者"), ("role", "approver")),
    "saburo": (("group", "情報管理責任者"), ("role", "approver")),
    "root": (("role", "system_admin"),),
}


def hand_over(
    client: smtplib.SMTP,
    raw: bytes,
    to: str | Sequence[str],
    sender: str = "hanako@example.co.jp",
    options: Sequence[str] = (),
) -> str:
    """One mail over an open connection; the id that the 250 names."""
    _must(client.mail(sender, list(options)))
    for address in [to] if isinstance(to, str) else to:
        _must(client.rcpt(address))
    code, reply = client.data(raw)
    _must((code, reply))
    return reply.decode().rpartition(" ")[2]


def now() -> datetime:
    return datetime.now(UTC)


def _must(answer: tuple[int, bytes]) -> None:
    if answer[0] not in (250, 251):
        raise smtplib.SMTPResponseException(*answer)


def _greets(port: int, *, smtp: bool) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as found:
            return not smtp or found.recv(4).startswith(b"220")
    except OSError:
        return False
