"""What DNS says, and whether a validating resolver vouches for it.

DNSSEC is validated by the resolver, which says so with a bit (AD) that anybody on the way could
set: it is believed from a resolver on this machine and from no other (RFC 4035 §4.9.3, RFC 7672
§1.3.2). A forged answer comes from such a one as SERVFAIL, and so as `Unanswered`: wait, never
"there is none".
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from gateway.memory.fields import endpoint

LIFETIME = 10.0
"""Seconds for one question, all servers and repetitions together."""
REMEMBERED = 20_000
"""Answers kept for as long as they say."""


class Unanswered(Exception):
    """Nobody knows: no answer, a server that failed, or a signature that does not hold."""


@dataclass(frozen=True, slots=True)
class Answer:
    found: tuple[Any, ...]
    """records; none where the name or the kind does not exist"""
    secure: bool
    """validated, the way over aliases included"""
    name: str
    """the end of the aliases, or what was asked for"""
    exists: bool = True
    """False: there is no such name at all"""


@dataclass(frozen=True, slots=True)
class Addresses:
    found: tuple[str, ...]
    secure: bool
    name: str


class Names:
    """`server` is "address:port"; "" asks whom the machine asks, and believes no AD bit."""

    def __init__(self, server: str = "") -> None:
        resolver = dns.asyncresolver.Resolver(configure=not server)
        self._trusted = False
        if server:
            host, port = endpoint(server)
            resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port)]
            self._trusted = ipaddress.ip_address(host).is_loopback
        resolver.use_edns(0, dns.flags.DO, 1232)
        resolver.set_flags(dns.flags.RD | dns.flags.AD)
        resolver.lifetime = LIFETIME
        resolver.cache = dns.resolver.LRUCache(REMEMBERED)
        self._resolver = resolver

    async def ask(self, name: str, kind: str) -> Answer:
        """Raises Unanswered."""
        try:
            asked = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
            got = await self._resolver.resolve(asked, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return Answer((), False, name, exists=False)
        except (dns.exception.DNSException, UnicodeError, OSError) as error:
            raise Unanswered(f"{kind} of {name}: {_words(error)}") from None
        end = str(got.chaining_result.canonical_name).rstrip(".")
        return Answer(tuple(got.rrset or ()), self._secure(got.response), end)

    async def addresses(self, host: str) -> Addresses:
        """IPv4 first: many networks announce an IPv6 that leads nowhere. Raises Unanswered where
        nothing was found and something may be there."""
        answers = await asyncio.gather(
            self.ask(host, "A"), self.ask(host, "AAAA"), return_exceptions=True
        )
        known = [each for each in answers if isinstance(each, Answer)]
        records = (str(record) for each in known for record in each.found)
        # 0.0.0.0 is how some say "none", and would be this machine
        found = tuple(each for each in records if not ipaddress.ip_address(each).is_unspecified)
        if not found:
            _raise(answers)
        secure = len(known) == 2 and all(each.secure for each in known)
        return Addresses(found, secure, next((each.name for each in known if each.found), host))

    def _secure(self, response: Any) -> bool:
        return self._trusted and bool(response.flags & dns.flags.AD)


def _words(error: Exception) -> str:
    """For an operator: of whom the mail waits for."""
    match error:
        case dns.exception.Timeout():
            return "timed out"
        case dns.resolver.NoNameservers():
            return "the name server failed, or a signature does not hold (SERVFAIL)"
        case OSError() if error.errno:
            return os.strerror(error.errno)
    return type(error).__name__


def _raise(answers: Sequence[Answer | BaseException]) -> None:
    for each in answers:
        if isinstance(each, BaseException):
            raise each
