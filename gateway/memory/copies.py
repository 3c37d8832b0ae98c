"""The database in a backup: SQLite's file, or what pg_dump writes of PostgreSQL's schema."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, func, make_url, select, text

from gateway.memory.config import Config
from gateway.memory.engine import SQLITE, opened, serve_alone
from gateway.memory.faults import Faulty, at
from gateway.memory.keys import sync_folder
from gateway.memory.opening import database

DUMP, FILE = "sekisho.dump", "sekisho.db"
_BESIDE = ("sekisho.db-wal", "sekisho.db-shm")


class CannotRestore(Faulty):
    """Says what stands in the way; nothing was changed."""


def copy(config: Config, target: Path) -> None:
    """Into that folder, while everything runs: of one moment."""
    if config.store.url == SQLITE:
        with (
            closing(sqlite3.connect(config.data_dir / FILE)) as live,
            closing(sqlite3.connect(target / FILE)) as made,
        ):
            live.backup(made)
    else:
        with _connected(config) as (_, schema):
            _run(config, "pg_dump", "--format=custom", f"--schema={schema}", f"--file={DUMP}",
                 folder=target)  # fmt: skip
    path = target / _name(config)
    path.chmod(0o600)
    _sync(path)


def sound(config: Config, source: Path) -> None:
    """Raises CannotRestore where the copy in that folder cannot be read to its end, or is of the
    other database."""
    path = source / _name(config)
    if not path.exists():
        raise CannotRestore(at(source, "other_database", missing=path.name))
    if config.store.url != SQLITE:
        _run(config, "pg_restore", f"--file={os.devnull}", path.name, folder=source, connect=False)
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as found:
            said = found.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise CannotRestore(at(path, "damaged", detail=error)) from None
    if said != "ok":
        raise CannotRestore(at(path, "damaged", detail=said))


def put_aside(config: Config, aside: Path) -> None:
    """What is there, into that folder, or a schema of its name. Raises engine.InUse."""
    if config.store.url == SQLITE:
        for name in (FILE, *_BESIDE):
            move(config.data_dir / name, aside)
        return
    with _connected(config) as (conn, schema):
        serve_alone(conn)
        conn.execute(text(f'ALTER SCHEMA "{schema}" RENAME TO "{aside.name}"'))
        conn.execute(text(f'CREATE SCHEMA "{schema}"'))
        conn.commit()


def put_back(config: Config, source: Path) -> None:
    if config.store.url == SQLITE:
        copy_file(source / FILE, config.data_dir / FILE)
        return
    with _connected(config) as (_, schema):
        _run(config, "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
             "--single-transaction", f"--schema={schema}", DUMP, folder=source)  # fmt: skip


def move(path: Path, folder: Path) -> None:
    """Nothing where it is not there."""
    if path.exists():
        path.rename(folder / path.name)
        sync_folder(folder)


def copy_file(source: Path, target: Path) -> None:
    """Whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(source, part)
    part.chmod(0o600)
    _sync(part)
    part.rename(target)
    sync_folder(target.parent)


def _name(config: Config) -> str:
    return FILE if config.store.url == SQLITE else DUMP


@contextmanager
def _connected(config: Config) -> Iterator[tuple[Connection, str]]:
    """And the schema that the tables are in."""
    engine = opened(database(config), config.data_dir)
    try:
        with engine.connect() as conn:
            yield conn, str(conn.execute(select(func.current_schema())).scalar())
    finally:
        engine.dispose()


def _run(config: Config, program: str, *arguments: str, folder: Path, connect: bool = True) -> None:
    """One of PostgreSQL's own. The password is where no list of processes shows it."""
    password = config.store.password
    secret = {"PGPASSWORD": password.get_secret_value()} if password else {}
    url: URL = make_url(config.store.url).set(drivername="postgresql")
    to = [f"--dbname={url.render_as_string(hide_password=False)}"] if connect else []
    try:
        done = subprocess.run(
            [program, *to, *arguments],
            cwd=folder, env={**os.environ, **secret}, capture_output=True, text=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise CannotRestore(at(program, "no_program")) from None
    if done.returncode != 0:
        said = done.stderr.strip().partition("\n")[0]
        raise CannotRestore(at(folder, "damaged" if not connect else "tool_failed", detail=said))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
