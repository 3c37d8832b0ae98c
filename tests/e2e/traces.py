"""Where a number may have been left behind, and what counts as one."""

from __future__ import annotations

import email
import email.policy
import re
import sqlite3
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

_BETWEEN = re.compile(r"(?<=\d)[\s\-‐‑‒–—―−ーｰ_.,，．、・/:()（）\u200b\u00ad\x00]{1,3}(?=\d)")
_RUN = re.compile(r"\d{12,}")


def numbers_in(text: str, wanted: Collection[str]) -> set[str]:
    """Those of `wanted` that can be read in `text`, in whatever digits and with whatever between.

    >>> numbers_in("１２３４-5678 9018", {"123456789018"})
    {'123456789018'}
    """
    folded = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    runs = "\n".join(_RUN.findall(folded))
    return {number for number in wanted if number in runs} if runs else set()


def in_bytes(data: bytes, wanted: Collection[str]) -> set[str]:
    """As UTF-8 and, at both offsets, as UTF-16: what a cache or a library may have written."""
    found = numbers_in(data.decode("utf-8", "replace"), wanted)
    for start in (0, 1):
        found |= numbers_in(data[start:].decode("utf-16-le", "replace"), wanted)
    return found


def in_file(path: Path, wanted: Collection[str]) -> set[str]:
    found = in_bytes(path.read_bytes(), wanted)
    if path.suffix == ".db":
        for value in _values(path):
            found |= in_bytes(value, wanted)
    return found


def in_folder(folder: Path, wanted: Collection[str]) -> dict[Path, set[str]]:
    """Every file below `folder` that has one. Who ran the tests reads the path, not the number."""
    found = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and (numbers := in_file(path, wanted)):
                found[path] = numbers
    return found


def in_mail(raw: bytes, wanted: Collection[str]) -> set[str]:
    """In any header or text part, decoded."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found: set[str] = set()
    for part in message.walk():
        found |= numbers_in("\n".join(f"{name} {value}" for name, value in part.items()), wanted)
        if not part.is_multipart():
            found |= in_bytes(part.get_payload(decode=True) or b"", wanted)
    return found


def _values(path: Path) -> Iterator[bytes]:
    """Each value by itself: in the file a long one is spread over pages."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            yield from _encoded(db.execute(f'SELECT * FROM "{table}"'))


def _encoded(rows: Iterable[tuple[object, ...]]) -> Iterator[bytes]:
    for row in rows:
        for value in row:
            if isinstance(value, bytes):
                yield value
            elif isinstance(value, str | int):
                yield str(value).encode("utf-8", "replace")
