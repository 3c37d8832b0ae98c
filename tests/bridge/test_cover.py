"""A neutral mail outside, and a page that shows the mail and does nothing else."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from bridge.cover import cover_letter, readable
from bridge.link_part import text
from detectors import inspect, mime
from detectors.report import Headers, Mailbox, Report
from tests.bridge.letters import NOTICE, attached, entity, mail, multipart

YAMADA = Mailbox("山田 花子", "yamada@example.co.jp")
SATO = Mailbox("佐藤 次郎", "sato@sr-office.example.jp")
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
HEADERS = Headers(
    subject="11月分 ●●●● ●●●● ●●●●",
    message_id="<old@example.co.jp>",
    in_reply_to="<asked@sr-office.example.jp>",
    references=("<first@x.jp>", "<asked@sr-office.example.jp>"),
    date="Fri, 20 Nov 2026 14:18:00 +0900",
)


def letter(headers: Headers = HEADERS, subject: str = "", **more: object) -> EmailMessage:
    raw = cover_letter(
        Report(headers=headers),
        replace(NOTICE, whole=True),
        YAMADA,
        (SATO,),
        subject or headers.subject,
        message_id="<new@example.co.jp>",
        now=NOW,
        **more,  # type: ignore[arg-type]
    )
    assert not mime.read(raw).defects and raw.isascii() and raw.count(b"\n") == raw.count(b"\r\n")
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(read, EmailMessage) and not read.defects
    return read


def test_it_works() -> None:
    read = letter(cc=(YAMADA,))
    assert read["From"] == "山田 花子 <yamada@example.co.jp>"
    assert read["To"] == "佐藤 次郎 <sato@sr-office.example.jp>"
    assert read["Cc"] == "山田 花子 <yamada@example.co.jp>"
    assert read["Subject"] == HEADERS.subject
    assert read["Date"] == HEADERS.date
    assert read["Message-ID"] == "<new@example.co.jp>"
    assert read["In-Reply-To"] == HEADERS.in_reply_to
    assert read["References"].split() == list(HEADERS.references)


def test_its_only_text_is_the_link_part() -> None:
    plain, page = letter().iter_parts()
    assert isinstance(plain, EmailMessage) and isinstance(page, EmailMessage)
    assert plain.get_content().replace("\r\n", "\n") == text(replace(NOTICE, whole=True))
    assert NOTICE.url in page.get_content()


@pytest.mark.parametrize("date", ["", "soon", "Fri, 99 Nov 2026", "●●●● ●●●● ●●●●"])
def test_a_date_that_is_none_is_today(date: str) -> None:
    assert letter(replace(HEADERS, date=date))["Date"].datetime == NOW


@pytest.mark.parametrize(
    "masked", ["<●●●●●●●●●●●●@x.jp>", "a@x.jp", "<a@x.jp>\r\nBcc: <b@x.jp>", ""]
)
def test_a_thread_that_cannot_be_named_is_left_out(masked: str) -> None:
    read = letter(replace(HEADERS, in_reply_to=masked, references=(masked, "<first@x.jp>")))
    assert read["In-Reply-To"] is None and read["References"] == "<first@x.jp>"
    assert read["Bcc"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("subject", "a\r\nBcc: x@y.jp"), ("message_id", "<a@b>\r\nX: <c@d>"), ("message_id", "a@b")],
)
def test_it_refuses_a_field_that_breaks_out(field: str, value: str) -> None:
    given: dict[str, object] = {"subject": "a", "message_id": "<a@b>", field: value}
    subject = str(given.pop("subject"))
    with pytest.raises(ValueError):
        cover_letter(Report(), NOTICE, YAMADA, (SATO,), subject, now=NOW, **given)  # type: ignore[arg-type]


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def page_of(raw: bytes, body: str) -> Seen:
    seen = Seen()
    seen.feed(readable(raw, inspect(raw), body).decode())
    return seen


def test_readable_shows_header_names_and_body() -> None:
    raw = mail(multipart("mixed", "b", entity("text/plain", b"a"), attached("k.xlsx")))
    seen = page_of(raw, "佐藤様\r\n本文です。")
    for said in ("山田 <yamada@example.co.jp>", "sato@sr-office", "給与", "k.xlsx", "佐藤様\n本文"):
        assert said in seen.said


def test_readable_has_nothing_that_acts() -> None:
    raw = mail(entity("text/plain", b"a")).replace(b"X-Odd:", b"Cc: <script>x</script>\r\nX-Odd:")
    evil = '</pre><script>a</script><img src="https://x/1"><a href="javascript:a">\u202e\x00'
    page = readable(raw, inspect(raw), evil).decode()
    seen = page_of(raw, evil)
    allowed = "html head meta title style body table tr th td hr pre"
    assert seen.tags == set(allowed.split())
    assert "default-src 'none'" in page and "\u202e" not in page and "\0" not in page


def test_readable_hides_no_second_subject() -> None:
    raw = b"Subject: one\r\nSubject: =?utf-8?q?two?=\r\n" + entity("text/plain", b"a")
    assert "one / two" in page_of(raw, "").said
