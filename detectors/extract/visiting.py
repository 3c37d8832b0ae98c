"""Calendars (.ics, RFC 5545) and visiting cards (.vcf, RFC 6350 and vCard 2.1).

Lines are folded at 75 octets, in the middle of a number too, and values may be quoted-printable
or base64. The property's name stays before its value: it is the label of what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors import charset, transfer
from detectors.budget import Budget
from detectors.extract.reading import within
from detectors.surface import Nested, Source, Surface, Text

# Octets, before they are decoded: a fold may stand inside a letter.
_FOLD = re.compile(rb"\r?\n[ \t]")
_QP_FOLD = re.compile(rb"=\r?\n")
_QP, _BASE64 = "QUOTED-PRINTABLE", ("ENCODING=BASE64", "ENCODING=B", "BASE64")
_ESCAPE = re.compile(r"\\([nN;,\\:])")
_CHARSET = re.compile(r'CHARSET="?([\w-]+)', re.IGNORECASE | re.ASCII)
_FILE = re.compile(r'FILENAME="?([^";:]+)', re.IGNORECASE)


def read(source: Source, budget: Budget) -> Iterator[Surface]:
    """A text of each reading of the octets, and a file for each value that is one."""
    data = _FOLD.sub(b"", source.data)
    if b"quoted-printable" in data.lower():
        data = _QP_FOLD.sub(b"", data)
    for count, text in enumerate(charset.decode(data, source.charset)):
        lines: list[str] = []
        for line in text.splitlines():
            budget.time()
            head, _, value = line.partition(":")
            if (file := _file(head, value)) is None:
                lines.append(_line(head, value))
            elif count == 0:
                budget.take(len(file))
                found = _FILE.search(head)
                name = found[1] if found else head.partition(";")[0].lower()
                yield Nested(within(source.spot, name), name, file)
        yield Text(source.spot, "\n".join(lines), source.context)


def _file(head: str, value: str) -> bytes | None:
    """What is attached: octets in base64, or a page in HTML beside its plain text."""
    parameters = head.upper().split(";")[1:]
    if any(each in _BASE64 for each in parameters):
        return transfer.base64(value.encode("ascii", "replace")).data
    if "FMTTYPE=TEXT/HTML" in parameters and value.lstrip().startswith("<"):
        return _ESCAPE.sub(_plain, value).encode()
    return None


def _line(head: str, value: str) -> str:
    if _QP in head.upper():
        octets = transfer.quoted_printable(value.encode("utf-8")).data
        label = _CHARSET.search(head)
        value = charset.decode(octets, label[1] if label else "")[0]
    text = _ESCAPE.sub(_plain, value)
    name = head.partition(";")[0]
    return f"{name}: {text}" if text else name


def _plain(escape: re.Match[str]) -> str:
    return "\n" if escape[1] in "nN" else escape[1]
