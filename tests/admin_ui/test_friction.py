"""What rules bring and what they cost, counted from what people did."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from gateway.judgement import acts, people, policies
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
    sent, stopped = (office.arrive(in_body(1), [SATO]) for _ in range(2))
    waiting = office.arrive(in_body(1), [SATO, "bob@example.co.jp"])  # a colleague has got it
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
    pages = "/policy/friction", "/policy/friction?days=30", "/policy/friction?days=x"
    for page in (*pages, "/policy/weekly", "/policy/weekly?from=2026-11-13"):
        assert client.get(page).status_code == status


def test_a_week_is_told_beside_the_one_before(office, client, come_in, clock) -> None:
    for act in (withdraw, confirm, report):
        act(office, office.arrive(in_body(1), [SATO]))
    clock.forward(days=7)
    withdraw(office, office.arrive(in_body(1), [SATO]))
    come_in(client, "audrey")
    page = client.get("/policy/weekly").text
    this, before = row(page, "判定したメール")
    assert (this, before) == ("1", "3") and "集計中" in page and "次の週" not in page
    page = client.get("/policy/weekly?from=2026-11-20").text
    assert row(page, "送信前の取りやめ・修正") == ["1", "–"] == row(page, "誤検知の報告")
    assert row(page, "判断待ち") == ["1", "–"] and "前の週</a>" not in page
    for odd in ("2026-11-19", "2027-11-19", "0001-01-05", "x"):
        assert "集計中" in client.get(f"/policy/weekly?from={odd}").text


def test_whoever_gets_the_report_by_mail_may_open_it(office, client, come_in) -> None:
    with office.memory.store.write() as tx:
        granted = {"person_id": "alice", "kind": "group", "name": "役員"}
        tx.conn.execute(people.GRANT.insert().values(**granted))
    come_in(client, "alice")
    assert client.get("/policy/weekly").status_code == 404
    config = office.memory.config.policy
    object.__setattr__(config, "report_to", "役員")
    try:
        assert client.get("/policy/weekly").status_code == 200
        assert client.get("/policy/friction").status_code == 404
    finally:
        object.__setattr__(config, "report_to", "")


def row(page: str, term: str) -> list[str]:
    """The figures beside a term."""
    cells = page.split(term, 2)[1].split("</tr>")[0]
    return re.findall(r"<td[^>]*>(?:<strong>)?([\d,–]+)", cells)
