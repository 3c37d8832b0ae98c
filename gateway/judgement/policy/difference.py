"""What changed between two policies, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.judgement.policy.rules import Policy


@dataclass(frozen=True, slots=True)
class Difference:
    what: Literal["+", "-", "~"]
    place: str
    """`rule "uninspectable"`, `list "フリーメール"`, `group "人事"`"""
    before: str = ""
    after: str = ""
    """of a changed key ("then.action"), as TOML would write it, roughly"""
    key: str = ""

    def __str__(self) -> str:
        if self.what != "~":
            return f"{self.what} {self.place}"
        return f"~ {self.place}: {self.key}: {self.before} -> {self.after}"


def differences(old: Policy, new: Policy) -> Iterator[Difference]:
    """Rules in the order of the new file; their own order changes nothing and is not compared."""
    for kind, before, after in (
        ("rule", _rules(old), _rules(new)),
        ("list", _dumped(old.lists), _dumped(new.lists)),
        ("group", _dumped(old.groups), _dumped(new.groups)),
    ):
        yield from _compare(kind, before, after)


def _compare(
    kind: str, before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]
) -> Iterator[Difference]:
    for name in before:
        if name not in after:
            yield Difference("-", f'{kind} "{name}"')
    for name, values in after.items():
        place = f'{kind} "{name}"'
        if name not in before:
            yield Difference("+", place)
            continue
        old, new = _flat(before[name]), _flat(values)
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                yield Difference("~", place, _shown(old.get(key)), _shown(new.get(key)), key)


def _rules(policy: Policy) -> dict[str, dict[str, Any]]:
    return {rule.name: rule.model_dump(mode="json", by_alias=True) for rule in policy.rules}


def _dumped(models: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: model.model_dump(mode="json", by_alias=True) for name, model in models.items()}


def _flat(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    """
    >>> _flat({"then": {"action": "pass"}})
    {'then.action': 'pass'}
    """
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        where = f"{path}{key}"
        flat |= _flat(inner, f"{where}.") if isinstance(inner, dict) else {where: inner}
    return flat


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        given = ((key, inner) for key, inner in value.items() if inner not in (None, [], "any"))
        return f"{{{', '.join(f'{key} = {_shown(inner)}' for key, inner in given)}}}"
    return str(value).lower() if isinstance(value, bool) else str(value)
