"""Who sent this mail: a person, a shared mailbox, a machine, or nobody (`<>`, automatic mail, and
what a mailbox forwards or a mailing list gives to its members).

Three things name a sender, and each is easier to forge than the one before: who signed in, the
envelope address, the From field. All that are known stay candidates, because policy has to judge
by the strictest: a person who sends through the copier's account is judged as a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from detectors.report import Report

SenderClass = Literal["person", "shared", "system", "null", "automatic", "forwarded", "list"]
_STRICTEST: tuple[SenderClass, ...] = ("person", "shared", "system", "automatic", "null")


@dataclass(frozen=True, slots=True)
class Entry:
    """What the company knows about one address (or one login name)."""

    address: str
    class_: Literal["person", "shared", "system"] = "person"
    person: str = ""
    """Id of the person; "" for a mailbox of several persons and for a machine."""
    owner: str = ""
    """Id of the person who answers for a machine or a shared mailbox."""
    groups: tuple[str, ...] = ()
    """Department and groups of the person."""


@dataclass(frozen=True, slots=True)
class Directory:
    entries: Mapping[str, Entry]
    """By address or login name, lower case."""
    own_domains: frozenset[str]
    """Domains and addresses as `owned` reads them."""

    def find(self, name: str) -> Entry | None:
        return self.entries.get(name.lower())

    def owns(self, address: str) -> bool:
        return writes_as_ours(address, self.own_domains)


@dataclass(frozen=True, slots=True)
class Sender:
    """`candidates` come in the order of trust. `owner` "" means the postmaster."""

    class_: SenderClass
    address: str = ""
    person: str = ""
    owner: str = ""
    candidates: tuple[Entry, ...] = ()


def identify(
    envelope_from: str, auth_user: str, header_from: str, directory: Directory, report: Report
) -> Sender:
    """The sender by the strictest reading of what is known; "" where something is not given.

    An address of ours that the directory does not know counts as a person's: everything applies.
    """
    found = _candidates(envelope_from, auth_user, header_from, directory)
    if handed_on := _handed_on(envelope_from, auth_user, header_from, directory, report):
        return replace(handed_on, candidates=(*handed_on.candidates, *found))
    chosen = min(
        found, key=lambda entry: _STRICTEST.index(entry.class_), default=Entry(envelope_from)
    )
    class_ = _class(envelope_from, chosen, report)
    if class_ in ("null", "automatic"):
        return Sender(class_, chosen.address, "", chosen.owner or chosen.person, found)
    return Sender(class_, chosen.address, chosen.person, chosen.owner, found)


def _candidates(
    envelope_from: str, auth_user: str, header_from: str, directory: Directory
) -> tuple[Entry, ...]:
    """Of ours, in the order of trust."""
    found: dict[str, Entry] = {}
    for name in (auth_user, envelope_from, header_from):
        entry = directory.find(name) if name else None
        if entry is None and name and directory.owns(name):
            entry = Entry(name)
        if entry is not None:
            found.setdefault(entry.address.lower(), entry)
    return tuple(found.values())


def _handed_on(
    envelope_from: str, auth_user: str, header_from: str, directory: Directory, report: Report
) -> Sender | None:
    """What nobody hands in: a mailbox forwards it, or a list gives it to its members. Who has
    signed in does it himself, and what a machine of ours sends or answers keeps its class."""
    headers = report.headers
    if auth_user or _automatic(report):
        return None
    if headers.forwarded_by and directory.owns(headers.forwarded_by):
        return _answering("forwarded", headers.forwarded_by, directory)
    envelope = envelope_from.lower()
    if headers.list_id and directory.owns(envelope) and envelope != header_from.lower():
        ours = directory.owns(header_from)
        return _answering("list", header_from if ours else envelope_from, directory)
    return None


def _answering(class_: SenderClass, address: str, directory: Directory) -> Sender:
    """It is the forwarding person's or the writer's to confirm; where that is none, the owner's."""
    entry = directory.find(address) or Entry(address)
    return Sender(class_, entry.address, entry.person, entry.owner, (entry,))


def _class(envelope_from: str, chosen: Entry, report: Report) -> SenderClass:
    if not envelope_from:
        return "null"
    # A machine that marks its mail as RFC 3834 asks stays the machine that was registered.
    if chosen.class_ != "system" and _automatic(report):
        return "automatic"
    return chosen.class_


def _automatic(report: Report) -> bool:
    """Auto-Submitted other than "no" (RFC 3834 section 5), calendar answers, DSNs (RFC 3464)."""
    said = report.headers.auto_submitted.partition(";")[0].strip().lower()
    is_report = any(p.path == "" and p.media_type == "multipart/report" for p in report.parts)
    return said not in ("", "no") or is_report


@lru_cache(maxsize=4096)  # of each mail each rule asks for the domains of the same few addresses
def domain_of(address: str) -> str:
    """The part after the last "@", lower case; "" when there is none.

    >>> domain_of('"a@b"@Example.JP')
    'example.jp'
    """
    return address.rpartition("@")[2].lower().rstrip(".") if "@" in address else ""


def parents_of(domain: str) -> Iterator[str]:
    """
    >>> list(parents_of("a.b.example"))
    ['b.example', 'example']
    """
    while "." in domain:
        domain = domain.partition(".")[2]
        yield domain


def owned(address: str, own_domains: Iterable[str]) -> bool:
    """Whether who gets it is inside: by domain, by suffix, with "*", by a whole address; what has
    a "-" before it is outside, whatever else names it.

    >>> own = [".example.jp", "-lab.example.jp", "ex-*.test", "cpa@sr.test", "-temp*@example.jp"]
    >>> [owned(a, own) for a in ("a@x.example.jp", "a@ex-1.test", "CPA@sr.test")]
    [True, True, True]
    >>> [owned(a, own) for a in ("a@lab.example.jp", "temp1@example.jp", "b@sr.test", "a@b.jp")]
    [False, False, False, False]
    """
    address, domain = address.lower(), domain_of(address)
    named = [own for own in own_domains if _names(own.removeprefix("-"), address, domain)]
    return bool(named) and not any(own.startswith("-") for own in named)


def plain_domains(own_domains: Iterable[str]) -> list[str]:
    """Of that list the domains: no pattern, no address, nothing that is taken out.

    >>> plain_domains(["a.jp", ".b.jp", "-c.b.jp", "d-*.jp", "e@f.jp"])
    ['a.jp', '.b.jp']
    """
    return [own for own in own_domains if not (own.startswith("-") or {*"@*"} & {*own})]


def writes_as_ours(address: str, own_domains: Iterable[str]) -> bool:
    """Whether who sends it is of us: by domain alone. A single address that counts as inside, or as
    outside, says where mail to it goes, and not whose mail we carry."""
    return owned(address, (own for own in own_domains if "@" not in own))


def _names(own: str, address: str, domain: str) -> bool:
    own = own.lower()
    if "*" in own:
        return fnmatchcase(address if "@" in own else domain, own)
    return own == address if "@" in own else domain_matches(own, domain)


def domain_matches(pattern: str, domain: str) -> bool:
    """
    >>> domain_matches(".example.jp", "a.example.jp"), domain_matches("example.jp", "a.example.jp")
    (True, False)
    """
    pattern = pattern.lower()
    if pattern.startswith("."):
        return domain == pattern[1:] or domain.endswith(pattern)
    return bool(domain) and domain == pattern
