"""One mail that reached somebody: all that acquaintance ever asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detectors.surnames import KANJI


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
    locked: bool = False
    """it carried a file with a password"""
    times: int = 1
    """so many mails are told as one"""


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
