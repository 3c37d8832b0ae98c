"""Office files with a password: opened in memory with those that the sender has given.

A password that a program puts in by itself (an xls that is only protected against changes) is
tried always: everybody can open such a file. The agile way takes 100,000 rounds of a hash for
each try, so that there are few tries, and none where the file asks for more rounds than Office.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import olefile

from detectors.budget import Budget
from detectors.extract.reading import Refused
from detectors.surface import Nested, Source, Surface

try:
    import msoffcrypto
    from msoffcrypto.format import doc97, ppt97, xls97
except ImportError:  # then no password opens anything, and the file is held
    msoffcrypto = None
else:
    # The library puts what it has opened into a temporary file, where it would be found later.
    _IN_MEMORY = SimpleNamespace(TemporaryFile=io.BytesIO)
    doc97.tempfile = ppt97.tempfile = xls97.tempfile = _IN_MEMORY

_BUILT_IN = ("VelvetSweatshop", "/01Hannes Ruescher/01")
"""Of Excel ([MS-OFFCRYPTO] 2.4.2.3) and of PowerPoint."""
_TRIES = 8
_ROUNDS = re.compile(rb'spinCount="([0-9]{1,12})"')
_MOST_ROUNDS = 1_000_000


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """A reader, for files that are nothing but encrypted (OOXML with a password)."""
    yield unlocked(source, budget)


def unlocked(source: Source, budget: Budget) -> Nested:
    """The file without its password, to be read in turn. Raises Refused "encrypted_office"."""
    if msoffcrypto is None:
        raise Refused("encrypted_office")
    _bound(source.data)
    for password in dict.fromkeys((*_BUILT_IN, *source.passwords[:_TRIES])):
        budget.time()
        if data := _opened(source.data, password):
            budget.take(len(data))
            return Nested(source.spot, source.name, data)
    raise Refused("encrypted_office")


def _opened(data: bytes, password: str) -> bytes:
    """The file opened, b"" where the password is another one."""
    out = io.BytesIO()
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        _give(office, password)
        office.decrypt(out)
    except Exception:  # the library raises whatever broke; a wrong password is one of many
        return b""
    return out.getvalue() if out.getvalue() != data else b""


def _give(office: Any, password: str) -> None:
    if getattr(office, "format", "") == "ooxml":
        office.load_key(password=password, verify_password=True)
    else:
        office.load_key(password=password)


def _bound(data: bytes) -> None:
    with olefile.OleFileIO(data) as ole:
        info = ole.openstream("EncryptionInfo").read() if ole.exists("EncryptionInfo") else b""
    if any(int(rounds) > _MOST_ROUNDS for rounds in _ROUNDS.findall(info)):
        raise Refused("over_budget", limit="seconds")
