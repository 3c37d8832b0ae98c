"""Exceptions that end, layers that loosen what is unlocked, presets for groups of people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from detectors.report import Headers, Report
from gateway.judgement import policies
from gateway.judgement.identity import Entry, Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.presets import PRESETS, text_of
from gateway.judgement.policy.start import AFTER_TWO_WEEKS, STARTS
from gateway.memory.states import SYSTEM

GROUPS = "\n".join(f'[groups."{each}"]\nja = "x"\nen = "x"' for each in ("営業", "新人", "部長"))
RULE = """
[[rule]]
name = "outside"
why = { ja = "社外宛です", en = "to the outside" }
unlocked = ["action", "delay", "mode"]
when = { recipient = "outside" }
then = { action = "confirm", retype_domain = true }
"""
EXCEPTION = """
[[rule.exception]]
owner = "総務部"
reason = "委託先"
until = 2026-11-21
when = { recipient_domains = "partner.example" }
"""
LAYERS = """
[[layer]]
name = "sales"
sender_in = "営業"
rules.outside = { action = "delay", delay = "5 min" }
[[layer]]
name = "newcomers"
level = "user"
sender_in = "新人"
rules.outside = { mode = "off" }
"""
LAST = datetime(2026, 11, 21, 14, 59, tzinfo=UTC)
AFTER = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


def case(*groups: tuple[str, ...], at=None, to="sato@partner.example") -> Case:
    """`groups` of each who may have sent it."""
    entries = tuple(Entry(f"{i}@example.co.jp", groups=each) for i, each in enumerate(groups))
    sender = Sender("person", "0@example.co.jp", candidates=entries)
    own = frozenset({"example.co.jp"})
    return Case(Report(headers=Headers()), sender, (Recipient(to, inside=False),), own, at)


def action(text: str, of: Case) -> str:
    return decide(load(text, "policy.toml"), of)[0].action


def test_it_works() -> None:
    text = GROUPS + RULE + EXCEPTION + LAYERS
    assert action(text, case((), at=LAST)) == "pass"
    assert action(text, case((), at=AFTER)) == "confirm"
    assert action(text, case(("営業",), at=AFTER)) == "delay"


def test_an_exception_is_for_what_it_names_alone() -> None:
    assert action(RULE + EXCEPTION, case((), at=LAST, to="a@other.example")) == "confirm"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([()], "confirm"),
        ([("営業",)], "delay"),
        ([("新人",)], "pass"),
        ([("営業", "新人")], "pass"),  # the user's layer stands over the department's
        ([("営業",), ()], "confirm"),  # it cannot be told who it was: the stricter holds
    ],
)
def test_layers(groups, expected) -> None:
    assert action(GROUPS + RULE + LAYERS, case(*groups)) == expected


def test_a_layer_keeps_nothing_that_its_milder_action_cannot_ask() -> None:
    (verdict,) = decide(load(GROUPS + RULE + LAYERS, "p"), case(("営業",)))
    assert verdict.demands == () and str(verdict.delay) == "5 min"
    assert [reason.rule for reason in verdict.reasons] == ["outside:sales"]


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_a_policy_of_its_own(name) -> None:
    approvers = 'approvers = "部長"' if PRESETS[name].approved else ""
    text = f'{GROUPS}\n[[preset]]\nuse = "{name}"\nname = "x"\nsender_in = "営業"\n{approvers}\n'
    rules = load(text, "p").rules
    assert rules and text_of(name).startswith(f"# {name}")
    for rule in rules:
        assert rule.when.sender_in == ("営業",) and rule.name.endswith(":x")
        assert rule.then.approvers is None or rule.then.approvers.group == "部長"


def test_a_preset_is_for_its_people() -> None:
    text = f'{GROUPS}\n[[preset]]\nuse = "一時保留"\nsender_in = ["営業", "新人"]\n'
    assert action(text, case(("新人",))) == "delay"
    assert action(text, case(())) == "pass"


def test_what_is_over_is_refused_and_the_old_policy_stays(memory, clock) -> None:
    store = memory.store
    good = policies.publish(store, RULE, "policy.toml", SYSTEM)
    text = (RULE + EXCEPTION).replace("2026-11-21", "2020-01-31")
    with pytest.raises(PolicyError) as refused:
        policies.publish(store, text, "policy.toml", SYSTEM)
    assert 'rule[1] "outside".exception[1].until: ended on 2020-01-31' in str(refused.value)
    assert "ask 総務部" in str(refused.value)
    with store.read() as session:
        assert policies.active_version(session.connection()) == good


def test_what_ends_while_it_is_in_force_does_not_keep_a_service_from_starting(memory, clock):
    text = (RULE + EXCEPTION).replace("2026-11-21", clock().date().isoformat())
    first = policies.publish(memory.store, text, "policy.toml", SYSTEM)
    clock.forward(days=3)
    assert policies.publish(memory.store, text, "policy.toml", SYSTEM) == first


def test_both_starts_are_policies_and_the_second_is_the_stricter() -> None:
    first, second = (policies.accept(STARTS[name].text(), name) for name in STARTS)
    modes = {rule.name: rule.mode for rule in first.rules}
    for rule in second.rules:
        assert (rule.mode == "enforce") >= (modes[rule.name] == "enforce")
        assert (rule.mode != modes[rule.name]) is (rule.name in AFTER_TWO_WEEKS)


def test_what_is_left_of_a_mail_is_judged_by_its_senders_groups(memory) -> None:
    """A drop must not take a department's rule away."""
    from gateway.judgement import acts
    from gateway.judgement.checkpoint import Checkpoint
    from gateway.memory.states import Actor
    from tests import samples
    from tests.office import Office

    text = f'{GROUPS}\n[[preset]]\nuse = "上長承認"\nsender_in = "営業"\napprovers = "部長"\n'
    policies.publish(memory.store, text, "policy.toml", SYSTEM)
    office = Office(memory, Checkpoint.of(memory))
    office.hire("taro", ("group", "営業"))
    office.hire("bucho", ("group", "部長"))
    to = ["sato@partner.example", "kato@other.example"]
    files = [("見積.txt", b"x")]
    raw = samples.message("見積", "見積書です。", files, sender="taro@example.co.jp", to=to)
    id = office.arrive(raw, to)
    held = office.read(id)
    assert {demand["kind"] for demand in held.demands} == {"confirm", "approve"}
    with memory.store.write() as tx:
        row = held.outside[0]["id"]
        actor = Actor("person", "taro")
        acts.drop_recipient(tx, office.ck, id, "taro", held.seen, row, actor)
    assert {demand["kind"] for demand in office.read(id).demands} == {"confirm", "approve"}
