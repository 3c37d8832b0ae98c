"""Networks from which a provider sends for all of its customers, as it publishes them.

Microsoft: endpoint list of Exchange Online, id 10, and the SPF record of outlook.com. Google: SPF
records _netblocks, _netblocks2 and _netblocks3 of google.com. Both change a few times a year;
whoever cannot wait for us writes the networks themselves into `smtp.tenant.networks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network

AnyNetwork = IPv4Network | IPv6Network


def _networks(text: str) -> tuple[AnyNetwork, ...]:
    return tuple(ip_network(word) for word in text.split())


PUBLISHED: Mapping[str, tuple[AnyNetwork, ...]] = {
    "microsoft365": _networks(
        "40.92.0.0/15 40.107.0.0/16 52.100.0.0/14 52.238.78.88/32 104.47.0.0/17 "
        "2a01:111:f400::/48 2a01:111:f403::/48"
    ),
    "google": _networks(
        "35.190.247.0/24 35.191.0.0/16 64.233.160.0/19 66.102.0.0/20 66.249.80.0/20 "
        "72.14.192.0/18 74.125.0.0/16 108.177.8.0/21 108.177.96.0/19 130.211.0.0/22 "
        "172.217.0.0/19 172.217.32.0/20 172.217.128.0/19 172.217.160.0/20 172.217.192.0/19 "
        "172.253.56.0/21 172.253.112.0/20 173.194.0.0/16 209.85.128.0/17 216.58.192.0/19 "
        "216.239.32.0/19 2001:4860:4000::/36 2404:6800:4000::/36 2607:f8b0:4000::/36 "
        "2800:3f0:4000::/36 2a00:1450:4000::/36 2c0f:fb50:4000::/36"
    ),
}


def overlap(one: AnyNetwork, other: AnyNetwork) -> bool:
    """
    >>> overlap(ip_network("40.92.1.0/24"), ip_network("40.92.0.0/15"))
    True
    """
    return one.version == other.version and one.overlaps(other)


def shared(networks: Iterable[AnyNetwork]) -> dict[str, list[AnyNetwork]]:
    """Which of `networks` hold addresses of a provider: {"google": [...]}, empty where none does.

    A network that holds the whole Internet holds theirs too, and is named.
    """
    given = list(networks)
    found = {
        name: [n for n in given if any(overlap(n, p) for p in published)]
        for name, published in PUBLISHED.items()
    }
    return {name: named for name, named in found.items() if named}
