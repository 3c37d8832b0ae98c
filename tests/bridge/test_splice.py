"""Attachments out, the link part in, and every other octet where it was."""

from __future__ import annotations

import email
import email.message
import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.link_part import html, text, words
from bridge.splice import CannotSplice, drop, take_out
from detectors import inspect, mime
from tests.bridge.letters import (
    NOTICE,
    PNG,
    attached,
    crlf,
    entity,
    mail,
    multipart,
)

BODY = "佐藤様\r\n\r\nお世話になっております。①は別紙です。\r\n"
JIS = "佐藤様\r\n\r\nお世話になっております。\r\n".encode("iso2022_jp")
PAGE = (
    "<html><head><title>a</title></head>\r\n"
    '<body lang="JA" class="a>b"><p>佐藤様</p></body></html>\r\n'
)
RULE = "_" * 48


def leaves(raw: bytes) -> list[email.message.Message]:
    """What an independent reader sees."""
    return [p for p in email.message_from_bytes(raw).walk() if not p.is_multipart()]


def shown(part: email.message.Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(part.get_content_charset() or "ascii").replace("\r\n", "\n")


def paths(raw: bytes) -> frozenset[str]:
    return frozenset(part.path for part in inspect(raw).attachments)


def sealed(raw: bytes) -> bytes:
    out = take_out(raw, inspect(raw), paths(raw), words(NOTICE))
    assert not mime.read(out).defects
    assert out.count(b"\r\n") == out.count(b"\n") == out.count(b"\r")
    return out


def with_text(content_type: str, body: bytes, encoding: str) -> bytes:
    return mail(multipart("mixed", "b1", entity(content_type, body, encoding), attached()))


def test_it_works() -> None:
    raw = with_text("text/plain; charset=utf-8", BODY.encode(), "8bit")
    out = sealed(raw)
    assert [p.get_content_type() for p in leaves(out)] == ["text/plain"]
    assert shown(leaves(out)[0]) == f"{text(NOTICE)}{RULE}\n{BODY}".replace("\r\n", "\n")
    head, tail = raw.split(BODY.encode())
    assert out.startswith(head) and out.endswith(BODY.encode() + b"\r\n--b1--\r\n")


@pytest.mark.parametrize(
    ("charset", "codec", "encoding"),
    [
        ("iso-2022-jp", "iso2022_jp", "7bit"),
        ("iso-2022-jp", "iso2022_jp", "quoted-printable"),
        ("iso-2022-jp", "iso2022_jp", "base64"),
        ("Shift_JIS", "shift_jis", "8bit"),
        ("windows-31j", "cp932", "8bit"),
        ("cp932", "cp932", "base64"),
        ("euc-jp", "euc_jp", "8bit"),
        ("euc-jp", "euc_jp", "quoted-printable"),
        ("utf-8", "utf-8", "8bit"),
        ("UTF-8", "utf-8", "base64"),
        ("utf-8", "utf-8", "quoted-printable"),
    ],
)
@pytest.mark.parametrize("length", range(4))
def test_text_keeps_its_charset_and_encoding(
    charset: str, codec: str, encoding: str, length: int
) -> None:
    body = "佐藤様 " + "a" * length + "\r\n本文です。\r\n"
    raw = with_text(f"text/plain; charset={charset}; format=flowed", body.encode(codec), encoding)
    out = sealed(raw)
    (part,) = leaves(out)
    assert (part.get_content_charset(), part["Content-Transfer-Encoding"]) == (
        charset.lower(),
        encoding,
    )
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    pattern = re.escape(text(NOTICE)) + RULE + "_{0,2}\n" + re.escape(body.replace("\r\n", "\n"))
    assert re.fullmatch(pattern, payload.decode(codec).replace("\r\n", "\n").rstrip("\n") + "\n")
    before, after = raw.index(b"\r\n\r\n--b1"), raw.index(b"\r\n--b1\r\nContent-Type: application")
    assert out.startswith(raw[:before])
    kept = raw[raw.index(b"\r\n\r\n", before + 6) + 4 : after]
    assert kept.strip(b"\r\n")[10:] in out


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "base64", "quoted-printable"])
@pytest.mark.parametrize("body", ["<p>x</p>\r\n", PAGE, PAGE.replace('lang="JA"', "x" * 70)])
@pytest.mark.parametrize("codec", ["utf-8", "iso2022_jp", "shift_jis"])
def test_html_gets_it_behind_its_body_tag(encoding: str, body: str, codec: str) -> None:
    if encoding == "7bit" and codec != "iso2022_jp":
        body = body.replace("佐藤様", "Dr. Sato")
    charset = codec.replace("iso2022_jp", "iso-2022-jp")
    out = sealed(with_text(f"text/html; charset={charset}", body.encode(codec), encoding))
    (part,) = leaves(out)
    tag = re.search(r'<body lang="JA" class="a>b">|<body x+ class="a>b">', body)
    at = tag.end() if tag else 0
    got = shown(part)
    want = html(NOTICE)
    assert part["Content-Transfer-Encoding"] == encoding
    assert got.startswith(body[:at].replace("\r\n", "\n") + "\n" + want)
    left = got.removeprefix(body[:at].replace("\r\n", "\n") + "\n" + want)
    assert left.lstrip(" \n").rstrip() == body[at:].replace("\r\n", "\n").rstrip()


@pytest.mark.parametrize(
    ("page", "head"),
    [
        ("<!-- <body> --><body><p>a", "<!-- <body> --><body>"),
        ("<!--[if !mso]><!--><body>a<!--<![endif]-->", "<!--[if !mso]><!--><body>"),
        ("<style><!-- <body> --></style><BODY\r\nbgcolor=white>a", "bgcolor=white>"),
        ("<script>'<body>'</script ><body>a", "</script ><body>"),
        ("<head></head><p>a", "<head></head>"),
        ("<tbody><bodyguard>a", ""),
        ("\x1b$B<body>\x1b(B<body>a", "\x1b(B<body>"),
    ],
)
def test_html_is_not_deceived_by_what_only_looks_like_a_body(page: str, head: str) -> None:
    out = sealed(with_text("text/html; charset=iso-2022-jp", page.encode(), "7bit"))
    before, _, _ = out.partition(b"\r\n" + crlf(html(NOTICE).encode()))
    assert before.endswith(head.encode() or b"\r\n\r\n")


@pytest.mark.parametrize("page", ["<!-- <p>a", "<script>a", '<body class="a><p>'])
def test_html_that_never_shows_its_body_is_refused(page: str) -> None:
    with pytest.raises(CannotSplice, match="html"):
        sealed(with_text("text/html", page.encode(), "7bit"))


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable"])
def test_a_boundary_hidden_behind_the_body_tag_does_not_come_true(encoding: str) -> None:
    inner = entity("text/html", b"<body>--b1\r\nContent-Type: text/html\r\n\r\nx", encoding)
    raw = mail(multipart("mixed", "b1", inner, attached()))
    with pytest.raises(CannotSplice, match="inlay"):
        sealed(raw)


@pytest.mark.parametrize(
    ("charset", "body", "encoding"),
    [
        ("; charset=us-ascii", b"Dear Sato,\r\n", "7bit"),
        ("", b"Dear Sato,\r\n", ""),
        ("; charset=utf-8", b"Dear Sato,\r\n", "7bit"),
        ("; charset=iso-8859-1", b"Dear Sato,\r\n", "quoted-printable"),
    ],
)
def test_text_that_cannot_hold_japanese_becomes_utf8_alone(
    charset: str, body: bytes, encoding: str
) -> None:
    raw = with_text(f"text/plain{charset}; format=flowed; delsp=yes", body, encoding)
    out = sealed(raw)
    (part,) = leaves(out)
    assert (part.get_content_charset(), part.get_param("format")) == ("utf-8", "flowed")
    assert part.get_param("delsp") == "yes"
    assert shown(part) == f"{text(NOTICE)}{RULE}\nDear Sato,\n"
    start = raw.index(b"--b1\r\n") + 6
    assert out[:start] == raw[:start] and out.endswith(b"\r\n--b1--\r\n")


def test_a_name_outside_of_the_charset_makes_utf8_of_row_13_too() -> None:
    body = b"\x1b$B-!-j\x1b(B\r\n"  # ① and ㈱ of CP50221, which Python does not know
    raw = with_text("text/plain; charset=iso-2022-jp", body, "7bit")
    notice = replace(NOTICE, sender="髙橋")
    out = take_out(raw, inspect(raw), paths(raw), words(notice))
    assert shown(leaves(out)[0]) == f"{text(notice)}{RULE}\n①㈱\n"


def test_each_alternative_gets_it_and_pictures_stay() -> None:
    page = '<body>佐藤様 <img src="cid:1@x"></body>\r\n'.encode()
    related = multipart(
        "related",
        "b3",
        entity("text/html; charset=utf-8", page, "quoted-printable"),
        entity("image/png", PNG, "base64", "Content-ID: <1@x>", "Content-Disposition: inline"),
    )
    plain = entity("text/plain; charset=iso-2022-jp", JIS, "7bit")
    raw = mail(
        multipart(
            "mixed", "b1", multipart("alternative", "b2", plain, related), attached("請求書.xlsx")
        )
    )
    out = sealed(raw)
    first, second, picture = leaves(out)
    assert shown(first).startswith(text(NOTICE)) and html(NOTICE) in shown(second)
    assert picture.get_payload(decode=True) == PNG
    assert "請求書".encode() not in out


def test_a_nested_multipart_that_would_be_empty_goes_too() -> None:
    inner = multipart("mixed", "b2", attached("a.xlsx"), attached("b.xlsx"))
    raw = mail(multipart("mixed", "b1", entity("text/plain", b"a\r\n"), inner))
    assert b"--b2" not in sealed(raw)


def test_a_message_that_is_the_attachment_becomes_text() -> None:
    raw = mail(attached("一覧.xlsx"))
    out = sealed(raw)
    (part,) = leaves(out)
    assert part.get_content_type() == "text/plain" and shown(part) == text(NOTICE)
    assert part["Content-Disposition"] is None and "一覧".encode() not in out
    assert b"X-Odd:   kept \r\n\tas it is\r\n" in out


def test_a_mail_without_text_gets_a_part_for_it() -> None:
    picture = entity("image/png", PNG, "base64", "Content-ID: <1@x>")
    out = sealed(mail(multipart("mixed", "b1", attached(), picture)))
    first, second = leaves(out)
    assert shown(first) == text(NOTICE) and second.get_payload(decode=True) == PNG


@pytest.mark.parametrize("empty", [b"", b"\r\n", b"Content-Type: text/plain\r\n"])
def test_an_empty_text_part_is_filled(empty: bytes) -> None:
    (part,) = leaves(sealed(mail(multipart("mixed", "b1", empty, attached()))))
    assert shown(part).startswith(text(NOTICE))


def test_text_of_an_attached_mail_is_not_ours_to_change() -> None:
    inner = entity("message/rfc822", mail(entity("text/plain", b"inner\r\n")))
    raw = mail(multipart("mixed", "b1", inner, entity("text/plain; charset=utf-8", b"outer\r\n")))
    out = take_out(raw, inspect(raw), frozenset(), words(NOTICE))
    assert b"\r\n\r\ninner\r\n" in out
    assert shown(leaves(out)[1]).startswith(text(NOTICE))


def test_dropping_leaves_no_trace_and_no_notice() -> None:
    raw = mail(
        multipart("mixed", "b1", entity("text/plain", b"a\r\n"), attached("x"), attached("y"))
    )
    start, end = (m.start() for m in list(re.finditer(rb"--b1\r\n", raw))[1:])
    assert drop(raw, inspect(raw), frozenset({"2"})) == raw[:start] + raw[end:]
    assert drop(raw, inspect(raw), frozenset()) == raw


@pytest.mark.parametrize(
    ("raw", "taken", "reason"),
    [
        (mail(multipart("signed", "b", entity("text/plain", b"a"), attached())), "2", "signed"),
        (mail(entity("text/plain; charset=x-odd", b"\xff")), None, "charset"),
        (mail(entity("text/html; charset=utf-16", b"<\0p\0>\0", "base64")), None, "charset"),
        (mail(entity("text/plain", b"", "base64") + b"MT?Iz\r\n"), None, "transfer_encoding"),
        (mail(entity("text/plain", b"a", "x-uuencode")), None, "ambiguous"),
        (mail(entity("text/plain", b"a\nb")), None, "line_ends"),
        (mail(entity("text/plain", b"a")), "7", "unknown_part"),
        (mail(entity("image/png", PNG, "base64")), None, "no_text"),
        (
            mail(multipart("related", "b", attached(), entity("image/png", PNG, "base64"))),
            "1",
            "related_root",
        ),
    ],
)
def test_it_refuses(raw: bytes, taken: str | None, reason: str) -> None:
    with pytest.raises(CannotSplice, match=reason):
        take_out(raw, inspect(raw), frozenset({taken} if taken else ()), words(NOTICE))


SIGNED = multipart(
    "signed", "s", entity("text/plain", b"s\r\n"), entity("application/pgp-signature", b"x")
)


def test_what_is_signed_beside_may_stay_and_an_attached_signed_mail_may_go() -> None:
    plain = entity("text/plain; charset=utf-8", b"a\r\n", "8bit")
    inner = entity("message/rfc822", mail(SIGNED), "", "Content-Disposition: attachment")
    raw = mail(multipart("mixed", "b1", plain, attached(), inner, SIGNED))
    report = inspect(raw)
    assert report.has("signed")
    out = take_out(raw, report, frozenset({"2", "3"}), words(NOTICE))
    assert out.count(SIGNED) == 1 and raw.count(SIGNED) == 2


@pytest.mark.parametrize(
    "first", [SIGNED, entity("text/plain", b"-----BEGIN PGP SIGNED MESSAGE-----\r\n")]
)
def test_a_signed_text_is_not_written_into(first: bytes) -> None:
    with pytest.raises(CannotSplice, match="signed"):
        sealed(mail(multipart("mixed", "b1", first, attached())))


def test_it_refuses_offsets_that_do_not_stand_on_a_delimiter() -> None:
    raw = with_text("text/plain", b"a\r\n", "7bit")
    report = inspect(raw)
    moved = replace(report.parts[2], header=report.parts[1].body)
    with pytest.raises(CannotSplice, match="delimiter"):
        drop(raw, replace(report, parts=(*report.parts[:2], moved)), frozenset({"2"}))


# --- any structure -------------------------------------------------------------------------------

WORDS = st.text("abc あ漢①<>=_-. \t", max_size=80)
LINES = st.lists(WORDS, max_size=6).map(lambda x: "".join(line + "\r\n" for line in x))
ENCODING = st.sampled_from(["8bit", "base64", "quoted-printable"])
TEXT = st.builds(
    lambda kind, body, enc: entity(f"text/{kind}; charset=utf-8", body.encode(), enc),
    st.sampled_from(["plain", "html"]),
    LINES.filter(lambda x: "<!--" not in x),
    ENCODING,
)
ATTACHED = st.builds(attached, st.just("f.bin"), st.binary(max_size=200), st.just("base64"))
PICTURE = st.builds(
    lambda data: entity("image/png", data, "base64", "Content-ID: <1@x>"), st.binary(max_size=99)
)


@dataclass(frozen=True)
class Branch:
    kind: str
    inside: list[Branch | bytes]

    def render(self, path: str = "=_") -> bytes:
        """Boundaries are named by place, and end so that none begins with another."""
        parts = (
            node if isinstance(node, bytes) else node.render(f"{path}{number}.")
            for number, node in enumerate(self.inside)
        )
        return multipart(self.kind, path + "?", *parts)


NODE: st.SearchStrategy[Branch | bytes] = st.recursive(
    TEXT | ATTACHED | PICTURE,
    lambda node: st.builds(
        Branch,
        st.sampled_from(["mixed", "alternative"]),
        st.lists(node, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
MAIL = st.builds(
    lambda first, nodes: mail(Branch("mixed", [first, *nodes]).render()),
    TEXT | PICTURE,
    st.lists(NODE, max_size=4),
)


@settings(max_examples=50, deadline=None)
@given(MAIL)
def test_dropping_keeps_every_other_part_for_any_reader(raw: bytes) -> None:
    out = drop(raw, inspect(raw), paths(raw))
    kept = [p.as_bytes() for p in leaves(raw) if p.get_content_disposition() != "attachment"]
    assert [p.as_bytes() for p in leaves(out)] == kept
    assert not any(d.structural for d in mime.read(out).defects)
    assert _in_order(raw, out)


@settings(max_examples=50, deadline=None)
@given(MAIL)
def test_taking_out_adds_and_removes_but_changes_nothing_else(raw: bytes) -> None:
    report = inspect(raw)
    out = take_out(raw, report, paths(raw), words(NOTICE))
    assert out.count(b"\r\n") == out.count(b"\n") == out.count(b"\r")
    assert not any(d.structural for d in mime.read(out).defects)
    kept = [p for p in leaves(raw) if p.get_content_disposition() != "attachment"]
    left = leaves(out)
    told = [p for p in left if NOTICE.pickup in _readable(p)]
    assert told
    added = len(left) - len(kept)
    assert added in (0, 1)
    rest = out
    for stretch in [] if added else _around_texts(drop(raw, report, paths(raw))):
        _, found, rest = rest.partition(stretch or b"\r\n")
        assert found
    for old, new in zip(kept, left[added:], strict=True):
        if new not in told:
            assert old.as_bytes() == new.as_bytes()
        elif new.get_content_type() == "text/plain":
            assert _readable(new).endswith(_readable(old))


def _readable(part: email.message.Message) -> str:
    return shown(part) if part.get_content_maintype() == "text" else ""


def _around_texts(raw: bytes) -> list[bytes]:
    """The octets that no link part may touch, in order: headers, delimiters, all other bodies."""
    texts = [p for p in inspect(raw).parts if p.media_type.startswith("text/")]
    bounds = [0, *(at for p in texts for at in (p.header.start, p.body.end)), len(raw)]
    return [raw[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]


def _in_order(raw: bytes, out: bytes) -> bool:
    """`out` is `raw` with lines cut out."""
    lines = iter(raw.split(b"\r\n"))
    return all(line in lines for line in out.split(b"\r\n"))
