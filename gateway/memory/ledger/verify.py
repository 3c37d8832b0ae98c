"""Is the ledger whole? Needs the entries, the checkpoints and a public key; no product, no
database. The same walk serves the database, an export and an auditor's own copy:

    python -m gateway.memory.ledger.verify EXPORT.jsonl CHECKPOINTS KEY

Of this package it takes `chain`, `tree` and `note` beside it, and of others only cryptography.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gateway.memory.ledger import chain
from gateway.memory.ledger.chain import DISPOSED, START, NotCanonical, detail_digest, leaf_hash
from gateway.memory.ledger.note import BadNote, Checkpoint, notes, public_key, read
from gateway.memory.ledger.tree import Edge

_DISPOSED = f'"verb":"{DISPOSED}"}}'.encode()
"""How such an entry ends: inside of a text the quotes would be escaped."""


class Line(NamedTuple):
    """An entry as it was stored or exported."""

    entry: bytes
    hash: bytes = b""
    """as stored beside the entry, b"" where only the entry is known"""
    salt: bytes | None = None
    details: str | None = None
    """None where they were erased lawfully"""


@dataclass(frozen=True, slots=True)
class Outcome:
    entries: int
    checkpoints: int
    bad_seq: int | None = None
    """number of the first entry that is not as it was written"""
    reason: str = ""
    """code: edited, missing, order, chain, details, gone, tree, truncated, checkpoint"""
    erased: int = 0
    """entries whose details are no longer there"""

    @property
    def whole(self) -> bool:
        return self.bad_seq is None


class _Bad(Exception):
    def __init__(self, seq: int, reason: str) -> None:
        self.seq, self.reason = seq, reason


class _Gone:
    """Entries without their details. What is erased lawfully is the oldest, without a gap: there
    may be millions of them, which are a number here and no list."""

    def __init__(self) -> None:
        self.oldest, self.others = 0, list[int]()
        self.through = 0

    def add(self, seq: int) -> None:
        if seq == self.oldest + 1:
            self.oldest = seq
        else:
            self.others.append(seq)

    @property
    def count(self) -> int:
        return self.oldest + len(self.others)

    def unexplained(self) -> int:
        """The first that no entry speaks of; 0 where there is none."""
        if self.oldest > self.through:
            return self.through + 1
        return next((seq for seq in self.others if seq > self.through), 0)


def verify(lines: Iterable[Line], signed: Iterable[str], public: bytes) -> Outcome:
    """Walk all entries from the first, with the checkpoints as they come.

    1. every entry is canonical, carries the next number and names the hash of the one before;
    2. its details, where still there, fit their digest;
    3. where they are not, a later entry says that they were erased, up to here or further;
    4. at each checkpoint the tree of the entries so far has the signed root;
    5. no checkpoint speaks of entries that are not there.
    """
    edge, previous, count, trusted = Edge(), START, 0, 0
    gone = _Gone()
    pending: list[Checkpoint] = []
    checkpoints, broken = 0, False
    try:
        pending = _read_all(signed, public)
        checkpoints = len(pending)
        marks = {mark.size: mark.root for mark in pending if mark.size}
        for entry, stored, salt, text in lines:
            named, digest = _read(entry, count + 1)
            if broken:
                # it names another hash than the last one has: that last one was changed
                raise _Bad(count if named != previous.hex() else trusted + 1, "tree")
            hash = leaf_hash(entry)
            if stored and stored != hash:
                raise _Bad(count + 1, "edited")
            if named != previous.hex():
                raise _Bad(max(count, trusted + 1), "chain")
            if salt is None or text is None:
                gone.add(count + 1)
            elif detail_digest(salt, text) != digest:
                raise _Bad(count + 1, "details")
            elif entry.endswith(_DISPOSED):
                gone.through = max(gone.through, _through(text))
            previous = hash
            edge.add(previous)
            count += 1
            if count in marks:
                broken = marks[count] != edge.root()
                trusted = trusted if broken else count
        if broken:
            raise _Bad(trusted + 1, "tree")
        if marks and max(marks) > count:
            raise _Bad(count + 1, "truncated")
        if unexplained := gone.unexplained():
            raise _Bad(unexplained, "gone")
    except _Bad as bad:
        return Outcome(count, checkpoints, bad.seq, bad.reason, gone.count)
    return Outcome(count, checkpoints, erased=gone.count)


def _through(details: str) -> int:
    try:
        return int(json.loads(details)["through"])
    except (ValueError, KeyError, TypeError):  # not ours: it explains nothing
        return 0


def _read_all(signed: Iterable[str], public: bytes) -> list[Checkpoint]:
    found: list[Checkpoint] = []
    for note in signed:
        try:
            checkpoint = read(note, public)
        except BadNote:
            raise _Bad(found[-1].size + 1 if found else 1, "checkpoint") from None
        if found and checkpoint.size < found[-1].size:
            raise _Bad(checkpoint.size + 1, "checkpoint")
        found.append(checkpoint)
    return found


def _read(entry: bytes, expected: int) -> tuple[str, str]:
    """The hash of the one before and the digest of the details."""
    try:
        seq, previous, details = chain.read(entry)
    except NotCanonical:
        raise _Bad(expected, "edited") from None
    if seq != expected:
        raise _Bad(expected, "missing" if seq > expected else "order")
    return previous, details


# -- an export


def exported(path: Path) -> Iterator[Line]:
    """The lines of an export. One that cannot be read counts as an edited entry."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            yield _line(text)


def _line(text: str) -> Line:
    try:
        fields = json.loads(text)
        salt = fields["salt"]
        return Line(
            base64.b64decode(fields["entry"], validate=True),
            salt=None if salt is None else base64.b64decode(salt, validate=True),
            details=fields["details"],
        )
    except (ValueError, KeyError, TypeError):
        return Line(b"")


def verify_files(export: Path, checkpoints: Path, key: Path) -> Outcome:
    """Raises OSError, and BadNote where `key` is no verifier key."""
    public = public_key(key.read_text("utf-8").strip())
    return verify(exported(export), notes(checkpoints.read_text("utf-8")), public)


def main(arguments: list[str]) -> int:
    """0 whole · 1 not whole · 2 usage"""
    if len(arguments) != 3:
        print("usage: python -m gateway.memory.ledger.verify EXPORT CHECKPOINTS KEY")
        return 2
    try:
        outcome = verify_files(*map(Path, arguments))
    except (OSError, BadNote) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not outcome.whole:
        print(f"NG: entry {outcome.bad_seq} is not as it was written ({outcome.reason})")
        return 1
    counted = f"{outcome.entries} entries, {outcome.checkpoints} signed checkpoints"
    print(f"OK: {counted}, details of {outcome.erased} entries erased")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
