"""One mail that reached somebody: all that acquaintance ever asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from detectors.persons.surnames import KANJI
from gateway.judgement.acquaintance.keyed import Keyed
from gateway.judgement.identity import owned

CIRCLE = 10
"""Outside addresses from which on they are a circle; below it pairs are known."""


@dataclass(frozen=True, slots=True)
class Passed:
    sender: str
    recipients: tuple[tuple[str, str], ...]
    """outside addresses with the names they were written with"""
    at: datetime
    thread: bytes = b""
    """keyed Message-ID"""
    before: tuple[bytes, ...] = ()
    """keyed Message-IDs of what it answers"""
    greeted: tuple[bytes, ...] = ()
    """keyed names of companies in its salutation"""
    circle: bytes = b""
    """keyed outside addresses that its readers saw in To and Cc, where they were many"""
    locked: bool = False
    """it carried a file with a password"""
    times: int = 1
    """so many mails are told as one"""


def circle(keyed: Keyed, addresses: Iterable[str], own_domains: frozenset[str]) -> bytes:
    """The outside ones of these, which all who read a mail have seen; b"" of fewer than ten. Bcc
    never counts: who was hidden from the others so far is what must not be shown unasked."""
    shown = {a.lower() for a in addresses if "@" in a}
    if len(shown) < CIRCLE:
        return b""
    outside = {address for address in shown if not owned(address, own_domains)}
    return keyed.circle(outside) if len(outside) >= CIRCLE else b""


def surname(name: str) -> str:
    """Of a display name, "" where it is not told.

    >>> surname("佐藤 次郎"), surname("佐々木次郎様"), surname("Sato, Jiro"), surname("info")
    ('佐藤', '佐々木', 'sato', '')
    """
    tokens = name.replace("　", " ").replace(",", " ").split()
    if not tokens:
        return ""
    first = tokens[0]
    if first.isascii():
        return first.lower() if len(tokens) > 1 and first.isalpha() else ""
    known = max((each for each in KANJI if first.startswith(each)), key=len, default="")
    return known or (first if len(tokens) > 1 else "")
