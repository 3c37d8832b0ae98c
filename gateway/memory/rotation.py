"""A new root key for a ring: every key file is sealed again, no mail and no parcel is touched.

A rotation that is cut off leaves `root.next` behind, and no ring opens until it is finished: key
files are then under the one root or the other, and whoever made a new one would not know which.
Nothing else may use the ring meanwhile; whoever calls sees to that.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.memory.faults import at
from gateway.memory.keys import FORMAT, KeyMissing, name_of, sync_folder, write_durably


def rotate(folder: Path, mirror: Path | None = None) -> int:
    """Number of key files sealed under the new root. Run again after a crash, it goes on.

    Raises KeyMissing where a key file fits neither root: then nothing was replaced for good.
    """
    old, new = _read(folder / "root"), _next(folder)
    files = sorted(folder.glob("*.key"))
    resealed = {path: _resealed(path, old, new) for path in files}
    for path, data in resealed.items():
        for place in filter(None, (folder, mirror)):
            write_durably(place / path.name, data)
    (folder / "root.next").rename(folder / "root")
    sync_folder(folder)
    return len(files)


def _next(folder: Path) -> bytes:
    path = folder / "root.next"
    if not path.exists():
        write_durably(path, secrets.token_bytes(32), mode=0o400)
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise KeyMissing(at(path.parent, "no_root_key")) from None


def _resealed(path: Path, old: bytes, new: bytes) -> bytes:
    data, name = path.read_bytes(), name_of(path)
    for root in (new, old):
        try:
            kek = AESGCM(root).decrypt(data[1:13], data[13:], name.encode())
        except InvalidTag:
            continue
        nonce = secrets.token_bytes(12)
        return FORMAT + nonce + AESGCM(new).encrypt(nonce, kek, name.encode())
    raise KeyMissing(at(path, "other_root_key"))
