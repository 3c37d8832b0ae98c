"""Proof that a mail from addresses which many share is ours ("EchoSpoofing", 2024).

Microsoft 365 and Google send for all their customers from the same addresses: an own domain and a
trusted address then say nothing, and a stranger's tenant would send in our name, signed and all.
Two things tell ours from theirs: a secret that a rule of our mail system writes into a header of
all that it sends here, and the tenant's id that Exchange Online stamps on what leaves it.

A proof that stands there twice proves nothing unless both say the same: who forges one cannot
keep the provider from adding the true one. The secret is taken out before anything is stored,
whoever sent it: what is kept, shown, returned and handed on never holds it.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from detectors.fieldlines import each, without
from gateway.mail.admission import within
from gateway.mail.listener import Refusal, Reply
from gateway.memory.entrance import Tenant as Section

CROSS_TENANT_ID = "X-MS-Exchange-CrossTenant-Id"
"""Stamped by Exchange Online with the id of the tenant that a mail leaves."""
LONGEST_HEADER = 256 * 1024
"""Octets that are held back until the header ends. A thousand recipients take about 60,000."""

NOT_PROVEN = Reply(
    550,
    "5.7.1",
    "this address sends for many organizations, and the mail does not prove that it is ours "
    "(smtp.tenant)",
)
HEADER_TOO_LONG = Reply(552, "5.3.4", f"header longer than {LONGEST_HEADER} octets")


@dataclass(frozen=True, slots=True)
class Tenant:
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    header: str = "X-Sekisho-Tenant"
    secret: bytes = field(default=b"", repr=False)
    microsoft: str = ""

    @classmethod
    def of(cls, section: Section) -> Tenant:
        secret = section.secret.get_secret_value().encode() if section.secret else b""
        return cls(section.networks, section.header, secret, section.microsoft_tenant)

    def opening(self, client_ip: str, user: str | None, *, copy: bool = False) -> Opening | None:
        """What must read the header of this mail; None where there is nothing to look for. Who
        signed in has proven who it is, but may have the secret in a mail all the same.

        A `copy` may be a journal report, to which no rule adds a secret: the id is enough."""
        asked = user is None and within(client_ip, self.networks)
        return Opening(self, asked, copy) if asked or self.secret else None

    def proven(self, header: bytes, *, copy: bool = False) -> bool:
        """Whether all that is asked for stands in `header`, and nothing that says otherwise."""
        spared = not self.secret or (copy and bool(self.microsoft))
        return (spared or _only(header, self.header, self.secret)) and (
            not self.microsoft or _only(header.lower(), CROSS_TENANT_ID, self.microsoft.encode())
        )


class Opening:
    """The header of a mail that streams in: held until it is whole, then let go without its proof.

    Every other octet leaves as it came. Raises Refusal where a proof was asked for and is not
    there, and where the header does not end.
    """

    def __init__(self, tenant: Tenant, asked: bool, copy: bool) -> None:
        self._tenant = tenant
        self._copy = copy
        self._asked = asked
        self._held = bytearray()
        self._over = False

    def feed(self, block: bytes) -> bytes:
        """What may be kept now."""
        if self._over:
            return block
        seen = max(0, len(self._held) - 3)
        self._held += block
        if self._held.startswith(b"\r\n") or self._held.find(b"\r\n\r\n", seen) >= 0:
            return self.end()
        if len(self._held) > LONGEST_HEADER:
            raise Refusal(HEADER_TOO_LONG)
        return b""

    def end(self) -> bytes:
        """The rest, at the end of a mail that may have been header alone. Once it was let go,
        there is none."""
        held, self._held, self._over = bytes(self._held), bytearray(), True
        size = 0 if held.startswith(b"\r\n") else held.find(b"\r\n\r\n") + 2
        header, rest = (held[:size], held[size:]) if size != 1 else (held, b"")
        if self._asked and not self._tenant.proven(header, copy=self._copy):
            raise Refusal(NOT_PROVEN)
        self._asked = False
        return without(header, self._tenant.header) + rest if self._tenant.secret else held


def _only(header: bytes, name: str, wanted: bytes) -> bool:
    """In constant time for the secret's sake: every value is compared, and compared whole."""
    found = (field.value for field in each(header) if field.name == name.lower())
    fits = [hmac.compare_digest(re.sub(rb"[ \t\r\n]", b"", value), wanted) for value in found]
    return bool(fits) and all(fits)
