"""What is odd about a mail, seen from its report, its envelope and the tables of the policy.

Each module looks at one thing and yields facts of one name; none asks a database or a clock, so
that a mail judged again from its stored report gives the same answer. What only the moment knows
(who has written to whom, the hour) is a fact in the report already (`judgement.surroundings`).

A fact about one recipient stands at the part "to:<address>" and holds for that one alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from detectors.report import Fact
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.checks import (
    apart,
    attachment,
    behind,
    hidden,
    misattached,
    named,
    password,
    private,
    salutation,
)
from gateway.judgement.policy.matching import placed
from gateway.judgement.policy.rules import Policy

Look = Callable[[Case, Policy], Iterator[Fact]]

CHECKS: dict[str, Look] = {
    "forgotten_attachment": attachment.forgotten,
    "hidden_content": hidden.content,
    "kept_apart": apart.mixed,
    "misattached": misattached.other,
    "named_elsewhere": named.elsewhere,
    "not_named": named.missing,
    "own_private_address": private.own,
    "password_file": password.file,
    "password_mail": password.mail,
    "reaches_outside": behind.reached,
    "salutation_mismatch": salutation.mismatch,
}

FROM_TEXT = frozenset({"not_named"})
"""Those that read the mail's text."""


def checked(policy: Policy, case: Case) -> Case:
    """The case with the facts of those checks that a rule asks for; what an earlier judgement
    noted is looked at anew, since a recipient or a file may be gone."""
    case = placed(policy, case)
    anew = CHECKS.keys() - FROM_TEXT if case.textless else CHECKS.keys()
    kept = [
        fact
        for fact in case.report.facts
        if fact.name not in anew or (case.textless and named.of_text(fact))
    ]
    asked = [CHECKS[name] for name in sorted(policy.facts & anew)]
    if len(kept) < len(case.report.facts):
        case = replace(case, report=replace(case.report, facts=tuple(kept)))
    found = [fact for look in asked for fact in look(case, policy)]
    if not found:
        return case
    return replace(case, report=replace(case.report, facts=(*kept, *found)))
