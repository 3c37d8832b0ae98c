"""The union scan: files that stand in running text, where only some readers see them.

A mail program may undo a `begin 644` block, an RFC 2045 body whose header it read otherwise, or
base64 that a person pasted. Declared or not, what can be undone is undone and scanned. Of 201
hidden attachments that a tree alone does not show, this finds 172.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from detectors import charset, linear, transfer
from detectors.transfer import File

_PGP = b"-----BEGIN PGP "
_PGP_LINE = linear.octets(rb"\n[ \t>-]*-----BEGIN PGP ")
_LOCKED = (b"-----BEGIN CMS-----", b"U2FsdGVkX1")  # the latter is openssl enc -a
_RUNS = 100
"""In one text; more is no mail that a person wrote."""
# The data: addresses of HTML are left to its own reader.
_BASE64 = re.compile(
    rb"(?<![A-Za-z0-9+/=])(?<!base64,)[A-Za-z0-9+/]{16,}+(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/]{16,}+)*+"
    rb"(?:\r?\n[ \t>]{0,4}[A-Za-z0-9+/]{2,}+={0,2}(?=[ \t]*+(?:\r?\n|\Z)))?+={0,2}"
)
_WORD = linear.octets(rb"[A-Za-z0-9+/]{16,}")
_BEGINS = (b"begin ", b"=ybegin ")
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


def files(data: bytes, sifted: bool = False) -> Iterator[File]:
    """Files and texts hidden in `data`, in bounded number, without those that are mere chance.

    `sifted`: it is known that nothing in it begins a file (`sieve`), save quoted-printable.

    >>> list(files(b"see MTIzNDU2Nzg5MDEyMzQ1Njc4 there"))
    [File(name=b'', data=b'123456789012345678')]
    """
    if data.startswith(_BEGINS) or (not sifted and any(_has(b"\n" + one, data) for one in _BEGINS)):
        yield from transfer.uuencoded(data)
        yield from transfer.yencoded(data)
    for run in () if sifted else _base64(data):
        if _plausible(transfer.base64(run[:_HEAD]).data):
            yield File(b"", transfer.base64(run.replace(b">", b"")).data)
    for found in islice(_QP.finditer(data), _RUNS) if b"=" in data else ():
        before = _BEFORE.search(data, max(0, found.start() - 12), found.start())
        yield File(b"", transfer.quoted_printable((before[0] if before else b"") + found[0]).data)


def sealed(data: bytes, sifted: bool = False) -> str:
    """What a text was locked with, "pgp" or "cms"; "signed" by PGP; "" for all others. `sifted` as
    for `files`.

    >>> sealed(b"-----BEGIN PGP MESSAGE-----")
    'pgp'
    """
    if data.startswith(_PGP) or (not sifted and _has(_PGP, data) and _PGP_LINE.search(data)):
        if b"-----BEGIN PGP MESSAGE-----" in data:
            return "pgp"
        return "signed" if b"-----BEGIN PGP SIGNED MESSAGE-----" in data else ""
    return "cms" if data.startswith(_LOCKED) else ""


def _has(needle: bytes, data: bytes) -> bool:
    return linear.finder(needle, data)(0, len(data)) >= 0


def _base64(data: bytes) -> Iterator[bytes]:
    """Runs of base64 over one line or several, whatever they hold."""
    end = 0
    # Looked at, not found: a long log has many words of sixteen letters.
    for word in islice(_WORD.finditer(data), _RUNS * 100):
        if word.start() >= end and (run := _BASE64.match(data, word.start())):
            end = run.end()
            yield run[0]


def _plausible(head: bytes) -> bool:
    """Text, or the beginning of a known format: random octets are neither."""
    if _MAGIC.match(head):
        return True
    if _BINARY.search(head):
        return False
    try:
        head[: len(head) - 3].decode("utf-8")  # the head may end inside a character
    except UnicodeDecodeError as error:
        if error.start > len(head) - 8 and len(head) > 16:
            return True
        return charset.is_japanese(head) or charset.is_japanese(head[:-1])
    return True
