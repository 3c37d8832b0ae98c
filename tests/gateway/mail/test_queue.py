"""Acts on many mails at once: a turn at a time, each on record, and none on what is on its way."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from gateway.judgement.checkpoint import Checkpoint
from gateway.mail import queue
from gateway.mail.reporter import Reporter
from gateway.memory.states import Actor, State
from gateway.memory.tables import LedgerEntry, table
from tests import samples
from tests.office import Office

ENTRY = table(LedgerEntry)
TO = "sato@p.example"
ROOT = Actor("operator", "me", on_behalf_of="root")


@pytest.fixture
def office(memory) -> Office:
    made = Office(memory, Checkpoint.of(memory))
    made.hire("alice")
    return made


def waiting(office, number):
    """So many of one mail, each tried once."""
    raw = samples.message("見積", "a", sender="alice@example.co.jp", to=[TO])
    first = office.arrive(raw, [TO])
    ids = [first, *(f"{n:04}-COPY" for n in range(number - 1))]
    with office.memory.store.write() as tx:
        for kind, own in ((queue.LETTER, ()), (queue.CONSIGNMENT, {"letter_id"})):
            row = tx.conn.execute(select(kind).where(kind.c.id == first)).mappings().one()
            copies = [{**row, "id": id, **dict.fromkeys(own, id)} for id in ids[1:]]
            tx.conn.execute(insert(kind), copies)
        to = [{"consignment_id": id, "address": TO} for id in ids[1:]]
        tx.conn.execute(insert(queue.RECIPIENT), to)
        later = {"attempts": 1, "due_at": tx.now + timedelta(hours=1)}
        tx.conn.execute(update(queue.CONSIGNMENT).values(**later))
    return ids


def retry(tx, id):
    return queue.retry(tx, id, ROOT, "why")


def entries(office, verb):
    with office.memory.store.read() as session:
        count = select(func.count()).where(ENTRY.c.verb == verb)
        return session.connection().execute(count).scalar_one()


def leased(office, id):
    with office.memory.store.write() as tx:
        lease = {"lease_owner": "core:1", "lease_until": tx.now + timedelta(minutes=5)}
        mine = queue.CONSIGNMENT.c.id == id
        tx.conn.execute(update(queue.CONSIGNMENT).where(mine).values(**lease))


def test_it_works(office):
    ids = waiting(office, 3)
    (done,) = queue.each(office.memory.store.write, ids, retry)
    assert done == dict.fromkeys(ids, State.QUEUED) and entries(office, "retried") == 3


def test_between_two_turns_others_write_and_what_they_took_up_is_left(office, monkeypatch):
    monkeypatch.setattr(queue, "TURN", 0.0)
    one, two, three = waiting(office, 3)
    turns = queue.each(office.memory.store.write, [one, two, three], retry)
    assert next(turns) == {one: State.QUEUED}
    leased(office, two)
    assert isinstance(next(turns)[two], queue.UnderWay)
    assert next(turns) == {three: State.QUEUED} and entries(office, "retried") == 2


def test_what_was_done_stands_when_a_later_turn_fails(office, monkeypatch):
    monkeypatch.setattr(queue, "TURN", 0.0)
    ids = waiting(office, 2)

    def act(tx, id):
        if id == ids[1]:
            raise OSError("no room")
        return retry(tx, id)

    turns = queue.each(office.memory.store.write, ids, act)
    assert next(turns) == {ids[0]: State.QUEUED}
    with pytest.raises(OSError, match="no room"):
        next(turns)
    assert entries(office, "retried") == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["retry", "give_back", "move"])
def test_a_thousand_cost_as_much_a_mail_as_a_hundred(name, office):
    memory = office.memory
    reporter = Reporter.of(memory.config, office.ck.outbox)
    hop = memory.config.delivery.next_hop
    act = {
        "retry": retry,
        "give_back": lambda tx, id: queue.give_back(tx, id, ROOT, "why", reporter),
        "move": lambda tx, id: queue.send_by(tx, id, ROOT, "why", hop, [hop]),
    }[name]
    ids = waiting(office, 1_100)

    def cost(chosen):
        begun = time.process_time()
        turns = list(queue.each(memory.store.write, chosen, act))
        assert sum(map(len, turns)) == len(chosen)
        assert not any(isinstance(each, Exception) for turn in turns for each in turn.values())
        return (time.process_time() - begun) / len(chosen)

    few = cost(ids[:100])
    assert cost(ids[100:]) < 2 * few
    verb = {"retry": "retried", "give_back": "given_back", "move": "rerouted"}[name]
    assert entries(office, verb) == 1_100
