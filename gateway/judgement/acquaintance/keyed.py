"""Digests under a key of the house: to look something up, never to read it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.judgement.identity import domain_of

LENGTH = 16


@dataclass(frozen=True, slots=True)
class Keyed:
    secret: bytes = field(repr=False)

    def of(self, kind: str, *about: str) -> bytes:
        """
        >>> Keyed(b"k").of("pair", "a", "bc") == Keyed(b"k").of("pair", "ab", "c")
        False
        """
        text = "\0".join((kind, *about)).lower().encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self.secret, digest_size=LENGTH).digest()

    def pair(self, sender: str, recipient: str) -> bytes:
        return self.of("pair", sender, recipient)

    def address(self, recipient: str) -> bytes:
        return self.of("address", recipient)

    def domain(self, address: str) -> bytes:
        return self.of("domain", domain_of(address))

    def together(self, one: str, other: str) -> bytes:
        return self.of("together", *sorted((one.lower(), other.lower())))

    def circle(self, addresses: Iterable[str]) -> bytes:
        return self.of("circle", *sorted({address.lower() for address in addresses}))

    def locked(self, sender: str, recipient: str) -> bytes:
        return self.of("locked", sender, recipient)

    def sent(self, sender: str, minutes: int) -> bytes:
        return self.of("sent", sender, str(minutes))

    def local_part(self, sender: str, address: str) -> bytes:
        return self.of("local", sender, address.rpartition("@")[0])

    def surname(self, sender: str, name: str) -> bytes:
        return self.of("surname", sender, name)

    def company(self, core: str) -> bytes:
        return self.of("company", core)

    def message(self, id: str) -> bytes:
        return self.of("message", id)
