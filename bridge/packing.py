"""Packing: files are sealed under a new key before the transaction that makes them a parcel.

What was packed and never became a row (a crash, a lost lease) can be opened by nobody who was
told of it: there is no link. `discard` ends it, and what a crash left behind the sweep finds.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from sqlalchemy import Connection, RowMapping, insert

from bridge import parcel
from bridge.parcel import FILE, MANIFEST, PARCEL, File, Manifest, Terms
from bridge.proof import digest, new_secret
from gateway.judgement import tokens
from gateway.memory.ids import new_pickup_number
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM, Actor
from gateway.memory.store import Tx
from gateway.memory.vault import Sealed, new_data_key, seal_small

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]')
"""In a file name: separators, and the direction marks that make "fdp.exe" read as "exe.pdf"."""


@dataclass(frozen=True, slots=True)
class Content:
    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Packed:
    """Sealed and durable, but not yet a parcel: hand it to `create` or to `discard`."""

    id: str
    """the pick-up number"""
    token: str = field(repr=False)
    word: str = field(repr=False)
    """"" where none is asked"""
    kek: str
    key: bytes = field(repr=False)
    manifest: Manifest
    files: tuple[Sealed, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    id: str
    token: str = field(repr=False)
    word: str | None = field(repr=False)


def pack(
    memory: Memory, blank: Manifest, contents: Sequence[Content], *, told_word: bool
) -> Packed:
    """Seal the contents; `blank` is the manifest without its files. Durable on return."""
    id, key = new_pickup_number(), new_data_key()
    kek = memory.parcels.own(id)
    sealed = []
    files = []
    for number, content in enumerate(contents, start=1):
        done = memory.vault.seal(content.data, key, parcel.about(id, number))
        sealed.append(done)
        octets = sha256(content.data).hexdigest()
        name = file_name(content.name) or f"{number}"
        files.append(File(number, name, content.media_type, done.size, octets))
    return Packed(
        id,
        secrets.token_urlsafe(32),
        new_secret() if told_word else "",
        kek,
        key,
        replace(blank, files=tuple(files)),
        tuple(sealed),
    )


def again(memory: Memory, conn: Connection, row: RowMapping) -> Packed:
    """The same files under a new key, for a re-issue. Raises keys.KeyGone, LookupError."""
    old = parcel.manifest(memory, row)
    contents = [
        Content(f.name, f.media_type, parcel.open_file(memory, conn, row, f.number).whole())
        for f in old.files
    ]
    return pack(memory, old, contents, told_word=bool(row["word_hash"]))


def create(
    tx: Tx,
    memory: Memory,
    packed: Packed,
    terms: Terms,
    *,
    letter: RowMapping,
    consignment_id: str,
    recipient: str,
    parent_id: str | None = None,
    actor: Actor = SYSTEM,
) -> Made:
    """The row of what was packed. Link and word are in no table: they leave with this answer."""
    id, key = packed.id, packed.key
    word = {"word_hash": "", "word": b""}
    if packed.word:
        word = {
            "word_hash": digest(key, f"word {id}", packed.word),
            "word": _sealed_word(memory, packed, terms),
        }
    tx.conn.execute(
        insert(PARCEL).values(
            id=id,
            letter_id=letter["id"],
            consignment_id=consignment_id,
            recipient=recipient,
            sender_id=letter["sender_id"] or letter["owner_id"],
            form=packed.manifest.form,
            token_hash=tokens.digest(packed.token),
            kek=packed.kek,
            key=memory.parcels.wrap(key, packed.kek, id),
            manifest=seal_small(MANIFEST.dump_json(packed.manifest), key, f"manifest {id}"),
            created_at=tx.now,
            opens_at=terms.opens_at,
            closes_at=terms.closes_at,
            erase_at=terms.erase_at,
            downloads=terms.downloads,
            parent_id=parent_id,
            **word,
        )
    )
    pairs = zip(packed.manifest.files, packed.files, strict=True)
    rows = [
        {"parcel_id": id, "number": f.number, "blob": memory.vault.keep(tx.conn, s), "size": f.size}
        for f, s in pairs
    ]
    tx.conn.execute(insert(FILE), rows)
    tx.record(
        "link.created",
        actor,
        letter=letter["id"],
        subject=id,
        consignment_id=consignment_id,
        recipient=recipient,
        form=packed.manifest.form,
        files=len(packed.files),
        octets=packed.manifest.octets,
        closes_at=terms.closes_at.isoformat(),
        told_word=bool(packed.word),
        parent=parent_id or "",
    )
    return Made(id, packed.token, packed.word or None)


def discard(memory: Memory, packed: Packed) -> None:
    """It became no row: its key first, then its files."""
    memory.parcels.destroy(packed.kek, "never became a parcel")
    for sealed in packed.files:
        memory.vault.remove_file(sealed.ref)


def file_name(name: str) -> str:
    """As it may stand on a page and in a Content-Disposition.

    >>> file_name("../給与\\u202e\\r\\n一覧.xlsx ")
    '_給与___一覧.xlsx'
    """
    return _UNSAFE.sub("_", name).strip(" .")[-200:]


def _sealed_word(memory: Memory, packed: Packed, terms: Terms) -> bytes:
    """Under an epoch key of the letters' ring, which the door has not got. The day is the last
    one to which this parcel can be extended."""
    longest = terms.opens_at + parcel.LONGEST + (terms.erase_at - terms.closes_at)
    ring = memory.content.ring
    kek = ring.epoch(longest.date())
    return kek.encode() + b"\0" + ring.wrap(packed.word.encode(), kek, f"word {packed.id}")
