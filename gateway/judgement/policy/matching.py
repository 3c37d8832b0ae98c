"""Does a condition hold? Questions about the mail are asked once, about a recipient each time.

The questions have a fixed order, and the first that fails is what the trace shows: recipient,
sender, finding (kind, confidence, place, number), fact, words, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from gateway.judgement.identity import Entry, domain_matches, domain_of, parents_of
from gateway.judgement.policy.case import TO, Case, Recipient, distinct, places_of, plain
from gateway.judgement.policy.conditions import Condition, Noted
from gateway.judgement.policy.freemail import FREEMAIL
from gateway.judgement.policy.ranges import Range
from gateway.judgement.policy.rules import AddressList, Policy

Lists = Mapping[str, AddressList]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule stands on; `name` is a kind, a fact, a dictionary, or a count's key."""

    type: str
    """finding | fact | words | count"""
    name: str
    confidence: str = ""
    """The highest one."""
    number: int = 0
    """Different values, facts of that name, or the count itself."""
    reason: str = ""
    parts: tuple[str, ...] = ()
    """`Place.part` of each place, so that pages can show them and offer to drop attachments."""


@dataclass(frozen=True, slots=True)
class Match:
    """`failed` is the first condition that does not hold, "" when all do."""

    failed: str = ""
    evidence: tuple[Evidence, ...] = field(default=())


_MET = Match()
"""Nothing was asked."""
_failed = cache(Match)
"""The same few, thousands of times a minute."""


def concerns(condition: Condition, recipient: Recipient) -> bool:
    """Whether it asks about the side that the recipient is on."""
    return condition.recipient == "any" or (condition.recipient == "inside") == recipient.inside


def about_recipient(condition: Condition, recipient: Recipient, case: Case, lists: Lists) -> str:
    """The first condition that this recipient fails, or ""."""
    if not concerns(condition, recipient):
        return "recipient"
    address = recipient.address.lower()
    if condition.singles_out and (failed := _singled_out(condition, address, case, lists)):
        return failed
    if condition.fact and not _of_recipient(case, condition, address):
        return "fact"
    if not all(_of_recipient(case, each, address) for each in condition.also if each.fact):
        return "also"
    return ""


def _singled_out(condition: Condition, address: str, case: Case, lists: Lists) -> str:
    domain = domain_of(address)
    named = condition.recipient_addresses
    if condition.recipient_domains and not _in_domains(condition.recipient_domains, domain):
        return "recipient_domains"
    if named and address not in {name.lower() for name in named}:
        return "recipient_addresses"
    if condition.in_list and not any(in_list(lists[n], address) for n in condition.in_list):
        return "in_list"
    if condition.not_in_list and any(in_list(lists[n], address) for n in condition.not_in_list):
        return "not_in_list"
    if condition.addressee and condition.addressee != _standing(case, address):
        return "addressee"
    if condition.addressee_purpose and not _for(condition.addressee_purpose, case, address):
        return "addressee_purpose"
    return ""


def _standing(case: Case, address: str) -> str:
    standings = "registered", "expired", "other_purpose"
    known = (s for s in standings if case.addressee(s, address) is not None)
    return next(known, "unknown")


def _for(purposes: tuple[str, ...], case: Case, address: str) -> bool:
    found = (case.addressee(standing, address) for standing in ("registered", "expired"))
    wanted = set(map(plain, purposes))
    registered = (each.get("purposes") or each.get("purpose", "") for each in found if each)
    return any(plain(one) in wanted for each in registered for one in str(each).splitlines())


def _of_recipient(case: Case, noted: Noted, address: str) -> bool:
    """Not where all facts of that name are about other recipients."""
    parts = [fact.part for fact in case.stated(noted.fact or "", noted.reason)]
    return not parts or any(not p.startswith(TO) or p == f"{TO}{address}" for p in parts)


def _in_domains(patterns: tuple[str, ...], domain: str) -> bool:
    return any(domain_matches(pattern, domain) for pattern in patterns)


def in_list(addresses: AddressList, address: str) -> bool:
    domain = domain_of(address)
    above = (f".{each}" for each in (domain, *parents_of(domain)))
    return (
        address.lower() in addresses.known
        or domain in addresses.known
        or not addresses.known.isdisjoint(above)
        or (addresses.builtin == "freemail" and domain in FREEMAIL)
    )


def placed(policy: Policy, case: Case) -> Case:
    """Who is reached through an inside address behind which outsiders stand counts as outside."""
    behind = policy.outside_lists
    learned = {fact.part for fact in case.stated("list_reaches")}
    if not behind and not learned:
        return case

    def reaches(address: str) -> bool:
        told = any(in_list(listed, address) for listed in behind.values())
        return told or f"{TO}{address.lower()}" in learned

    recipients = (
        replace(r, inside=False) if r.inside and reaches(r.address) else r for r in case.recipients
    )
    return replace(case, recipients=tuple(recipients))


def about_mail(condition: Condition, case: Case, lists: Lists, every: bool = False) -> Match:
    """Everything but the recipient. `every`: all possible senders must fit and not just one, which
    is how an exception is read, so that it is never granted on a forgeable From alone."""
    evidence: list[Evidence] = []
    if (of_sender := _sender(condition, case, lists, every)).failed:
        return of_sender
    if condition.subject_starts and not _marked(condition.subject_starts, case):
        return _failed("subject_starts")
    if condition.header and not _wished(condition.header, case):
        return _failed("header")
    for ask in (_noted, _counts, _also):  # one after the other: most rules fail at the first
        if (match := ask(condition, case)).failed:
            return match
        evidence += match.evidence
    return Match(evidence=tuple(evidence))


def _noted(noted: Noted, case: Case) -> Match:
    evidence: list[Evidence] = []
    for ask in (_finding, _fact, _words):
        if (match := ask(noted, case)).failed:
            return match
        evidence += match.evidence
    return Match(evidence=tuple(evidence))


def _also(condition: Condition, case: Case) -> Match:
    if not condition.also:
        return _MET
    asked = [_noted(each, case) for each in condition.also]
    if any(match.failed for match in asked):
        return _failed("also")
    return Match(evidence=tuple(each for match in asked for each in match.evidence))


def _sender(condition: Condition, case: Case, lists: Lists, every: bool) -> Match:
    if condition.sender_class is not None and case.sender.class_ not in condition.sender_class:
        return _failed("sender_class")
    if condition.sender_in:
        candidates = case.sender.candidates or (Entry(case.sender.address),)
        fits = [_belongs(entry, condition.sender_in, lists) for entry in candidates]
        if not (all(fits) if every else any(fits)):
            return _failed("sender_in")
    return _MET


def _belongs(entry: Entry, names: tuple[str, ...], lists: Lists) -> bool:
    return any(
        name in entry.groups or (name in lists and in_list(lists[name], entry.address))
        for name in names
    )


def _finding(noted: Noted, case: Case) -> Match:
    if noted.finding is None:
        return _MET
    found = [f for f in case.report.findings if f.kind == noted.finding]
    if not found:
        return _failed("finding")
    if noted.confidence is not None:
        found = [f for f in found if f.confidence in noted.confidence]
        if not found:
            return _failed("confidence")
    places = list(places_of(found))
    if noted.place != "any":
        places = [place for place in places if case.spot(place.part) == noted.place]
    if not places:
        return _failed("place")
    unique = max(distinct(places), 1)
    if unique not in (noted.unique or noted.points or Range(1)):
        return _failed("points" if noted.points else "unique")
    surest = max((f.confidence for f in found), key=lambda level: level.rank)
    parts = tuple(dict.fromkeys(place.part for place in places))
    return Match("", (Evidence("finding", noted.finding, surest.value, unique, "", parts),))


def _fact(noted: Noted, case: Case) -> Match:
    if noted.fact is None:
        return _MET
    return _stated(case, "fact", "fact", noted.fact, noted.reason)


def _stated(case: Case, asked: str, type_: str, name: str, reason: str | None) -> Match:
    if not case.stated(name):
        return _failed(asked)
    if not (facts := case.stated(name, reason)):
        return _failed("reason")
    codes = {fact.reason.code for fact in facts if fact.reason}
    parts = tuple(dict.fromkeys(fact.part for fact in facts))
    shown = codes.pop() if len(codes) == 1 else ""
    return Match("", (Evidence(type_, name, "", len(facts), shown, parts),))


def _words(noted: Noted, case: Case) -> Match:
    """A dictionary that hit is the fact `words` with the dictionary's name as its reason."""
    if noted.words is None:
        return _MET
    asked = (_stated(case, "words", "words", "words", name) for name in noted.words)
    return next((match for match in asked if not match.failed), Match("words"))


def _marked(marks: tuple[str, ...], case: Case) -> bool:
    subject = plain(case.report.headers.subject)
    return any(subject.startswith(plain(mark)) for mark in marks)


def _wished(fields: tuple[str, ...], case: Case) -> bool:
    wishes = set(map(plain, case.report.headers.wishes))
    return any(plain(field) in wishes for field in fields)


def _counts(condition: Condition, case: Case) -> Match:
    evidence = []
    for name, count in _COUNTS.items():
        wanted: Range | None = getattr(condition, name)
        if wanted is None:
            continue
        if (number := count(case)) not in wanted:
            return _failed(name)
        evidence.append(Evidence("count", name, number=number))
    return Match(evidence=tuple(evidence))


_COUNTS: dict[str, Callable[[Case], int]] = {
    "outside_addresses": lambda case: len(case.shown_outside),
    "outside_companies": lambda case: case.companies,
    "attachments": lambda case: len(case.report.attachments),
    "sent_last_hour": lambda case: case.sent_last_hour,
    "size": lambda case: case.report.size,
}
