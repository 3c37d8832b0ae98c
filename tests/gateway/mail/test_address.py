"""Which envelope addresses we take, and when two of them are the same mailbox."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.address import (
    RCPT_PARAMETERS,
    Address,
    BadAddress,
    BadParameter,
    PathError,
    UnknownParameter,
    domain_key,
    domain_matches,
    parse_address,
    parse_path,
)


def test_it_works() -> None:
    address, parameters = parse_path("<Taro.Yamada@Example.co.jp> SIZE=1024 BODY=8BITMIME")
    assert address == Address("Taro.Yamada", "Example.co.jp")
    assert address.text == str(address) == "Taro.Yamada@Example.co.jp"
    assert address.key == "taro.yamada@example.co.jp"
    assert parameters == {"SIZE": "1024", "BODY": "8BITMIME"}


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("<a..b@docomo.ne.jp>", "a..b@docomo.ne.jp"),
        ("<.a@docomo.ne.jp>", ".a@docomo.ne.jp"),
        ("<a.@ezweb.ne.jp>", "a.@ezweb.ne.jp"),
        ('<"a b"@example.jp>', '"a b"@example.jp'),
        (r'<"a\"b@c"@example.jp>', r'"a\"b@c"@example.jp'),
        ('<"a>b"@example.jp>', '"a>b"@example.jp'),
        (" <a@b.jp>", "a@b.jp"),
        ("<postmaster>", "postmaster"),
        ("<Postmaster@b.jp>", "Postmaster@b.jp"),
        ("<a@localhost>", "a@localhost"),
        ("<o'neil+tag=x/y@3com.example>", "o'neil+tag=x/y@3com.example"),
        ("<a@xn--r8jz45g.jp>", "a@xn--r8jz45g.jp"),
        ("<" + "l" * 64 + "@b.jp>", "l" * 64 + "@b.jp"),
    ],
)
def test_takes(argument: str, text: str) -> None:
    address, parameters = parse_path(argument)
    assert address is not None and address.text == text and parameters == {}


def test_the_null_path_is_nobody() -> None:
    assert parse_path("<>") == (None, {})


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "a@b.jp",
        "<a@b.jp",
        "a@b.jp>",
        "<<a@b.jp>>",
        "<a@b.jp>x",
        "< >",
        "<a b@c.jp>",
        "<@a.jp:b@c.jp>",
        "<@a.jp,@b.jp:c@d.jp>",
        "<a>",
        "<a@>",
        "<@b.jp>",
        "<a@b@c.jp>",
        "<a@b..jp>",
        "<a@.b.jp>",
        "<a@b.jp.>",
        "<a@-b.jp>",
        "<a@b-.jp>",
        "<a@b_c.jp>",
        "<a@192.0.2.1>",
        "<a@[192.0.2.1]>",
        "<a@" + "b" * 64 + ".jp>",
        "<" + "l" * 65 + "@b.jp>",
        "<a@" + "b." * 126 + "jp>",
        "<a\0@b.jp>",
        "<a\t@b.jp>",
        "<a\r\n@b.jp>",
        '<"a\nb"@b.jp>',
        "<a\x7f@b.jp>",
        '<"a@b.jp>',
        '<"a"b@c.jp>',
        "<a(comment)@b.jp>",
        "<a;b@c.jp>",
        "<山田@例え.jp>",
    ],
)
def test_refuses(argument: str) -> None:
    with pytest.raises(BadAddress):
        parse_path(argument)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("山田@例え.jp", "山田@xn--r8jz45g.jp"),
        ("a@例え.JP", "a@xn--r8jz45g.jp"),
        ("Ünal@BÜCHER.example", "ünal@xn--bcher-kva.example"),
    ],
)
def test_international_when_smtputf8_was_asked_for(text: str, key: str) -> None:
    address, parameters = parse_path(f"<{text}> SMTPUTF8")
    assert address is not None and address.text == text and address.key == key
    assert parameters == {"SMTPUTF8": ""}
    assert parse_address(text, utf8=True) == address


@pytest.mark.parametrize("char", ["\u202e", "\u200b", "\u3000", "\ufeff", "\u0085", "\ud800"])
def test_refuses_what_a_person_would_not_see(char: str) -> None:
    with pytest.raises(BadAddress, match="control"):
        parse_path(f"<a{char}b@c.jp> SMTPUTF8")


@pytest.mark.parametrize("domain", ["例え..jp", "例え。jp", "-例.jp", "\u2615.jp", "例" * 64])
def test_refuses_international_domains_that_are_none(domain: str) -> None:
    with pytest.raises(BadAddress):
        parse_address(f"a@{domain}", utf8=True)


@pytest.mark.parametrize("literal", ["[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_address_literals_by_switch(literal: str) -> None:
    assert parse_path(f"<a@{literal}>", literals=True)[0] == Address("a", literal)


@pytest.mark.parametrize("literal", ["[192.0.2.256]", "[2001:db8::1]", "[IPv6:192.0.2.1]", "[x]"])
def test_a_broken_literal_is_refused_even_then(literal: str) -> None:
    with pytest.raises(BadAddress):
        parse_path(f"<a@{literal}>", literals=True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Taro@A.jp", "taro@a.JP", True),
        ('"taro"@a.jp', "taro@a.jp", True),
        ('"a..b"@docomo.ne.jp', "a..b@docomo.ne.jp", True),
        (r'"t\aro"@a.jp', "taro@a.jp", True),
        ("か\u3099@a.jp", "が@a.jp", True),
        ("a@例え.jp", "a@xn--r8jz45g.jp", True),
        ("a.b@a.jp", "ab@a.jp", False),
        ("a@a.jp", "a@b.a.jp", False),
    ],
)
def test_one_mailbox_has_one_key(one: str, other: str, same: bool) -> None:
    keys = [parse_address(text, utf8=True).key for text in (one, other)]
    assert (keys[0] == keys[1]) is same


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("size=0", {"SIZE": "0"}),
        ("SIZE=1  BODY=8bitmime", {"SIZE": "1", "BODY": "8bitmime"}),
        ("RET=HDRS ENVID=QQ314159", {"RET": "HDRS", "ENVID": "QQ314159"}),
        ("ENVID=a+2Bb+3Dc", {"ENVID": "a+2Bb+3Dc"}),
        ("AUTH=<>", {"AUTH": "<>"}),
    ],
)
def test_mail_parameters(parameters: str, expected: dict[str, str]) -> None:
    assert parse_path(f"<a@b.jp> {parameters}")[1] == expected


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("NOTIFY=NEVER", {"NOTIFY": "NEVER"}),
        ("notify=success,Failure", {"NOTIFY": "success,Failure"}),
        ("ORCPT=rfc822;Bob@c.jp", {"ORCPT": "rfc822;Bob@c.jp"}),
    ],
)
def test_rcpt_parameters(parameters: str, expected: dict[str, str]) -> None:
    assert parse_path(f"<a@b.jp> {parameters}", RCPT_PARAMETERS)[1] == expected


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ("SIZE=", BadParameter),
        ("SIZE", BadParameter),
        ("SIZE=-1", BadParameter),
        ("SIZE=" + "9" * 21, BadParameter),
        ("SIZE=1 SIZE=2", BadParameter),
        ("BODY=BINARYMIME", BadParameter),
        ("SMTPUTF8=yes", BadParameter),
        ("RET=ALL", BadParameter),
        ("ENVID=a+00b", BadParameter),
        ("ENVID=a+0Ab", BadParameter),
        ("ENVID=a+b", BadParameter),
        ("ENVID=" + "a" * 101, BadParameter),
        ("NOTIFY=NEVER", UnknownParameter),
        ("<c@d.jp", UnknownParameter),
        ("REQUIRETLS", UnknownParameter),
        ("=", UnknownParameter),
    ],
)
def test_refuses_parameters(parameters: str, error: type[PathError]) -> None:
    with pytest.raises(error):
        parse_path(f"<a@b.jp> {parameters}")


@given(st.text(alphabet='<>@"\\.a [:,]=\x00\r\n山', max_size=30))
def test_any_text_gives_an_address_that_parses_again_or_a_named_error(text: str) -> None:
    try:
        address, _ = parse_path(text, utf8=True, literals=True)
    except PathError:
        return
    if address is not None:
        assert not set(address.text) & set("\0\r\n")
        assert parse_path(f"<{address.text}>", utf8=True, literals=True)[0] == address
        assert address.key


OWN = ("example.co.jp", ".example.jp", "-lab.example.jp", "-.guest.example.jp", "例え.jp")


@pytest.mark.parametrize(
    ("domain", "ours"),
    [
        ("example.co.jp", True),
        ("EXAMPLE.co.jp", True),
        ("sub.example.co.jp", False),
        ("badexample.co.jp", False),
        ("a.example.jp", True),
        ("a.b.example.jp", True),
        ("example.jp", False),
        ("badexample.jp", False),
        ("lab.example.jp", False),
        ("x.guest.example.jp", False),
        ("guest.example.jp", True),
        ("xn--r8jz45g.jp", True),
        ("", False),
    ],
)
def test_domain_lists(domain: str, ours: bool) -> None:
    assert domain_matches(domain, OWN) is ours
    assert domain_matches(domain, reversed(OWN)) is ours


def test_a_list_with_a_broken_pattern_is_an_error() -> None:
    with pytest.raises(BadAddress):
        domain_matches("a.jp", ["*.jp"])


def test_domain_key_of_a_literal_keeps_its_brackets() -> None:
    assert domain_key("[IPv6:2001:DB8::1]") == "[ipv6:2001:db8::1]"
