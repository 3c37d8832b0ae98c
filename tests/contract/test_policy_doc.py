from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

import detectors
from gateway.judgement.identity import SenderClass
from gateway.judgement.policy import conditions, proving, rules
from gateway.judgement.policy.load import load

PAGE = Path(__file__).parents[2] / "docs" / "policy.md"
TEXT = PAGE.read_text("utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.S)
EXAMPLE = "\n".join(re.findall(r"```toml\n(.*?)```", TEXT, re.S))
MODELS = [
    model
    for model in {**vars(conditions), **vars(rules)}.values()
    if isinstance(model, type) and issubclass(model, conditions.Closed)
    if model is not conditions.Closed
]
NAMES = (
    *(rules.Action, conditions.FactName, conditions.Dictionary, rules.Who),
    *(rules.Bridge, rules.Builtin, rules.Way, SenderClass),
)


def keys(model: type[BaseModel]) -> Iterator[str]:
    return (field.alias or name for name, field in model.model_fields.items())


def test_the_page_is_a_working_policy() -> None:
    policy = load(EXAMPLE, "policy.md")
    assert len(policy.rules) >= 5
    assert len(policy.tests) >= 4


def test_its_own_tests_pass() -> None:
    policy = proving.accept(
        EXAMPLE, "policy.md", detectors.inspect, lambda path: (PAGE.parent / path).read_bytes()
    )
    assert policy.rules


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_explained_and_shown(model: type[BaseModel]) -> None:
    if model is rules.Policy:
        wanted = [rf"\[\[?{key}" for key in keys(model)]
        assert [key for key in wanted if not re.search(key, EXAMPLE)] == []
        return
    missing = [key for key in keys(model) if not re.search(rf"\b{key}\b", TEXT)]
    assert missing == []


@pytest.mark.parametrize("names", NAMES)
def test_every_name_of_the_vocabulary_is_listed(names: object) -> None:
    listed = set(re.findall(r'[`"]([\w.]+)[`"]', PROSE + EXAMPLE))
    assert sorted(set(get_args(names)) - listed) == []
