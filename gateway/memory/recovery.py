"""Backup and restore: the database, the sealed files and the checkpoints. Never the keys.

What was erased or recalled stays so: its key is in no backup, and tombstones are not put back. A
restored installation starts in recovery. Nothing that was on its way moves by itself, because
nobody here knows what left after the backup was made; a person looks at each row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from gateway.memory import copies
from gateway.memory.config import Config
from gateway.memory.copies import CannotRestore
from gateway.memory.faults import at
from gateway.memory.keys import signing_key, sync_folder, write_durably
from gateway.memory.ledger import note
from gateway.memory.ledger.append import STREAM, Ledger
from gateway.memory.opening import (
    ORIGIN,
    Memory,
    alone,
    folders,
    missing_keys,
    open_memory,
    prepare_folders,
    prepare_store,
)
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx
from gateway.memory.tables import Consignment, table

CONSIGNMENT = table(Consignment)
OWNER = "recovery"
"""Owner of the leases that a restore lays on what was on its way."""
FOREVER = timedelta(days=36_525)
MOVING = (State.RECEIVED, State.RELEASED, State.QUEUED, State.DELAYED)
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Written last: a folder without it is no backup."""

    made_at: str
    entries: int
    """of the ledger"""
    files: int
    format: int = FORMAT


def back_up(memory: Memory, target: Path) -> Manifest:
    """Into an empty or new folder, while everything runs.

    The order is what makes the parts fit: checkpoints speak of no entry that the database has
    not, and the database of no file that is not there, except of what was erased meanwhile.
    """
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(target.iterdir()):
        raise CannotRestore(at(target, "not_empty"))
    if memory.ledger.path.exists():
        copies.copy_file(memory.ledger.path, target / memory.ledger.path.name)
    copies.copy(memory.config, target)
    files = _copy_files(memory.vault.folder, target / "vault")
    with memory.store.read() as session:
        head = memory.ledger.head(session.connection())
    made = Manifest(memory.store.clock().isoformat(timespec="seconds"), head.size, files)
    write_durably(target / "backup.json", json.dumps(asdict(made)).encode())
    return made


def restore(config: Config, source: Path, actor: Actor, reason: str) -> int:
    """Put a backup in the place of what is there, which is kept aside; the keys of now stay, so
    that what is gone stays gone. Returns how many rows wait for a person.

    Raises CannotRestore, opening.Served."""
    manifest = _manifest(source)
    copies.sound(config, source)
    _has_its_keys(config)
    prepare_folders(config)
    with alone(config):
        signed = _last_signed(config)
        _exchange(config, source)
        prepare_store(config)
        return _begin(config, manifest, signed, actor, reason)


def _exchange(config: Config, source: Path) -> None:
    place, aside = folders(config), _aside(config, datetime.now(config.zone))
    checkpoints = place["ledger"] / f"{STREAM}.checkpoints"
    copies.put_aside(config, aside)
    copies.move(checkpoints, aside)
    if (source / checkpoints.name).exists():
        copies.copy_file(source / checkpoints.name, checkpoints)
    _copy_files(source / "vault", place["vault"])
    copies.put_back(config, source)


def _begin(
    config: Config, manifest: Manifest, signed: note.Checkpoint | None, actor: Actor, reason: str
) -> int:
    memory = open_memory(config)
    try:
        with memory.store.write() as tx:
            memory.ledger.open(tx.conn)
            waiting = lay_leases(tx)
            tx.record(
                "restored",
                actor,
                backup=manifest.made_at,
                entries=manifest.entries,
                signed_size=signed.size if signed else 0,
                signed_root=signed.root.hex() if signed else "",
                waiting=waiting,
                why=reason,
            )
    finally:
        memory.close()
    return waiting


def lay_leases(tx: Tx) -> int:
    """Lease every row on its way to nobody. The fence grows, so that no worker of before can
    finish what it began."""
    done = tx.conn.execute(
        update(CONSIGNMENT)
        .where(CONSIGNMENT.c.state.in_([state.value for state in MOVING]))
        .values(
            lease_owner=OWNER,
            lease_until=tx.now + FOREVER,
            fence=CONSIGNMENT.c.fence + 1,
        )
    )
    return int(done.rowcount)


# -- files


def _manifest(source: Path) -> Manifest:
    try:
        found = Manifest(**json.loads((source / "backup.json").read_text("utf-8")))
    except FileNotFoundError:
        raise CannotRestore(at(source, "no_backup")) from None
    except (ValueError, TypeError):
        raise CannotRestore(at(source / "backup.json", "damaged", detail="JSON")) from None
    if found.format != FORMAT:
        raise CannotRestore(at(source, "backup_format", format=found.format))
    return found


def _has_its_keys(config: Config) -> None:
    """New ones would open nothing of what the backup holds."""
    if missing := missing_keys(config):
        raise CannotRestore(at(folders(config)["keys"], "keys_elsewhere", missing=missing))


def _last_signed(config: Config) -> note.Checkpoint | None:
    """Read before the file is moved aside: what was signed is named in the new chain."""
    place = folders(config)
    key = signing_key(place["keys"] / "ledger.key")
    return Ledger(place["ledger"], ORIGIN, key).last_signed()


def _aside(config: Config, now: datetime) -> Path:
    aside = config.data_dir / f"before-restore-{now:%Y%m%d-%H%M%S}"
    aside.mkdir(parents=True, mode=0o700)
    return aside


def _copy_files(source: Path, target: Path) -> int:
    """Sealed files have random names and never change: one that is there is the same one."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    copied = 0
    for path in sorted(source.iterdir()) if source.exists() else ():
        if path.suffix == ".part" or (target / path.name).exists():
            continue
        try:
            copies.copy_file(path, target / path.name)
        except FileNotFoundError:  # erased this moment
            continue
        copied += 1
    sync_folder(target)
    return copied
