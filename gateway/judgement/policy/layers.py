"""Base < department < user: from what a file says to the rules that hold.

A layer is written out before anything is judged: the rule it changes steps back for the senders of
the layer, and a rule of its own ("forgotten-attachment:sales") stands there for them. So there is
one kind of rule only, and where it cannot be told who sent a mail, the stricter of both counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.judgement.policy.conditions import Condition
from gateway.judgement.policy.presets import lists_of, rules_of
from gateway.judgement.policy.rules import Change, Exemption, Layer, Policy, Rule

_LEVELS = ("department", "user")


def expanded(policy: Policy) -> Policy:
    """The same with presets and layers written out, for judging; a file is checked before."""
    shipped = [rule for preset in policy.presets for rule in rules_of(preset)]
    if not shipped and not policy.layers:
        return policy
    rules = [each for rule in policy.rules for each in _layered(policy, rule)]
    lists = {**lists_of(policy.presets), **policy.lists}
    return policy.model_copy(update={"rules": (*rules, *shipped), "lists": lists})


def changed(rule: Rule, change: Change) -> Rule:
    given = {key: getattr(change, key) for key in change.model_fields_set}
    mode = given.pop("mode", rule.mode)
    if given.get("action", rule.then.action) != rule.then.action:
        given = {**_plain(given["action"]), **given}
    return rule.model_copy(update={"mode": mode, "then": rule.then.model_copy(update=given)})


def _plain(action: str) -> dict[str, object]:
    """A milder action keeps nothing that only a stricter one can ask."""
    gone: dict[str, object] = {} if action == "approve" else {"approvers": None}
    if action in ("pass", "delay", "reject"):
        gone |= {"retype_domain": False, "purpose": False, "by": "sender"}
    return gone | ({"delay": None} if action in ("pass", "reject") else {})


def _layered(policy: Policy, rule: Rule) -> Iterator[Rule]:
    layers = [layer for layer in policy.layers if rule.name in layer.rules]
    yield _stepping_back(rule, layers)
    for layer in layers:
        above = [each for each in layers if _rank(each) > _rank(layer)]
        when = rule.when.model_copy(update={"sender_in": layer.sender_in})
        own = changed(rule, layer.rules[rule.name])
        named = own.model_copy(update={"name": f"{rule.name}:{layer.name}", "when": when})
        yield _stepping_back(named, above)


def _rank(layer: Layer) -> int:
    return _LEVELS.index(layer.level)


def _stepping_back(rule: Rule, layers: list[Layer]) -> Rule:
    exempt = tuple(
        Exemption(
            owner=layer.name,
            reason=f"[[layer]] {layer.name}",
            until=date.max,
            when=Condition(sender_in=layer.sender_in),
        )
        for layer in layers
    )
    return rule.model_copy(update={"exemptions": (*rule.exemptions, *exempt)})
