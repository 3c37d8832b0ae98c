from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.numbers import KINDS
from detectors.persons import lists
from detectors.report import Confidence
from gateway.judgement.policy.conditions import SOUGHT, Condition
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.ranges import Range
from gateway.judgement.policy.rules import Policy, Rule, Sketch
from gateway.memory.durations import Duration
from gateway.memory.faults import Refused

BAD = sorted(Path(__file__).with_name("bad_policies").glob("*.toml"))
TEXT = """
[groups."承認者"]
ja = "承認する人"
en = "approvers"

[lists.partners]
domains = ["partner.example"]

[[rule]]
name = "numbers"
why.ja = "個人番号があります。"
why.en = "There are individual numbers."
except = { in_list = "partners" }
[rule.when]
recipient = "outside"
finding = "jp.individual_number"
confidence = ">=medium"
unique = "10.."
sender_class = "person"
size = ">=20 MB"
[rule.then]
action = "approve"
approvers = { group = "承認者", need = 2 }
treatment = { bridge = "attachments", told_word = true, opens_after = "15 min" }

[[test]]
name = "quiet"
mail = { to = "a@b.example" }
expect = { "a@b.example" = "pass" }
"""


def test_it_works() -> None:
    rule = load(TEXT, "policy.toml").rules[0]
    assert rule.when.confidence == {Confidence.MEDIUM, Confidence.HIGH}
    assert (rule.when.unique, rule.when.size) == (Range(10), Range(20_000_000))
    assert rule.when.sender_class == ("person",)
    assert rule.except_ is not None and rule.except_.in_list == ("partners",)
    assert rule.then.approvers is not None and rule.then.approvers.need == 2
    assert rule.then.treatment is not None
    assert rule.then.treatment.opens_after == Duration(900)


def test_there_are_bad_policies() -> None:
    assert len(BAD) >= 20
    assert {p.stem for p in BAD} == {p.stem for p in BAD[0].parent.glob("*.expected-error")}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_policy_is_refused_for_its_own_reason(path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        load(path.read_text(), path.name)
    assert str(refused.value) + "\n" == path.with_suffix(".expected-error").read_text()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=10", [10, 10**9], [0, 9]),
        ("<=9", [0, 9], [10]),
        ("1..9", [1, 9], [0, 10]),
        ("101..", [101, 10**9], [100]),
        ("3", [3], [2, 4]),
        (">= 1 kB", [1000], [999]),
    ],
)
def test_a_range_holds_both_its_ends(text: str, inside: list[int], outside: list[int]) -> None:
    numbers = Range.parse(text)
    assert all(n in numbers for n in inside) and not any(n in numbers for n in outside)


@pytest.mark.parametrize("text", ["", "..", "..9", ">10", "=10", "-1", "1.5", "１..９", "2..1"])
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="is not a range|holds no number"):
        Range.parse(text)


def test_only_known_kinds_of_numbers_can_be_asked_for() -> None:
    assert set(SOUGHT) == {*KINDS, *lists.KINDS}
    for kind in SOUGHT:
        assert load(TEXT + _asking_for(kind), "policy.toml").kinds >= {kind}
    with pytest.raises(PolicyError, match='did you mean "jp.passport"'):
        load(TEXT + _asking_for("jp.pasport"), "policy.toml")


def _asking_for(kind: str) -> str:
    return f"""
[[rule]]
name = "asked"
why = {{ ja = "確認", en = "confirm" }}
when = {{ finding = "{kind}" }}
then = {{ action = "confirm" }}
"""


def test_python_names_of_keys_are_not_keys() -> None:
    for text in ("rules = []", "tests = []", TEXT.replace("except =", "except_ =")):
        with pytest.raises(PolicyError, match="unknown key"):
            load(text, "policy.toml")


def test_every_key_of_a_condition_and_every_model_is_closed() -> None:
    for model in (Policy, Rule, Condition, Sketch):
        assert model.model_config["extra"] == "forbid" and model.model_config["frozen"]


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_policy_error(text: str) -> None:
    try:
        load(text, "policy.toml")
    except PolicyError as refused:
        assert refused.problems


_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(Condition.model_fields)), _VALUES)
def test_any_value_of_any_condition_is_taken_or_refused_in_words(key: str, value: object) -> None:
    rule = '[[rule]]\nname = "x"\nwhy = { ja = "x", en = "x" }\nthen = { action = "pass" }\n'
    try:
        load(f"{rule}[rule.when]\n{key} = {_toml(value)}\n", "policy.toml")
    except PolicyError as refused:
        assert all(line.startswith("policy.toml: ") for line in str(refused).splitlines())


@pytest.mark.parametrize("sign", ["\x85", "\n", "\x1b", "\u2028", "\u202e"])
def test_what_is_wrong_with_a_value_is_one_line_that_nothing_obeys(sign: str) -> None:
    rule = '[[rule]]\nname = "x"\nwhy = { ja = "x", en = "x" }\nthen = { action = "pass" }\n'
    with pytest.raises(PolicyError) as refused:
        load(f"{rule}[rule.when]\nattachments = {_toml(f'a{sign}b')}\n", "policy.toml")
    assert '"a\ufffdb" is not a range' in str(refused.value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08X}" for c in value) + '"'
    return str(value)


def test_a_text_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(PolicyError):
        load("a = " + "[" * 100_000, "policy.toml")
