"""Texts in octets whose format nobody tells: runs of letters in UTF-16 and in CP932 or UTF-8.

For streams without a reader: fast-saved and deleted text, controls, old programs. Only what stands
around digits is looked at, which is quick, and keeps the noise between the records out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Eight digits near each other, plain (in UTF-16 too) or full-width: UTF-16, CP932, UTF-8.
_DIGITS = (
    re.compile(rb"[0-9](?:[^0-9]{0,7}[0-9]){7}", re.DOTALL),
    re.compile(rb"[\x10-\x19]\xff(?:[^\xff]{0,7}[\x10-\x19]\xff){7}", re.DOTALL),
    re.compile(rb"\x82[\x4f-\x58](?:[^\x82]{0,7}\x82[\x4f-\x58]){7}", re.DOTALL),
    re.compile(rb"\xef\xbc[\x90-\x99](?:[^\xef]{0,9}\xef\xbc[\x90-\x99]){7}", re.DOTALL),
)
_BEFORE, _BEHIND = 640, 256
"""Octets around them: a label stands no farther off."""
# ASCII, Latin and general punctuation, CJK punctuation and kana, kanji, full-width forms.
_WIDE = re.compile(
    rb"(?:[\x09\x0a\x0d\x20-\x7e]\x00|[\x00-\xff][\x30\x4e-\x9f\xff]|[\x10-\x7f]\x20){6,}"
)
_NARROW = re.compile(
    rb"(?:[\x09\x0a\x0d\x20-\x7e]|[\xe3-\xe9\xef][\x80-\xbf]{2}"
    rb"|[\x81-\x9f\xe0-\xef][\x40-\x7e\x80-\xfc]|[\xa6-\xdf]){8,}"
)
_WORTH = re.compile(r"\d|[\u3041-\u30fe\u4e00-\u9fff\uff10-\uff19①-⑳〇]")


def strings(data: bytes) -> list[str]:
    """The texts around digits, wide ones first.

    >>> strings(b"\\x01\\x02" + "番号 12345678".encode("utf-16-le") + b"\\xff\\x00\\x01")
    ['番号 12345678']
    """
    found = [text for piece in _around_digits(data) for text in everything(piece)]
    return list(dict.fromkeys(found))


def everything(data: bytes) -> list[str]:
    """All the texts."""
    texts = (*_wide(data), *_narrow(data))
    return list(dict.fromkeys(text for text in texts if _WORTH.search(text)))


def _around_digits(data: bytes) -> Iterator[bytes]:
    spans = sorted(found.span() for digits in _DIGITS for found in digits.finditer(data))
    start = end = 0
    for first, last in spans:
        if first - _BEFORE > end:
            yield data[start:end]
            start = first - _BEFORE
        end = max(end, last + _BEHIND)
    yield data[start:end]


def _wide(data: bytes) -> Iterator[str]:
    for found in _WIDE.finditer(data):
        if not found[0].isascii() or b"\0" in found[0]:  # else two letters a pair, no kanji
            yield found[0].decode("utf-16-le", "ignore").strip()


def _narrow(data: bytes) -> Iterator[str]:
    for found in _NARROW.finditer(data):
        octets = found[0]
        try:
            yield octets.decode("utf-8").strip()
        except UnicodeDecodeError:
            yield octets.decode("cp932", "ignore").strip()
