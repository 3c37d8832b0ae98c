"""Which way a recipient's mail goes: a route of its domain, else the next hop, else MX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from gateway.mail.address import domain_matches
from gateway.memory.config import Config
from gateway.memory.config import Hop as HopSection


@dataclass(frozen=True, slots=True)
class Hop:
    """Where to connect, in order of preference, and under which conditions."""

    name: str
    """as it is shown and recorded: "smtp://mail.example.co.jp:25", or "mx:example.com" """
    hosts: tuple[tuple[str, int], ...]
    tls: str = "may"
    """none | may | verify"""
    implicit: bool = False
    user: str = ""
    password: str = ""
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"<Hop {self.name}>"


class NoRoute(Exception):
    """There is nowhere to send it to; `permanent` tells whether that may change."""

    def __init__(self, status: str, text: str, permanent: bool) -> None:
        super().__init__(text)
        self.status, self.text, self.permanent = status, text, permanent


async def hop_for(config: Config, address: str) -> Hop:
    """Raises NoRoute."""
    domain = address.rpartition("@")[2].lower()
    section: HopSection = config.delivery
    for route in config.route:
        if domain_matches(domain, route.domains):
            section = route
            break
    if section.next_hop == "mx":
        return Hop(f"mx:{domain}", await _mx(domain), section.tls, ca_file=section.ca_file)
    return fixed(section)


def fixed(section: HopSection) -> Hop:
    """The hop of a section whose next_hop is a server and not "mx"."""
    url = urlsplit(section.next_hop)
    implicit = url.scheme == "smtps"
    port = url.port or (465 if implicit else 25)
    return Hop(
        f"{url.scheme}://{url.hostname}:{port}",
        ((url.hostname or "localhost", port),),
        section.tls,
        implicit,
        section.user,
        section.password.get_secret_value() if section.password else "",
        section.ca_file,
    )


async def _mx(domain: str) -> tuple[tuple[str, int], ...]:
    """RFC 5321 §5.1; a null MX (RFC 7505) says that the domain takes no mail."""
    try:
        answer = await dns.asyncresolver.resolve(domain, dns.rdatatype.MX)
    except dns.resolver.NoAnswer:
        return ((domain, 25),)
    except dns.resolver.NXDOMAIN:
        raise NoRoute("5.1.2", f"the domain {domain} does not exist", True) from None
    except dns.exception.DNSException as error:
        raise NoRoute("4.4.3", f"no answer from DNS: {type(error).__name__}", False) from None
    hosts = [str(r.exchange).rstrip(".") for r in sorted(answer, key=lambda r: r.preference)]
    if hosts == [""]:
        raise NoRoute("5.1.10", f"the domain {domain} takes no mail", True)
    return tuple((host, 25) for host in hosts if host)
