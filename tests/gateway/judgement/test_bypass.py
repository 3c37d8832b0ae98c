"""What break-glass spares, and what it does not. Begin and end are in tests/e2e."""

from __future__ import annotations

import pytest

from detectors.report import Fact, Report
from gateway.judgement.bypass import let_through
from gateway.judgement.identity import Sender
from gateway.judgement.policies import default_text
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Policy

TO = "sato@partner.example"


def spared(policy: Policy, fact: str, *, except_numbers: bool) -> str:
    report = Report(facts=(Fact(fact, "2"),))
    sender = Sender("person", "hanako@example.co.jp", "hanako", "")
    case = Case(report, sender, (Recipient(TO, False, "to"),), frozenset({"example.co.jp"}))
    asked = decide(policy, case)
    assert asked[0].action == "confirm"
    (verdict,) = let_through(asked, policy, except_numbers=except_numbers)
    return verdict.action


@pytest.mark.parametrize("text", [default_text(), "[settings]\nformat = 1\n"])
@pytest.mark.parametrize("fact", ["scan_incomplete", "uninspectable", "ambiguous"])
def test_what_nobody_could_read_is_held_like_the_numbers_it_may_hold(fact: str, text: str) -> None:
    policy = load(text, "policy.toml")
    assert spared(policy, fact, except_numbers=True) == "confirm"
    assert spared(policy, fact, except_numbers=False) == "pass"
