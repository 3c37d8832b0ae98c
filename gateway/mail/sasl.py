"""AUTH PLAIN (RFC 4616) and LOGIN as exchanges: yield a challenge, are sent the answer."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Generator

Exchange = Generator[bytes, bytes, tuple[str, bytes]]
"""Yields challenges, returns (user, password). Raises ValueError on answers that are none."""


def plain(initial: bytes | None) -> Exchange:
    answer = (yield b"") if initial is None else initial
    on_behalf_of, user, password = answer.split(b"\0")
    if not user or on_behalf_of not in (b"", user):
        raise ValueError("one may only act as oneself")
    return user.decode(), password


def login(initial: bytes | None) -> Exchange:
    user = (yield b"Username:") if initial is None else initial
    password = yield b"Password:"
    return user.decode(), password


MECHANISMS: dict[str, Callable[[bytes | None], Exchange]] = {"PLAIN": plain, "LOGIN": login}


def decode(text: str) -> bytes:
    """Base64 as the client sent it; `=` is the empty answer (RFC 4954 §4). Raises ValueError."""
    return b"" if text == "=" else b64decode(text, validate=True)


def encode(challenge: bytes) -> str:
    return b64encode(challenge).decode("ascii")
