"""Passwords as Argon2id, in PHC strings (RFC 9106: t=3, 64 MiB, 4 lanes)."""

from __future__ import annotations

import secrets
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id


def hashed(password: str) -> str:
    salt = secrets.token_bytes(16)
    kdf = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=64 * 1024)
    return kdf.derive_phc_encoded(password.encode())


def fits(password: str, phc: str) -> bool:
    """Takes as long for nobody's password ("" as `phc`) as for a wrong one, so that the time of
    an answer does not tell which names exist."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), phc or _nobodys())
    except InvalidKey:
        return False
    return bool(phc)


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex(16))
