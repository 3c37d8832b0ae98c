"""Does a condition hold? Questions about the mail are asked once, about a recipient each time.

The questions have a fixed order, and the first that fails is what the trace shows: recipient,
sender, finding (kind, confidence, place, number), fact, words, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from gateway.judgement.identity import Entry, domain_matches, domain_of, parents_of
from gateway.judgement.policy.case import TO, Case, Recipient, distinct, places_of, plain
from gateway.judgement.policy.conditions import COUNTED, Condition, Noted
from gateway.judgement.policy.freemail import FREEMAIL
from gateway.judgement.policy.ranges import Range
from gateway.judgement.policy.rules import AddressList, Policy

Lists = Mapping[str, AddressList]
Ask = Callable[[Any, Case], "Match"]


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


def concerns(condition: Condition, inside: bool) -> bool:
    """Whether it asks about recipients of this side."""
    return condition.recipient == "any" or (condition.recipient == "inside") == inside


def about_recipient(condition: Condition, recipient: Recipient, case: Case, lists: Lists) -> str:
    """The first condition that this recipient fails, or ""."""
    if not concerns(condition, recipient.inside):
        return "recipient"
    address = recipient.address.lower()
    if condition.singles_out and (failed := _singled_out(condition, address, case, lists)):
        return failed
    if condition.fact and not _of_recipient(case, condition, address):
        return "fact"
    also = condition.also
    if also and not all(_of_recipient(case, each, address) for each in also if each.fact):
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
    if not case.addressees:
        return "unknown"
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
    others = case.singled_out(noted.fact or "", noted.reason)
    return others is None or f"{TO}{address}" in others


def _in_domains(patterns: tuple[str, ...], domain: str) -> bool:
    return any(domain_matches(pattern, domain) for pattern in patterns)


def in_list(addresses: AddressList, address: str) -> bool:
    domain = domain_of(address)
    return (
        address.lower() in addresses.known
        or domain in addresses.known
        or (addresses.builtin == "freemail" and domain in FREEMAIL)
        or (bool(addresses.above) and not addresses.above.isdisjoint(_above(domain)))
    )


def _above(domain: str) -> Iterator[str]:
    return (f".{each}" for each in (domain, *parents_of(domain)))


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
    if condition.sender_class is not None and case.sender.class_ not in condition.sender_class:
        return _failed("sender_class")
    if condition.sender_in and not _fits(condition.sender_in, case, lists, every):
        return _failed("sender_in")
    if condition.marks and not case.subject.startswith(condition.marks):
        return _failed("subject_starts")
    if condition.wished and condition.wished.isdisjoint(map(plain, case.report.headers.wishes)):
        return _failed("header")
    return _noted(condition, case)


def _noted(noted: Noted, case: Case) -> Match:
    evidence: tuple[Evidence, ...] = ()
    for name in noted.given:  # one after the other: most rules fail at the first
        if (match := _ASK[name](noted, case)).failed:
            return match
        evidence += match.evidence
    return Match(evidence=evidence) if evidence else _MET


def _also(condition: Any, case: Case) -> Match:
    asked = [_noted(each, case) for each in condition.also]
    if any(match.failed for match in asked):
        return _failed("also")
    return Match(evidence=tuple(each for match in asked for each in match.evidence))


def _fits(names: tuple[str, ...], case: Case, lists: Lists, every: bool) -> bool:
    candidates = case.sender.candidates or (Entry(case.sender.address),)
    fits = [_belongs(entry, names, lists) for entry in candidates]
    return all(fits) if every else any(fits)


def _belongs(entry: Entry, names: tuple[str, ...], lists: Lists) -> bool:
    return any(
        name in entry.groups or (name in lists and in_list(lists[name], entry.address))
        for name in names
    )


def _finding(noted: Noted, case: Case) -> Match:
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
    return Match("", (Evidence("finding", noted.finding or "", surest.value, unique, "", parts),))


def _fact(noted: Noted, case: Case) -> Match:
    return _stated(case, "fact", "fact", noted.fact or "", noted.reason)


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
    asked = (_stated(case, "words", "words", "words", name) for name in noted.words or ())
    return next((match for match in asked if not match.failed), Match("words"))


def _counted(name: str) -> Ask:
    def ask(condition: Any, case: Case) -> Match:
        if (number := _COUNTS[name](case)) not in getattr(condition, name):
            return _failed(name)
        return Match(evidence=(Evidence("count", name, number=number),))

    return ask


_COUNTS: dict[str, Callable[[Case], int]] = {
    "outside_addresses": lambda case: len(case.shown_outside),
    "outside_companies": lambda case: case.companies,
    "attachments": lambda case: len(case.report.attachments),
    "sent_last_hour": lambda case: case.sent_last_hour,
    "size": lambda case: case.report.size,
}
_ASK: dict[str, Ask] = {
    "finding": _finding,
    "fact": _fact,
    "words": _words,
    **{name: _counted(name) for name in COUNTED},
    "also": _also,
}
"""Each for `Noted.given`; what is counted, and `also`, are of conditions alone."""
