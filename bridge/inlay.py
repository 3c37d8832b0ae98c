"""Put octets into a body at one place of what it decodes to, changing nothing else on the wire.

Base64 is opened at one group of four characters, quoted-printable between two of its tokens; the
rest of a body stays the bytes that its writer chose. Whatever comes out is decoded again and
compared: a body that our arithmetic misread is refused, never sent.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass
from itertools import islice

import pybase64

from detectors.transfer import IDENTITY, KNOWN, undo

_GROUP = re.compile(rb"[A-Za-z0-9+/=]")
_TOKEN = re.compile(rb"(=\r\n|[ \t]+(?=\r\n))|(=[0-9A-Fa-f]{2})|([^= \t]+|[ \t]+)")
"""No octet (a soft line break; blanks at a line's end are not text), one octet, as it stands."""
_SOFT = b"=\r\n"


class CannotSplice(Exception):
    """This mail cannot be changed without the risk of showing something else; nothing was done.

    The caller seals the whole mail instead. `reason` is a code, free of the mail's content.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace [start, end) by `data`."""

    start: int
    end: int
    data: bytes = b""


def apply(raw: bytes, edits: list[Edit]) -> bytes:
    """All edits at once; offsets are those of `raw`. Edits must not overlap."""
    out, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if edit.start < at or edit.end < edit.start or edit.end > len(raw):
            raise CannotSplice("offsets")
        out += [raw[at : edit.start], edit.data]
        at = edit.end
    return b"".join(out) + raw[at:]


def decoded(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding, in the one way that all readers share."""
    undone = undo(body, encoding)
    if encoding not in KNOWN or undone.defects:
        raise CannotSplice("transfer_encoding")
    return undone.data


def inlay(body: bytes, encoding: str, offset: int, data: bytes, filler: bytes) -> Edit:
    """The edit of `body` that puts `data` before decoded octet `offset`.

    `data` is followed by 0 to 2 times `filler` (one octet, harmless there) and a line end, so
    that base64 comes out in whole groups and what follows it need not move.
    """
    if encoding in IDENTITY:
        edit = Edit(offset, offset, data + b"\r\n")
    elif encoding == "quoted-printable":
        edit = _in_quoted(body, offset, data + b"\r\n")
    else:
        edit = _in_base64(body, offset, data, filler)
    _prove(body, encoding, offset, data, edit)
    return edit


def fits(data: bytes, encoding: str) -> bool:
    """Whether `data` may stand in a body of this encoding as it is (RFC 2045 section 2.7)."""
    return encoding in ("8bit", "binary", "base64", "quoted-printable") or data.isascii()


def wire(words: str, codec: str = "utf-8") -> bytes:
    """Lines of ours as they are sent: ended by CRLF."""
    return words.replace("\n", "\r\n").encode(codec)


def base64_lines(data: bytes) -> bytes:
    """Lines of 76 characters, ended by CRLF."""
    coded: bytes = pybase64.encodebytes(data)
    return coded.replace(b"\n", b"\r\n")


def _in_quoted(body: bytes, offset: int, data: bytes) -> Edit:
    at = _place_in_quoted(body, offset)
    coded = binascii.b2a_qp(data, istext=True)
    lead = b"" if at == 0 or body[at - 1 : at] == b"\n" else _SOFT
    return Edit(at, at, lead + coded)


def _place_in_quoted(body: bytes, offset: int) -> int:
    """Where in the encoded body the decoded octet `offset` begins."""
    at = seen = 0
    while seen < offset:
        if (token := _TOKEN.match(body, at)) is None:
            raise CannotSplice("transfer_encoding")
        nothing, octet, plain = token.groups()
        take = len(plain[: offset - seen]) if plain else len(token[0])
        seen += 0 if nothing else 1 if octet else take
        at += take
    return at


def _in_base64(body: bytes, offset: int, data: bytes, filler: bytes) -> Edit:
    group, within = divmod(offset, 3)
    places = [m.start() for m in islice(_GROUP.finditer(body), 4 * group, 4 * group + 4)]
    if len(places) not in (0, 4) or (not places and within):
        raise CannotSplice("transfer_encoding")
    start, end = (places[0], places[3] + 1) if places else (len(body), len(body))
    old = binascii.a2b_base64(body[start:end])
    before, after = old[:within], old[within:]
    short = -(len(before) + len(data) + 2 + len(after)) % 3
    coded = base64_lines(before + data + filler * short + b"\r\n" + after)
    lead = b"" if start == 0 or body[start - 1 : start] == b"\n" else b"\r\n"
    return Edit(start, end, lead + coded)


def _prove(body: bytes, encoding: str, offset: int, data: bytes, edit: Edit) -> None:
    old, new = decoded(body, encoding), decoded(apply(body, [edit]), encoding)
    head, tail = old[:offset] + data, b"\r\n" + old[offset:]
    between = new[len(head) : len(new) - len(tail)]
    if not (new.startswith(head) and new.endswith(tail) and len(between) <= 2):
        raise CannotSplice("inlay")
    # A line of ours, or the rest of a line that we broke, could now be the boundary of some
    # multipart around it: a mail that hides one behind "<body>" must not have it come true.
    broken = edit.end > 0 and body[edit.end - 1 : edit.end] != b"\n"
    if re.search(rb"(?m)^--", edit.data) or (broken and body[edit.end :].startswith(b"--")):
        raise CannotSplice("inlay")
