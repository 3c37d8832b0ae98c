"""Signed checkpoints in the form of C2SP: tlog-checkpoint in a signed-note.

    sekisho.example.co.jp/main
    42
    <base64 of the tree's root>

    — sekisho.example.co.jp/main <base64 of key id and Ed25519 signature>

Other people's witnesses and verifiers read this form, and a person can read it out.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TAIL = 4096
"""Octets at the end of a checkpoint file that hold several notes."""
_DASH = "\u2014"
_NOTE = re.compile(rb"[^\n]+\n\d+\n[^\n]+\n\n%b [^\n]+\n\n" % _DASH.encode())
_LINES = 6
"""of a note in a checkpoint file, the blank one behind it included"""


class BadNote(ValueError):
    """Not a checkpoint, or not signed by the key that was expected."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(origin: str, public: bytes) -> bytes:
    """First four octets of SHA-256(name ‖ LF ‖ 0x01 ‖ key): signed-note, Ed25519."""
    return hashlib.sha256(origin.encode() + b"\n\x01" + public).digest()[:4]


def verifier_key(origin: str, public: bytes) -> str:
    """The public key as one line, to be kept by whoever checks: "name+id+base64"."""
    tail = base64.b64encode(b"\x01" + public).decode()
    return f"{origin}+{key_id(origin, public).hex()}+{tail}"


def public_key(line: str) -> bytes:
    """The 32 octets in what `verifier_key` wrote; raises BadNote.

    >>> public_key(verifier_key("sekisho/main", bytes(32))) == bytes(32)
    True
    """
    try:
        # base64 may hold a "+", an origin and a hash may not
        origin, id, tail = line.split("+", 2)
        raw = base64.b64decode(tail, validate=True)
    except ValueError:
        raise BadNote("not a verifier key") from None
    if len(raw) != 33 or raw[0] != 1 or key_id(origin, raw[1:]).hex() != id:
        raise BadNote("not a verifier key")
    return raw[1:]


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey, public: bytes) -> str:
    """`public` is the key's other half, which takes as long to derive as to sign."""
    text = checkpoint.text()
    stamp = key_id(checkpoint.origin, public) + key.sign(text.encode())
    return f"{text}\n{_DASH} {checkpoint.origin} {base64.b64encode(stamp).decode()}\n"


def read(note: str, public: bytes) -> Checkpoint:
    """The checkpoint in `note` if `public` (32 octets) signed it; raises `BadNote`."""
    try:
        text, _, tail = note.partition("\n\n")
        origin, size, root = text.split("\n")
        mark, name, stamp = tail.strip("\n").split(" ")
        raw = base64.b64decode(stamp, validate=True)
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        if mark != _DASH or name != origin or raw[:4] != key_id(origin, public):
            raise BadNote("signed by another key")
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], checkpoint.text().encode())
    except InvalidSignature:
        raise BadNote("the signature does not fit") from None
    except ValueError as error:
        raise error if isinstance(error, BadNote) else BadNote("not a checkpoint") from None
    return checkpoint


def notes(text: str) -> Iterator[str]:
    """The notes of a checkpoint file, in order: four lines and a blank one each.

    A last note that a crash cut short is left out; it is written again at the next start.
    """
    lines = text.split("\n")
    for i in range(0, len(lines) - _LINES + 1, _LINES):
        yield "\n".join(lines[i : i + _LINES - 1]) + "\n"


def last(tail: bytes) -> tuple[str | None, int]:
    """The last whole note of a checkpoint file, by the end of it (`TAIL`); and the octets behind
    it, which a crash left of another one. Raises BadNote where that is not all they can be."""
    found = deque(_NOTE.finditer(tail), maxlen=1)
    rest = tail[found[0].end() :] if found else tail
    if rest.count(b"\n") >= _LINES or len(rest) >= TAIL:
        raise BadNote("not a file of checkpoints")
    return found[0][0][:-1].decode() if found else None, len(rest)
