"""Address books, as other programs export them: CSV, vCard (RFC 6350), LDIF (RFC 2849).

Of each only the addresses are read, wherever in an entry they stand. "@partner.example" alone
stands for everybody there.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.memory.exported import text_of
from gateway.memory.faults import Refused

_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
_ADDRESS = re.compile(rf"(?<!{_LOCAL}){_LOCAL}*@[A-Za-z0-9.-]+[A-Za-z0-9]")
_FOLDED = re.compile(r"\r?\n[ \t]")
"""A long line goes on in the next one, in vCard and in LDIF."""
_PACKED = re.compile(r"^[A-Za-z;-]+:: *([A-Za-z0-9+/=]+)\r?$", re.M)
"""A value of LDIF in base64."""


def read(paths: Iterable[Path]) -> frozenset[str]:
    """Addresses, and "@domain" for whole domains; all lower case. Raises Refused, OSError."""
    return frozenset(entry for path in paths for entry in _read(path))


def _read(path: Path) -> frozenset[str]:
    text = text_of(path.read_bytes())
    if path.suffix.lower() in (".ldif", ".vcf"):
        text = _FOLDED.sub("", text)
    found = (address for piece in _pieces(text) for address in _ADDRESS.findall(piece))
    entries = frozenset(map(str.lower, found))
    if not entries:
        raise Refused("no_mailboxes")
    return entries


def _pieces(text: str) -> Iterator[str]:
    yield text
    for packed in _PACKED.findall(text):
        try:
            yield base64.b64decode(packed, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue  # a photograph
