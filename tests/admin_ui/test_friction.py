"""What rules bring and what they cost, counted from what people did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.judgement import acts, policies
from gateway.judgement.friction import ENOUGH, measured
from gateway.memory.states import SYSTEM, Actor
from tests.mails import FREE, SATO, in_body, plain

ALICE = Actor("person", "alice")
TRIAL = """
[[rule]]
name = "on-trial"
mode = "audit_only"
why.ja = "試行中です"
why.en = "On trial"
[rule.when]
recipient = "outside"
[rule.then]
action = "confirm"
"""


def confirm(office, id: str) -> None:
    held = office.read(id)
    ticks = [f"r{row['id']}" for row in held.outside] + [f"a{p.path}" for p in held.attachments]
    domains = {f"r{row['id']}": row["address"].partition("@")[2] for row in held.outside}
    filled = acts.Confirmation(frozenset(ticks), domains, "年末調整")
    with office.memory.store.write() as tx:
        acts.confirm(tx, office.ck, id, "alice", held.seen, filled, ALICE)


def withdraw(office, id: str) -> None:
    with office.memory.store.write() as tx:
        acts.withdraw(tx, office.ck, id, "alice", ALICE)


def report(office, id: str) -> None:
    with office.memory.store.write() as tx:
        acts.report_false_alarm(tx, office.ck, id, "alice", ALICE)


def counted(office):
    now = office.memory.store.clock()
    with office.memory.store.read() as session:
        return measured(session.connection(), now - timedelta(days=7), now + timedelta(hours=1))


def test_it_works(office) -> None:
    sent, stopped, waiting = (office.arrive(in_body(1), [SATO]) for _ in range(3))
    office.arrive(plain(), [SATO])
    confirm(office, sent)
    withdraw(office, stopped)
    report(office, waiting)
    found = counted(office)
    rule = found.rules["individual-number-few"]
    assert (rule.held, rule.sent, rule.stopped, rule.waiting, rule.false_alarms) == (3, 1, 1, 1, 1)
    assert found.mails == 4 and found.total == rule
    assert found.total.seconds == 60 and found.total.each == 60


def test_a_dropped_recipient_is_a_slip_that_was_stopped(office) -> None:
    id = office.arrive(in_body(1), [SATO, FREE])
    held = office.read(id)
    row = next(r["id"] for r in held.recipients if r["address"] == FREE)
    with office.memory.store.write() as tx:
        acts.drop_recipient(tx, office.ck, id, "alice", held.seen, row, ALICE)
    found = counted(office)
    assert found.total.held == found.total.stopped == 1 and found.total.sent == 0


def test_a_rule_that_nobody_heeds_is_named(office, client, come_in) -> None:
    for _ in range(ENOUGH):
        confirm(office, office.arrive(in_body(1), [SATO]))
    come_in(client, "paul")
    page = client.get("/policy/friction").text
    assert "取りやめや修正につながっていないルール" in page and "individual-number-few" in page
    withdraw(office, office.arrive(in_body(1), [SATO]))
    assert "取りやめや修正につながっていないルール" not in client.get("/policy/friction").text


def test_rules_on_trial_say_what_they_would_have_held(office) -> None:
    text = policies.default_text() + TRIAL
    policies.publish(office.memory.store, text, "policy.toml", SYSTEM)
    office.arrive(plain(), [SATO])
    office.arrive(in_body(1), [SATO])
    found = counted(office)
    assert found.rules["on-trial"].would == 2 and found.rules["on-trial"].held == 0
    assert found.total.would == 1  # the other one was held anyway


@pytest.mark.parametrize(("person", "status"), [("paul", 200), ("audrey", 200), ("alice", 404)])
def test_who_may_read_it(person, status, client, come_in) -> None:
    come_in(client, person)
    for days in ("", "?days=30", "?days=x"):
        assert client.get("/policy/friction" + days).status_code == status
