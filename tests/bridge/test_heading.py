"""Who is named in a header, and how its subject begins: nothing else may change."""

from __future__ import annotations

import email
from email import policy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.heading import NOBODY, broken, copied, marked, unnamed, without
from bridge.inlay import CannotSplice
from detectors import inspect
from detectors.headers import TO_US

BODY = b"\r\nX\r\n.\r\n\xff\xfe binary\r\n"


def ours(address: str) -> bool:
    return address.endswith("@example.co.jp")


def mail(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode() + BODY


def test_it_works() -> None:
    raw = mail(
        "From: h@example.co.jp",
        "to:  A <a@one.example>,\r\n\t=?utf-8?b?5bGx?= <y@example.co.jp> , b@two.example",
        "X-Odd :  kept \r\n  as it is",
        "Cc: c@three.example",
    )
    assert unnamed(raw, ours) == mail(
        "From: h@example.co.jp",
        "to:\r\n\t=?utf-8?b?5bGx?= <y@example.co.jp>",
        "X-Odd :  kept \r\n  as it is",
    )


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("a@one.example", None),
        ("y@example.co.jp", "y@example.co.jp"),
        ('"Sato, Jiro" <s@one.example>, y@example.co.jp', "y@example.co.jp"),
        ('"a, y@example.co.jp, b" <s@one.example>', None),
        ("Y (a, b@one.example) <y@example.co.jp>", "Y (a, b@one.example) <y@example.co.jp>"),
        ("s@one.example; y@example.co.jp", "y@example.co.jp"),
        ("team: y@example.co.jp, s@one.example;", None),
        ("team: y@example.co.jp;", "team: y@example.co.jp;"),
        ("no address at all", None),
        ("y@example.co.jp,, ", "y@example.co.jp,,"),
        ("y@example.co.jp <s@one.example>", None),
    ],
)
def test_only_who_may_be_named_stays(value: str, left: str | None) -> None:
    out = unnamed(mail("From: h@example.co.jp", f"To: {value}"), ours)
    want = NOBODY.decode() if left is None else left
    assert out.removesuffix(BODY).strip().endswith(want.encode())
    assert out.endswith(BODY)


def test_japanese_escapes_hold_no_commas() -> None:
    name = "山、，田".encode("iso-2022-jp")
    raw = b"To: " + name + b" <y@example.co.jp>, s@one.example\r\n" + BODY
    assert unnamed(raw, ours) == b"To: " + name + b" <y@example.co.jp>\r\n" + BODY


def test_a_header_that_is_no_header_is_refused() -> None:
    with pytest.raises(CannotSplice, match="header"):
        unnamed(b"To: s@one.example\r\nno field\r\n" + BODY, ours)


@pytest.mark.parametrize("field", ["Bcc", "Resent-To", "RESENT-CC", "Delivered-To"])
def test_no_other_field_names_them(field: str) -> None:
    out = unnamed(mail("To: y@example.co.jp", f"{field}: s@one.example"), ours)
    assert out == mail("To: y@example.co.jp")


@given(
    st.lists(
        st.sampled_from(
            ["s@one.example", "y@example.co.jp", '"', "(", ")", "<", ">", ",", ";", ":", "\\", " ",
             "\r\n ", "山", "@", "=?utf-8?q?a,?="]
        ),
        max_size=12,
    )
)  # fmt: skip
@example(["y@example.co.jp", '"', ","])
@settings(deadline=None)  # the first one loads the readers
def test_whatever_is_written_nobody_outside_is_read(pieces: list[str]) -> None:
    raw = mail("From: h@example.co.jp", "To: " + "".join(pieces))
    try:
        out = unnamed(raw, ours)
    except CannotSplice:
        return
    headers = inspect(out).headers
    assert all(ours(box.address) for box in headers.to if "@" in box.address)
    assert out.endswith(BODY)


def test_a_copy_is_named_once() -> None:
    raw = mail("To: s@one.example", "CC: <boss@example.co.jp>,")
    assert copied(raw, ("BOSS@example.co.jp",)) == raw
    out = copied(raw, ("a@example.co.jp",))
    assert out == mail("To: s@one.example", "CC: <boss@example.co.jp>,\r\n <a@example.co.jp>")
    assert copied(mail("To: x@y"), ("a@b",)) == mail("To: x@y", "Cc: <a@b>")


def test_what_is_said_to_us_is_taken_out_as_often_as_it_stands_there() -> None:
    raw = mail(
        "To: a@b", "x-sekisho: confirm", "X-Sekisho-Purpose:\r\n a", "X-SEKISHO: b", "Cc: c@d"
    )
    assert without(raw, TO_US) == mail("To: a@b", "Cc: c@d")
    assert without(mail("X-Sekishos: a"), TO_US) == mail("X-Sekishos: a")


@pytest.mark.parametrize(
    "subject", ["Hello", "=?iso-2022-jp?b?GyRCO3NFRBsoQg==?=", "  two\r\n lines", ""]
)
def test_a_mark_stands_before_the_subject_once(subject: str) -> None:
    raw = mail(f"Subject: {subject}", "To: s@one.example")
    out = marked(raw, "【社外】")
    before, after = (email.message_from_bytes(m, policy=policy.default) for m in (raw, out))
    assert after["Subject"].replace(" ", "") == f"【社外】{before['Subject']}".replace(" ", "")
    assert marked(out, "【社外】") == out
    assert not inspect(out).defects or inspect(raw).defects == inspect(out).defects


def test_signatures_that_no_longer_fit_are_named() -> None:
    raw = mail(
        "DKIM-Signature: v=1; d=One.example; h=from:to\r\n\t:subject; b=x",
        "DKIM-Signature: v=1; d=two.example; h=from; b=x",
        "From: h@example.co.jp",
        "To: s@one.example",
    )
    assert broken(raw, raw) == ()
    assert broken(raw, unnamed(raw, ours)) == ("one.example",)
    assert broken(raw, raw + b"x\r\n") == ("one.example", "two.example")
