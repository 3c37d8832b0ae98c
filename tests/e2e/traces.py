"""Where a number may have been left behind, and what counts as one."""

from __future__ import annotations

import email
import email.policy
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Set
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import numpy as np

_BETWEEN = re.compile(r"(?<=\d)[\s\-‐‑‒–—―−ーｰ_.,，．、・/:()（）\u200b\u00ad\x00]{1,3}(?=\d)")
_RUN = re.compile(r"\d{12,}")
_DIGIT = re.compile(r"\d")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@cache
def _folds_to_a_digit() -> np.ndarray:
    return np.array([bool(_DIGIT.search(_fold(chr(code)))) for code in range(0x110000)])


def _worth_folding(text: str) -> bool:
    """Whether six characters that fold to digits stand near each other (⑫ is two). Most of what is
    looked through are sealed octets, which take a hundred times as long to fold as to pass over."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    places = np.flatnonzero(_folds_to_a_digit()[codes])
    return bool((places[5:] - places[:-5] <= 5 * 4).any())


def numbers_in(text: str, wanted: Set[str]) -> set[str]:
    """Those of `wanted` that can be read in `text`, in whatever digits and with whatever between.

    >>> numbers_in("１２３４-5678 9018", {"123456789018"})
    {'123456789018'}
    """
    if not _worth_folding(text):
        return set()
    folded = _BETWEEN.sub("", _fold(text))
    runs = _RUN.findall(folded)
    return {run[at : at + 12] for run in runs for at in range(len(run) - 11)} & wanted


def in_bytes(data: bytes, wanted: Set[str]) -> set[str]:
    """As UTF-8 and, at both offsets, as UTF-16: what a cache or a library may have written."""
    found = numbers_in(data.decode("utf-8", "replace"), wanted)
    for start in (0, 1):
        found |= numbers_in(data[start:].decode("utf-16-le", "replace"), wanted)
    return found


def in_file(path: Path, wanted: Set[str]) -> set[str]:
    found = in_bytes(path.read_bytes(), wanted)
    if path.suffix == ".db":
        for value in _values(path):
            found |= in_bytes(value, wanted)
    return found


def in_folder(folder: Path, wanted: Set[str]) -> dict[Path, set[str]]:
    """Every file below `folder` that has one. Who ran the tests reads the path, not the number."""
    found = {}
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and (numbers := in_file(path, wanted)):
                found[path] = numbers
    return found


def in_mail(raw: bytes, wanted: Set[str]) -> set[str]:
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
