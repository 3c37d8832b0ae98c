"""Works that wait share a flush; one that fails is undone alone."""

import asyncio
import threading
from concurrent.futures import wait

import pytest
from sqlalchemy import event, func, insert, select
from sqlalchemy.exc import IntegrityError

from gateway.memory.committer import Committer
from gateway.memory.states import SYSTEM
from gateway.memory.tables import LedgerEntry, Pointer, table

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


def level(tx):
    """1: committed without a flush; 2: with one."""
    return tx.conn.exec_driver_sql("PRAGMA synchronous").scalar()


async def test_a_loose_work_waits_for_no_flush(committer):
    assert await committer.commit(level, durable=False) == 1
    assert await committer.commit(level) == 2


async def test_a_work_that_wants_a_flush_is_in_no_batch_without_one(committer, memory):
    gate = threading.Event()
    first = committer.submit(lambda tx: gate.wait(5))
    wanted = [False, True, False, False, True, True, False]
    works = [asyncio.create_task(committer.commit(level, durable=each)) for each in wanted]
    await asyncio.sleep(0)
    gate.set()
    levels = await asyncio.gather(*works)
    assert first.result(5)
    assert all(had == 2 for had, asked in zip(levels, wanted, strict=True) if asked)


async def test_what_is_loose_is_signed_with_the_next_flush_only(committer, memory):
    await committer.commit(put("a"))
    signed = memory.ledger.last_signed().size
    await committer.commit(put("b"), durable=False)
    assert memory.store.loose and memory.ledger.last_signed().size == signed
    await committer.commit(put("c"))
    assert not memory.store.loose and memory.ledger.last_signed().size == signed + 2


async def test_what_is_loose_is_flushed_when_nothing_follows(committer, memory):
    await committer.commit(put("a"), durable=False)
    assert memory.ledger.last_signed() is None
    for _ in range(50):
        await asyncio.sleep(0.1)
        if not memory.store.loose:
            break
    assert memory.ledger.last_signed().size == 1


def test_what_is_loose_is_flushed_at_the_end(memory):
    committer = Committer(memory.store)
    committer.start()
    asyncio.run(committer.commit(put("a"), durable=False))
    committer.stop()
    assert not memory.store.loose and memory.ledger.last_signed().size == 1


async def test_what_cannot_be_undone_is_done_after_the_flush(committer, memory):
    done = []

    def work(tx):
        put("a")(tx)
        tx.after.append(lambda: done.append(memory.store.loose))

    await committer.commit(work, durable=False)
    assert done == [False]


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


@pytest.mark.parametrize("fails", [False, True])
def test_what_follows_is_in_the_same_commit_and_costs_the_others_nothing(committer, memory, fails):
    def queued(tx):
        tx.nudge("queued")
        return put("a")(tx)

    def taken(tx):
        put("b")(tx)
        if fails:
            raise LookupError

    commits: list[object] = []
    event.listen(memory.store.engine, "commit", commits.append)
    committer.followers["queued"] = taken
    assert committer.submit(queued).result(10) == "a"
    with memory.store.read() as session:
        found = session.connection().execute(select(P.c.name).order_by(P.c.name)).scalars()
        assert [*found] == (["a"] if fails else ["a", "b"])
    assert len(commits) == 1


def test_a_first_work_that_fails_leaves_nothing(committer, memory):
    def half(tx):
        put("a")(tx)
        raise LookupError

    with pytest.raises(LookupError):
        committer.submit(half).result(10)
    assert committer.submit(put("a")).result(10) == "a"
