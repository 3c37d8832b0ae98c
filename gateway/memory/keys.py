"""Keys, and their end.

A root key wraps key-encryption keys (KEKs); a KEK wraps data keys; a data key seals one letter
or one parcel. There are two kinds of KEK:

- an *epoch* key for all that must be gone by one day: destroying the one file ends them all,
  in every backup of the database too;
- a key file *of its own* for what is held or handed over, so that one recall ends one thing.

Crypto-erasure counts only if no copy of the key survives (NIST SP 800-88). The `keys` folder is
therefore never part of dated backups; its mirror is one generation in which a destroyed key is
destroyed at once. Tombstones say what is gone, so that a restored old folder cannot bring it back.

A *ring* is one root with its KEKs: "letters" for the core and the inside web, "parcels" for the
outside door, which is given no other.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.memory.faults import Faulty, at

FORMAT = b"\x01"


class KeyGone(Exception):
    """The key was destroyed, on purpose; what it sealed cannot be read by anybody."""


class KeyMissing(Faulty):
    """A key file is not where it should be, or was made under another root: an operator's case."""


class Ring:
    def __init__(self, folder: Path, mirror: Path | None = None) -> None:
        self.folder = folder
        self.mirror = mirror
        self._root = AESGCM(_read_root(folder))
        self._epochs: dict[str, AESGCM] = {}

    # -- key-encryption keys

    def epoch(self, day: date) -> str:
        """Name of the key for what must be gone by `day`; made when it is first asked for."""
        name = f"epoch:{day.isoformat()}"
        if name not in self._epochs:
            if not self._path(name).exists():
                self._make(name)
            self._epochs[name] = self._load(name)
        return name

    def own(self, id: str) -> str:
        """Make a key file of its own for `id`; durable when this returns."""
        name = f"own:{id}"
        self._make(name)
        return name

    def destroy(self, name: str, why: str) -> bool:
        """Tombstone first, then overwrite and unlink, here and in the mirror.

        False where it was gone already: erasing may be repeated after a crash.
        """
        self._epochs.pop(name, None)
        if not self._path(name).exists():
            return False
        stone = {"key": name, "at": datetime.now(UTC).isoformat(), "why": why}
        for folder in filter(None, (self.folder, self.mirror)):
            with (folder / "tombstones.jsonl").open("a") as file:
                file.write(json.dumps(stone) + "\n")
                file.flush()
                os.fsync(file.fileno())
            shred(folder / self._path(name).name)
        return True

    def is_gone(self, name: str) -> bool:
        return not self._path(name).exists() and self._has_tombstone(name)

    def broken(self) -> list[str]:
        """Key files that this root does not open, of all that are there."""
        found = []
        for path in sorted(self.folder.glob("*.key")):
            try:
                self._load(name_of(path))
            except (KeyMissing, KeyGone):
                found.append(path.name)
        return found

    # -- data keys

    def wrap(self, data_key: bytes, kek: str, about: str) -> bytes:
        """`about` (the id of what the key seals) is bound in: a wrapped key fits nothing else."""
        nonce = secrets.token_bytes(12)
        sealed = self._kek(kek).encrypt(nonce, data_key, _bind(kek, about))
        return FORMAT + nonce + sealed

    def unwrap(self, wrapped: bytes, kek: str, about: str) -> bytes:
        """Raises KeyGone where the KEK was destroyed, KeyMissing where it does not fit."""
        try:
            return self._kek(kek).decrypt(wrapped[1:13], wrapped[13:], _bind(kek, about))
        except InvalidTag:
            raise KeyMissing(at(kek, "wrong_key", about=about)) from None

    # -- files

    def _kek(self, name: str) -> AESGCM:
        return self._epochs.get(name) or self._load(name)

    def _load(self, name: str) -> AESGCM:
        try:
            data = self._path(name).read_bytes()
        except FileNotFoundError:
            if self._has_tombstone(name):
                raise KeyGone(name) from None
            raise KeyMissing(at(name, "no_key_file")) from None
        if self._has_tombstone(name):
            # an old copy of the folder was put back: what was recalled stays recalled
            raise KeyGone(name)
        try:
            return AESGCM(self._root.decrypt(data[1:13], data[13:], name.encode()))
        except InvalidTag:
            raise KeyMissing(at(name, "other_root_key")) from None

    def _make(self, name: str) -> None:
        kek, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        data = FORMAT + nonce + self._root.encrypt(nonce, kek, name.encode())
        for folder in filter(None, (self.folder, self.mirror)):
            write_durably(folder / self._path(name).name, data)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name.replace(':', '-')}.key"

    def _has_tombstone(self, name: str) -> bool:
        path = self.folder / "tombstones.jsonl"
        return path.exists() and f'"key": "{name}"'.encode() in path.read_bytes()


def name_of(path: Path) -> str:
    """
    >>> name_of(Path("keys/letters/epoch-2026-12-01.key"))
    'epoch:2026-12-01'
    """
    return path.stem.replace("-", ":", 1)


def create(folder: Path) -> bool:
    """Make a root key where there is none. False where there is one: it is never replaced."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / "root").exists():
        return False
    write_durably(folder / "root", secrets.token_bytes(32), mode=0o400)
    return True


def create_secret(path: Path) -> bool:
    """A key that is used by itself, such as the one of our mark in Received."""
    if path.exists():
        return False
    write_durably(path, secrets.token_bytes(32), mode=0o400)
    return True


def read_secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyMissing(at(path, "no_key")) from None


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs the ledger's checkpoints and certificates."""
    try:
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except FileNotFoundError:
        raise KeyMissing(at(path, "no_signing_key")) from None


def create_signing_key(path: Path) -> bool:
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, Ed25519PrivateKey.generate().private_bytes_raw(), mode=0o400)
    return True


def write_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Temporary file, fsync, rename, fsync of the directory: whole or not there at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            if os.write(handle, data) != len(data):
                raise OSError(errno.ENOSPC, "half a file", str(part))
            os.fsync(handle)
        finally:
            os.close(handle)
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _bind(kek: str, about: str) -> bytes:
    return f"{kek}\n{about}".encode()


def _read_root(folder: Path) -> bytes:
    if (folder / "root.next").exists():
        raise KeyMissing(at(folder, "rotation_cut_off"))
    try:
        root = (folder / "root").read_bytes()
    except FileNotFoundError:
        raise KeyMissing(at(folder, "no_root_key")) from None
    if len(root) != 32:
        raise KeyMissing(at(folder, "damaged_root_key"))
    return root


def shred(path: Path) -> None:
    """Overwrite and unlink. On a copy-on-write disk the overwriting is in vain; there the root
    key's own protection and the missing name are what is left, and the documents say so."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = path.stat().st_size
        file.write(secrets.token_bytes(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
