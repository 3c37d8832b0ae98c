"""Combinations that each key alone allows and that together make no sense, or are not safe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from detectors.headers import WISHES
from gateway.judgement.policy.conditions import Condition, Noted
from gateway.judgement.policy.layers import changed, expanded
from gateway.judgement.policy.presets import PRESETS, rules_of
from gateway.judgement.policy.rules import ACTIONS, Policy, Rule, Test, Then, Treatment
from gateway.judgement.policy.safety import PREFIX
from gateway.memory.faults import Fault, Path, near

_HOLDING = ("confirm", "approve", "reject")


def problems(policy: Policy) -> Iterator[Fault]:
    yield from _names(policy)
    for name, listed in policy.lists.items():
        yield from _kinds_of_address(("lists", name), listed.domains, listed.addresses)
    for index, apart in enumerate(policy.apart):
        for name in apart.lists:
            if name not in policy.lists:
                yield _unknown(("apart", index, "lists"), "list", name, policy.lists)
    for name, company in policy.companies.items():
        yield from _kinds_of_address(("companies", name), company.domains, ())
    for index, rule in enumerate(policy.rules):
        here: Path = ("rule", index)
        yield from _then(policy, rule.then, (*here, "then"))
        for path, condition in _conditions(rule):
            yield from _condition(policy, condition, (*here, *path))
        yield from _scan_incomplete(rule, here)
    yield from _layers(policy)
    yield from _presets(policy)
    for index, test in enumerate(policy.tests):
        yield from _test(policy, test, ("test", index))


def _conditions(rule: Rule) -> Iterator[tuple[Path, Condition]]:
    yield ("when",), rule.when
    if rule.except_ is not None:
        yield ("except",), rule.except_
    for number, exemption in enumerate(rule.exemptions):
        yield ("exception", number, "when"), exemption.when


def _layers(policy: Policy) -> Iterator[Fault]:
    """A layer loosens what its rule unlocks; more is asked by a rule of its own."""
    known = {rule.name: rule for rule in policy.rules}
    for index, layer in enumerate(policy.layers):
        here: Path = ("layer", index)
        yield from _senders(policy, layer.sender_in, here)
        for name, change in layer.rules.items():
            place = (*here, "rules", name)
            if name not in known:
                yield _unknown(place, "rule", name, known)
                continue
            rule = known[name]
            for key in sorted(change.model_fields_set - set(rule.unlocked)):
                yield Fault((*place, key), "locked", {"key": key})
            if rule.when.sender_in:
                yield Fault(place, "layer_of_senders")
            if rule.when.asks("scan_incomplete"):
                yield Fault(place, "no_exception")
            yield from _then(policy, changed(rule, change).then, place)


def _presets(policy: Policy) -> Iterator[Fault]:
    for index, preset in enumerate(policy.presets):
        here: Path = ("preset", index)
        if preset.use not in PRESETS:
            yield _unknown((*here, "use"), "preset", preset.use, PRESETS)
            continue
        yield from _senders(policy, preset.sender_in, here)
        asks = PRESETS[preset.use].approved
        if asks and preset.approvers is None:
            yield Fault((*here, "approvers"), "preset_approvers")
        if not asks and preset.approvers is not None:
            yield Fault((*here, "approvers"), "preset_approves_nothing")
        if preset.approvers is not None and preset.approvers not in policy.groups:
            yield _unknown((*here, "approvers"), "group", preset.approvers, policy.groups)
    names = Counter(rule.name for rule in expanded(policy).rules)
    for index, preset in enumerate(policy.presets):
        twice = [rule.name for rule in rules_of(preset) if names[rule.name] > 1]
        if twice:
            yield Fault(("preset", index, "name"), "preset_twice", {"name": twice[0]})


def _senders(policy: Policy, names: Iterable[str], here: Path) -> Iterator[Fault]:
    for name in names:
        if name not in policy.lists and name not in policy.groups:
            known = [*policy.lists, *policy.groups]
            yield _unknown((*here, "sender_in"), "list_or_group", name, known)


def _unknown(path: Path, what: str, name: str, known: Iterable[str]) -> Fault:
    return Fault(path, f"no_{what}", {"name": name}, near(name, known))


def _names(policy: Policy) -> Iterator[Fault]:
    for kind, names in (
        ("rule", [rule.name for rule in policy.rules]),
        ("test", [test.name for test in policy.tests]),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                path = (kind, names.index(name), "name")
                yield Fault(path, f"{kind}_name_twice", {"count": count})
    for index, rule in enumerate(policy.rules):
        if rule.name.startswith(PREFIX):
            yield Fault(("rule", index, "name"), "built_in_name", {"prefix": PREFIX})


def _kinds_of_address(
    here: Path, domains: Iterable[str], addresses: Iterable[str], prefix: str = ""
) -> Iterator[Fault]:
    """ "partner.example" among addresses would never match, or match a whole company."""
    for domain in domains:
        if "@" in domain:
            yield Fault((*here, f"{prefix}domains"), "no_domain", {"text": domain})
    for address in addresses:
        if "@" not in address:
            yield Fault((*here, f"{prefix}addresses"), "no_address", {"text": address})


def _then(policy: Policy, then: Then, here: Path) -> Iterator[Fault]:
    holds = then.action in ("confirm", "approve")
    if then.action == "approve" and then.approvers is None:
        yield Fault((*here, "approvers"), "approve_needs")
    if then.action != "approve" and then.approvers is not None:
        yield Fault((*here, "approvers"), "only_approve", {"action": then.action})
    if then.action == "delay" and then.delay is None:
        yield Fault((*here, "delay"), "delay_needs")
    if then.action in ("pass", "reject") and then.delay is not None:
        yield Fault((*here, "delay"), "not_with_action", {"action": then.action})
    if then.action == "reject" and then.treatment is not None:
        yield Fault((*here, "treatment"), "nothing_leaves")
    for way in then.offer:
        if then.treatment and getattr(then.treatment, way):
            yield Fault((*here, "offer"), "done_anyway", {"way": way})
    if then.treatment is not None:
        yield from _treatment(then.treatment, (*here, "treatment"))
    for key, given in (
        ("retype_domain", then.retype_domain),
        ("purpose", then.purpose),
        ("offer", bool(then.offer)),
        ("by", then.by != "sender"),
    ):
        if given and not holds:
            yield Fault((*here, key), "nobody_confirms", {"action": then.action})
    yield from _then_groups(policy, then, here)


def _treatment(treatment: Treatment, here: Path) -> Iterator[Fault]:
    if treatment == Treatment():
        yield Fault(here, "empty_treatment")
    for key in ("told_word", "opens_after", "downloads", "days"):
        if getattr(treatment, key) and treatment.bridge is None:
            yield Fault((*here, key), "only_with", {"other": "bridge"})
    if treatment.zip and treatment.bridge:
        yield Fault((*here, "zip"), "zip_with_bridge")
    if treatment.zip_names and not treatment.zip:
        yield Fault((*here, "zip_names"), "only_with", {"other": "zip"})


def _then_groups(policy: Policy, then: Then, here: Path) -> Iterator[Fault]:
    if then.approvers is not None and then.approvers.group not in policy.groups:
        path = (*here, "approvers", "group")
        yield _unknown(path, "group", then.approvers.group, policy.groups)
    for group in then.notify:
        if group not in policy.groups:
            yield _unknown((*here, "notify"), "group", group, policy.groups)


def _condition(policy: Policy, condition: Condition, here: Path) -> Iterator[Fault]:
    if not condition.model_fields_set:
        yield Fault(here, "empty_condition")
    yield from _noted(condition, here)
    yield from _also(condition, (*here, "also"))
    if condition.addressee_purpose and condition.addressee not in ("registered", "expired"):
        yield Fault((*here, "addressee_purpose"), "only_registered")
    domains, addresses = condition.recipient_domains or (), condition.recipient_addresses or ()
    yield from _kinds_of_address(here, domains, addresses, "recipient_")
    for key in ("in_list", "not_in_list"):
        for name in getattr(condition, key) or ():
            if name not in policy.lists:
                yield _unknown((*here, key), "list", name, policy.lists)
    yield from _senders(policy, condition.sender_in or (), here)
    for field in condition.header or ():
        if field.partition(":")[0].strip().lower() not in WISHES:
            known = ", ".join(WISHES)
            yield Fault((*here, "header"), "never_read", {"text": field, "known": known})
    yield from _never(condition, here)


def _noted(noted: Noted, here: Path) -> Iterator[Fault]:
    for key, needs in (
        ("confidence", "finding"),
        ("unique", "finding"),
        ("points", "finding"),
        ("place", "finding"),
        ("reason", "fact"),
    ):
        if key in noted.model_fields_set and getattr(noted, needs) is None:
            yield Fault((*here, key), "only_with", {"other": needs})
    yield from _counted(noted, here)
    if noted.unique is not None and noted.unique.high == 0:
        yield Fault((*here, "unique"), "no_values")


def _also(condition: Condition, here: Path) -> Iterator[Fault]:
    """What stands there twice would look like two conditions and be one."""
    if condition.also and not (condition.fact or condition.finding or condition.words):
        yield Fault(here, "also_needs")
    for number, each in enumerate(condition.also):
        place = (*here, number)
        yield from _noted(each, place)
        if not (each.fact or each.finding or each.words):
            yield Fault(place, "empty_also")
        before = condition.noted[: number + 1]
        if each.fact and any((b.fact, b.reason) == (each.fact, each.reason) for b in before):
            yield Fault((*place, "fact"), "asked_already", {"name": each.fact})


def _counted(noted: Noted, here: Path) -> Iterator[Fault]:
    """A dictionary has points, everything else different values."""
    if noted.finding is None:
        return
    has_points = noted.finding.startswith("dictionary.")
    if has_points and noted.unique is not None:
        yield Fault((*here, "unique"), "dictionary_has_points")
    if not has_points and noted.points is not None:
        yield Fault((*here, "points"), "only_dictionary")


def _never(condition: Condition, here: Path) -> Iterator[Fault]:
    """Conditions that no mail meets: the rule would stand there and do nothing."""
    both = set(condition.in_list or ()) & set(condition.not_in_list or ())
    for name in sorted(both):
        yield Fault((*here, "not_in_list"), "never_true", {"name": name})


def _scan_incomplete(rule: Rule, here: Path) -> Iterator[Fault]:
    """What was not read to its end is held by somebody, whatever a file says."""
    if not rule.when.asks("scan_incomplete") or rule.mode != "enforce":
        return
    if rule.then.action not in _HOLDING:
        allowed = ", ".join(ACTIONS[ACTIONS.index("confirm") :])
        yield Fault((*here, "then", "action"), "incomplete_is_held", {"known": allowed})
    if rule.except_ is not None:
        yield Fault((*here, "except"), "no_exception")
    if rule.exemptions:
        yield Fault((*here, "exception"), "no_exception")


def _test(policy: Policy, test: Test, here: Path) -> Iterator[Fault]:
    mail = test.mail
    envelope = {address.lower() for address in (*mail.to, *mail.cc, *mail.bcc)}
    if mail.eml:
        sketched = {"subject", "body", "from_", "to", "cc", "header", "attachments", "size"}
        for key in sorted(sketched & mail.model_fields_set):
            yield Fault((*here, "mail", key.rstrip("_")), "not_with_eml")
    elif not envelope:
        yield Fault((*here, "mail", "to"), "test_to")
    for address, expect in test.expect.items():
        if not mail.eml and address.lower() not in envelope:
            yield _unknown((*here, "expect", address), "recipient", address, envelope)
        names = [rule.name for rule in expanded(policy).rules]
        for name in expect.rules or ():
            if name not in names and not name.startswith(PREFIX):
                yield _unknown((*here, "expect", address, "rules"), "rule", name, names)
