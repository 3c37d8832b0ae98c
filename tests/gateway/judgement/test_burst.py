"""What waits for an administrator by its number alone, and what for more than that."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

import detectors
from detectors.report import Fact, Reason
from gateway.judgement import acts, burst, demands, parties, policies, refusals, run
from gateway.judgement.burst import Burst
from gateway.judgement.policy.verdict import Demand
from gateway.memory.letters import LETTER
from gateway.memory.states import SYSTEM, Actor, Event, State, move, ref
from tests.merges import counting, invoice

HANAKO = "hanako@example.co.jp"
ROOT = Actor("person", "root", "192.0.2.7")
RULE = """
[[rule]]
name = "{name}"
why.ja = "確認します。"
why.en = "Somebody looks."
[rule.when]
{when}
[rule.then]
action = "{action}"
by = "admin"
{then}
"""


def found(office, person: str = "root") -> list[Burst]:
    with office.memory.store.read() as session:
        conn = session.connection()
        mine = parties.mine(conn, office.ck, person, office.memory.store.clock())
        return burst.found(conn, office.ck, mine)


def arrive(office, number: int, sender: str = HANAKO, **changes) -> str:
    office.memory.store.clock.forward(seconds=1)
    return office.arrive(*invoice(number, sender=sender, **changes))


COUNTS = {"name": "counts", "when": 'recipient = "outside"\nsent_last_hour = "1.."'}


def ruled(office, *rules: dict[str, str]) -> None:
    """No rules but these."""
    texts = (RULE.format(**{"action": "confirm", "then": "", **rule}) for rule in rules)
    policies.publish(office.memory.store, "[settings]\n" + "".join(texts), "test", SYSTEM)


@pytest.fixture
def ids(office) -> list[str]:
    counting(office)
    return [arrive(office, number) for number in range(1, 8)]


def test_it_works(office, ids) -> None:
    (one,) = found(office)
    assert list(one.ids) == ids and one.apart == {}
    assert (one.sender, one.person, one.recipients, one.domains) == ("Hanako", "hanako", 7, 7)
    assert [why.en for why in one.whys] == [
        "More than 200 outside recipients were written to within an hour, "
        "so a system administrator looks too."
    ]
    assert one.due == min(row["due_at"] for row in office.read(ids[0]).waiting("admin"))
    assert (one.until - one.since).total_seconds() == 6


@pytest.mark.parametrize("person", ["hanako", "ichiro", "jiro"])
def test_it_is_of_those_alone_who_may_meet_what_is_asked(office, ids, person) -> None:
    assert found(office, person) == []


def test_each_sender_has_a_burst_of_their_own(office, ids) -> None:
    theirs = [arrive(office, n, sender="ichiro@example.co.jp") for n in range(20, 25)]
    assert [list(one.ids) for one in found(office)] == [ids, theirs]


def test_a_few_mails_are_no_burst(office) -> None:
    counting(office)
    for number in range(run.LEAST - 1):
        arrive(office, number)
    assert found(office) == []


@pytest.mark.parametrize(
    "when",
    [
        'recipient = "outside"\nsent_last_hour = "1.."\nattachments = "1.."',
        'recipient = "outside"\nwords = "confidential"',
        'recipient = "outside"\nsent_last_hour = "1.."\nrecipient_domains = ".example"',
        'recipient = "outside"\nsent_last_hour = "1.."\nsubject_starts = "11月分"',
    ],
)
def test_a_rule_that_asks_for_more_than_the_number_is_looked_at_by_itself(office, when) -> None:
    ruled(office, COUNTS, {"name": "more", "when": when})
    ids = [arrive(office, number) for number in range(1, 6)]
    (one,) = found(office)
    assert one.apart == dict.fromkeys(ids, ("asked",))
    with office.memory.store.read() as session:
        shown = run.read(session.connection(), office.ck, one, 50)
    assert shown.mails == () and [held.id for held, _ in shown.apart] == ids


def test_a_rule_that_has_something_typed_is_looked_at_by_itself(office) -> None:
    ruled(office, {**COUNTS, "then": "retype_domain = true"})
    ids = [arrive(office, number) for number in range(1, 6)]
    assert found(office)[0].apart == dict.fromkeys(ids, ("asked",))


def test_what_waits_for_another_reason_alone_is_no_burst(office) -> None:
    ruled(office, {"name": "secret", "when": 'recipient = "outside"\nwords = "confidential"'})
    for number in range(1, 6):
        arrive(office, number)
    assert found(office) == []


def test_what_could_not_be_scanned_is_looked_at_by_itself(office, ids) -> None:
    id = new_scan(office, facts=(Fact("scan_incomplete", reason=Reason("timeout")),))
    assert found(office)[0].apart == {id: ("asked",)}


def test_what_could_not_be_scanned_is_so_where_no_rule_speaks_of_it(office) -> None:
    ruled(office, COUNTS)
    for number in range(1, 6):
        arrive(office, number)
    id = new_scan(office, facts=(Fact("scan_incomplete", reason=Reason("timeout")),))
    assert found(office)[0].apart == {id: ("asked",)}


def test_what_reads_two_ways_is_looked_at_by_itself(office, ids) -> None:
    id = new_scan(office, facts=(Fact("ambiguous"),))
    assert found(office)[0].apart == {id: ("two_ways",)}


def new_scan(office, **changes) -> str:
    """One more of them, of which the scanner tells something else."""
    held = arrive(office, 60)
    with office.memory.store.write() as tx:
        acts.rejudge(tx, office.ck, held, "root", office.read(held).seen, ROOT)
    raw, _ = invoice(60, sender=HANAKO)
    report = detectors.inspect(raw, detectors.Wanted())
    office.judge(held, replace(report, facts=(*report.facts, *changes["facts"])))
    return held


def test_what_could_not_be_made_ready_to_leave_is_no_part_of_it(office, ids) -> None:
    with office.memory.store.write() as tx:
        acts.let_on(tx, office.ck, ids[0], "root", office.read(ids[0]).seen, ROOT)
        letter = tx.conn.execute(select(LETTER).where(LETTER.c.id == ids[0])).mappings().one()
        demands.void(tx, ids[0])
        leaving = move(tx, ref(tx, ids[0]), Event.RELEASE, SYSTEM)
        failed = move(tx, leaving, Event.FAIL_SEALING, SYSTEM, {"reason": "sealing_failed"})
        demands.demand(tx, office.ck, failed, letter, [Demand("admin")])
    assert list(found(office)[0].ids) == ids[1:]


def test_what_is_let_on_stays_what_its_sender_and_the_rules_make_of_it(office, ids) -> None:
    held = office.read(ids[0])
    with office.memory.store.write() as tx:
        state = acts.let_on(tx, office.ck, ids[0], "root", held.seen, ROOT)
    assert state is State.HELD
    with pytest.raises(refusals.NotYours), office.memory.store.write() as tx:
        acts.let_on(tx, office.ck, ids[0], "root", office.read(ids[0]).seen, ROOT)


@pytest.mark.parametrize("person", ["hanako", "ichiro"])
def test_nobody_else_lets_it_on(office, ids, person) -> None:
    with pytest.raises(refusals.NotYours), office.memory.store.write() as tx:
        acts.let_on(tx, office.ck, ids[0], person, office.read(ids[0]).seen, ROOT)


def test_it_is_let_on_as_it_was_shown(office, ids) -> None:
    with pytest.raises(refusals.Stale), office.memory.store.write() as tx:
        acts.let_on(tx, office.ck, ids[0], "root", "another page", ROOT)


def test_a_department_has_a_layer_of_it(office) -> None:
    """A layer makes a rule of its own, which counts as the rule that it changes does."""
    layer = """
[lists."経理"]
addresses = ["hanako@example.co.jp"]
[[layer]]
name = "keiri"
sender_in = "経理"
rules = { counts = { action = "approve", approvers = { group = "情報管理責任者" } } }
"""
    rule = RULE.format(**{**COUNTS, "action": "confirm", "then": ""})
    rule = rule.replace("[rule.when]", 'unlocked = ["action", "approvers"]\n[rule.when]')
    groups = '[groups."情報管理責任者"]\nja = "責任者"\nen = "managers"\n'
    policies.publish(office.memory.store, groups + rule + layer, "test", SYSTEM)
    ids = [arrive(office, number) for number in range(1, 6)]
    assert found(office)[0].apart == {}
    for id in ids:
        with office.memory.store.write() as tx:
            acts.let_on(tx, office.ck, id, "root", office.read(id).seen, ROOT)
        assert [row["kind"] for row in office.read(id).waiting("approve")] == ["approve"]
