"""Who may send what through one listener, and how much of it. Never an open relay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from gateway.mail.address import Address, is_ours
from gateway.mail.listener import Kind, Reply
from gateway.mail.rates import Rates

TOO_MANY_MAILS = Reply(450, "4.7.1", "too many mails from this client, try again later")
TOO_MANY_RECIPIENTS = Reply(450, "4.7.1", "too many recipients from this sender, try again later")


def within(client_ip: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    client = _parsed(client_ip)
    return any(client in network for network in networks)


@lru_cache(maxsize=1024)
def _parsed(client_ip: str) -> IPv4Address | IPv6Address:
    """The same few clients come again and again, and are asked for several times each."""
    client = ip_address(client_ip)
    if isinstance(client, IPv6Address) and client.ipv4_mapped:
        return client.ipv4_mapped  # what an IPv4 client looks like on a socket for both
    return client


@dataclass(frozen=True, slots=True)
class Admission:
    """The access policy and the limits of one listener. Defaults let nobody in."""

    hostname: str
    kind: Kind = "plain"
    trusted_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    own_domains: tuple[str, ...] = ()
    """As `address.domain_matches` reads them."""
    max_size: int = 50_000_000
    """Octets of one mail."""
    max_recipients: int = 1000
    max_connections: int = 500
    max_per_client: int = 100
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Peers that must say for whom they speak (PROXY protocol)."""
    rates: Rates = field(default_factory=Rates)
    session: float = 7200.0
    """Seconds of a whole connection: who sends an octet a minute is never silent."""
    timeout: float = 300.0
    """Seconds of silence, between commands and between blocks of data (RFC 5321 §4.5.3.2)."""
    require_tls_for_auth: bool = True
    literals: bool = False
    """Whether `user@[192.0.2.1]` is an address."""
    postmaster: str = ""
    """Whose mailbox `<postmaster>` without a domain is (RFC 5321 §4.1.1.3)."""
    normalize: bool = False
    """Whether bare line ends in the data are made whole; refused otherwise."""

    def trusts(self, client_ip: str) -> bool:
        """Whether the client stands in a trusted network."""
        return within(client_ip, self.trusted_networks)

    def too_fast(self, user: str | None, sender: Address | None) -> Reply | None:
        """Counts one recipient, and puts off what is over the rate of its sender or account."""
        name = sender.key if sender else ""
        fits = self.rates.user.take(user) if user else self.rates.sender.take(name)
        return None if fits else TOO_MANY_RECIPIENTS

    def mailbox(self, recipient: Address) -> Address:
        """Whoever it is: an address without a domain would be nobody's on the way out."""
        if recipient.domain or not self.postmaster:
            return recipient
        local, _, domain = self.postmaster.rpartition("@")
        return Address(local, domain)

    def refusal(
        self, client_ip: str, user: str | None, sender: Address | None, recipient: Address
    ) -> Reply | None:
        """Why this mail may not go to this recipient, or None.

        Given at RCPT and not before, so that the sender's log names the mail that was refused.
        """
        who = f"<{recipient.text}>"
        if user is None and not self.trusts(client_ip):
            reason = f"client {client_ip} is not in a trusted network and has not signed in"
            return Reply(550, "5.7.1", f"{who}: relay access denied, {reason}")
        if self.kind == "tap":
            return None  # a journal report comes from the mail system itself, and goes nowhere
        if sender and not is_ours(sender.domain, self.own_domains):
            reason = f"sender domain {sender.domain or '(none)'} is not one of ours"
            return Reply(550, "5.7.1", f"{who}: {reason}")
        return None
