"""Mails with one labelled number in them, in every place that a mail program shows by itself."""

from __future__ import annotations

import base64
import binascii
import quopri
from collections.abc import Mapping
from functools import cache

from tests.samples import document, individual_number, message, workbook, zipped

NUMBER = individual_number(4711)
SAID = f"マイナンバー（個人番号）は {NUMBER} です。\r\nMy Number: {NUMBER}\r\n"
_HEAD = b"From: a@example.co.jp\r\nTo: b@example.jp\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def _mail(kind: bytes, body: bytes, encoding: bytes = b"8bit") -> bytes:
    head = b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (kind, encoding)
    return _HEAD + head + body


def _part(kind: bytes, body: bytes, encoding: bytes = b"8bit", more: bytes = b"") -> bytes:
    head = b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n" % (kind, encoding)
    return head + more + b"\r\n" + body


def _parts(*inside: bytes, kind: bytes = b"mixed", boundary: bytes = b"bound") -> bytes:
    head = b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n' % (kind, boundary)
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in inside)
    return head + body + b"--" + boundary + b"--\r\n"


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _quoted(data: bytes) -> bytes:
    return quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def _uu(data: bytes) -> bytes:
    lines = (binascii.b2a_uu(data[i : i + 45]) for i in range(0, len(data), 45))
    body = b"begin 644 list.txt\n" + b"".join(lines) + b"`\nend\n"
    return body.replace(b"\n", b"\r\n")


@cache
def carriers() -> Mapping[str, bytes]:
    said, plain = SAID.encode(), b"text/plain; charset=utf-8"
    jis = SAID.encode("iso2022_jp")
    html = b"text/html; charset=utf-8"
    page = f"<html><body><p>個人番号</p><p>{NUMBER}</p></body></html>\r\n".encode()
    hello, file = _part(plain, b"Hello.\r\n"), b"application/octet-stream"
    named = b'Content-Disposition: attachment; filename="list.txt"\r\n'
    inner = _parts(_part(plain, _base64(said), b"base64"), _part(html, page), kind=b"alternative",
                   boundary=b"inside")  # fmt: skip
    table = f"氏名,個人番号\r\n山田,{NUMBER}\r\n".encode("cp932")
    return {
        "7bit": _mail(b"text/plain; charset=iso-2022-jp", jis, b"7bit"),
        "8bit": _mail(plain, said),
        "base64": _mail(plain, _base64(said), b"base64"),
        "quoted": _mail(plain, _quoted(said), b"quoted-printable"),
        "html": _mail(html, _quoted(page), b"quoted-printable"),
        "bare": _HEAD + b"\r\n" + said,
        "second": _HEAD + _parts(hello, _part(plain, said), hello),
        "second in base64": _HEAD + _parts(hello, _part(plain, _base64(said), b"base64")),
        "nested": _HEAD + _parts(hello, inner, hello),
        "attached": _HEAD + _parts(hello, _part(file, _base64(said), b"base64", named)),
        "csv": _HEAD + _parts(hello, _part(b"text/csv; charset=shift_jis", _base64(table), b"base64", named)),
        "message": _HEAD + _parts(hello, b"Content-Type: message/rfc822\r\n\r\n" + _mail(plain, said)),
        "digest": _HEAD + _parts(b"\r\n" + _mail(plain, _quoted(said), b"quoted-printable"), kind=b"digest"),
        "uuencoded": _mail(b"text/plain", b"see\r\n" + _uu(said)),
        "zip": message("件名", "本文", [("一覧.zip", zipped({"一覧.txt": said}))]),
        "docx": message("件名", "本文", [("一覧.docx", document(["個人番号", NUMBER]))]),
        "xlsx": message("件名", "本文", [("一覧.xlsx", workbook({"表": [["個人番号"], [NUMBER]]}))]),
        "as mailers write": message("件名", SAID, html=page.decode(), charset="iso-2022-jp"),
    }  # fmt: skip
