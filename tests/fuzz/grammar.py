"""What is done to a mail: the twists that make one reader of MIME see what another one does not.

Each `Step` takes the chance it is given and the octets, and gives octets back. Content is left as
it is wherever that can be; what changes is how the mail says what its content is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from random import Random

Step = Callable[[Random, bytes], bytes]

_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_BOUNDARY = re.compile(rb'boundary="?([^"\r\n;]+)"?')
_DELIMITER = re.compile(rb"(?m)^--[^\r\n]{1,80}$")
_FIELD = re.compile(
    rb"(?mi)^(content-[a-z-]+|subject|to)([ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
)
_BASE64_LINE = re.compile(rb"(?m)^[A-Za-z0-9+/]{16,}={0,2}\r?$")

TYPES = (
    b"text/plain", b"text/html", b"text/plain; charset=utf-16", b"text/plain; charset=utf-7",
    b"text/plain; charset=iso-2022-jp", b"text/plain; charset=cp932", b"text/plain; charset=x",
    b"multipart/mixed; boundary=new", b"multipart/alternative", b"multipart", b"multipart/",
    b"multipart/digest; boundary=new", b"multipart/signed; boundary=new", b"message/rfc822",
    b"message/global", b"message/partial; id=a; number=1", b"message/external-body", b"text",
    b"message/delivery-status", b"application/octet-stream", b"application/pkcs7-mime", b"",
    b"image/png", b"application/zip", b"application/x-uuencode", b"text/plain;", b"text/plain\0",
    b"text/calendar; method=reply", b"Text/Plain (a comment)", b"=?utf-8?q?text/plain?=", b"/",
    b"text/rfc822-headers", b"text/csv", b"text/xml", b"application/json", b"application/rtf",
)  # fmt: skip
ENCODINGS = (
    b"base64", b"BASE64", b" base64 ", b"base64;", b"base64 (c)", b"(c) base64", b'"base64"',
    b"x-base64", b"base-64", b"quoted-printable", b"Quoted-Printable;x=y", b"q", b"7bit", b"8bit",
    b"binary", b"x-uuencode", b"uuencode", b"", b"base64\0", b"=?us-ascii?q?base64?=", b"b\r\n ase64",
    b"base64\r\n ", b"base64,7bit", b"7bit base64", b"x-yenc", b"utf-8",
)  # fmt: skip
JUNK = (
    b"\r\n", b"\n", b"\r", b" \r\n", b"\t\r\n", b"x\r\n", b"x: y\r\n", b" x\r\n", b"\0", b"--\r\n",
    b"--new\r\n", b"--new--\r\n", b"Content-Type: multipart/mixed; boundary=new\r\n", b":\r\n",
    b"Content-Type: text/plain\r\n\r\n", b"\r\n\r\n", b"=", b"====\r\n", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\x1b$B", b"\x1b(B", b"\x0e", b"From x\r\n", b"begin 644 a\r\n", b"`\r\nend\r\n", b"+AGE-", b"\x1a",
    b"Content-Transfer-Encoding: base64\r\n", b"(", b'"', b"<!--", b"<script>", b"\xe2\x80\x8b", b">",
    b"Content-Type: message/rfc822\r\n\r\n", b".\r\n", b"=?utf-8?b?", b"?=", b"*", b"%", b"{\\rtf1 ",
)  # fmt: skip


def mutated(chance: Random, raw: bytes, steps: int = 4) -> bytes:
    for _ in range(chance.randint(1, steps)):
        raw = chance.choice(STEPS)(chance, raw)
    return raw


def _span(chance: Random, pattern: re.Pattern[bytes], raw: bytes) -> re.Match[bytes] | None:
    found = list(pattern.finditer(raw[:200_000]))
    return chance.choice(found) if found else None


def _put(raw: bytes, start: int, end: int, new: bytes) -> bytes:
    return raw[:start] + new + raw[end:]


def _edited(pattern: re.Pattern[bytes], *forms: Callable[[re.Match[bytes]], bytes]) -> Step:
    """One match of `pattern` in one of these forms."""

    def step(chance: Random, raw: bytes) -> bytes:
        found = _span(chance, pattern, raw)
        return _put(raw, *found.span(), chance.choice(forms)(found)) if found else raw

    return step


boundary_parameter = _edited(
    _BOUNDARY,
    lambda m: b"boundary=" + m[1],
    lambda m: b'boundary="' + m[1] + b'"',
    lambda m: b'boundary="' + m[1] + b' "',
    lambda m: b'boundary=" ' + m[1] + b'"',
    lambda m: b"boundary=new; boundary=" + m[1],
    lambda m: b"boundary=" + m[1] + b"; boundary=new",
    lambda m: b"boundary*=us-ascii''" + m[1],
    lambda m: b"boundary*0=" + m[1][:3] + b"; boundary*1=" + m[1][3:],
    lambda m: b"boundary=" + m[1][:3] + b"(c)" + m[1][3:],
    lambda m: b"boundary=(c)" + m[1],
    lambda m: b"BOUNDARY = " + m[1],
    lambda m: b"boundary=\r\n\t" + m[1],
    lambda m: b"boundary=" + m[1] + b" x",
    lambda m: b"boundary=" + m[1] + b"x",
    lambda m: b"boundary=" + m[1][:-1],
    lambda m: b"boundary='" + m[1] + b"'",
    lambda m: b'boundary="' + m[1][:2] + b"\\" + m[1][2:] + b'"',
    lambda m: b'boundary="' + m[1],
    lambda m: b"x-boundary=" + m[1],
    lambda m: b'boundary="=?us-ascii?q?' + m[1] + b'?="',
    lambda m: b'x="; boundary=' + m[1],
    lambda m: b"boundary=" + m[1].upper(),
    lambda m: b'boundary=""',
    lambda m: b"boundary=%b" % m[1].hex().encode(),
)
delimiter = _edited(
    _DELIMITER,
    lambda m: m[0] + b" ",
    lambda m: m[0] + b"\t \t",
    lambda m: m[0] + b"--",
    lambda m: m[0] + b"-",
    lambda m: m[0] + b"x",
    lambda m: m[0] + b"--x",
    lambda m: b" " + m[0],
    lambda m: m[0][1:],
    lambda m: m[0].removesuffix(b"--"),
    lambda m: m[0].upper(),
    lambda m: m[0] + b"\r",
    lambda m: m[0] + b"\0",
    lambda m: m[0] + b"\r\n" + m[0],
    lambda m: m[0] + b"\r\n\r\n" + m[0],
    lambda m: b"x" + m[0],
    lambda m: b"",
)
field = _edited(
    _FIELD,
    lambda m: m[1] + b" " + m[2] + m[3],
    lambda m: m[1] + b"\t" + m[2] + m[3],
    lambda m: b" " + m[0],
    lambda m: m[1].upper() + m[2] + m[3],
    lambda m: m[1] + b":\r\n " + m[3],
    lambda m: m[1] + b":\r\n\t\r\n " + m[3],
    lambda m: m[1] + b":" + m[3],
    lambda m: m[1] + b":\r" + m[3],
    lambda m: m[1] + b":\n " + m[3],
    lambda m: m[1] + b"\0" + m[2] + m[3],
    lambda m: m[1] + b"\xa0" + m[2] + m[3],
    lambda m: m[1] + m[2] + m[3] + b"\0",
    lambda m: m[1] + m[2] + m[3] + b";",
    lambda m: m[1] + m[2] + m[3] + b"\r\n ",
    lambda m: m[1] + m[2] + m[3] + b" (c)",
    lambda m: m[1] + m[2] + b"(c) " + m[3],
    lambda m: m[1] + m[2] + b'"' + m[3] + b'"',
    lambda m: m[0] + b"\r\n" + m[0],
    lambda m: m[0] + b"\r\n" + m[1] + b": x/y",
    lambda m: m[1] + b": x/y\r\n" + m[0],
    lambda m: b"x" + m[0],
    lambda m: b"x: y\r\n" + m[0],
    lambda m: b"\r\n" + m[0],
    lambda m: b" \r\n" + m[0],
    lambda m: b"junk\r\n" + m[0],
    lambda m: m[0].replace(b"\r\n", b"\n"),
    lambda m: m[0] + b"\n",
    lambda m: b"",
    lambda m: m[1] + m[2] + m[3].replace(b";", b"\r\n ;"),
    lambda m: m[1] + m[2] + m[3].replace(b";", b" "),
    lambda m: m[1] + m[2] + m[3].replace(b"; ", b'; x="y;z"; '),
)


def type_of_part(chance: Random, raw: bytes) -> bytes:
    new = b"Content-Type: " + chance.choice(TYPES)
    return _edited(
        re.compile(rb"(?mi)^content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*"), lambda _: new
    )(chance, raw)


def encoding_of_part(chance: Random, raw: bytes) -> bytes:
    new = b"Content-Transfer-Encoding: " + chance.choice(ENCODINGS)
    pattern = re.compile(rb"(?mi)^content-transfer-encoding:[^\r\n]*")
    if pattern.search(raw) and chance.random() < 0.7:
        return _edited(pattern, lambda m: new)(chance, raw)
    both = re.compile(rb"(?mi)^(?=content-type:)")
    return _edited(both, lambda _: new + b"\r\n")(chance, raw)


def line_moved(chance: Random, raw: bytes) -> bytes:
    lines = _LINES.findall(raw)
    at, to = chance.randrange(len(lines) + 1), chance.randrange(len(lines) + 1)
    moved = lines[at : at + chance.choice((1, 1, 2, 5))]
    if chance.random() < 0.5:
        del lines[at : at + len(moved)]
    lines[to:to] = moved
    return b"".join(lines)


def line_dropped(chance: Random, raw: bytes) -> bytes:
    lines = _LINES.findall(raw)
    del lines[chance.randrange(len(lines) + 1) :][:1]
    at = chance.randrange(len(lines) + 1)
    return b"".join(lines[:at] + lines[at + 1 :])


def line_end(chance: Random, raw: bytes) -> bytes:
    new = chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\r", b" \r\n", b"\r\n ", b"\0\r\n", b"\x0b"))
    if chance.random() < 0.2:
        return raw.replace(b"\r\n", new)
    return _edited(re.compile(rb"\r?\n"), lambda _: new)(chance, raw)


def junk(chance: Random, raw: bytes) -> bytes:
    ends = [m.end() for m in re.finditer(rb"\n", raw[:200_000])]
    at = chance.choice([0, *ends]) if chance.random() < 0.7 else chance.randrange(len(raw) + 1)
    return _put(raw, at, at, chance.choice(JUNK))


def cut_short(chance: Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw) // 2, len(raw) + 1)]


def octets(chance: Random, raw: bytes) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return _put(raw, at, at + chance.randrange(3), chance.randbytes(chance.randrange(3)))


def base64_line(chance: Random, raw: bytes) -> bytes:
    cut = chance.randrange(1, 15)
    return _edited(
        _BASE64_LINE,
        lambda m: m[0][:cut] + b"\r\n" + m[0][cut:],
        lambda m: m[0][:cut] + b" " + m[0][cut:],
        lambda m: m[0][:cut] + b"!" + m[0][cut:],
        lambda m: m[0][:cut] + b"\xff" + m[0][cut:],
        lambda m: b"====\r\n" + m[0],
        lambda m: b"QQ==\r\n" + m[0],
        lambda m: b" " + m[0],
        lambda m: b"\r\n" + m[0],
        lambda m: m[0].replace(b"+", b"-").replace(b"/", b"_"),
    )(chance, raw)


def wrapped(chance: Random, raw: bytes) -> bytes:
    """The whole mail inside of another one."""
    how = chance.randrange(6)
    head = b"Subject: outer\r\nMIME-Version: 1.0\r\n"
    if how == 0:
        return head + b"Content-Type: message/rfc822\r\n\r\n" + raw
    if how == 1:
        coded = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        return head + coded + base64.encodebytes(raw).replace(b"\n", b"\r\n")
    if how == 2:
        return head + b"Content-Type: text/plain\r\n\r\n" + raw
    kind = (b"mixed", b"digest", b"alternative")[how - 3]
    inner = b"Content-Type: message/rfc822\r\n\r\n" if how != 4 else b"\r\n"
    top = b'Content-Type: multipart/%b; boundary="out%d"\r\n\r\n' % (kind, how)
    return head + top + b"--out%d\r\n" % how + inner + raw + b"\r\n--out%d--\r\n" % how


def part_twice(chance: Random, raw: bytes) -> bytes:
    """A stretch between two delimiters once more, somewhere else."""
    cuts = [m.start() for m in _DELIMITER.finditer(raw[:200_000])]
    if len(cuts) < 2:
        return raw
    at = chance.randrange(len(cuts) - 1)
    to = chance.choice([*cuts, len(raw)])
    return _put(raw, to, to, raw[cuts[at] : cuts[at + 1]])


STEPS: Sequence[Step] = (
    boundary_parameter, boundary_parameter, delimiter, delimiter, field, field, field, type_of_part,
    encoding_of_part, encoding_of_part, line_moved, line_dropped, line_end, line_end, junk, junk,
    cut_short, octets, base64_line, wrapped, part_twice,
)  # fmt: skip
