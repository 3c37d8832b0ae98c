"""The writing half: entries into the transaction, checkpoint behind it."""

from __future__ import annotations

import errno
import logging
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.memory import pointers
from gateway.memory.faults import Faulty, at
from gateway.memory.ledger import chain, note
from gateway.memory.ledger.tree import Edge
from gateway.memory.ledger.verify import Line
from gateway.memory.standing import Statement
from gateway.memory.store import Tx
from gateway.memory.tables import LedgerDetail, LedgerEntry, LedgerHead, microseconds, table

log = logging.getLogger("sekisho.ledger")

STREAM = "main"
SALT = 16
RECENT = 10_000
"""Subjects whose last entry is remembered: more than are under way at once."""
ENTRY, DETAIL, HEAD = table(LedgerEntry), table(LedgerDetail), table(LedgerHead)

_ADD_ENTRIES, _ADD_DETAILS = Statement(insert(ENTRY)), Statement(insert(DETAIL))
_ENTRY, _DETAIL = ENTRY.c.keys(), DETAIL.c.keys()
_READ_HEAD = Statement(select(HEAD).where(HEAD.c.stream == STREAM))
_SET_HEAD = Statement(update(HEAD).where(HEAD.c.stream == STREAM))
_SINCE = Statement(
    select(ENTRY.c.subject, ENTRY.c.hash)
    .where(ENTRY.c.stream == STREAM, ENTRY.c.seq >= bindparam("known"))
    .order_by(ENTRY.c.seq)
)
_LAST_OF = Statement(
    select(ENTRY.c.hash)
    .where(ENTRY.c.subject == bindparam("known"))
    .order_by(ENTRY.c.seq.desc())
    .limit(1)
)


_LINES = Statement(
    select(ENTRY.c.seq, ENTRY.c.entry, ENTRY.c.hash, DETAIL.c.salt, DETAIL.c.details)
    .outerjoin(DETAIL, (DETAIL.c.stream == ENTRY.c.stream) & (DETAIL.c.seq == ENTRY.c.seq))
    .where(ENTRY.c.stream == bindparam("of"), ENTRY.c.seq > bindparam("after"))
    .order_by(ENTRY.c.seq)
    .limit(bindparam("most"))
)


class RolledBack(Faulty):
    """The database holds fewer entries than were signed: it is older than its checkpoints."""


@dataclass(frozen=True, slots=True)
class Head:
    size: int
    last: bytes
    edge: Edge


class Ledger:
    """One stream, written by whoever holds the write lock.

    `folder` is outside the database, so that who can write the one cannot pass unseen
    without the other; the checkpoints are also mailed out daily.
    """

    def __init__(self, folder: Path, origin: str, key: Ed25519PrivateKey | None) -> None:
        """Without a key (the outside door) entries are appended, and the core signs them."""
        self.path = folder / f"{STREAM}.checkpoints"
        self.origin = f"{origin}/{STREAM}"
        self.key = key
        self._signed = 0
        self._recent: dict[str, bytes] = {}
        """hash of the last entry of each subject, up to where we know the chain"""
        self._known = Head(0, b"", Edge())

    def append(self, tx: Tx) -> note.Checkpoint:
        """Write the entries of `tx` and the new head. Returns what is to be signed."""
        head = self.head(tx.conn)
        previous, edge = head.last, head.edge
        entries: list[tuple[Any, ...]] = []
        details: list[tuple[Any, ...]] = []
        subjects = self._last_of(tx, head)
        moment = microseconds(tx.now)
        at = tx.now.isoformat(timespec="microseconds").replace("+00:00", "Z")
        salts = secrets.token_bytes(SALT * len(tx.entries))  # asked for once: it is a system call
        for number, pending in enumerate(tx.entries):
            seq = edge.size + 1
            salt = salts[SALT * number : SALT * (number + 1)]
            text = chain.canonical(pending["details"]).decode()
            subject, actor = pending["subject"], pending["actor"]
            entry = chain.entry_bytes(
                stream=STREAM,
                seq=seq,
                at=at,
                actor=actor.as_json(),
                verb=pending["verb"],
                letter=pending["letter"],
                subject=subject,
                policy=pending["policy"],
                details=chain.detail_digest(salt, text),
                previous=previous,
                previous_of_subject=subjects.get(subject, chain.START),
            )
            previous = chain.leaf_hash(entry)
            edge.add(previous)
            if subject:
                subjects[subject] = previous
            who = actor.kind, actor.id, pending["verb"], pending["letter"], subject
            entries.append((seq, STREAM, moment, *who, entry, previous))
            details.append((STREAM, seq, salt, text))
        _ADD_ENTRIES.put(tx.conn, _ENTRY, entries)
        _ADD_DETAILS.put(tx.conn, _DETAIL, details)
        now = {"size": edge.size, "last": previous, "edge": edge.to_bytes()}
        _SET_HEAD.run(tx.conn, now)
        self._known = Head(edge.size, previous, edge)
        return note.Checkpoint(self.origin, edge.size, edge.root())

    @staticmethod
    def head(conn: Connection) -> Head:
        row = _READ_HEAD.one(conn, {})
        return Head(row["size"], row["last"], Edge.from_bytes(row["size"], row["edge"]))

    def publish(self, checkpoint: note.Checkpoint) -> None:
        """Append the signed checkpoint to the file. The commit stands already: a disk that
        refuses here costs this line, and the next batch's checkpoint covers the same entries."""
        if self.key is None:
            return
        line = f"{note.sign(checkpoint, self.key, self.public)}\n".encode()
        try:
            _add(self.path, line)
            self._signed = checkpoint.size
        except OSError:
            log.exception("the checkpoint could not be written")

    def open(self, conn: Connection) -> None:
        """Before the first write of a process that owns the stream.

        "A log MUST NOT sign a checkpoint that is inconsistent with one it signed before"
        (C2SP tlog-checkpoint): a database restored from a backup is refused until an operator
        says so. A crash between commit and checkpoint is caught up with here.
        """
        head = self.head(conn)
        signed = self.last_signed()
        if signed and signed.size > head.size:
            raise RolledBack(at(self.path, "rolled_back", signed=signed.size, found=head.size))
        self._mend()
        self._signed = signed.size if signed else 0
        if behind := self._unsigned(head):
            self.publish(behind)

    def sign(self, tx: Tx) -> None:
        """All entries so far, also those without a signature: of a loose commit, or of the outside
        door, which holds no key. A commit waits for the disk only if it changes something."""
        pointers.put(tx, "signed", tx.now.isoformat())
        tx.sealed = self._unsigned(self.head(tx.conn))

    def _unsigned(self, head: Head) -> note.Checkpoint | None:
        if head.size <= self._signed:
            return None
        return note.Checkpoint(self.origin, head.size, head.edge.root())

    def last_note(self) -> str | None:
        """The newest checkpoint as it was signed."""
        return self._end()[0]

    def last_signed(self) -> note.Checkpoint | None:
        last = self.last_note()
        return note.read(last, self.public) if last else None

    @cached_property
    def public(self) -> bytes:
        if self.key is None:
            raise PermissionError("this process holds no signing key")
        return self.key.public_key().public_bytes_raw()

    def checkpoints(self) -> Iterator[str]:
        if self.path.exists():
            yield from note.notes(self.path.read_text("utf-8"))

    def _mend(self) -> None:
        """Cut off a last note that a crash left half written."""
        if half := self._end()[1]:
            os.truncate(self.path, self.path.stat().st_size - half)

    def _end(self) -> tuple[str | None, int]:
        """Of the file alone, which grows for years; see `note.last`."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - note.TAIL))
                return note.last(file.read())
        except FileNotFoundError:
            return None, 0

    def _last_of(self, tx: Tx, head: Head) -> dict[str, bytes]:
        """Most entries are about a mail that the batch before, or the one before that, wrote of."""
        if head.last != self._known.last or len(self._recent) >= RECENT:
            self._recent = self._caught_up(tx, head)
        recent = self._recent
        new = {"", *(entry["subject"] for entry in tx.entries if entry["first"])}
        # one by one: to take away `recent.keys()` walks through all ten thousand
        asked = {entry["subject"] for entry in tx.entries if entry["subject"] not in recent}
        for subject in asked - new:
            found = _LAST_OF.value(tx.conn, {"known": subject})
            if found is not None:
                recent[subject] = found
        return recent

    def _caught_up(self, tx: Tx, head: Head) -> dict[str, bytes]:
        """With what other processes have appended behind our last entry. Where that one is not
        in the chain, our commit failed, or the database is another: nothing is known."""
        known, found = self._known, self._recent
        if known.size and head.size - known.size < RECENT and len(found) < RECENT:
            rows = _SINCE.rows(tx.conn, {"known": known.size})
            if rows and rows[0]["hash"] == known.last:
                return found | {row["subject"]: row["hash"] for row in rows[1:]}
        return {}


def _add(path: Path, line: bytes) -> None:
    """Whole or not at all: behind half a note the next one would not be read."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        written = os.write(file, line)
        if written != len(line):  # the room ended in the middle of it
            os.truncate(file, os.fstat(file).st_size - written)
            raise OSError(errno.ENOSPC, "half a checkpoint")
    finally:
        os.close(file)


def lines(conn: Connection, stream: str = STREAM) -> Iterator[Line]:
    """All entries in order, for `verify` and the export, read in slices so that no long read
    keeps the write-ahead log from being checkpointed."""
    seq = 0
    while found := _LINES.tuples(conn, {"of": stream, "after": seq, "most": 2_000}):
        for _, entry, hash, salt, details in found:
            yield Line(entry, hash, salt, details)
        seq = found[-1][0]
