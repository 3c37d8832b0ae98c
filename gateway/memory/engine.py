"""The two databases that the tables live in, and what each must be told so that a commit means
the same in both: SQLite, in a file of `data_dir`, and PostgreSQL."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, String, create_engine, event, make_url
from sqlalchemy.exc import OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.memory.faults import Faulty, at
from gateway.memory.standing import told

SQLITE, POSTGRESQL = "sqlite", "postgresql"

_IN_TRANSACTION, _FAILED = 2, 3
"""Of libpq's PQtransactionStatus"""
_WRITERS, _CORE = 1, 2
"""Numbers of the advisory locks that every writer takes for a transaction, and a core for good"""
_LOCK_TIMEOUT = "55P03"
_VANISHED = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5}
_VANISHED |= {"keepalives_count": 3, "tcp_user_timeout": 30_000}
"""Seconds (and milliseconds) after which a server that does not answer is given up, where it is
on another machine; TCP itself waits for hours"""


WAIT = "30s"
"""For what somebody else has locked, with a unit as PostgreSQL has it"""


class Unfit(Faulty):
    """A database that cannot hold what is to be written."""


class InUse(Unfit, SQLAlchemyError):
    """Another core has this database."""


def opened(url: str, folder: Path) -> Engine:
    """`url` as `store.url` has it, "sqlite" being a file in `folder`. Nothing is connected yet.
    Raises Unfit."""
    if url == SQLITE:
        url = f"sqlite:///{folder / 'sekisho.db'}"
    parts = make_url(url)
    if parts.get_backend_name() == POSTGRESQL:
        return _postgresql(parts)
    # The mail path has a hundred texts of statements; what is forgotten is compiled anew, and
    # that takes ten times as long as to execute it.
    kept = {"cached_statements": 1024}
    engine = create_engine(parts, hide_parameters=True, connect_args=kept)
    event.listen(engine, "connect", _sqlite_settings)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


class spelled(FunctionElement[str]):
    """Octets of UTF-8 as a text to search in."""

    type = String()
    inherit_cache = True


@compiles(spelled)
def _cast(element: spelled, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AS VARCHAR)"


@compiles(spelled, POSTGRESQL)
def _converted(element: spelled, compiler: SQLCompiler, **how: Any) -> str:
    return f"convert_from({compiler.process(element.clauses, **how)}, 'UTF8')"


def in_transaction(driver: Any) -> bool:
    """Whether what was done so far still stands; SQLite ends a transaction on some errors, and
    PostgreSQL with the connection."""
    if (said := getattr(driver, "in_transaction", None)) is not None:
        return bool(said)
    return driver.info.transaction_status in (_IN_TRANSACTION, _FAILED)


def serve_alone(conn: Connection) -> None:
    """As long as this connection lasts. Two cores would free each other's leases and send mail
    twice; on one machine they see that by a file. Raises InUse: waits half a minute for a
    connection of our own that broke."""
    if conn.dialect.name == POSTGRESQL:
        try:
            told(conn, f"SELECT pg_advisory_lock({_CORE})")
            conn.connection.commit()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != _LOCK_TIMEOUT:
                raise
            raise InUse(at("store.url", "served_elsewhere")) from None


def lost(conn: Connection) -> bool:
    """Whether the server has ended it, as far as is known: that shows when it is used."""
    return conn.invalidated or getattr(conn.connection.driver_connection, "closed", False) is True


def forgets(engine: Engine) -> bool:
    """Whether a commit may be left to the next flush, because only the machine's own end undoes
    it. A PostgreSQL that is killed would forget it too, while we go on."""
    return engine.dialect.name == SQLITE


# -- SQLite


def _sqlite_settings(dbapi: Any, _record: object) -> None:
    dbapi.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "secure_delete=ON",
        # the core checkpoints beside the committer, never inside a commit
        "wal_autocheckpoint=0",
    ):
        dbapi.execute(f"PRAGMA {pragma}")


def _sqlite_begin(conn: Connection) -> None:
    """A writer that begins as a reader deadlocks with another one when both upgrade."""
    if conn.get_execution_options().get("read_only", False):
        told(conn, "BEGIN")
        return
    # NORMAL still flushes before the log is carried over: a power failure undoes whole commits
    # from the end, and damages nothing (sqlite.org/pragma.html#pragma_synchronous).
    info = conn.info
    level = "NORMAL" if info.get("loose") else "FULL"
    if info.setdefault("synchronous", "FULL") != level:
        told(conn, f"PRAGMA synchronous={level}")
        info["synchronous"] = level
    told(conn, "BEGIN IMMEDIATE")


# -- PostgreSQL


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,  # a server that was started anew has ended what is in the pool
            connect_args={name: s for name, s in _VANISHED.items() if name not in url.query},
        )
    except ModuleNotFoundError:
        raise Unfit(at("store.url", "no_driver")) from None
    # first: SQLAlchemy's own look at the server fails on what is refused here
    event.listen(engine, "connect", _postgresql_settings, insert=True)
    event.listen(engine, "begin", _postgresql_begin)
    event.listen(engine, "commit", _postgresql_commit)
    return engine


def _postgresql_settings(dbapi: Any, _record: object) -> None:
    encoding = dbapi.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise Unfit(at("store.url", "not_in_utf8", found=encoding))
    _without_nul(dbapi)
    dbapi.execute(
        # A 250 is said after the commit. What is stricter than "on" stays.
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )
    # A writer whose machine is gone lets go of the lock within a minute.
    dbapi.execute(
        f"SELECT set_config('lock_timeout', '{WAIT}', false), "
        "set_config('tcp_keepalives_idle', '15', false), "
        "set_config('tcp_keepalives_interval', '5', false), "
        "set_config('tcp_keepalives_count', '3', false)"
    )
    dbapi.commit()


def _without_nul(dbapi: Any) -> None:
    """PostgreSQL has no NUL in its texts, and whoever sends a mail may have one in a subject."""
    from psycopg.types.string import StrDumperUnknown

    class WithoutNul(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    dbapi.adapters.register_dumper(str, WithoutNul)


def _postgresql_begin(conn: Connection) -> None:
    """Writers one at a time, as SQLite has them: on whatever machine, and until the transaction
    ends. A page sees one moment of all tables."""
    if conn.get_execution_options().get("read_only", False):
        told(conn, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        told(
            conn,
            f"SELECT pg_advisory_xact_lock({_WRITERS}), "
            "set_config('idle_in_transaction_session_timeout', '60s', true)",
        )


def _postgresql_commit(conn: Connection) -> None:
    """It answers the COMMIT of a transaction that has failed with a rollback, and no error."""
    driver: Any = conn.connection.driver_connection
    if driver.info.transaction_status != _IN_TRANSACTION:
        with suppress(conn.dialect.loaded_dbapi.Error):  # it may be gone
            driver.rollback()
        raise PendingRollbackError("the transaction has failed: nothing of it is kept")
