"""The one way to write to the tables.

Every writer, in whatever process, takes the file lock before `BEGIN IMMEDIATE`: without it a page
waited 1.3 s beside a busy committer, since SQLite polls for its write lock and a busy one is hardly
ever free; with it the wait is a queue.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from gateway.memory.ballast import Ballast
from gateway.memory.engine import forgets, in_transaction, lost, opened, serve_alone
from gateway.memory.standing import told

if TYPE_CHECKING:
    from gateway.memory.ledger.append import Ledger
    from gateway.memory.ledger.note import Checkpoint
    from gateway.memory.states import Actor

log = logging.getLogger("sekisho.store")

POINTERS = "pointers"
Taker = Callable[["Tx", Any], Mapping[str, Any] | None]
"""Takes up what is about to be written (`gateway.mail.incoming.Written`): the columns of its lease,
or None"""


class Tx:
    """One write transaction. `record` and `nudge` take effect with its commit, or never."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self.conn = conn
        self.now = now
        self.entries: list[dict[str, Any]] = []
        self.nudges: set[str] = set()
        self.after: list[Callable[[], object]] = []
        """to be done once the commit is durable: destroy a key, delete a file"""
        self.sealed: Checkpoint | None = None
        """what is to be signed behind the commit where nothing is appended"""
        self.takers: Mapping[str, Taker] = {}
        """by the state of a row; see `gateway.memory.committer`"""
        self.pointers: dict[str, str | None] = {}
        """that were read; see `gateway.memory.pointers`"""
        conn.info[POINTERS] = self.pointers
        self._driver: Any = conn.connection.driver_connection

    def record(
        self,
        verb: str,
        actor: Actor,
        *,
        letter: str = "",
        consignment: str = "",
        subject: str = "",
        policy: int | None = None,
        first: bool = False,
        **details: Any,
    ) -> None:
        """Append to the ledger. `details` is what may be erased one day; see `LedgerDetail`.
        `first`: nothing was ever written of this subject, whose id was made just now."""
        self.entries.append(
            {
                "verb": verb,
                "actor": actor,
                "letter": letter,
                "subject": subject or consignment,
                "policy": policy,
                "first": first,
                "details": details,
            }
        )

    @property
    def alive(self) -> bool:
        """Whether what was done so far still stands."""
        return in_transaction(self._driver)

    def nudge(self, room: str) -> None:
        self.nudges.add(room)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A part of the batch that may fail alone: undone whole, the others stay."""
        marks = len(self.entries), set(self.nudges), len(self.after)
        # By the driver: six of these a mail, and SQLAlchemy's part in one is ten times SQLite's.
        told(self.conn, "SAVEPOINT apart")
        try:
            yield
        except BaseException:
            del self.entries[marks[0] :]
            self.nudges = marks[1]
            del self.after[marks[2] :]
            self.pointers.clear()
            if self.alive:
                told(self.conn, "ROLLBACK TO SAVEPOINT apart")
                told(self.conn, "RELEASE SAVEPOINT apart")
            raise
        told(self.conn, "RELEASE SAVEPOINT apart")


class Store:
    """The database of one installation, opened by one process."""

    def __init__(
        self,
        url: str,
        folder: Path,
        ledger: Ledger | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ballast: Ballast | None = None,
    ) -> None:
        self.clock = clock
        self.folder = folder
        self.ledger = ledger
        self.listeners: list[Callable[[str], None]] = []
        self.ballast = ballast
        self.loose = False
        """whether something is committed that a power failure would undo"""
        self._thread_lock = threading.Lock()
        # never closed while it serves: to open it anew for each batch costs more than to lock it
        self._lock = os.open(folder / "write.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.engine = opened(url, folder)
        self._may_be_loose = ledger is not None and forgets(self.engine)
        self.sole = False
        """of a core: no other one may have the database"""
        self._writer: Connection | None = None
        """stays open: to take it from the pool and give it back costs more than BEGIN and COMMIT"""

    @contextmanager
    def write(self, *, durable: bool = True, ring: bool = True) -> Iterator[Tx]:
        """BEGIN … COMMIT, with the ledger entries of the transaction in it and the checkpoint
        of the batch written behind it. One at a time over all processes.

        What is not durable waits for the next flush, with all that was committed before it. Until
        then nothing is signed, and nothing that cannot be undone is done of it. Where there is no
        ledger, whose signing flushes, and on PostgreSQL everything is durable. Who has something
        to tell before the rooms are woken does not let it `ring`."""
        durable = durable or not self._may_be_loose
        with self._turn():
            with self._begun(loose=not durable) as begun:
                tx = Tx(begun.connection, self.clock())
                yield tx
                sealed = self.ledger.append(tx) if self.ledger and tx.entries else tx.sealed
            if durable and sealed and self.ledger:
                self.ledger.publish(sealed)
            self.loose = not durable or (self.loose and not sealed)
        if tx.after and not durable:
            self.flush()
        for done in tx.after:
            try:
                done()
            except OSError:  # the commit stands, whoever waits for it is told so
                log.exception("a file is left behind; the sweep removes it")
        tx.after.clear()  # what is to be done holds whole mails, and some of it this `tx`
        if ring:
            self.ring(tx.nudges)

    def ring(self, rooms: Iterable[str]) -> None:
        for room in rooms:
            for listener in self.listeners:
                listener(room)

    def flush(self) -> None:
        """All that was committed is on the disk when this returns, and signed."""
        with self.write() as tx:
            if self.ledger:
                self.ledger.sign(tx)
        self.loose = False

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A snapshot for pages. Nothing written through it is kept."""
        with (
            self.engine.connect().execution_options(read_only=True) as conn,
            Session(bind=conn, expire_on_commit=False) as session,
        ):
            yield session

    def take_ballast(self) -> bool:
        return bool(self.ballast and self.ballast.take())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._thread_lock:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            try:
                if self.ballast:
                    self.ballast.give_up()
                yield
            finally:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _begun(self, loose: bool) -> RootTransaction:
        """On the connection that stays, or a new one where the server has ended it meanwhile."""
        if self._writer and not lost(self._writer):
            try:
                return _begin(self._writer, loose)
            except DBAPIError:
                if not lost(self._writer):
                    raise
        self._hang_up()
        conn = self.engine.connect()
        try:
            if self.sole:
                serve_alone(conn)
        except BaseException:
            conn.close()
            raise
        self._writer = conn
        return _begin(conn, loose)

    def _hang_up(self) -> None:
        if self._writer:
            if lost(self._writer):
                self._writer.invalidate()
            self._writer.close()
            self._writer = None

    def disconnect(self) -> None:
        """No connection is left. The next use opens one."""
        self._hang_up()
        self.engine.dispose()

    def close(self) -> None:
        self.disconnect()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _begin(conn: Connection, loose: bool) -> RootTransaction:
    conn.info["loose"] = loose
    return conn.begin()
