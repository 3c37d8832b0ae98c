"""The tables in PostgreSQL, where a commit must mean what it means in SQLite."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlmodel import SQLModel

from bridge import disposal
from gateway.judgement import records
from gateway.memory import engine, pointers
from gateway.memory.committer import Committer
from gateway.memory.ids import new_id
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.verify import verify
from gateway.memory.letters import LETTER
from gateway.memory.opening import Memory
from gateway.memory.states import SYSTEM, Actor, C, State, claim
from gateway.memory.store import Store, Tx
from tests.postgresql.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.needs("postgresql")]

APPEND = """
import sys
from pathlib import Path
from gateway.memory.ledger.append import Ledger
from gateway.memory.states import SYSTEM
from gateway.memory.store import Store
url, folder, name = sys.argv[1:]
store = Store(url, Path(folder), Ledger(Path(folder), "sekisho", None))
for number in range(60):
    with store.write() as tx:
        tx.record("held", SYSTEM, letter=f"{name}{number}", consignment=f"{name}{number % 7}")
store.close()
"""


@contextmanager
def another(url: str, folder: Path) -> Iterator[Store]:
    """Of a process that shares no file with the others."""
    folder.mkdir()
    with closing(Store(url, folder)) as store:
        yield store


def value(memory: Memory, name: str) -> str | None:
    with memory.store.read() as session:
        return pointers.read(session.connection(), name)


def broken(tx: Tx) -> None:
    tx.conn.execute(text("SELECT 1 / 0"))


def test_it_works(memory: Memory) -> None:
    with memory.store.write() as tx:
        pointers.put(tx, "gate", "関所")
        tx.record("held", SYSTEM, letter="A", consignment="A", note="関所")
    assert value(memory, "gate") == "関所"
    with memory.store.read() as session:
        found = verify(
            lines(session.connection()), memory.ledger.checkpoints(), memory.ledger.public
        )
        assert [each.verb for each in records.about(session.connection(), letter="A")] == ["held"]
    assert found.whole and found.entries == 1


def test_the_migrations_make_the_tables_of_the_models(memory: Memory) -> None:
    with memory.store.engine.connect() as conn:
        assert not compare_metadata(MigrationContext.configure(conn), SQLModel.metadata)


def test_processes_that_append_at_once_leave_no_gap(
    memory: Memory, url: str, tmp_path: Path
) -> None:
    made = []
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        made.append(
            subprocess.Popen([sys.executable, "-c", APPEND, url, str(tmp_path / name), name])
        )
    assert [each.wait(60) for each in made] == [0, 0]
    memory.store.flush()
    with memory.store.read() as session:
        conn = session.connection()
        found = verify(lines(conn), memory.ledger.checkpoints(), memory.ledger.public)
        sizes = [row[0] for row in conn.execute(text("SELECT seq FROM ledgerentry ORDER BY seq"))]
    signed = memory.ledger.last_signed()
    assert found.whole and sizes == list(range(1, 121)) and signed and signed.size == 120


def test_two_workers_never_have_the_same_mail(memory: Memory, url: str, tmp_path: Path) -> None:
    with memory.store.write() as tx:
        row = {"state": State.QUEUED, "created_at": tx.now, "changed_at": tx.now}
        rows = [{**row, "id": new_id(), "letter_id": "L"} for _ in range(200)]
        tx.conn.execute(C.insert(), rows)
    taken: list[str] = []

    def work(name: str) -> None:
        with another(url, tmp_path / name) as store:
            while True:
                with store.write() as tx:
                    found = claim(tx, State.QUEUED, name, timedelta(minutes=20), 7)
                if not found:
                    return
                taken.extend(each.id for each in found)

    workers = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "three")]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert sorted(taken) == sorted(row["id"] for row in rows)


def test_a_failure_that_somebody_swallowed_is_no_commit(memory: Memory) -> None:
    """The server answers that COMMIT with a rollback, and no error."""
    with pytest.raises(PendingRollbackError), memory.store.write() as tx:
        pointers.put(tx, "gate", "open")
        with pytest.raises(DBAPIError):
            broken(tx)
    assert value(memory, "gate") is None
    with memory.store.write() as tx:
        pointers.put(tx, "gate", "shut")
    assert value(memory, "gate") == "shut"


def test_a_part_of_a_batch_fails_alone(memory: Memory) -> None:
    committer = Committer(memory.store)
    told = [
        committer.submit(lambda tx: pointers.put(tx, "one", "1")),
        committer.submit(broken),
        committer.submit(lambda tx: pointers.put(tx, "two", "2")),
    ]
    committer.start()
    committer.stop()
    assert told[0].exception(0) is None and told[2].exception(0) is None
    assert isinstance(told[1].exception(0), DBAPIError)
    assert (value(memory, "one"), value(memory, "two")) == ("1", "2")


def test_a_nul_in_a_subject_stops_no_mail(memory: Memory) -> None:
    with memory.store.write() as tx:
        pointers.put(tx, "subject", "関\0所")
        tx.record("held", SYSTEM, letter="A", subject_of_mail="関\0所")
    assert value(memory, "subject") == "関�所"
    with memory.store.read() as session:
        (found,) = records.about(session.connection(), letter="A")
    assert found.details["subject_of_mail"] == "関\0所"


def test_a_page_sees_one_moment(memory: Memory) -> None:
    with memory.store.read() as session:
        before = pointers.read(session.connection(), "gate")
        with memory.store.write() as tx:
            pointers.put(tx, "gate", "open")
        found = session.connection().execute(select(text("name")).select_from(text("pointer")))
        assert before is None and "gate" not in found.scalars().all()


def test_what_was_done_for_somebody_is_found_as_theirs(memory: Memory) -> None:
    with memory.store.write() as tx:
        tx.record("released", Actor("operator", "root", on_behalf_of="hanako"), letter="A")
        tx.record("released", Actor("operator", "root", on_behalf_of="taro"), letter="B")
    with memory.store.read() as session:
        found = records.search(session.connection(), records.Query(person="hanako"))
    assert [each.letter for each in found] == ["A"]


@pytest.mark.parametrize("asked", [{"mail": "KYUYO"}, {"file": "kyuyo.XLSX"}])
def test_a_search_is_not_particular_about_capitals(memory: Memory, asked: dict[str, str]) -> None:
    named = {"attachments": ["Kyuyo.xlsx"]}
    with memory.store.write() as tx:
        row = {"id": "L", "received_at": tx.now, "subject": "給与 Kyuyo", "summary": named}
        tx.conn.execute(LETTER.insert().values(row))
        tx.record("received", SYSTEM, letter="L")
    with memory.store.read() as session:
        found = records.search(session.connection(), records.Query(**asked))
    assert [each.letter for each in found] == ["L"]


def test_what_is_of_one_moment_is_disposed_of_together(memory: Memory) -> None:
    """In whatever order the server finds it."""
    with memory.store.write() as tx:
        for number in range(40):
            tx.record("held", SYSTEM, letter=f"L{number}", note="関所")
    memory.store.clock = lambda: datetime.now(UTC) + timedelta(days=3 * 365)
    with memory.store.write() as tx:
        disposal.past_records(tx, memory)
    with memory.store.read() as session:
        assert records.erased_through(session.connection()) == 40


def test_every_commit_is_on_the_disk(memory: Memory, server: Server, url: str) -> None:
    """Also where the database says that none need be: a server that is killed forgets them."""
    name = url.split("/")[3].partition("?")[0]
    server.tell(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    memory.store.disconnect()
    with memory.store.write(durable=False) as tx:
        pointers.put(tx, "gate", "open")
        assert tx.conn.execute(text("SHOW synchronous_commit")).scalar() == "on"
    assert not memory.store.loose


def test_another_core_is_refused(
    memory: Memory, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT", "200ms")
    memory.store.sole = True
    memory.store.disconnect()
    with memory.store.write() as tx:
        pointers.put(tx, "gate", "open")
    with another(url, tmp_path / "second") as second:
        with second.write() as tx:  # a page may
            pointers.put(tx, "gate", "shut")
        second.disconnect()
        second.sole = True
        with pytest.raises(engine.InUse, match="another machine"), second.write():
            pass
        memory.store.disconnect()
        with second.write() as tx:
            pointers.put(tx, "gate", "theirs")
    assert value(memory, "gate") == "theirs"


def test_a_database_of_another_encoding_is_refused(server: Server, tmp_path: Path) -> None:
    how = "ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    url = server.database("in_ascii", how)
    with another(url, tmp_path / "a") as store, pytest.raises(engine.Unfit, match="SQL_ASCII"):
        store.engine.connect()


def test_without_its_driver_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(engine.Unfit, match="psycopg"):
        Store("postgresql+psycopg://sekisho@db/sekisho", tmp_path)


def test_a_server_that_was_away_is_found_again(mortal: Server, tmp_path: Path) -> None:
    with another(mortal.url(), tmp_path / "a") as store:

        def put() -> None:
            with store.write() as tx:
                tx.conn.execute(text("INSERT INTO pointer VALUES ('gate', 'open')"))

        with store.write() as tx:
            tx.conn.execute(text("CREATE TABLE pointer (name TEXT, value TEXT)"))
        mortal.kill()
        for _ in range(2):
            with pytest.raises(OperationalError):
                put()
        with pytest.raises(OperationalError), store.read() as session:
            session.connection()
        mortal.start()
        put()
        mortal.kill()
        mortal.start()
        put()  # nobody noticed
        with pytest.raises(PendingRollbackError), store.write() as tx:
            mortal.kill()
            with pytest.raises(OperationalError), tx.apart():
                pass
            assert not tx.alive
        mortal.start()
        put()
        with store.read() as session:
            assert session.connection().execute(text("SELECT 1 FROM pointer")).all() == [(1,)] * 3
