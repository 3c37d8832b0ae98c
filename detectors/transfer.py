"""Content transfer encodings, undone in bulk; what two readers would undo differently is named.

`undo` is tolerant, since the reader at the other end is: Outlook skips what is not base64. What it
had to be tolerant about comes back as defect codes (`report.Defect.code`).
"""

from __future__ import annotations

import binascii
import re
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pybase64

from detectors import linear

IDENTITY = ("7bit", "8bit", "binary", "")
KNOWN = (*IDENTITY, "base64", "quoted-printable")
UU = ("x-uuencode", "uuencode", "x-uue", "uue")
"""Never standardised, yet undone by Outlook and Thunderbird."""

_LONG = 1 << 16
"""Octets from which on lines are joined before they are decoded."""
_BLANK = b"\r\n\t "
_PADDED = re.compile(rb"[^=]+=*")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\r\n\t ]")
_BASE64_LINE = re.compile(rb"=[A-Za-z0-9+/]|\n[ \t]*[A-Za-z0-9+/=]{4,}[ \t\r]*(?:\n|\Z)")
_SOFT_CR = re.compile(rb"=\r(?!\n)")
_CUT_CODE = re.compile(rb"=[0-9A-Fa-f]?\r+[0-9A-Fa-f]")
_CONTROL = rb"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
_SPLIT_CODE = re.compile(
    rb"=[0-9A-Fa-f]?[ \t]*+[" + _CONTROL + rb"][ \t" + _CONTROL + rb"]*+[0-9A-Fa-f]"
)
_SOFT_BLANK = re.compile(rb"=[ \t]++(?=\r?\n)")
_LINE_BLANK = re.compile(rb"[ \t](?<![ \t].)[ \t]*+(?=\r?\n)")
_NOT_QP = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n|\Z)")
_lone_cr = linear.octets(rb"\r[^\n]")
_blank_end = linear.octets(rb"[ \t]\r?\n")
_odd_qp = linear.octets(rb"=(?:[^0-9A-Fa-f\r\n]|[0-9A-Fa-f](?:[^0-9A-Fa-f]|\z))")
_UU_BEGIN = re.compile(rb"^begin (?:[0-7]{3,4}) ([^\r\n]{1,255})\r?\n(?=[ -`])", re.M)
_UU_END = re.compile(rb"^end[ \t]*(?:\r?$|\Z)", re.M)
_YENC = re.compile(
    rb"^=ybegin [^\r\n]*?name=([^\r\n]{1,255})\r?\n(?:=ypart [^\r\n]*\r?\n)?"
    rb"(.*?)(?:^=yend |\Z)",
    re.M | re.S,
)
_YENC_ESCAPE = re.compile(rb"=(.)", re.S)
_YENC_SHIFT = bytes((octet - 42) % 256 for octet in range(256))


class Undone(NamedTuple):
    data: bytes
    defects: tuple[str, ...] = ()


class File(NamedTuple):
    """A file that stands inside running text, as `begin 644 name` does."""

    name: bytes
    data: bytes


def undo(data: bytes, encoding: str) -> Undone:
    """The octets behind a transfer encoding. Unknown ones are taken as they stand."""
    if encoding == "base64":
        return base64(data)
    if encoding == "quoted-printable":
        return quoted_printable(data)
    if encoding in UU:
        return _uu_part(data)
    return Undone(data)


def _uu_part(data: bytes) -> Undone:
    """A part that is one file and no more reads alike; of several some readers show the first."""
    files = list(uuencoded(data))
    begin = _UU_BEGIN.search(data)
    if not files or begin is None:
        return Undone(data, ("unknown_encoding",) if data.strip() else ())
    end = _UU_END.search(data, begin.end())
    outside = data[: begin.start()] + (data[end.end() :] if end else b"")
    alone = len(files) == 1 and not outside.strip()
    return Undone(files[0].data, () if alone else ("unknown_encoding",))


def base64(data: bytes) -> Undone:
    """
    >>> base64(b"MTIz\\r\\nNDU2").data
    b'123456'
    >>> base64(b"MTI=MzQ=")
    Undone(data=b'1234', defects=('base64_padding_inside',))
    """
    # The decoder passes over what is no base64, and over all that follows a padding. Where there
    # was such a thing, fewer octets come out than the letters would give.
    packed = data.rstrip(_BLANK)
    try:
        if len(packed) >= _LONG and (joined := _joined(packed)):
            return Undone(pybase64.b64decode(joined, validate=True))
    except ValueError:
        pass  # a sign that is no letter, or a padding inside: told below
    try:
        plain = pybase64.b64decode(packed)
    except ValueError:
        return _tolerant(data)
    letters, padding = _letters(packed), packed[-8:].count(b"=")
    if letters % 4 or padding > 2 or len(plain) != letters // 4 * 3 - padding:
        return _tolerant(data)
    return Undone(plain)


def _letters(packed: bytes) -> int:
    """Octets that are no blanks; counted by the line where all have one length."""
    lines, _, end = _lines(packed)
    return len(packed) - lines * end if lines else len(packed.translate(None, _BLANK))


def _lines(packed: bytes) -> tuple[int, int, int]:
    """How many there are, their length and that of their ends, where all are alike, as mailers
    write them; what stands behind the last line end is no line. Else no lines."""
    width = packed.find(b"\n") + 1
    lines = len(packed) // width if width else 0
    if lines and packed[width - 1 : lines * width : width].count(b"\n") == lines:
        returns = packed[width - 2 : lines * width : width].count(b"\r") if width > 1 else 0
        if returns in (0, lines):
            return lines, width, 1 + (returns == lines)
    return 0, 0, 0


def _joined(packed: bytes) -> bytes:
    """The lines without their ends, b"" where they are not alike: a third of the time in which
    the decoder leaves them out."""
    np = sys.modules.get("numpy")  # 20 MB that readers have; for others the decoder is quick enough
    lines, width, end = _lines(packed)
    if not np or not lines or width <= end:
        return b""
    cut = np.frombuffer(packed, np.uint8, lines * width).reshape(lines, width)[:, : width - end]
    whole: bytes = cut.tobytes()
    return whole + packed[lines * width :]


def _tolerant(data: bytes) -> Undone:
    clean = _NOT_BASE64.sub(b"", data)
    defects = [] if len(clean) == len(data) else ["base64_junk"]
    # Some readers stop at the first padding and some go on: go on, that shows the most. Words in
    # the clear that a mailing list has put behind it make sense to neither: no second reading.
    runs = _PADDED.findall(clean.translate(None, _BLANK))
    if len(runs) > 1 and _BASE64_LINE.search(data, data.index(b"=")):
        defects.append("base64_padding_inside")
    pieces = []
    for run in runs:
        bare = run.rstrip(b"=")
        if len(bare) % 4 == 1:
            bare = bare[:-1]
            defects.append("base64_truncated")
        pieces.append(binascii.a2b_base64(bare + b"=" * (-len(bare) % 4)))
    if runs and len(runs[-1]) % 4:
        defects.append("base64_truncated")
    return Undone(b"".join(pieces), tuple(dict.fromkeys(defects)))


def quoted_printable(data: bytes) -> Undone:
    """
    >>> quoted_printable(b"1234=\\r\\n5678=31")
    Undone(data=b'123456781', defects=())
    """
    defects = []
    lone_cr = _lone_cr.search(data) is not None
    if lone_cr and _SOFT_CR.search(data):
        # The decoder takes all up to the next line feed for the soft line break: text is lost.
        data = _SOFT_CR.sub(b"=\n", data)
        defects.append("qp_invalid")
    plain = binascii.a2b_qp(data)
    if lone_cr and _CUT_CODE.search(data):
        defects.append("bare_cr")  # who passes over it reads a letter where others read none
    if b"=" in plain and _odd_qp.search(data):
        if _SOFT_BLANK.search(data):
            # RFC 2045 6.7 (3): blanks at a line's end were added on the way. Not every reader
            # knows.
            data = _SOFT_BLANK.sub(b"=", data)
            defects.append("qp_blank_after_soft_break")
        if _SPLIT_CODE.search(data):
            defects.append("control_character")  # of a label, who drops it reads the letter
        if _NOT_QP.search(data):
            defects.append("qp_invalid")
    if _blank_end.search(plain):
        data = _LINE_BLANK.sub(b"", data)
    elif not defects:
        return Undone(plain)
    return Undone(binascii.a2b_qp(data), tuple(dict.fromkeys(defects)))


def uuencoded(data: bytes) -> Iterator[File]:
    """Files in `begin`…`end` blocks; a block that has no end is read to the end of `data`.

    >>> list(uuencoded(b"see\\nbegin 644 a.txt\\n#,3(S\\n`\\nend\\n"))
    [File(name=b'a.txt', data=b'123')]
    """
    at = 0
    while begin := _UU_BEGIN.search(data, at):
        end = _UU_END.search(data, begin.end())
        at = end.end() if end else len(data)
        lines = data[begin.end() : end.start() if end else at].splitlines()
        if body := b"".join(map(_uu_line, lines)):
            yield File(begin[1].strip(), body)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count wrong: believe the count octet and cut the line to it.
        length = ((line[0] - 32) & 63) * 4 // 3 + 3 if line else 0
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""


def yencoded(data: bytes) -> Iterator[File]:
    """Files in `=ybegin`…`=yend` blocks, as newsreaders and some mailers still undo them."""
    for block in _YENC.finditer(data):
        body = block[2].translate(None, b"\r\n")
        plain = _YENC_ESCAPE.sub(lambda m: bytes(((m[1][0] - 64) % 256,)), body)
        yield File(block[1].strip(), plain.translate(_YENC_SHIFT))
