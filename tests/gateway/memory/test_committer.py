"""Works that wait share a flush; one that fails is undone alone."""

import asyncio
import threading
from concurrent.futures import wait

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from gateway.memory.committer import Committer
from gateway.memory.states import SYSTEM
from gateway.memory.store import LedgerEntry, Pointer, table

P, E = table(Pointer), table(LedgerEntry)


@pytest.fixture
def committer(memory):
    running = Committer(memory.store)
    running.start()
    yield running
    running.stop()


def put(name):
    def work(tx):
        tx.conn.execute(insert(P).values(name=name, value="x"))
        tx.record("noted", SYSTEM, subject=name)
        return name

    return work


async def test_it_works(committer, memory):
    assert await committer.commit(put("a")) == "a"
    with memory.store.read() as session:
        assert session.connection().execute(select(func.count()).select_from(P)).scalar() == 1


async def test_a_caller_that_is_cancelled_stops_waiting_and_the_work_is_done(committer, memory):
    gate = threading.Event()
    committer.submit(lambda tx: gate.wait(5))
    waiting = asyncio.create_task(committer.commit(put("a")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()
    with pytest.raises(IntegrityError):  # it is there already
        await committer.commit(put("a"))
    assert await committer.commit(put("b")) == "b"


def test_a_failing_work_is_undone_alone(committer, memory):
    gate = threading.Event()
    first = committer.submit(lambda tx: gate.wait(5))  # what follows gathers in one batch
    works = [committer.submit(put(name)) for name in ("a", "b", "a", "c")]
    gate.set()
    wait([first, *works], 10)
    assert [bool(w.exception()) for w in works] == [False, False, True, False]
    with memory.store.read() as session:
        names = session.connection().execute(select(E.c.subject).order_by(E.c.seq)).scalars().all()
    assert names == ["a", "b", "c"]


def test_what_waits_shares_a_commit(committer, memory):
    commits = []
    event.listen(memory.store.engine, "commit", lambda conn: commits.append(1))
    gate = threading.Event()
    committer.submit(lambda tx: gate.wait(5))
    works = [committer.submit(put(f"n{i}")) for i in range(150)]
    gate.set()
    wait(works, 10)
    assert len(commits) <= 20  # of 20 ms each, not 150


def test_stopping_commits_what_was_handed_over(memory):
    committer = Committer(memory.store)
    works = [committer.submit(put(f"n{i}")) for i in range(300)]
    committer.start()
    committer.stop()
    assert all(w.done() and not w.exception() for w in works)


def test_nobody_is_told_yes_when_the_database_gave_up_the_transaction(committer, memory):
    """SQLite rolls back by itself on some errors (disk full): what follows must not be kept."""
    gate = threading.Event()
    first = committer.submit(lambda tx: gate.wait(5))

    def full(tx):
        tx.conn.exec_driver_sql("ROLLBACK")
        raise OSError(28, "No space left on device")

    works = [committer.submit(work) for work in (put("a"), full, put("b"))]
    gate.set()
    wait([first, *works], 10)
    assert works[0].exception() and works[1].exception()  # one batch, gone together
    assert works[2].result() == "b"  # the next one
    assert committer.submit(put("c")).result(5) == "c"
    with memory.store.read() as session:
        conn = session.connection()
        assert conn.execute(select(P.c.name)).scalars().all() == ["b", "c"]
        assert conn.execute(select(E.c.subject)).scalars().all() == ["b", "c"]
