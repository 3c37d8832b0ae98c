import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as Alembic
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, select, text
from sqlmodel import SQLModel

from gateway.judgement import records
from gateway.memory import migrate
from gateway.memory.ledger.append import DETAIL, ENTRY, lines
from gateway.memory.ledger.verify import verify
from gateway.memory.standing import Statement
from gateway.memory.states import SYSTEM


def test_it_works(memory) -> None:
    engine = memory.store.engine
    assert migrate.is_current(engine) and not migrate.upgrade(engine)


def test_the_newest_is_alembics_head() -> None:
    alembic = Alembic()
    alembic.set_main_option("script_location", str(migrate.FOLDER))
    assert migrate.newest() == ScriptDirectory.from_config(alembic).get_current_head()


def test_an_empty_database_and_an_older_one_are_not_current(tmp_path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    assert not migrate.is_current(engine)
    assert migrate.upgrade(engine) and migrate.is_current(engine)
    with engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert not migrate.is_current(engine)
    engine.dispose()


def test_a_filled_database_is_as_a_new_one_afterwards(memory) -> None:
    """With what the ledger holds still found, and nothing of the models left to be migrated."""
    with memory.store.write() as tx:
        tx.record("queued", SYSTEM, letter="A", consignment="A")
        tx.record("split", SYSTEM, letter="A", consignment="B")
    engine = memory.store.engine
    alembic = Alembic()
    alembic.set_main_option("script_location", str(migrate.FOLDER))
    for move, revision in ((command.downgrade, "0005"), (command.upgrade, "head")):
        with engine.begin() as conn:
            alembic.attributes["connection"] = conn
            move(alembic, revision)
            found = verify(lines(conn), memory.ledger.checkpoints(), memory.ledger.public)
            assert (found.whole, found.entries, found.erased) == (True, 2, 0)
    with engine.connect() as conn:
        assert not compare_metadata(MigrationContext.configure(conn), SQLModel.metadata)
        assert [each.verb for each in records.about(conn, letter="A")] == ["queued", "split"]
        assert [each.verb for each in records.about(conn, subjects=["B"])] == ["split"]


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        (ENTRY.c.seq == 5, "INTEGER PRIMARY KEY"),
        (DETAIL.c.seq == 5, "INTEGER PRIMARY KEY"),
        (records.by("p1"), "ix_ledgerentry_actor "),
        (ENTRY.c.letter_id.in_(["A"]) & (ENTRY.c.letter_id != ENTRY.c.subject), "_letter "),
    ],
    ids=["entry", "details", "person", "letter"],
)
def test_the_ledger_is_searched_by_an_index(memory, asked, by) -> None:
    with memory.store.read() as session:
        conn = session.connection()
        sql, values = Statement(select(text("1")).where(asked)).written(conn, {})
        assert by in str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).all())


@pytest.mark.slow
def test_what_starts_without_migrating_loads_no_alembic() -> None:
    code = "import sys, admin_ui.serve.core; assert 'alembic' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
