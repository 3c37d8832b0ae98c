"""Which way a recipient's mail goes, and what is asked of who stands there.

A route of its domain, else the next hop, else MX. Under "dane" and "sts" the recipient's domain
says what its servers must show; a domain that says nothing is met as under "may".
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from gateway.mail import dane
from gateway.mail.address import domain_matches
from gateway.mail.names import Addresses, Names, Unanswered
from gateway.mail.sts import Policies
from gateway.memory.config import Config
from gateway.memory.config import Hop as HopSection

SMTP = 25
MOST = 8
"""Servers of a domain that are tried for one mail."""


@dataclass(frozen=True, slots=True)
class Host:
    """One server of a hop, and what it must show."""

    name: str
    port: int
    tls: str = "may"
    """none | may | encrypt | verify | dane"""
    addresses: tuple[str, ...] = ()
    """none: the machine's resolver finds them"""
    pins: tuple[dane.Pin, ...] = ()
    names: tuple[str, ...] = ()
    """under "dane": which names a certificate below an anchor may have, the first asked for"""
    problem: str = ""
    """why nobody may connect to it"""
    testing: bool = False
    """what it must show is tried first, and done without: the domain's policy is on trial"""

    def __str__(self) -> str:
        return f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Hop:
    """Where to connect, in order of preference, and under which conditions.

    Equal by all but the servers: they come in another order with each answer of DNS.
    """

    name: str
    """as it is shown and recorded: "smtp://mail.example.co.jp:25", or "mx:example.com" """
    hosts: tuple[Host, ...] = field(compare=False)
    tls: str = "may"
    """none | may | verify | dane | sts | dane+sts"""
    implicit: bool = False
    user: str = ""
    password: str = ""
    ca_file: Path | None = None
    sign: bool = False
    """with our DKIM keys"""

    def __repr__(self) -> str:
        return f"<Hop {self.name}>"


class NoRoute(Exception):
    """There is nowhere to send it to; `permanent` tells whether that may change."""

    def __init__(self, status: str, text: str, permanent: bool) -> None:
        super().__init__(text)
        self.status, self.text, self.permanent = status, text, permanent


class Ways:
    """`port` is where servers found by MX listen."""

    def __init__(self, config: Config, names: Names, policies: Policies, port: int = SMTP) -> None:
        self._config, self._names, self._policies, self._port = config, names, policies, port
        self._known = known(config)
        sections = (config.delivery, *config.route)
        self._hops = {id(each): fixed(each) for each in sections if each.next_hop != "mx"}
        """by the section itself: two may name one server under different conditions"""

    async def to(self, domain: str, chosen: str = "") -> Hop:
        """The hop for recipients of `domain`, or the `chosen` one of `known`. Raises NoRoute."""
        section = self._known.get(chosen) or self._section(domain)
        try:
            if section.next_hop != "mx":
                return await self._fixed(section)
            hosts = await self._servers(domain, section)
        except Unanswered as error:
            raise NoRoute("4.4.3", f"no answer from DNS: {error}", False) from None
        sign = section.dkim != "never"
        return Hop(f"mx:{domain}", hosts, section.tls, ca_file=section.ca_file, sign=sign)

    def _section(self, domain: str) -> HopSection:
        for route in self._config.route:
            if domain_matches(domain, route.domains):
                return route
        return self._config.delivery

    async def _fixed(self, section: HopSection) -> Hop:
        hop = self._hops[id(section)]
        if section.tls != "dane":
            return hop
        (host,) = hop.hosts
        return replace(hop, hosts=(await self._signed(replace(host, tls="may"), host.name),))

    # -- MX

    async def _servers(self, domain: str, section: HopSection) -> tuple[Host, ...]:
        names, signed = await self._mx(domain)
        how = section.tls.split("+")
        base = section.tls if section.tls in ("none", "verify") else "may"
        policy = await self._policies.of(domain, section.ca_file) if "sts" in how else None

        async def found(name: str) -> Host:
            host = await self._at(Host(name, self._port, base))
            if "dane" in how and signed and not host.problem:
                host = await self._signed(host, name, domain)
            if policy and host.tls == "may":
                asked = _under(policy.allows(name), host)
                return replace(asked, testing=policy.mode == "testing")
            return host

        hosts = await asyncio.gather(*(found(name) for name in names[:MOST]))
        there = tuple(host for host in hosts if host.addresses or host.problem)
        if not there:
            raise NoRoute("5.4.4", f"no mail server of {domain} has an address", True)
        return there

    async def _mx(self, domain: str) -> tuple[list[str], bool]:
        """Names in the order of RFC 5321 §5.1, and whether their list is signed. Without MX the
        domain itself is its server; a null MX (RFC 7505) says that it takes no mail."""
        answer = await self._names.ask(domain, "MX")
        if not answer.exists:
            raise NoRoute("5.1.2", f"the domain {domain} does not exist", True)
        if not answer.found:
            return [domain], answer.secure
        # those of equal preference share the load: their order is ours to draw
        ranked = sorted(answer.found, key=lambda r: (r.preference, random.random()))
        hosts = [(r.preference, str(r.exchange).rstrip(".").lower()) for r in ranked]
        if [host for _, host in hosts] == [""]:
            raise NoRoute("5.1.10", f"the domain {domain} takes no mail", True)
        return self._beyond_us(domain, hosts), answer.secure

    def _beyond_us(self, domain: str, hosts: Sequence[tuple[int, str]]) -> list[str]:
        """Where we are one of the servers ourselves, only the better ones are tried: from the
        others the mail would come back (RFC 5321 §5.1)."""
        ours = (self._config.smtp.hostname.lower(), "localhost")
        limit = min((rank for rank, host in hosts if host in ours), default=1 << 16)
        names = [host for rank, host in hosts if rank < limit and host]
        if not names:
            raise NoRoute("5.4.6", f"the mail of {domain} would come back to this server", True)
        return names

    async def _at(self, host: Host) -> Host:
        try:
            found = await self._names.addresses(host.name)
        except Unanswered as error:
            return replace(host, problem=str(error))
        return replace(host, addresses=found.found)

    async def _signed(self, host: Host, *names: str) -> Host:
        """With what its TLSA records ask for. One whose records cannot be validated is left
        alone (RFC 7672 §2.1.3): to connect all the same would be what an attacker wants."""
        try:
            at: Addresses = await self._names.addresses(host.name)
            terms = await dane.terms(self._names, host.name, host.port, at)
        except Unanswered as error:
            return replace(host, problem=str(error))
        host = replace(host, addresses=at.found)
        if terms is None:
            return host
        allowed = tuple(dict.fromkeys((terms.base, *names)))
        tls = "dane" if terms.pins else "encrypt"
        return replace(host, tls=tls, pins=terms.pins, names=allowed)


def _under(allowed: bool, host: Host) -> Host:
    if allowed:
        return replace(host, tls="verify")
    return replace(host, problem=f"{host.name} is none of the servers in the domain's policy")


def known(config: Config) -> dict[str, HopSection]:
    """Every next hop of the configuration by its name there, with its conditions."""
    sections = (config.delivery, *config.route)
    return {section.next_hop: section for section in reversed(sections)}


def fixed(section: HopSection) -> Hop:
    """The hop of a section whose next_hop is a server and not "mx"."""
    url = urlsplit(section.next_hop)
    implicit = url.scheme == "smtps"
    port = url.port or (465 if implicit else 25)
    return Hop(
        f"{url.scheme}://{url.hostname}:{port}",
        (Host(url.hostname or "localhost", port, section.tls),),
        section.tls,
        implicit,
        section.user,
        section.password.get_secret_value() if section.password else "",
        section.ca_file,
        section.dkim == "always",
    )
