"""Statements that stand say and give the same as SQLAlchemy's own execution of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, NoResultFound

from gateway.memory.opening import Memory
from gateway.memory.standing import Statement
from gateway.memory.tables import Consignment, LedgerDetail, Recipient, table

C, D, R = table(Consignment), table(LedgerDetail), table(Recipient)
NOW = datetime(2026, 11, 22, 8, 30, 0, 1, tzinfo=UTC)
NEW = {"letter_id": "L", "state": "queued", "created_at": NOW, "changed_at": NOW}

ADD = Statement(insert(C))
BY_ID = Statement(select(C).where(C.c.id == bindparam("known")))
BY_IDS = Statement(
    select(C.c.id, C.c.treatment)
    .where(C.c.id.in_(bindparam("ids", expanding=True)), C.c.state.in_(("queued", "held")))
    .order_by(C.c.id)
)
CHANGE = Statement(update(C).where(C.c.id == bindparam("known")))


@pytest.fixture
def three(memory: Memory) -> Memory:
    with memory.store.write() as tx:
        ADD.many(tx.conn, [{"id": id, **NEW} for id in "ABC"])
    return memory


def test_it_works(three: Memory) -> None:
    with three.store.write() as tx:
        assert CHANGE.run(tx.conn, {"known": "A", "state": "held", "due_at": NOW}) == 1
        assert CHANGE.run(tx.conn, {"known": "A", "treatment": {"bridge": "whole"}}) == 1
        assert CHANGE.run(tx.conn, {"known": "X", "state": "held"}) == 0
    with three.store.read() as session:
        conn = session.connection()
        row = BY_ID.one(conn, {"known": "A"})
        assert dict(row) == dict(conn.execute(select(C).where(C.c.id == "A")).mappings().one())
        assert (row["due_at"], row["treatment"]) == (NOW, {"bridge": "whole"})
        assert BY_ID.first(conn, {"known": "X"}) is None
        assert BY_ID.value(conn, {"known": "B"}) == "B"
        with pytest.raises(NoResultFound):
            BY_ID.one(conn, {"known": "X"})


@pytest.mark.parametrize("asked", ["", "A", "AB", "ABC", "ABCXYZ", "AAAAA"])
def test_a_list_of_any_length_finds_its_members_once(three: Memory, asked: str) -> None:
    with three.store.read() as session:
        found = BY_IDS.values(session.connection(), {"ids": list(asked)})
    assert found == sorted({*asked} & {*"ABC"})


def test_columns_left_out_get_their_defaults_each_row_its_own(three: Memory) -> None:
    with three.store.read() as session:
        rows = BY_IDS.rows(session.connection(), {"ids": ["A", "B"]})
    assert [row["treatment"] for row in rows] == [{}, {}]
    rows[0]["treatment"]["bridge"] = "whole"
    assert rows[1]["treatment"] == {}


def test_what_is_returned_is_read_to_its_end(three: Memory) -> None:
    """A statement left open would keep the transaction from ending."""
    made = Statement(insert(R).returning(R.c.id))
    with three.store.write() as tx:
        first = made.value(tx.conn, {"consignment_id": "A", "address": "a@x.example"})
        assert made.value(tx.conn, {"consignment_id": "A", "address": "b@x.example"}) == first + 1


def test_rows_in_the_order_of_the_columns_are_put_as_they_are(memory: Memory) -> None:
    rows = [("main", seq, b"salt", "関所") for seq in (8, 9)]
    with memory.store.write() as tx:
        Statement(insert(D)).put(tx.conn, D.c.keys(), rows)
    with memory.store.read() as session:
        assert [*session.connection().execute(select(D).order_by(D.c.seq))] == rows


def test_errors_are_sqlalchemys_and_hold_no_values(three: Memory) -> None:
    with pytest.raises(IntegrityError) as raised, three.store.write() as tx:
        ADD.run(tx.conn, {"id": "A", **NEW, "reason": "confidential"})
    assert "confidential" not in str(raised.value)
    with three.store.write() as tx, pytest.raises(ValueError, match="without a zone"):
        CHANGE.run(tx.conn, {"known": "A", "due_at": NOW.replace(tzinfo=None)})


def test_it_is_undone_with_its_transaction(three: Memory) -> None:
    gone = Statement(delete(C).where(C.c.id == bindparam("known")))
    with pytest.raises(RuntimeError), three.store.write() as tx:
        assert gone.run(tx.conn, {"known": "A"}) == 1
        raise RuntimeError
    with three.store.read() as session:
        assert BY_ID.first(session.connection(), {"known": "A"})


def test_another_dialect_gets_its_own_words() -> None:
    """PostgreSQL binds by name."""

    class Connection:
        dialect = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]

    given = {"ids": ["A", "B", "C"]}
    text, bound = BY_IDS.written(Connection(), given)  # type: ignore[arg-type]
    assert "%(ids_4)s" in text
    assert {bound[f"ids_{n}"] for n in (1, 2, 3, 4)} == {"A", "B", "C"}
    due = Statement(select(C.c.id).where(C.c.due_at < bindparam("now")))
    _, bound = due.written(Connection(), {"now": NOW})  # type: ignore[arg-type]
    assert bound == {"now": (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)}
