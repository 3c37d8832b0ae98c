"""What a PDF says and does not show: texts for shapes and pictures, scripts that fill in a form.

A text that was made shapes keeps its letters as `ActualText`, a picture is described by `Alt`, and
a script (`JS`) types into a field when the file is opened. They stand anywhere: in content, in the
tree of its structure, in actions of the file, of pages and of fields. So they are looked for by
their names in what the streams hold, and not by every way that leads there.
"""

from __future__ import annotations

import codecs
import re

_LONGEST = 1 << 14
"""Octets of one text that may lie across two chunks of a stream."""
_DEEP = 8
"""Brackets within brackets, which a text may hold as they are (ISO 32000 7.3.4.2)."""


def _bracketed(deep: int) -> bytes:
    inner = rb"\(" + _bracketed(deep - 1) + rb"\)" if deep else rb"(?!)"
    return rb"(?:[^()\\]++|\\.|" + inner + rb")*+"


_SAID = re.compile(
    rb"/(?:ActualText|Alt|JS)\s*(?:"
    rb"\((?P<plain>" + _bracketed(_DEEP) + rb")\)|<(?P<hex>[0-9A-Fa-f\s]++)>"
    rb"|(?P<object>[0-9]{1,9})\s+[0-9]{1,5}\s+R)",
    re.DOTALL,
)
_NAMES = (b"/ActualText", b"/Alt", b"/JS")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_MEANT = {b"n": b"\n", b"r": b"\n", b"t": b"\t", b"b": b"", b"f": b"\n"}
_BROKEN = (b"\n", b"\r", b"\r\n")
"""A line that goes on."""


class Spoken:
    """Takes what the streams of one file hold."""

    def __init__(self) -> None:
        self._seen: dict[bytes, str | int] = {}
        self._rest = b""

    @property
    def texts(self) -> list[str]:
        return [one for one in self._seen.values() if isinstance(one, str)]

    @property
    def objects(self) -> list[int]:
        """Numbers of objects that hold more of them."""
        return [one for one in self._seen.values() if isinstance(one, int)]

    def begin(self) -> None:
        """Of another stream."""
        self._rest = b""

    def take(self, chunk: bytes) -> None:
        octets = self._rest + chunk
        self._rest = octets[-_LONGEST:]
        if any(name in octets for name in _NAMES):
            for found in _SAID.finditer(octets):
                self._seen.setdefault(found[0], _text(found))


def _text(found: re.Match[bytes]) -> str | int:
    if found["object"]:
        return int(found["object"])
    if found["hex"]:
        digits = b"".join(found["hex"].split())
        return decoded(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()))
    return decoded(_ESCAPED.sub(_meant, found["plain"]))


def _meant(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    if sign.isdigit() and sign < b"8":
        return bytes((int(sign, 8) & 255,))
    return b"" if sign in _BROKEN else _MEANT.get(sign, sign)


def decoded(octets: bytes) -> str:
    """A text string of a PDF (ISO 32000 7.9.2.2).

    >>> decoded(b"\\xfe\\xff\\x75\\x6a"), decoded(b"No. 1")
    ('番', 'No. 1')
    """
    if octets.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return octets.decode("utf-16", "replace")
    charset = "utf-8-sig" if octets.startswith(codecs.BOM_UTF8) else "latin-1"
    return octets.decode(charset, "replace")
