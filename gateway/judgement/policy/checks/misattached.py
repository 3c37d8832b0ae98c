"""The file of another customer: what it says of whom it is for, and who gets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detectors.report import Fact, Reason
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.checks.named import among, domains_known, domains_of
from gateway.judgement.policy.rules import Policy

Owners = Mapping[str, tuple[str, ...]]


def other(case: Case, policy: Policy) -> Iterator[Fact]:
    """One for each file that says whose it is, where none of them is among the recipients: a file
    that names the recipient as well may name whom it likes."""
    told = [fact for fact in case.stated("file_names") if fact.reason]
    if not told:
        return
    domains, known = domains_of(case), domains_known(case, policy)
    for part in dict.fromkeys(fact.part for fact in told):
        whose = [(fact, _whose(fact, known, policy)) for fact in told if fact.part == part]
        owned = [(fact, theirs) for fact, theirs in whose if theirs]
        if domains and owned and not any(among(theirs, domains) for _, theirs in owned):
            fact, theirs = owned[0]
            yield Fact("misattached", part, fact.path, _said(fact, theirs[0].lstrip(".")))


def _said(fact: Fact, domain: str) -> Reason:
    label = str(fact.reason.params["label"]) if fact.reason else ""
    return Reason(fact.reason.code if fact.reason else "", {"label": label, "domain": domain})


def _whose(fact: Fact, known: Owners, policy: Policy) -> tuple[str, ...]:
    """Domains of the company; none where it is nobody that is known, or ourselves."""
    code, label = (fact.reason.code, str(fact.reason.params["label"])) if fact.reason else ("", "")
    if code == "file_to_company":
        return () if label in policy.own_names else known.get(label, ())
    if code == "file_with_customer":
        return policy.domains_by_customer.get(label, ())
    return next((d for d in policy.domains_by_name.values() if among(d, frozenset({label}))), ())
