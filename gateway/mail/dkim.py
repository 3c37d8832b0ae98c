"""DKIM (RFC 6376, RFC 8463): our signature on what leaves, under the domain of its From.

Made last, over the very bytes that are sent: a cover letter and a notice of ours have one, and so
has a mail that was changed on the way here. A signature from before is left where it is, and stays
good as long as nothing below it was changed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from detectors.budget import Limits
from detectors.fieldlines import each
from detectors.headers import mailboxes
from gateway.face.dates import local
from gateway.memory.config import ConfigError, DkimSection
from gateway.memory.faults import at, unread

SIGNED = frozenset(
    "from sender reply-to to cc subject date message-id in-reply-to references mime-version "
    "content-type content-transfer-encoding content-disposition content-language auto-submitted "
    "list-id list-unsubscribe list-unsubscribe-post".split()
)
"""What a reader is shown or acts on. Each is named once more than it is there, so that no second
Subject or From can be put above it (RFC 6376 §8.15)."""
SHORTEST = 1024
"""Bits of an RSA key that verifiers accept (RFC 8301 §3.2)."""
_BLANKS = re.compile(rb"[ \t]+")
_AT_END = re.compile(rb"[ \t]+(?=\r\n)")


class BadKey(ConfigError):
    """A key that cannot sign."""


@dataclass(frozen=True, slots=True)
class Key:
    domain: str
    selector: str
    since: str
    """the day on which it begins to sign, "" from ever"""
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def record(self) -> str:
        """What stands in DNS under `name`."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={self.algorithm}; p={base64.b64encode(raw).decode()}"

    @property
    def name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    def signature(self, text: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(text).digest())


def read(section: DkimSection) -> Key:
    """Raises BadKey."""
    return Key(section.domain, section.selector, section.from_, _private(section.key))


def _private(path: Path) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise BadKey(unread(error).at(path)) from None
    except (ValueError, TypeError):
        raise BadKey(at(path, "no_private_key")) from None
    if isinstance(key, RSAPrivateKey) and key.key_size < SHORTEST:
        raise BadKey(at(path, "key_too_short", bits=key.key_size))
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise BadKey(at(path, "key_of_no_kind"))
    return key


class Signer:
    """All keys of a configuration. Raises BadKey."""

    def __init__(self, sections: Sequence[DkimSection]) -> None:
        self._keys = [read(section) for section in sections]

    def sign(self, message: bytes, now: datetime) -> bytes:
        """`message` below its signatures."""
        return self.signatures(message, now) + message

    def signatures(self, message: bytes, now: datetime) -> bytes:
        """One for each kind of key of its domain, the newest whose day has come; none where its
        domain has none, or where it is not clear which that is."""
        header, _, body = message.partition(b"\r\n\r\n")
        fields = [(field.name, field.value) for field in each(header + b"\r\n")]
        keys = list(self.current(_domain(fields), local(now).date().isoformat()))
        if not keys:
            return b""
        digest = hashlib.sha256(relaxed_body(body)).digest()
        return b"".join(_signed(key, fields, digest, now) for key in keys)

    def current(self, domain: str, today: str) -> Iterator[Key]:
        """Of the longest domain that is `domain` or above it (DMARC, relaxed alignment)."""
        due = [key for key in self._keys if key.since <= today]
        above = [key.domain for key in due if f".{domain}".endswith(f".{key.domain}")]
        mine = [key for key in due if above and key.domain == max(above, key=len)]
        for algorithm in ("rsa", "ed25519"):
            same = [key for key in mine if key.algorithm == algorithm]
            if same:
                yield max(same, key=lambda key: key.since)


def _domain(fields: Sequence[tuple[str, bytes]]) -> str:
    """Of the one From; "" where there is none or a second."""
    found = [value for name, value in fields if name == "from"]
    people = mailboxes(found[0], Limits()) if len(found) == 1 else ()
    domains = {person.address.rpartition("@")[2].lower() for person in people}
    return domains.pop() if len(domains) == 1 else ""


def _signed(key: Key, fields: Sequence[tuple[str, bytes]], digest: bytes, now: datetime) -> bytes:
    """The field, folded and ready for the wire."""
    names = _names(fields)
    tags = (
        f"v=1; a={key.algorithm}-sha256; c=relaxed/relaxed; d={key.domain};",
        f"s={key.selector}; t={int(now.timestamp())};",
        *_folded("h=", ":".join(names), ";", ":"),
        f"bh={base64.b64encode(digest).decode()};",
        "b=",
    )
    empty = "\r\n\t".join(tags).encode("ascii")
    text = b"".join(_chosen(fields, names))
    text += b"dkim-signature:" + _value(empty).removesuffix(b"\r\n")
    signed = base64.b64encode(key.signature(text)).decode()
    lines = "\r\n\t ".join(signed[at : at + 70] for at in range(0, len(signed), 70))
    return b"DKIM-Signature: " + empty + lines.encode("ascii") + b"\r\n"


def _names(fields: Sequence[tuple[str, bytes]]) -> list[str]:
    count = Counter(name for name, _ in fields if name in SIGNED)
    return [name for name, times in count.items() for _ in range(times + 1)]


def _chosen(fields: Sequence[tuple[str, bytes]], names: Sequence[str]) -> Iterator[bytes]:
    """Of fields of one name the lowest first (§5.4.2); a name that is used up stands for none."""
    left = [(name, value) for name, value in reversed(fields)]
    for wanted in names:
        for number, (name, value) in enumerate(left):
            if name == wanted:
                yield name.encode("ascii") + b":" + _value(value)
                del left[number]
                break


def _value(value: bytes) -> bytes:
    """Relaxed (§3.4.2): in one line, blanks are one blank, none at either end."""
    return _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """§3.4.4: no blanks at line ends, one blank for many, no empty lines at the end."""
    lines = _BLANKS.sub(b" ", _AT_END.sub(b"", body))
    end = len(lines.rstrip(b"\r\n"))
    return lines[:end] + b"\r\n" if end else b""


def _folded(start: str, text: str, end: str, at: str) -> Iterator[str]:
    """Lines of at most 76 characters, broken behind `at`."""
    line = start
    for word in text.split(at):
        if len(line) + len(word) > 74:
            yield line
            line = ""
        line += word + at
    yield line.removesuffix(at) + end
