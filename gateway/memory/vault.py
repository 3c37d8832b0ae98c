"""Sealed bytes: everything of content, at rest.

Form of a blob: a header of 20 octets ("SKV" and the version, 16 octets of salt), then chunks of
64 KiB, each sealed with AES-256-GCM under a subkey of its own blob (HKDF-SHA-256 of data key and
salt). The nonce of a chunk is its number and a mark on the last one: the STREAM construction, as
in age (C2SP). Reordered, cut or joined blobs do not open, any chunk can be read by itself, and no
nonce can repeat since no two blobs share a key.

Up to 64 KiB a blob is a row in the same transaction as what it belongs to; a larger one is a file
that is durable before that transaction begins.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, bindparam, delete, insert, select

from gateway.memory.keys import sync_folder
from gateway.memory.standing import Statement
from gateway.memory.tables import Blob, table

MAGIC = b"SKV\x01"
HEADER = len(MAGIC) + 16
CHUNK = 64 * 1024
TAG = 16
AT_ONCE = 4
"""Chunks that are read at a time."""
BLOCK = AT_ONCE * CHUNK
EARLY = 1 << 20
"""Octets of a file after which the disk is given what it has so far."""
BLOB = table(Blob)
_KEEP = Statement(insert(BLOB))
_DROP = Statement(delete(BLOB).where(BLOB.c.id == bindparam("known")))
_ROWS = Statement(select(BLOB).where(BLOB.c.id.in_(bindparam("refs", expanding=True))))


class Damaged(Exception):
    """The bytes are not the ones that were sealed under this key for this purpose."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished blob, not yet known to the database: hand it to `Vault.keep`."""

    ref: str
    data: bytes
    """b"" where the bytes are in a file"""
    size: int
    """of the plain bytes"""


def new_data_key() -> bytes:
    return secrets.token_bytes(32)


class Sealer:
    """Takes plain bytes in pieces of any size; writes nothing plain anywhere."""

    def __init__(self, folder: Path, key: bytes, about: str) -> None:
        salt = secrets.token_bytes(16)
        self._folder = folder
        self._cipher = _cipher(key, salt, about)
        self._out = [MAGIC + salt]
        self._pending = bytearray()
        self._chunks = 0
        self._name = secrets.token_hex(16)
        self._file: BinaryIO | None = None
        self._begun = 0
        """octets of the file that are on their way to the disk"""
        self.size = 0

    def write(self, block: bytes) -> None:
        self.size += len(block)
        self._pending += block
        if len(self._pending) > CHUNK:
            self._seal_whole()
            self._spill()

    def finish(self) -> Sealed:
        """Durable when it is a file; otherwise durable with the transaction that keeps it."""
        self._seal(self._pending, last=True)
        if self._file is None:
            return Sealed(f"row:{self._name}", b"".join(self._out), self.size)
        self._spill()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._folder / self._name)
        sync_folder(self._folder)
        return Sealed(f"file:{self._name}", b"", self.size)

    def abort(self) -> None:
        """What is written so far makes room again, also on a disk that has none to flush to."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._part.unlink(missing_ok=True)

    @property
    def _part(self) -> Path:
        return self._folder / f"{self._name}.part"

    def _seal_whole(self) -> None:
        """All chunks that are full, but the last, which `finish` seals even if it is."""
        plain, self._pending = memoryview(self._pending), bytearray()
        end = (len(plain) - 1) // CHUNK * CHUNK
        for at in range(0, end, CHUNK):
            self._seal(plain[at : at + CHUNK], last=False)
        self._pending += plain[end:]

    def _seal(self, chunk: bytearray | memoryview, last: bool) -> None:
        self._out.append(self._cipher.encrypt(_nonce(self._chunks, last), chunk, None))
        self._chunks += 1

    def _spill(self) -> None:
        if self._file is None:
            self._file = self._part.open("xb")
        self._file.write(b"".join(self._out))
        self._out.clear()
        if (end := self._file.tell()) - self._begun >= EARLY:
            self._write_back(self._file, end)

    def _write_back(self, file: BinaryIO, end: int) -> None:
        """Begins to, and waits for nothing: written by one flush, 20 MB would hold up the flush
        of every small mail beside it."""
        os.posix_fadvise(file.fileno(), self._begun, end - self._begun, os.POSIX_FADV_DONTNEED)
        self._begun = end


class Opened:
    """A blob that can be read whole or in ranges. Nothing is given out before its tag fits."""

    def __init__(self, source: bytes | Path, key: bytes, about: str) -> None:
        self._source = source
        total = len(source) if isinstance(source, bytes) else source.stat().st_size
        header = self._read(0, HEADER)
        if header[: len(MAGIC)] != MAGIC or total < HEADER + TAG:
            raise Damaged(about)
        self._about = about
        self._cipher = _cipher(key, header[len(MAGIC) :], about)
        self._chunks = -(-(total - HEADER) // (CHUNK + TAG))
        self.size = total - HEADER - self._chunks * TAG

    def __len__(self) -> int:
        return self.size

    def whole(self) -> bytes:
        return b"".join(self.range(0, self.size))

    def blocks(self) -> Iterator[bytes]:
        """All of it in pieces of `BLOCK`, none of them empty."""
        for at in range(0, max(self.size, 1), BLOCK):
            if block := b"".join(self.range(at, min(at + BLOCK, self.size))):
                yield block

    def range(self, start: int, end: int) -> Iterator[bytes]:
        """Plain octets start … end (exclusive), chunk by chunk."""
        last = max(-(-end // CHUNK), 1)  # of what is empty, too, the tag must fit
        for number in range(start // CHUNK, last, AT_ONCE):
            for at, chunk in enumerate(self._open(number, min(number + AT_ONCE, last)), number):
                yield chunk[max(start - at * CHUNK, 0) : end - at * CHUNK]

    def _open(self, first: int, end: int) -> Iterator[bytes]:
        """Chunks first … end (exclusive)."""
        size = CHUNK + TAG
        sealed = memoryview(self._read(HEADER + first * size, (end - first) * size))
        for at in range(end - first):
            yield self._chunk(first + at, sealed[at * size : (at + 1) * size])

    def _chunk(self, number: int, sealed: memoryview) -> bytes:
        try:
            return self._cipher.decrypt(_nonce(number, number == self._chunks - 1), sealed, None)
        except InvalidTag:
            raise Damaged(self._about) from None

    def _read(self, at: int, length: int) -> bytes:
        if isinstance(self._source, bytes):
            return self._source[at : at + length]
        with self._source.open("rb") as file:
            file.seek(at)
            return file.read(length)


class Vault:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder

    def sealer(self, key: bytes, about: str) -> Sealer:
        """`about` is bound in, like "letter 7Q3F-K2MD": a blob cannot stand in for another."""
        return Sealer(self.folder, key, about)

    def seal(self, plain: bytes, key: bytes, about: str) -> Sealed:
        sealer = self.sealer(key, about)
        try:
            sealer.write(plain)
            return sealer.finish()
        except OSError:
            sealer.abort()
            raise

    def keep(self, conn: Connection, sealed: Sealed) -> str:
        if sealed.data:
            _KEEP.run(conn, {"id": sealed.ref, "data": sealed.data})
        return sealed.ref

    def source(self, sealed: Sealed) -> bytes | Path:
        """What `Opened` reads, of what was sealed this moment."""
        return sealed.data or self._path(sealed.ref)

    def open(self, conn: Connection, ref: str, key: bytes, about: str) -> Opened:
        """Raises Damaged, or FileNotFoundError/LookupError where the bytes are gone."""
        source = self.sources(conn, [ref]).get(ref)
        if source is None:
            raise LookupError(f"no blob {ref}")
        return Opened(source, key, about)

    def sources(self, conn: Connection, refs: Collection[str]) -> dict[str, bytes | Path]:
        """What `Opened` reads, of all that are not gone; rows are read with one statement."""
        files = [ref for ref in refs if ref.startswith("file:")]
        asked = [ref for ref in refs if ref.startswith("row:")]
        rows = _ROWS.rows(conn, {"refs": asked}) if asked else []
        found: dict[str, bytes | Path] = {row["id"]: row["data"] for row in rows}
        return found | {ref: self._path(ref) for ref in files}

    def remove_row(self, conn: Connection, ref: str) -> None:
        if ref.startswith("row:"):
            _DROP.run(conn, {"known": ref})

    def remove_file(self, ref: str) -> None:
        """After the commit that forgot it; again and again is fine."""
        if ref.startswith("file:"):
            self._path(ref).unlink(missing_ok=True)

    def _path(self, ref: str) -> Path:
        return self.folder / ref.removeprefix("file:")

    def files(self) -> Iterator[Path]:
        yield from self.folder.iterdir()


def seal_small(plain: bytes, key: bytes, about: str) -> bytes:
    """Short things that live in a column: reports, manifests, TOTP secrets, told words."""
    salt = secrets.token_bytes(16)
    return MAGIC + salt + _cipher(key, salt, about).encrypt(_nonce(0, True), plain, None)


def open_small(sealed: bytes, key: bytes, about: str) -> bytes:
    """
    >>> key = new_data_key()
    >>> open_small(seal_small(b"x" * 200_000, key, "report A"), key, "report A") == b"x" * 200_000
    True
    """
    try:
        cipher = _cipher(key, sealed[len(MAGIC) : HEADER], about)
        return cipher.decrypt(_nonce(0, True), sealed[HEADER:], None)
    except (InvalidTag, ValueError):
        raise Damaged(about) from None


def _cipher(key: bytes, salt: bytes, about: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, about.encode()).derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
