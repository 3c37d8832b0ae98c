"""UTF-16 and UTF-32 without a mark, and UTF-7 without a label: what gives them away."""

from __future__ import annotations

import base64
import re

_SAMPLE = 1 << 16
_MANY = 2_000
"""Stretches that may be UTF-7; a text with more of them is read both ways, whatever they say."""
_SHIFTED = re.compile(rb"\+([A-Za-z0-9+/]{8,})-?")
"""Three characters or more in UTF-7; a number of twelve digits has 32 letters."""
_TOLD = re.compile("[0-9０-９ぁ-んァ-ヶ一-龠、。ー－\u2010-\u2015\u2212 \r\n-]+")


def charset(data: bytes) -> str:
    """ "utf-16-le", "utf-32-be" …, "" for what is none of them.

    Of ASCII in UTF-16 every second octet is zero; of Japanese many are 0x30, the row of the kana.

    >>> charset("番号は1234です".encode("utf-16-be"))
    'utf-16-be'
    >>> charset(b"1234 is ASCII")
    ''
    """
    head = data[: min(len(data), _SAMPLE) & ~3] or data[:2]
    quarter = len(head) // 4
    if quarter and not len(data) % 4:
        if head[3::4].count(0) == quarter and 2 * head[2::4].count(0) > quarter:
            return "utf-32-le"
        if head[0::4].count(0) == quarter and 2 * head[1::4].count(0) > quarter:
            return "utf-32-be"
    even, odd = head[0::2], head[1::2]
    if _is_high(odd) and not _is_high(even):
        return "utf-16-le"
    return "utf-16-be" if _is_high(even) and not _is_high(odd) else ""


def _is_high(octets: bytes) -> bool:
    """Whether they are the high halves of Japanese text."""
    rows = octets.count(0) + octets.count(0x30) + octets.count(0xFF)
    return 5 * rows > 2 * len(octets)


def hides_utf_7(data: bytes) -> bool:
    """Whether ASCII text has a stretch of UTF-7 that says something.

    >>> hides_utf_7(b"No. +ADEAMgAzADQANQA2ADcAOA-"), hides_utf_7(b"C++ABCDEFGHIJKL")
    (True, False)
    """
    if b"+" not in data:
        return False
    for count, found in enumerate(_SHIFTED.finditer(data)):
        if count >= _MANY or _says(found[1]):
            return True
    return False


def _says(letters: bytes) -> bool:
    letters = letters[:400]
    octets = base64.b64decode(letters + b"A" * (-len(letters) % 4))
    try:
        text = octets[: len(letters) * 6 // 16 * 2].decode("utf-16-be")
    except UnicodeDecodeError:
        return False
    return bool(_TOLD.fullmatch(text))
