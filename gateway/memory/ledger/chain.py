"""Entries: canonical bytes, each naming the hash of the one before it.

An entry is JSON with sorted keys, no white space and no floats (a subset of RFC 8785), so that
anybody can make the same bytes again. Its hash is its RFC 6962 leaf hash; chain and Merkle tree
therefore stand on the same value.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

FORMAT = 1
START = bytes(32)
"""What the first entry names as the one before it."""
_ENCODER = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,  # a tenth of the time; what we write are trees
)


def canonical(value: Any) -> bytes:
    """
    >>> canonical({"b": 1, "a": "関所"}).decode()
    '{"a":"関所","b":1}'
    """
    return _ENCODER.encode(value).encode()


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1: the first octet keeps a leaf from being passed off as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def detail_digest(salt: bytes, details: str) -> str:
    """What an entry keeps of its details. Salted: a bare hash of a short text can be guessed."""
    return hashlib.sha256(salt + details.encode()).hexdigest()


def entry_bytes(
    *,
    stream: str,
    seq: int,
    at: str,
    actor: dict[str, str],
    verb: str,
    letter: str,
    subject: str,
    policy: int | None,
    details: str,
    previous: bytes,
    previous_of_subject: bytes,
) -> bytes:
    fields: dict[str, Any] = {
        "v": FORMAT,
        "stream": stream,
        "seq": seq,
        "at": at,
        "actor": actor,
        "verb": verb,
        "prev": previous.hex(),
        "details": details,
    }
    if letter:
        fields["letter"] = letter
    if subject:
        fields["subject"] = subject
        fields["prev_of_subject"] = previous_of_subject.hex()
    if policy is not None:
        fields["policy"] = policy
    return canonical(fields)
