"""Hostile inputs that can be made as large as one likes: `FAMILIES[name](n)` has about n octets.

Each is what some expression, loop or library could take more than linear time for.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Mapping

from tests.samples import individual_number

Family = Callable[[int], bytes]

_HEAD = b"From: a@example.co.jp\r\nTo: b@example.jp\r\nMIME-Version: 1.0\r\n"
_MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
_NUMBER = individual_number(3).encode()
_JIS = "番号".encode("iso2022_jp")


def _times(unit: bytes, n: int) -> bytes:
    return unit * max(1, n // len(unit))


def _numbered(form: bytes, n: int) -> bytes:
    """`form % k` for k = 0, 1, 2 … in about n octets."""
    return b"".join(form % k for k in range(max(1, n // (len(form) + 3))))


def _text(unit: bytes, kind: bytes = b"text/plain; charset=utf-8", more: bytes = b"") -> Family:
    head = _HEAD + b"Content-Type: " + kind + b"\r\n" + more + b"\r\n"
    return lambda n: head + _times(unit, n)


def _field(before: bytes, unit: bytes, after: bytes = b"") -> Family:
    return lambda n: _HEAD + before + _times(unit, n) + after + b"\r\n\r\nx\r\n"


def _page(unit: bytes, before: bytes = b"<html><body>") -> Family:
    return _text_after(before, unit, b"text/html; charset=utf-8")


def _text_after(before: bytes, unit: bytes, kind: bytes) -> Family:
    head = _HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + before
    return lambda n: head + _times(unit, n)


def attached(data: bytes, name: str = "a.bin") -> bytes:
    packed = base64.encodebytes(data).replace(b"\n", b"\r\n")
    head = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
    head += b'Content-Disposition: attachment; filename="%b"\r\n\r\n' % name.encode()
    return _HEAD + _MIXED + b"--b\r\n" + head + packed + b"\r\n--b--\r\n"


def _file(make: Family, name: str) -> Family:
    return lambda n: attached(make(n), name)


def _zip(entries: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(entries):
            archive.writestr(f"{number}.txt", b"")
    return out.getvalue()


def _pdf(objects: int) -> bytes:
    body = b"".join(b"%d 0 obj<</A %d 0 R>>endobj\n" % (k, k + 1) for k in range(3, objects))
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    return (
        head
        + b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        + body
        + b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def _nested(n: int) -> bytes:
    each = b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n"
    inner = b"".join(each % (k, k + 1) for k in range(max(1, n // 60)))
    return _HEAD + b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + inner


HEADERS: Mapping[str, Family] = {
    "fields": lambda n: _HEAD + _numbered(b"X-%d: a b c\r\n", n) + b"\r\nx",
    "folds": _field(b"Subject: a", b"\r\n b"),
    "words": _field(b"Subject: ", b"=?utf-8?q?a?= "),
    "words of many charsets": _field(b"Subject: ", b"=?utf-8?q?a?= =?cp932?b?k/o=?= "),
    "words that never end": _field(b"Subject: ", b"=?utf-8?q?a"),
    "words that never begin": _field(b"Subject: ", b"?="),
    "addresses": _field(b"To: ", b"a@b.jp, "),
    "quotes": _field(b"To: ", b'"'),
    "escapes in quotes": _field(b'To: "', b"\\"),
    "comments": _field(b"To: ", b"("),
    "angles": _field(b"To: ", b"<"),
    "groups": _field(b"To: ", b"a:;"),
    "colons": _field(b"To: ", b":"),
    "parameters": _field(b"Content-Type: text/plain", b"; a=b"),
    "continuations": lambda n: (
        _HEAD + b"Content-Type: text/plain" + _numbered(b"; name*%d*=%%41", n) + b"\r\n\r\nx"
    ),
    "quotes in parameters": _field(b"Content-Type: text/plain; a=", b'"\\"'),
    "comments in parameters": _field(b"Content-Type: text/plain; a=", b"(("),
    "backslashes in parameters": _field(b'Content-Type: text/plain; a="', b"\\"),
    "percents": _field(b"Content-Type: text/plain; name*=utf-8''", b"%e3%81%82"),
    "escapes of JIS": _field(b"Subject: ", _JIS),
    "raw octets": _field(b"Subject: ", b"\x93\xfa"),
    "digits": _field(b"Subject: ", b"1"),
    "digits and blanks": _field(b"Subject: ", b"1 "),
}  # fmt: skip

PARTS: Mapping[str, Family] = {
    "parts": lambda n: _HEAD + _MIXED + _times(b"--b\r\n\r\nx\r\n", n),
    "empty parts": lambda n: _HEAD + _MIXED + _times(b"--b\r\n", n),
    "parts with a header": lambda n: (
        _HEAD + _MIXED + _times(b"--b\r\nContent-Type: text/html\r\n\r\n<b>\r\n", n)
    ),
    "nested parts": _nested,
    "messages in messages": lambda n: _times(b"Content-Type: message/rfc822\r\n\r\n", n),
    "delimiters that are none": lambda n: _HEAD + _MIXED + _times(b"\r\n--bx", n),
    "dashes": lambda n: _HEAD + _MIXED.replace(b'"b"', b'"%b"' % (b"-" * 60)) + _times(b"-", n),
    "dash lines": lambda n: (
        _HEAD + _MIXED.replace(b'"b"', b'"%b"' % (b"-" * 60)) + _times(b"\r\n" + b"-" * 61, n)
    ),
    "fields ahead of parts": lambda n: _HEAD + _MIXED + _times(b"Content-x\r\n", n),
    "an endless name of a field": lambda n: _HEAD + _MIXED + b"content-" + _times(b"a-", n),
    "returns": _text(b"\r"),
    "blank lines": _text(b" \r\n"),
    "lines of mbox": _text(b"From a\r\n", b"application/octet-stream"),
    "beginnings of files": _text(b"begin 644 a\r\n"),
    "files of uuencode": _text(b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n"),
    "beginnings of yEnc": _text(b"=ybegin name=a\r\n"),
}

TRANSFER: Mapping[str, Family] = {
    "base64": _text(b"QUJD" * 19 + b"\r\n", more=b"Content-Transfer-Encoding: base64\r\n"),
    "base64 that is junk": _text(b"!=\x00", more=b"Content-Transfer-Encoding: base64\r\n"),
    "paddings": _text(b"QQ==", more=b"Content-Transfer-Encoding: base64\r\n"),
    "padding": _text(b"=", more=b"Content-Transfer-Encoding: base64\r\n"),
    "base64 by the octet": _text(b"Q\r\n", more=b"Content-Transfer-Encoding: base64\r\n"),
    "quoted": _text(b"=E3=81=82", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "equals": _text(b"=", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "equals and blanks": _text(b"= ", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "blanks": _text(b" ", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "blanks at ends": _text(b" \t" * 40 + b"x\r\n", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "soft breaks": _text(b"=\r\n", more=b"Content-Transfer-Encoding: quoted-printable\r\n"),
    "undeclared base64": _text(b"QUJD" * 19 + b"\r\n"),
    "undeclared words": _text(b"QUJDQUJDQUJDQUJDQUJD "),
    "undeclared quoted": _text(b"=E3=81=82=\r\n"),
    "undeclared equals": _text(b"=E3="),
    "undeclared lines": _text(b"QUJDQUJDQUJDQUJDQUJD\r\n>"),
}  # fmt: skip

TEXTS: Mapping[str, Family] = {
    "digits": _text(b"1"),
    "digits and blanks": _text(b"1 "),
    "digits and lines": _text(b"1\r\n"),
    "digits and breaks": _text(b"1\r\n> "),
    "digits in fours": _text(b"1234-"),
    "digits in fours and blanks": _text(b"1234 "),
    "digits in threes": _text(b"123.456."),
    "digits and anything": _text(b"1-2/3.4 5,6:7|8"),
    "wide digits": _text("１２３ー".encode()),
    "digits of kanji": _text("一二三".encode()),
    "digits hidden": _text("1\u200b".encode()),
    "digits of all kinds": _text("1①一１".encode()),
    "numbers": _text(_NUMBER + b"\r\n"),
    "numbers side by side": _text(_NUMBER + b" "),
    "labelled numbers": _text("個人番号 ".encode() + _NUMBER + b"\r\n"),
    "labels": _text("個人番号".encode()),
    "labels and lines": _text("個人番号\r\n".encode()),
    "labels between digits": _text("個人番号 123".encode()),
    "labels of many kinds": _text("マイナンバー 送り状番号 免許証 口座 電話 ".encode() + _NUMBER),
    "names": _text("山田太郎 東京都千代田区1-1 03-1234-5678 a@b.jp\r\n".encode()),
    "names on one line": _text("山田太郎".encode()),
    "addresses of mail": _text(b"a@b.jp,"),
    "at signs": _text(b"a@"),
    "cards": _text(b"4111 1111 1111 1111 "),
    "telephones": _text(b"03-1234-5678,"),
    "dates": _text(b"2026/11/21 "),
    "amounts": _text(b"1,234,567,"),
    "letters": _text(b"a"),
    "blanks": _text(b" "),
    "lines": _text(b"\r\n"),
    "kana": _text("あ".encode()),
    "escapes of JIS": _text(_JIS, b"text/plain; charset=iso-2022-jp"),
    "escapes alone": _text(b"\x1b$", b"text/plain; charset=iso-2022-jp"),
    "half an escape": _text(b"\x1b$B!", b"text/plain; charset=iso-2022-jp"),
    "shifts": _text(b"\x0e1\x0f", b"text/plain; charset=iso-2022-jp"),
    "octets of no charset": _text(b"\x81\xff\xfe"),
    "octets of two charsets": _text(b"\x93\xfa\xe3\x81\x82"),
    "plus signs": _text(b"+AGE-", b"text/plain"),
    "plus and letters": _text(b"+AAAAAAAAAAAA", b"text/plain"),
    "wide zeros": _text(b"\0a"),
}

TABLES: Mapping[str, Family] = {
    "csv": _text(b"a,1\r\n", b"text/csv"),
    "csv of numbers": _text(b"x," + _NUMBER + b"\r\n", b"text/csv"),
    "csv of many columns": _text(b"1,", b"text/csv"),
    "csv of digits": _text(b"1,2,3,4,5,6,7,8,9,0,1,2\r\n", b"text/csv"),
    "csv of quotes": _text(b'"', b"text/csv"),
    "csv of open quotes": _text(b'a,"b\r\n', b"text/csv"),
    "csv of doubled quotes": _text(b'"a""b",c\r\n', b"text/csv"),
    "csv with headings": _text_after("氏名,個人番号\r\n".encode(), b"a," + _NUMBER + b"\r\n", b"text/csv"),
    "csv of headings": _text("氏名,個人番号\r\n".encode(), b"text/csv"),
    "tabs": _text(b"a\t1\r\n", b"text/csv"),
    "ragged": lambda n: _HEAD + b"Content-Type: text/csv\r\n\r\n"
    + b"".join(b"1," * k + b"\r\n" for k in range(int(n**0.5))),
    "one digit a row": _text(b"x,1\r\n", b"text/csv"),
    "boxes": _text(b"|1|2|3|4|\r\n"),
    "table in HTML": _page(b"<tr><td>1<td>" + _NUMBER, b"<table>"),
    "cells in HTML": _page(b"<td>1", b"<table><tr>"),
    "rows in HTML": _page(b"<tr>", b"<table>"),
    "spans in HTML": _page(b"<tr><td rowspan=9999 colspan=9999>1", b"<table>"),
    "tables in HTML": _page(b"<table><tr><td>1<td>2</table>"),
    "tables in tables": _page(b"<table><tr><td>1<td>"),
}  # fmt: skip

PAGES: Mapping[str, Family] = {
    "tags": _page(b"<b>"),
    "tags that are closed": _page(b"<i>1</i>"),
    "divisions": _page(b"<div>1"),
    "less than": _page(b"<"),
    "less and greater": _page(b"<>"),
    "attributes": _page(b"a=1 ", b"<p "),
    "attributes of their own": lambda n: _page(b" ", b"<p ")(1) + _numbered(b" a%d=1", n),
    "an endless attribute": _page(b"a", b'<p title="'),
    "quotes": _page(b'"', b"<p title="),
    "entities": _page(b"&#49;"),
    "ampersands": _page(b"&"),
    "half entities": _page(b"&am"),
    "comments": _page(b"<!--1-->"),
    "open comments": _page(b"<!--"),
    "dashes in a comment": _page(b"-", b"<!--"),
    "styles": _page(b"<style>a{b:c}</style>"),
    "open styles": _page(b"<style>"),
    "sheets that hide": lambda n: (
        _page(_numbered(b"p.a%d{display:none}", n // 2) + b"</style>", b"<style>")(1)
        + _times(b"<p>1", n // 2)
    ),
    "templates": _page(b"<template>"),
    "hidden": _page(b'<p style="display:none">1'),
    "scripts": _page(b"<script>"),
    "forms": _page(b"<form><input value=1>"),
    "formatting": _page(b"<b><i><u><p>"),
    "links": _page(b'<a href="http://a.b/1%31">1</a>'),
    "data": _page(b'<img src="data:text/plain,1">'),
    "declarations": _page(b"<!DOCTYPE html>", b""),
    "metas": _page(b"<meta charset=", b""),
    "svg": _page(b"<svg><math>"),
    "selects": _page(b"<select><option>1"),
}

FILES: Mapping[str, Family] = {
    "xml": _file(lambda n: b"<?xml version='1.0'?><a>" + _times(b"<b>1</b>", n), "a.xml"),
    "deep xml": _file(lambda n: b"<?xml version='1.0'?><a>" + _times(b"<b>", n), "a.xml"),
    "attributes of xml": _file(
        lambda n: b"<?xml version='1.0'?><a " + _numbered(b"b%d='1' ", n) + b"/>", "a.xml"
    ),
    "entities of xml": _file(lambda n: b"<?xml version='1.0'?><a>" + _times(b"&#49;", n), "a.xml"),
    "namespaces of xml": _file(
        lambda n: b"<?xml version='1.0'?><a " + _numbered(b"xmlns:b%d='c' ", n) + b"/>", "a.xml"
    ),
    "json": _file(lambda n: _times(b'{"a":', n), "a.json"),
    "brackets": _file(lambda n: _times(b"[", n), "a.json"),
    "rtf groups": _file(lambda n: b"{\\rtf1 " + _times(b"{", n), "a.rtf"),
    "rtf groups that close": _file(lambda n: b"{\\rtf1 " + _times(b"{a}", n), "a.rtf"),
    "rtf letters": _file(lambda n: b"{\\rtf1 " + _times(b"\\u12354?", n), "a.rtf"),
    "rtf octets": _file(lambda n: b"{\\rtf1 " + _times(b"\\'82\\'a0", n), "a.rtf"),
    "rtf tables": _file(lambda n: b"{\\rtf1 " + _times(b"\\trowd 1\\cell 2\\cell\\row ", n), "a.rtf"),
    "rtf tables that never end": _file(lambda n: b"{\\rtf1 " + _times(b"\\intbl 1\\cell ", n), "a.rtf"),
    "rtf binary": _file(lambda n: b"{\\rtf1 " + _times(b"\\bin9 ", n), "a.rtf"),
    "rtf objects": _file(lambda n: b"{\\rtf1 " + _times(b"{\\object{\\*\\objdata 00}}", n), "a.rtf"),
    "rtf fonts": _file(
        lambda n: b"{\\rtf1{\\fonttbl" + _numbered(b"{\\f%d\\fcharset128 a;}", n) + b"}", "a.rtf"
    ),
    "cards of people": _file(lambda n: _times(b"BEGIN:VCARD\r\nFN:a\r\nTEL:1\r\nEND:VCARD\r\n", n), "a.vcf"),
    "folds of a card": _file(lambda n: b"BEGIN:VCARD\r\nNOTE:" + _times(b"a\r\n ", n), "a.vcf"),
    "events": _file(lambda n: b"BEGIN:VCALENDAR\r\n" + _times(b"BEGIN:VEVENT\r\n", n), "a.ics"),
    "zip entries": _file(lambda n: _zip(max(1, n // 120)), "a.zip"),
    "signs of zip": _file(lambda n: _times(b"PK\x03\x04" + bytes(30), n), "a.zip"),
    "ends of zip": _file(lambda n: b"PK\x03\x04" + _times(b"PK\x05\x06" + bytes(18), n), "a.zip"),
    "pdf objects": _file(lambda n: _pdf(max(4, n // 30)), "a.pdf"),
    "pdf dictionaries": _file(lambda n: b"%PDF-1.4\n1 0 obj" + _times(b"<<", n), "a.pdf"),
    "pdf arrays": _file(lambda n: b"%PDF-1.4\n1 0 obj" + _times(b"[", n), "a.pdf"),
    "pdf ends": _file(lambda n: b"%PDF-1.4\n" + _times(b"xref\n0 1\ntrailer\n<<>>\n", n), "a.pdf"),
    "signs of archives": _file(lambda n: b"MZ\0\0" + _times(b"Rar!\x1a\x07\0", n), "a.exe"),
    "mails in a box": _file(lambda n: _times(b"From a b\r\nSubject: x\r\n\r\nx\r\n", n), "a.mbox"),
    "a mail of mails": _file(lambda n: b"Received: x\r\n" + _times(b"\r\nReceived: x\r\n", n), "a.eml"),
    "octets of nothing": _file(lambda n: bytes(range(256)) * max(1, n // 256), "a.dat"),
    "text with octets": _file(lambda n: _times(b"1\0", n), "a.dat"),
}  # fmt: skip

FAMILIES: Mapping[str, Family] = {
    f"{group}: {name}": family
    for group, families in {
        "header": HEADERS, "parts": PARTS, "transfer": TRANSFER, "text": TEXTS, "table": TABLES,
        "page": PAGES, "file": FILES,
    }.items()
    for name, family in families.items()
}  # fmt: skip
