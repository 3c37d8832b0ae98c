"""`sekisho queue`: see why a mail still is here, and the two things one can do."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from gateway.mail.queue import ATTEMPT, CONSIGNMENT, RECIPIENT
from gateway.memory.states import State, claim
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE

COURIER = timedelta(minutes=20)


@pytest.fixture
def queued(site):
    raw = samples.message("見積", "よろしく", sender="hanako@example.co.jp", to=OUTSIDE)
    return site.office.arrive(raw, OUTSIDE)


def change(site, statement):
    with site.office.memory.store.write() as tx:
        return tx.conn.execute(statement)


def attempt(site, id, outcome="deferred"):
    now = site.office.memory.store.clock()
    values = {"consignment_id": id, "hop": "mx.example", "started_at": now, "outcome": outcome}
    change(site, insert(ATTEMPT).values(values))


def claimed(site):
    with site.office.memory.store.write() as tx:
        return [ref.id for ref in claim(tx, State.QUEUED, "courier", COURIER)]


def test_it_works(site, queued):
    in_an_hour = site.office.memory.store.clock() + timedelta(hours=1)
    change(site, update(CONSIGNMENT).values(due_at=in_an_hour, attempts=5))
    assert claimed(site) == []
    ran = site.acting("queue", "retry", queued)
    assert ran.exit_code == 0 and claimed(site) == [queued]
    assert site.office.verbs(queued)[-1] == "retried"


def test_show_has_the_last_answer_of_each_server(site, queued):
    attempt(site, queued)
    change(site, update(RECIPIENT).values(reply="451 4.7.1 later", mx="mx.example:25"))
    said = json.loads(site.run("queue", "show", queued, "--json").stdout)
    assert said["recipients"][0]["reply"] == "451 4.7.1 later"
    assert said["tried"][0]["outcome"] == "deferred"
    assert "451 4.7.1 later" in site.run("queue", "show", queued).stdout
    assert queued in site.run("queue", "list").stdout


def test_what_was_never_tried_can_be_taken_back(site, queued):
    assert site.acting("queue", "withdraw", queued).exit_code == 0
    assert site.office.read(queued).state is State.WITHDRAWN


def test_what_was_tried_may_have_arrived_and_is_not_said_to_be_taken_back(site, queued):
    attempt(site, queued, "unknown")
    ran = site.acting("queue", "withdraw", queued)
    assert ran.exit_code == 1 and "may have arrived" in ran.stderr
    assert site.office.read(queued).state is State.QUEUED


def test_what_is_being_handed_over_is_left_alone(site, queued):
    assert claimed(site) == [queued]
    for verb in ("retry", "withdraw"):
        ran = site.acting("queue", verb, queued)
        assert ran.exit_code == 75 and "being handed over" in ran.stderr


def test_what_is_not_on_its_way_is_not_here(site, queued):
    site.acting("queue", "withdraw", queued)
    for verb in ("retry", "withdraw"):
        assert site.acting("queue", verb, queued).exit_code == 1
    assert site.run("queue", "show", queued).exit_code == 1
    assert site.run("queue", "list", "--json").stdout == ""
