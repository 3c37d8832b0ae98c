"""The memory of one process: configuration, database, vault, keys and ledger, opened together."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import make_url

from gateway.memory import keys, migrate, nudge
from gateway.memory.ballast import Ballast
from gateway.memory.config import Config
from gateway.memory.faults import Faulty, at
from gateway.memory.keys import Ring
from gateway.memory.ledger.append import Ledger
from gateway.memory.letters import Letters
from gateway.memory.store import Store
from gateway.memory.vault import Vault

RINGS = ("letters", "parcels")
SECRETS = ("marks", "people", "acquaintance")
"""Keys for our mark in Received, for people's authenticators, for who has written to whom."""
ORIGIN = "sekisho"
"""Name of the ledger's owner in checkpoints and verifier keys."""


class NotReady(Faulty):
    """Something that `key init` or `db upgrade` makes is missing; says which."""


@dataclass(frozen=True)
class Memory:
    config: Config
    store: Store
    vault: Vault
    letters: Letters | None
    """None in the outside door, which holds the parcels' keys only"""
    parcels: Ring
    ledger: Ledger

    @property
    def content(self) -> Letters:
        """Of a process that may read letters."""
        if self.letters is None:
            raise PermissionError("this process holds no key of the letters")
        return self.letters

    def close(self) -> None:
        self.store.close()


def folders(config: Config) -> dict[str, Path]:
    base = config.data_dir
    return {
        "data": base,
        "vault": base / "vault",
        "keys": base / "keys",
        "ledger": base / "ledger",
        "run": base / "run",
    }


def prepare(config: Config) -> None:
    """`key init` and `db upgrade`: make what is missing, replace nothing."""
    prepare_keys(config)
    prepare_store(config)


def prepare_keys(config: Config) -> list[Path]:
    """Each key that is missing, by its file; one that is there is never replaced. Raises NotReady
    where the mirror has keys of a root that is not here: they would open under it alone."""
    prepare_folders(config)
    base, mirror = folders(config)["keys"], config.keys.mirror
    if mirror:
        for ring in RINGS:
            if not (base / ring / "root").exists() and any((mirror / ring).glob("*.key")):
                raise NotReady(at(mirror / ring, "mirror_has_keys"))
            (mirror / ring).mkdir(parents=True, exist_ok=True, mode=0o700)
    made = [base / ring / "root" for ring in RINGS if keys.create(base / ring)]
    if keys.create_signing_key(base / "ledger.key"):
        made.append(base / "ledger.key")
    return made + [base / name for name in SECRETS if keys.create_secret(base / name)]


def missing_keys(config: Config) -> str:
    """Names in the folder of keys, of those that are made once and are in no mirror."""
    names = (*(f"{ring}/root" for ring in RINGS), "ledger.key", *SECRETS)
    return ", ".join(name for name in names if not (folders(config)["keys"] / name).exists())


def prepare_store(config: Config) -> bool:
    """The database, made or brought to the newest version; False where it is."""
    prepare_folders(config)
    store = Store(database(config), config.data_dir)
    try:
        return migrate.upgrade(store.engine)
    finally:
        store.close()


def database(config: Config) -> str:
    """Its address with the password in it: for nobody to see."""
    url, password = config.store.url, config.store.password
    if password is None:
        return url
    whole = make_url(url).set(password=password.get_secret_value())
    return whole.render_as_string(hide_password=False)


def prepare_folders(config: Config) -> None:
    for folder in folders(config).values():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


class Served(NotReady):
    """Somebody else has this data directory."""


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """One core to a data directory: two would free each other's leases and send mail twice; and
    none beside a restore or a new root key. The system lets go of the lock when a process ends,
    however it ends. Raises Served."""
    run = folders(config)["run"]
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(run / "core.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Served(at(config.data_dir, "served")) from None
        yield
    finally:
        os.close(handle)


def is_served(config: Config) -> bool:
    """Whether a core runs on this machine."""
    if not (folders(config)["run"] / "core.lock").exists():
        return False
    try:
        with alone(config):
            return False
    except Served:
        return True


def open_memory(
    config: Config,
    *,
    with_letters: bool = True,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Memory:
    """Raises NotReady, keys.KeyMissing, or ledger.append.RolledBack."""
    place = folders(config)
    if not (place["keys"] / "letters" / "root").exists() and with_letters:
        raise NotReady(at(place["keys"], "no_keys"))
    mirror = config.keys.mirror
    key = keys.signing_key(place["keys"] / "ledger.key") if with_letters else None
    ledger = Ledger(place["ledger"], ORIGIN, key)
    ballast = Ballast(place["data"] / "ballast", config.store.ballast)
    ballast.give_up()  # opening the database writes too
    store = Store(database(config), place["data"], ledger, clock, ballast)
    if not migrate.is_current(store.engine):
        store.close()
        raise NotReady(at(place["data"], "no_database"))
    store.listeners.append(partial(nudge.call, place["run"] / "core.sock"))
    vault = Vault(place["vault"])
    letters = None
    if with_letters:
        letters = Letters(vault, Ring(place["keys"] / "letters", mirror and mirror / "letters"))
    parcels = Ring(place["keys"] / "parcels", mirror and mirror / "parcels")
    return Memory(config, store, vault, letters, parcels, ledger)
