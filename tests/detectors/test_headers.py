"""Encoded words, addresses and parameters, as mailers write them and attackers bend them."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import headers, inspect, parameters
from detectors.budget import Limits
from detectors.headers import Field
from detectors.report import Mailbox

LIMITS = Limits()


def said(value: bytes) -> str:
    return headers.text(value, LIMITS)


def word(text: str, charset: str = "utf-8") -> bytes:
    data = text.encode({"iso-2022-jp": "iso2022_jp"}.get(charset, charset))
    return f"=?{charset}?B?{base64.b64encode(data).decode()}?=".encode()


def test_it_works() -> None:
    found = headers.read(
        [
            Field(b"subject", b" " + word("個人番号") + b"\r\n " + word("の件", "iso-2022-jp")),
            Field(b"from", word("山田 太郎", "iso-2022-jp") + b" <yamada@example.co.jp>"),
            Field(b"to", b'a@example.jp, "Doe, J." <doe@example.jp>'),
            Field(b"message-id", b" <1@example.co.jp>"),
            Field(b"references", b"<a@b>\r\n <c@d>"),
            Field(b"auto-submitted", b"auto-replied; owner=x"),
        ],
        LIMITS,
        lambda text: text.replace("個", "●"),
        said,
    )
    assert found.subject == "●人番号の件"
    assert found.sender == (Mailbox("山田 太郎", "yamada@example.co.jp"),)
    assert found.to == (Mailbox("", "a@example.jp"), Mailbox("Doe, J.", "doe@example.jp"))
    assert found.message_id == "<1@example.co.jp>"
    assert found.references == ("<a@b>", "<c@d>")
    assert found.auto_submitted == "auto-replied"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-ms-exchange-inbox-rules-loop", b" hanako@example.co.jp"),
        (b"x-forwarded-for", b" hanako@example.co.jp taro@gmai.com"),
        (b"x-sieve-redirected-from", b" hanako@example.co.jp"),
        (b"resent-from", word("花子") + b" <hanako@example.co.jp>"),
    ],
)
def test_whose_mail_a_server_hands_on(name: bytes, value: bytes) -> None:
    found = headers.read([Field(name, value)], LIMITS, lambda text: text, said)
    assert found.forwarded_by == "hanako@example.co.jp"


@pytest.mark.parametrize("value", [b"", b" 192.0.2.1", b" @@@" + b"a" * 5_000])
def test_a_field_without_an_address_names_nobody(value: bytes) -> None:
    found = headers.read([Field(b"x-forwarded-for", value)], LIMITS, lambda text: text, said)
    assert found.forwarded_by == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?12345678?= =?utf-8?q?9018?=", "123456789018"),
        (b"=?utf-8?q?12345678?=\r\n\t=?UTF-8?Q?9018?=", "123456789018"),
        (b"=?utf-8?q?1234?==?us-ascii?q?5678?=", "12345678"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?utf-8?B?5YCL5Lq655Wq5Y+3?=", "個人番号"),
        (b"=?utf-8?B?5YCL5Lq655Wq5Y?= =?utf-8?B?+3?=", "個人番"),  # cut where no octet ends
        (b"=?utf-8?B?5YCL5A==?= =?utf-8?B?uro=?=", "個人"),  # a character cut in two
        (b"=?utf-8?B?5YCL5Lq6?", "=?utf-8?B?5YCL5Lq6?"),
        (b"=?iso-2022-jp?B?GyRCLSEtahsoQg==?=", "①㈱"),
        (b"=?shift_jis?Q?=82=50=82=51?=", "１２"),
        (b"=?utf-8*ja?q?a_b=3D?=", "a b="),
        (b"=?utf-8?q?with space?=", "with space"),
        (b"=?no-such-charset?q?1234?=", "1234"),
        (b"\x1b$B8D?MHV9f\x1b(B 1", "個人番号 1"),
        ("個人番号".encode("cp932"), "個人番号"),
        ("個人番号".encode(), "個人番号"),
        ("個人".encode() + b" =?utf-8?q?=E7=95=AA?=", "個人 番"),
        (b"", ""),
    ],
)
def test_what_a_reader_sees(value: bytes, text: str) -> None:
    assert headers.text(value, LIMITS).rstrip("\ufffd") == text


@pytest.mark.parametrize(
    ("value", "boxes"),
    [
        (b"a..b.@docomo.ne.jp", [("", "a..b.@docomo.ne.jp")]),
        (word("山田", "iso-2022-jp") + b" <a@b>", [("山田", "a@b")]),
        (b'"' + word("山田, 太郎") + b'" <a@b>', [("山田, 太郎", "a@b")]),
        (word("山田, 太郎") + b" <a@b>", [("山田, 太郎", "a@b")]),
        (b"group: a@b, c@d;, e@f", [("", "a@b"), ("", "c@d"), ("", "e@f")]),
        (b"a@b (Yamada (Taro))", [("Yamada Taro", "a@b")]),
        (b'"a \\"b\\"" <c@d>', [('a "b"', "c@d")]),
        ("山田 <a@b>".encode("cp932"), [("山田", "a@b")]),
        (b"undisclosed-recipients:;", []),
        (b"<a@b", [("", "a@b")]),
        (b"alice@a <bob@b>", [("alice@a", "bob@b")]),
        (b"", []),
    ],
)
def test_addresses(value: bytes, boxes: list[tuple[str, str]]) -> None:
    found = [(box.name, box.address) for box in headers.mailboxes(value, LIMITS)]
    assert found == boxes


@pytest.mark.parametrize(
    "value",
    [
        b'"' * 300_000, b'"\\"' * 90_000, b"(" * 250_000, b"()" * 120_000, b"<" * 250_000,
        b"," * 250_000, b"=?utf-8?q?a?= " * 20_000, b"=?" * 120_000, b"=?a?b?" * 40_000,
        b"a@b, " * 50_000, b"\\" * 250_000, b"a=b*0;" * 40_000, b"=?utf-8?b?44GC?=" * 16_000,
        b"a\r\n " * 60_000, b"=?a?q?" * 40_000 + b"?=", b'"a" <' * 50_000,
    ],
)  # fmt: skip
def test_a_bomb_ends_quickly(value: bytes) -> None:
    started = time.process_time()
    assert len(headers.mailboxes(value, LIMITS)) <= LIMITS.addresses
    assert len(headers.text(value, LIMITS)) <= LIMITS.header
    parameters.read(value, LIMITS)
    assert time.process_time() - started < 2  # what grows with the square takes minutes


@given(st.binary(max_size=200))
def test_any_octets_are_read(value: bytes) -> None:
    headers.text(value, LIMITS)
    headers.mailboxes(value, LIMITS)
    found = parameters.read(value, LIMITS)
    parameters.names(found, found, LIMITS)


@given(st.text(alphabet="個人番号あい１２12 ", min_size=1, max_size=40), st.integers(1, 9))
def test_words_cut_anywhere_are_joined(text: str, size: int) -> None:
    data = text.encode()
    words = (
        b"=?utf-8?B?" + base64.b64encode(data[i : i + size]) + b"?="
        for i in range(0, len(data), size)
    )
    assert headers.text(b"\r\n ".join(words), LIMITS) == text


def names(disposition: bytes, content_type: bytes = b"a/b") -> tuple[str, ...]:
    read = [parameters.read(headers.unfold(v), LIMITS) for v in (disposition, content_type)]
    return parameters.names(*read, LIMITS)


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (b'attachment; filename="a b.pdf"', "a b.pdf"),
        (b"attachment; filename=a.pdf", "a.pdf"),
        (b"attachment; filename = a.pdf ;", "a.pdf"),
        (b"attachment; FILENAME*=UTF-8'ja'%E8%AB%8B%E6%B1%82.pdf", "請求.pdf"),
        (b"attachment; filename*0*=utf-8''%E8%AB; filename*1*=%8B; filename*2=.pdf", "請.pdf"),
        (b"attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        (b"attachment; filename*=shift_jis''%90%BF%8B%81.pdf", "請求.pdf"),
        (b'attachment; filename="' + word("請求書.pdf") + b'"', "請求書.pdf"),
        (b'attachment; filename="' + word("請求") + b"\r\n " + word("書.pdf") + b'"', "請求書.pdf"),
        (b'attachment; filename="' + word("請求書.pdf", "iso-2022-jp") + b'"', "請求書.pdf"),
        ('attachment; filename="雇用保険台帳_1.xls"'.encode("iso2022_jp"), "雇用保険台帳_1.xls"),
        ("attachment; filename=固定資産台帳.xlsx".encode("iso2022_jp"), "固定資産台帳.xlsx"),
        ('attachment; filename="請求書.pdf"'.encode("cp932"), "請求書.pdf"),
        ('attachment; filename="一覧表.pdf"'.encode("cp932"), "一覧表.pdf"),  # ends in 0x5C
        (b'attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        (b"attachment; filename=(comment)a.pdf", "a.pdf"),
        (b'attachment; filename="open.pdf', "open.pdf"),
        (b"attachment; filename*0*=utf-8''1234;filename*1*=5678", "12345678"),
    ],
)
def test_file_names(disposition: bytes, name: str) -> None:
    assert names(disposition)[0] == name


def test_every_candidate_of_a_name_is_given() -> None:
    assert names(
        b"attachment; filename=\"a.pdf\"; filename*=utf-8''b.exe; filename*0=c; filename*1=.zip",
        b"application/x; name=\"d.doc\"; name*=utf-8''e.xls",
    ) == ("b.exe", "c.zip", "a.pdf", "e.xls", "d.doc")
    twice = b"=?utf-8?q?" + word("請求").replace(b"=", b"=3D").replace(b"?", b"=3F") + b"?="
    assert "請求" in names(b'attachment; filename="' + twice + b'"')
    assert "請求.pdf" in names(b'attachment; filename="%E8%AB%8B%E6%B1%82.pdf"')


def test_a_name_that_only_who_knows_no_escapes_reads_is_given_too() -> None:
    hidden = b'attachment; filename="a\x1b$B12";filename="b.exe";x="\x1b(B.txt"'
    assert "b.exe" in names(hidden)
    inside = b'attachment; filename="\x1b$B12";filename="b.exe";x="c;\x1b(B.txt"'
    assert "b.exe" in names(inside)


def test_parameters_stop_at_their_limit() -> None:
    found = parameters.read(b"a/b" + b"; c=d" * 60, LIMITS)
    assert len(found.parameters) == LIMITS.params
    assert "params_limit" in found.defects


def test_a_thousand_recipients_with_their_names_are_read_to_the_last() -> None:
    name = word("山田 太郎", "iso-2022-jp")
    to = b",\r\n ".join(name + b" <yamada%d@example.co.jp>" % n for n in range(1_000))
    raw = b"From: a@example.co.jp\r\nTo: " + to + b"\r\nSubject: x\r\n\r\nhello\r\n"
    inspect(b"")  # whose first call loads the readers
    started = time.process_time()
    report = inspect(raw)
    assert time.process_time() - started < 3
    assert len(report.headers.to) == 1_000
    assert report.headers.to[-1] == Mailbox("山田 太郎", "yamada999@example.co.jp")
    assert not report.has("uninspectable") and not report.has("ambiguous")
