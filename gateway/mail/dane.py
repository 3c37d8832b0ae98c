"""DANE for SMTP (RFC 7672): DNS, signed, says which certificate a mail server shows.

Where a domain publishes such records, TLS is a must and the certificate has to fit: who stands
between us and the server can neither take the encryption away nor show one of his own. Where the
answer cannot be validated the mail waits; "there is none" must be signed as well to be believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from gateway.mail.names import Addresses, Names

TRUST_ANCHOR, END_ENTITY = 2, 3
_DIGESTS = {1: hashlib.sha256, 2: hashlib.sha512}


@dataclass(frozen=True, slots=True)
class Pin:
    """One TLSA record that SMTP can use (RFC 7672 §3.1): usage 2 or 3."""

    usage: int
    selector: int
    """0 the certificate, 1 its public key"""
    kind: int
    """0 the thing itself, 1 its SHA-256, 2 its SHA-512"""
    data: bytes

    def fits(self, certificate: x509.Certificate) -> bool:
        if self.selector == 0:
            thing = certificate.public_bytes(Encoding.DER)
        else:
            thing = certificate.public_key().public_bytes(
                Encoding.DER, PublicFormat.SubjectPublicKeyInfo
            )
        digest = _DIGESTS.get(self.kind)
        return self.data == (digest(thing).digest() if digest else thing)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server's signed records ask for."""

    base: str
    """the name they stand under: what is asked for in the greeting of TLS"""
    pins: tuple[Pin, ...]
    """none: records that we cannot use; TLS is a must, whatever the certificate (§2.2)"""


async def terms(names: Names, host: str, port: int, at: Addresses) -> Terms | None:
    """None where the host publishes none. Raises Unanswered: then it must not be connected to."""
    for base in await _bases(names, host, at):
        answer = await names.ask(f"_{port}._tcp.{base}", "TLSA")
        if answer.secure and answer.found:
            return Terms(base, tuple(pin for r in answer.found if (pin := _pin(r))))
    return None


async def _bases(names: Names, host: str, at: Addresses) -> list[str]:
    """Where the records may stand (§2.2.2): the end of a validated way over aliases, then its
    beginning; only that where no more than the alias itself is signed."""
    if at.secure:
        return list(dict.fromkeys((at.name, host)))
    if at.name != host and (await names.ask(host, "CNAME")).secure:
        return [host]
    return []


def _pin(record: Any) -> Pin | None:
    """Usages 0 and 1 mean authorities that mail servers never agreed on (§3.1.3)."""
    usable = (
        record.usage in (TRUST_ANCHOR, END_ENTITY)
        and record.selector in (0, 1)
        and record.mtype in (0, 1, 2)
    )
    return Pin(record.usage, record.selector, record.mtype, record.cert) if usable else None


def fits(chain: Sequence[x509.Certificate], pins: Sequence[Pin], names: Sequence[str]) -> bool:
    """Whether what the server showed (its own first) is what its records say. Of an end entity
    only the key counts, neither name nor date (§3.1.1); under an anchor both do (§3.1.2)."""
    if not chain:
        return False
    if any(pin.usage == END_ENTITY and pin.fits(chain[0]) for pin in pins):
        return True
    anchors = [pin for pin in pins if pin.usage == TRUST_ANCHOR]
    tops = [each for each in chain if any(pin.fits(each) for pin in anchors)]
    return any(_leads(chain, top, name) for top in tops for name in names)


def _leads(chain: Sequence[x509.Certificate], top: x509.Certificate, name: str) -> bool:
    """From the server's certificate to `top`, by signatures, dates and the server's name."""
    verifier = (
        PolicyBuilder()
        .store(Store([top]))
        .time(datetime.now(UTC))
        .extension_policies(ca_policy=_OF_AUTHORITY, ee_policy=_OF_SERVER)
        .build_server_verifier(x509.DNSName(name))
    )
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except VerificationError:
        return False
    return True


_OF_AUTHORITY = ExtensionPolicy.permit_all().require_present(
    x509.BasicConstraints, Criticality.AGNOSTIC, None
)
_OF_SERVER = ExtensionPolicy.permit_all().require_present(
    x509.SubjectAlternativeName, Criticality.AGNOSTIC, None
)


def shown(socket: Any) -> list[x509.Certificate]:
    """The certificates as the server sent them. Public from Python 3.13 on; before, the same
    method of the object below."""
    if socket is None:
        return []
    public = getattr(socket, "get_unverified_chain", None)
    if public:
        return [x509.load_der_x509_certificate(each) for each in public() or ()]
    below = socket._sslobj.get_unverified_chain() or ()
    return [
        x509.load_pem_x509_certificate(certificate.public_bytes().encode()) for certificate in below
    ]
