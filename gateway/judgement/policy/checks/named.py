"""名称とドメイン: companies that the mail names, and those that it goes to.

Which domains a company has is told by the policy (`[companies]`), and by what was learned from
mail that began with its name (facts `company_known`, from `judgement.surroundings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors.facts import companies, written
from detectors.report import Fact, Reason
from gateway.judgement.identity import domain_matches, domain_of
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.rules import Policy

_SHORT = 2
"""Signs of a name that are looked for only where 株式会社 and the like stand beside it."""
_WHERE = {"subject": "named_in_subject", "name": "named_in_file"}


def elsewhere(case: Case, policy: Policy) -> Iterator[Fact]:
    """A company is named in text, subject or file name, and nobody there is among the recipients:
    the file of another customer, or words left over from the mail that was copied."""
    if not (policy.companies or case.stated("company_named")):
        return
    domains = domains_of(case)
    if not domains:
        return
    known = domains_known(case, policy)
    own = set(policy.own_names)
    for fact in case.report.facts:
        if fact.name != "company_named" or not fact.reason:
            continue
        label = str(fact.reason.params["label"])
        theirs = known.get(label, ())
        if theirs and label not in own and not among(theirs, domains):
            code = _WHERE.get(fact.part.partition(":")[0], "named_in_text")
            said = Reason(code, {"label": label, "domain": theirs[0]})
            yield Fact("named_elsewhere", fact.part, (), said)
    own.update(str(f.reason.params["label"]) for f in case.stated("company_named") if f.reason)
    for name, part in _plainly(case, policy):
        theirs = policy.domains_by_name[name]
        if name not in own and not among(theirs, domains):
            own.add(name)
            code = _WHERE.get(part, "named_in_text")
            yield Fact(
                "named_elsewhere", part, (), Reason(code, {"label": name, "domain": theirs[0]})
            )


def of_text(fact: Fact) -> bool:
    """Seen in words that are erased with the mail: what a later judgement cannot see anew."""
    return fact.name == "named_elsewhere" and not fact.part


def _plainly(case: Case, policy: Policy) -> Iterator[tuple[str, str]]:
    """Names of the policy's table where nothing else says that they are a company's, in the
    subject and in the sender's own words. Two signs are half of somebody's name."""
    names = [name for name in policy.domains_by_name if len(name) > _SHORT]
    if not names:
        return
    report = case.report
    for part, text in (("subject", report.headers.subject), ("", written.own(report.preview))):
        spoken, spelt = companies.core(text), companies.unified(text).lower()
        yield from ((name, part) for name in names if name in spoken and _alone(name, spelt))


def _alone(name: str, text: str) -> bool:
    """ "nec" does not stand in "connection"."""
    return not name.isascii() or bool(
        re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text)
    )


def missing(case: Case, policy: Policy) -> Iterator[Fact]:
    """A recipient at a company of the policy that neither text, subject nor file name names."""
    named = {
        str(fact.reason.params["label"])
        for fact in case.report.facts
        if fact.name == "company_named" and fact.reason
    }
    plain = companies.core(case.report.headers.subject) + companies.core(case.report.preview)
    for recipient in case.recipients:
        domain = domain_of(recipient.address)
        for name, company in policy.companies.items():
            if recipient.inside or not any(domain_matches(d, domain) for d in company.domains):
                continue
            cores = {companies.core(each) for each in (name, *company.names)}
            if named.isdisjoint(cores) and not any(core in plain for core in cores if core):
                said = Reason("company_not_named", {"label": name, "domain": domain})
                yield Fact("not_named", f"to:{recipient.address.lower()}", (), said)


def domains_of(case: Case) -> frozenset[str]:
    """Of everybody outside who gets or sees the mail."""
    outside = (r.address for r in case.recipients if not r.inside)
    return frozenset(domain_of(address) for address in (*outside, *case.shown_outside))


def domains_known(case: Case, policy: Policy) -> dict[str, tuple[str, ...]]:
    """Core of a name to its domains."""
    known: dict[str, tuple[str, ...]] = {}
    for fact in case.report.facts:
        if fact.name == "company_known" and fact.reason:
            label, domain = fact.reason.params["label"], fact.reason.params["domain"]
            known[str(label)] = (*known.get(str(label), ()), str(domain))
    return known | policy.domains_by_name


def among(theirs: tuple[str, ...], domains: frozenset[str]) -> bool:
    return any(domain_matches(f".{t.lstrip('.')}", domain) for t in theirs for domain in domains)
