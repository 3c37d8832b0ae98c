"""Mails to operate on, written octet by octet."""

from __future__ import annotations

from base64 import encodebytes
from datetime import UTC, datetime
from quopri import encodestring

from bridge.link_part import LinkNotice

FILE = bytes(range(32, 127)) * 9
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(60))

NOTICE = LinkNotice(
    url="https://files.example.co.jp/d/q8ZxT-ab_c",
    host="files.example.co.jp",
    pickup="7K4M-92QX-3TRB",
    closes_at=datetime(2026, 11, 27, 14, 59, tzinfo=UTC),
    downloads=5,
    files=1,
    octets=84_213,
    address="s****@sr-office.example.jp",
    company="株式会社サンプル",
    sender="総務課 山田 花子",
)


def crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def coded(data: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return crlf(encodebytes(data)).removesuffix(b"\r\n")
    if encoding == "quoted-printable":
        return crlf(encodestring(data.replace(b"\r\n", b"\n")))
    return data


def entity(content_type: str, body: bytes, encoding: str = "", *more: str) -> bytes:
    """Header, empty line and body of one part."""
    lines = [f"Content-Type: {content_type}", *more]
    if encoding:
        lines.append(f"Content-Transfer-Encoding: {encoding}")
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + coded(body, encoding)


def multipart(kind: str, boundary: str, *parts: bytes) -> bytes:
    inside = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    body = inside + b"--" + boundary.encode() + b"--\r\n"
    return entity(f'multipart/{kind}; boundary="{boundary}"', body)


def attached(name: str = "k.xlsx", data: bytes = FILE, encoding: str = "base64") -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}"'
    return entity("application/octet-stream", data, encoding, disposition)


def mail(inside: bytes) -> bytes:
    return (
        b"From: =?utf-8?b?5bGx55Sw?= <yamada@example.co.jp>\r\nTo: sato@sr-office.example.jp\r\n"
        b"Subject: =?ISO-2022-JP?B?GyRCNWtNPxsoQg==?=\r\nX-Odd:   kept \r\n\tas it is\r\n"
        b"MIME-Version: 1.0\r\n" + inside
    )
