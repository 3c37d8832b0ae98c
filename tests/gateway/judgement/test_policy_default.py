"""The shipped policy proves itself, and every one of its rules is proved by some test."""

from __future__ import annotations

from pathlib import Path

import detectors
from gateway.judgement.policy import proving
from gateway.judgement.policy.decide import decided
from gateway.judgement.policy.load import DEFAULT, load
from gateway.judgement.policy.proving import case_of

ROOT = Path(__file__).parents[3]
TEXT = DEFAULT.read_text("utf-8")
POLICY = load(TEXT, "default.toml")


def test_it_works() -> None:
    assert proving.accept(TEXT, "default.toml", detectors.inspect, Path.read_bytes) == POLICY


def test_the_copy_in_conf_is_the_same() -> None:
    assert (ROOT / "conf" / "policy.toml").read_text("utf-8") == TEXT


def test_every_rule_matches_in_some_test_and_not_in_another() -> None:
    matched: set[str] = set()
    unmatched: set[str] = set()
    for test in POLICY.tests:
        case = case_of(POLICY, test, detectors.inspect, Path.read_bytes)
        for verdict in decided(POLICY, case):
            matched |= {step.rule for step in verdict.trace if step.matched}
            unmatched |= {step.rule for step in verdict.trace if not step.matched}
    names = {rule.name for rule in POLICY.rules}
    assert names <= matched and names <= unmatched


def test_nothing_of_the_safety_net_is_left_to_it() -> None:
    facts = {rule.when.fact for rule in POLICY.rules if rule.mode == "enforce"}
    assert {"scan_incomplete", "uninspectable", "ambiguous"} <= facts


def test_without_any_one_of_its_rules_it_fails_its_own_tests() -> None:
    for rule in POLICY.rules:
        if rule.then.action == "pass" or rule.mode != "enforce":
            continue
        weaker = TEXT.replace(f'name = "{rule.name}"\n', f'name = "{rule.name}"\nmode = "off"\n')
        assert proving.prove(load(weaker, "weaker"), detectors.inspect, Path.read_bytes), rule.name
