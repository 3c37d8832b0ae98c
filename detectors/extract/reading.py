"""What every reader shares: how it refuses, how it goes one file deeper, how it unpacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

from detectors.budget import Budget
from detectors.report import Reason
from detectors.surface import Spot

CHUNK = 1 << 16


class Refused(Exception):
    """The whole file cannot be read; `read` makes `Unreadable` of it.

    Holds a code and never a text of the file: tracebacks reach logs.
    """

    def __init__(self, code: str, **params: str | int | bool) -> None:
        super().__init__(code)
        self.reason = Reason(code, params)


class Missing(Exception):
    """The library that reads this format is not installed; `read` makes `Unread` of it."""

    def __init__(self, package: str) -> None:
        super().__init__(package)
        self.package = package


def within(spot: Spot, name: str, *, hidden: bool = False) -> Spot:
    """The spot of a file, a sheet or a table inside the file at `spot`."""
    return replace(spot, path=(*spot.path, name), hidden=spot.hidden or hidden)


def drain(read: Callable[[int], bytes], budget: Budget, packed: int = 0) -> bytes:
    """Everything `read` gives, paid for chunk by chunk: a bomb ends when the budget does.

    `packed` is the size on the outside, for the ratio.
    """
    out = bytearray()
    while chunk := read(CHUNK):
        budget.take(len(chunk))
        out += chunk
        limits = budget.limits
        if packed and len(out) > max(limits.ratio_from, packed * limits.ratio):
            raise Refused("over_budget", limit="ratio")
    return bytes(out)


def visible(name: bytes) -> str:
    """A name in an archive that does not say its charset, as a Japanese reader sees it.

    Windows writes CP932, Linux UTF-8, and macOS UTF-8 with its letters taken apart (か and ゛).

    >>> visible("表計算".encode("cp932")), visible("ガ".encode())
    ('表計算', 'ガ')
    """
    for charset in ("utf-8", "cp932"):
        try:
            return whole(name.decode(charset))
        except UnicodeDecodeError:
            continue
    return name.decode("cp932", "replace")


def whole(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def spellings(passwords: tuple[str, ...]) -> list[bytes]:
    """The octets that a password may have been typed as: programs of Japan use their own charset.

    >>> len(spellings(("ひみつ", "secret", "")))
    3
    """
    found = []
    for charset in ("utf-8", "cp932"):
        for password in passwords:
            encoded = password.encode(charset, "replace")
            if password and (charset == "utf-8" or b"?" not in encoded):
                found.append(encoded)
    return list(dict.fromkeys(found))
