"""Header surgery by offset, and fields of our own that cannot break out of their line."""

import email.header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.fields import (
    fields,
    mailboxes,
    parameter,
    remove_fields,
    remove_header,
    replace_header,
    unstructured,
)
from bridge.inlay import CannotSplice
from detectors.budget import Limits
from detectors.headers import mailboxes as read_mailboxes
from detectors.headers import text as read_text
from detectors.report import Mailbox, Span

RAW = b"Subject: a\r\n b\r\nTo: x@y.jp\r\nSUBJECT : c\r\nX-Empty:\r\n\r\nSubject: in the body\r\n"


def test_it_works() -> None:
    out = replace_header(RAW, "Subject", b"d")
    assert out == b"Subject: d\r\nTo: x@y.jp\r\nX-Empty:\r\n\r\nSubject: in the body\r\n"


def test_a_missing_field_becomes_the_last_one() -> None:
    assert replace_header(RAW, "X-New", b"1") == RAW.replace(b"\r\n\r\n", b"\r\nX-New: 1\r\n\r\n")
    assert replace_header(b"\r\nbody", "X-New", b"1") == b"X-New: 1\r\n\r\nbody"
    assert replace_header(b"To: a", "X-New", b"1") == b"To: a\r\nX-New: 1\r\n"


def test_removing_takes_folds_along_and_leaves_the_body() -> None:
    out = remove_header(RAW, "subject")
    assert out == b"To: x@y.jp\r\nX-Empty:\r\n\r\nSubject: in the body\r\n"
    assert remove_header(RAW, "Bcc") == RAW


def test_removing_by_offset_takes_whole_fields_of_the_header_only() -> None:
    spans = [field.span for field in fields(RAW[: RAW.index(b"\r\n\r\n") + 2])]
    assert remove_fields(RAW, spans[:1]) == RAW[16:]
    for wrong in (Span(0, 10), Span(spans[-1].end + 2, len(RAW))):
        with pytest.raises(CannotSplice, match="offsets"):
            remove_fields(RAW, [wrong])


@pytest.mark.parametrize("raw", [b"a\r\n\r\n", b" a: b\r\n\r\n", b"A: b\nB: c\r\n\r\n"])
def test_a_header_with_a_line_that_is_no_field_is_refused(raw: bytes) -> None:
    with pytest.raises(CannotSplice, match="header"):
        remove_header(raw, "A")


@pytest.mark.parametrize(
    "value", [b"a\r\nBcc: x", b"a\nb", b"a\rb", b"a\0", b"a\r\n \r\nb", b"a\r\n"]
)
def test_a_value_that_breaks_out_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="line break"):
        replace_header(RAW, "Subject", value)


@pytest.mark.parametrize("bad", ["a\r\nBcc: x", "a\nb", "a\rb", "a\0b"])
def test_no_text_of_ours_may_hold_a_line_break(bad: str) -> None:
    for write in (
        lambda: unstructured("Subject", bad),
        lambda: mailboxes("To", [Mailbox(bad, "a@b.jp")]),
        lambda: parameter("filename", bad),
    ):
        with pytest.raises(ValueError, match="line break"):
            write()


@pytest.mark.parametrize("name", ["", "a b", "a:", "件名", "a\r\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        replace_header(RAW, name, b"x")


@pytest.mark.parametrize("address", ["", "a", "a@b>, <c@d.jp", "a b@c.jp", "あ@b.jp", "a@b\r\n"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        mailboxes("To", [Mailbox("", address)])


@pytest.mark.parametrize(
    "who",
    [
        Mailbox("", "a..b.@docomo.ne.jp"),
        Mailbox("山田 花子", "yamada@example.co.jp"),
        Mailbox('Doe, "J" \\', "j@x.jp"),
        Mailbox("=?utf-8?q?a?=", "j@x.jp"),
        Mailbox("株" * 60, "j@x.jp"),
    ],
)
def test_a_mailbox_is_read_as_it_was_meant(who: Mailbox) -> None:
    value = mailboxes("To", [who, who])
    assert read_mailboxes(value, Limits()) == (who, who)
    assert max(map(len, value.split(b"\r\n"))) <= 78


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=["Cc"]))
)
def test_any_text_survives_as_a_subject(text: str) -> None:
    value = unstructured("Subject", text)
    assert max(map(len, value.split(b"\r\n"))) <= 990 and value.isascii()
    ours = read_text(value, Limits(encoded_words=10_000))
    others = str(email.header.make_header(email.header.decode_header(value.decode())))
    assert ours.split() == others.split() == text.split()


@pytest.mark.parametrize("name", ["a.zip", "一覧 (1).xlsx", 'a"b.txt', "a%b'c.txt"])
def test_a_file_name_is_read_as_it_was_meant(name: str) -> None:
    part = email.message_from_bytes(
        b"Content-Disposition: attachment" + parameter("filename", name) + b"\r\n\r\n"
    )
    assert part.get_filename() == name
