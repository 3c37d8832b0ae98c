"""Inside addresses that reach people outside are outside."""

from __future__ import annotations

import pytest

from detectors.report import Fact, Reason, Report
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import load

POLICY = load(
    """
[lists."顧客ML"]
addresses = ["Project@example.co.jp"]
domains = [".ml.example.co.jp"]
outside = true
[[rule]]
name = "outside"
why = { ja = "社外です。", en = "outside" }
when = { recipient = "outside" }
then = { action = "delay", delay = "3 min" }
[[rule]]
name = "reaches"
why = { ja = "社外にも届きます。", en = "reaches outside" }
when = { fact = "reaches_outside" }
then = { action = "confirm" }
""",
    "policy.toml",
)


def actions(*addresses: str) -> list[str]:
    to = tuple(Recipient(address, address.endswith("example.co.jp"), "to") for address in addresses)
    case = Case(Report(), Sender("person", "hanako@example.co.jp"), to)
    return [verdict.action for verdict in decide(POLICY, case)]


@pytest.mark.parametrize("address", ["project@example.co.jp", "a@ml.example.co.jp"])
def test_it_works(address: str) -> None:
    assert actions(address, "suzuki@example.co.jp", "sato@partner.example") == [
        *("confirm", "pass", "delay"),
    ]


def test_what_was_learned_of_a_list_counts_as_well() -> None:
    learned = Fact("list_reaches", "to:new@example.co.jp", (), Reason("members_outside"))
    to = (Recipient("new@example.co.jp", True), Recipient("suzuki@example.co.jp", True))
    case = Case(Report(facts=(learned,)), Sender("person", "hanako@example.co.jp"), to)
    assert [verdict.action for verdict in decide(POLICY, case)] == ["confirm", "pass"]


def test_it_says_by_which_list() -> None:
    to = (Recipient("project@example.co.jp", True, "to"),)
    case = Case(Report(), Sender("person", "hanako@example.co.jp"), to)
    (verdict,) = decide(POLICY, case)
    (reason,) = (each for each in verdict.reasons if each.rule == "reaches")
    (evidence,) = reason.evidence
    assert (evidence.reason, evidence.parts) == ("outsiders_behind", ("to:project@example.co.jp",))
