"""The table, moves and leases: one mover wins, and every move is in the ledger."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from gateway.memory.states import (
    FINAL,
    SYSTEM,
    TABLE,
    Event,
    Impossible,
    Overtaken,
    State,
    claim,
    move,
    put_back,
    ref,
    split,
)
from gateway.memory.tables import Consignment, LedgerEntry, Recipient, table

C, R, E = table(Consignment), table(Recipient), table(LedgerEntry)


def arrive(tx, id="7Q3F-K2MD", state=State.RECEIVED, recipients=("a@x.example",)):
    tx.conn.execute(
        insert(C).values(id=id, letter_id=id, state=state, created_at=tx.now, changed_at=tx.now)
    )
    for address in recipients:
        tx.conn.execute(insert(R).values(consignment_id=id, address=address))
    return ref(tx, id)


def test_it_works(memory):
    with memory.store.write() as tx:
        held = move(tx, arrive(tx), Event.HOLD, SYSTEM, policy=3, why="test")
        assert held.state is State.HELD
        assert move(tx, held, Event.PASS, SYSTEM).state is State.QUEUED
    with memory.store.read() as session:
        verbs = session.connection().execute(select(E.c.verb).order_by(E.c.seq)).scalars().all()
    assert verbs == ["held", "queued"]


def test_every_state_can_be_reached_and_every_final_one_ends_in_erased():
    reached = {State.RECEIVED, State.TAPPED}
    for _ in State:
        reached |= {target for state in reached for target in TABLE[state].values()}
    assert reached == set(State)
    for state in FINAL - {State.ERASED}:
        assert TABLE[state] == {Event.ERASE: State.ERASED}
    assert TABLE[State.ERASED] == {}


def test_a_tapped_copy_can_never_come_to_where_mail_leaves():
    reached = {State.TAPPED}
    for _ in State:
        reached |= {target for state in reached for target in TABLE[state].values()}
    assert reached == {State.TAPPED, State.OBSERVED, State.ERASED}
    assert all(State.TAPPED not in ways.values() for ways in TABLE.values())


def test_an_arrow_that_is_not_in_the_table_is_impossible(memory):
    with memory.store.write() as tx, pytest.raises(Impossible):
        move(tx, arrive(tx), Event.SETTLE, SYSTEM)


def test_the_second_of_two_movers_is_overtaken_and_leaves_no_entry(memory):
    with memory.store.write() as tx:
        known = move(tx, arrive(tx), Event.HOLD, SYSTEM)
    with memory.store.write() as tx:
        move(tx, known, Event.WITHDRAW, SYSTEM)
    with memory.store.write() as tx, pytest.raises(Overtaken), tx.apart():
        move(tx, known, Event.PASS, SYSTEM)
    with memory.store.write() as tx:
        assert ref(tx, known.id).state is State.WITHDRAWN
        assert tx.conn.execute(select(E.c.verb)).scalars().all() == ["held", "withdrawn"]


def test_a_claim_takes_each_row_once_until_the_lease_runs_out(memory, clock):
    with memory.store.write() as tx:
        for id in ("AAAA-0001", "AAAA-0002"):
            arrive(tx, id)
    with memory.store.write() as tx:
        mine = claim(tx, State.RECEIVED, "one", timedelta(seconds=30), limit=1)
        yours = claim(tx, State.RECEIVED, "two", timedelta(seconds=30))
        nothing = claim(tx, State.RECEIVED, "three", timedelta(seconds=30))
    assert {r.id for r in mine} | {r.id for r in yours} == {"AAAA-0001", "AAAA-0002"}
    assert len(mine) == len(yours) == 1 and not nothing
    clock.forward(seconds=31)
    with memory.store.write() as tx:
        again = claim(tx, State.RECEIVED, "three", timedelta(seconds=30))
        assert len(again) == 2
        with pytest.raises(Overtaken):
            move(tx, mine[0], Event.PASS, SYSTEM)  # its owner was slow: the fence has moved on


def test_a_row_put_back_is_not_due_before_its_time(memory, clock):
    with memory.store.write() as tx:
        arrive(tx)
        (mine,) = claim(tx, State.RECEIVED, "one", timedelta(seconds=30))
        put_back(tx, mine, wait=timedelta(minutes=5))
        assert claim(tx, State.RECEIVED, "one", timedelta(seconds=30)) == []
    clock.forward(minutes=5)
    with memory.store.write() as tx:
        assert len(claim(tx, State.RECEIVED, "one", timedelta(seconds=30))) == 1


def test_a_split_moves_recipients_and_never_copies_them(memory):
    with memory.store.write() as tx:
        whole = arrive(tx, recipients=("a@x.example", "b@y.example", "c@z.example"))
        ids = tx.conn.execute(select(R.c.id).order_by(R.c.id)).scalars().all()
        part = split(tx, whole, ids[1:], SYSTEM)
        rows = tx.conn.execute(select(R.c.consignment_id, R.c.address).order_by(R.c.id)).all()
    assert [tuple(row) for row in rows] == [
        (whole.id, "a@x.example"),
        (part.id, "b@y.example"),
        (part.id, "c@z.example"),
    ]
    assert part.state is State.RECEIVED


def test_recipients_of_another_consignment_cannot_be_split_off(memory):
    with memory.store.write() as tx:
        one = arrive(tx, "AAAA-0001")
        arrive(tx, "AAAA-0002")
        foreign = (
            tx.conn.execute(select(R.c.id).where(R.c.consignment_id == "AAAA-0002")).scalars().all()
        )
        with pytest.raises(Overtaken), tx.apart():
            split(tx, one, foreign, SYSTEM)


@given(st.lists(st.sampled_from(list(Event)), max_size=12))
def test_no_sequence_of_events_leaves_a_final_state_but_by_erasing(events):
    state = State.RECEIVED
    for event in events:
        target = TABLE[state].get(event)
        if target is None:
            continue
        assert state not in FINAL or target is State.ERASED
        state = target
