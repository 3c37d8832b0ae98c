"""A bounce says who did not get the mail and why, can always be written, and quotes nothing."""

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.dsn import DELAYED, FAILED, RELAYED, report
from gateway.mail.hop import Result

NOW = datetime(2026, 11, 21, 5, 18, tzinfo=UTC)
LETTER = {
    "mail_from": "hanako@example.co.jp",
    "subject": "見積書 ●●●●-●●●●-●●●● の件",
    "message_id": "<1@example.co.jp>",
    "header_from": "hanako@example.co.jp",
    "envid": "QQ314159",
    "received_at": NOW,
}
REFUSED = Result("failed", "550 5.1.1 no such user", "mx.partner.example:25")
ROW = {"address": "sato@partner.example", "orcpt": "rfc822;sato@partner.example"}

hostile = st.text(max_size=200) | st.sampled_from(
    ["a\r\nBcc: x@y.example", "\x00", "\ud800", "=?utf-8?b?!!?=", "あ" * 300, "x" * 2000, ":", "("]
)


def read(letter=LETTER, failures=((ROW, REFUSED),), kind=FAILED, until=None):
    raw = report(
        kind,
        letter,
        failures,
        reporting="gate.example.co.jp",
        sender="sekisho@example.co.jp",
        id="7Q3F-K2MD",
        now=NOW,
        until=until,
    )
    assert raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"") and b"\r" not in raw.replace(b"\r\n", b"")
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_it_works():
    report = read()
    assert report.get_content_type() == "multipart/report"
    assert report["Subject"] == "【不達】配送できませんでした：見積書 ●●●●-●●●●-●●●● の件"
    assert report["In-Reply-To"] == "<1@example.co.jp>"
    text, status, headers = report.iter_parts()
    meant = "　　宛先のアドレスが存在しません\r\n　　there is no such address\r\n"
    said = f"sato@partner.example\r\n{meant}　　550 5.1.1 no such user"
    assert said in text.get_content()
    about, recipient = status.get_payload()
    assert dict(about.items())["Original-Envelope-Id"] == "QQ314159"
    assert dict(recipient.items()) == {
        "Original-Recipient": "rfc822;sato@partner.example",
        "Final-Recipient": "rfc822; sato@partner.example",
        "Action": "failed",
        "Status": "5.1.1",
        "Diagnostic-Code": "smtp; 550 5.1.1 no such user",
        "Remote-MTA": "dns; mx.partner.example",
    }
    assert headers.get_content_type() == "text/rfc822-headers"
    assert "Message-ID: <1@example.co.jp>" in headers.as_string()


def test_every_recipient_has_a_group_of_its_own():
    other = {"address": "a..b@docomo.example", "orcpt": ""}
    status = read(failures=((ROW, REFUSED), (other, REFUSED))).get_payload(1)
    assert [g["Final-Recipient"] for g in status.get_payload()[1:]] == [
        "rfc822; sato@partner.example",
        "rfc822; a..b@docomo.example",
    ]


def test_a_late_mail_says_how_long_it_will_be_tried():
    later = Result("deferred", "451 4.7.1 greylisted", "mx[192.0.2.1]:25")
    report = read(failures=[(ROW, later)], kind=DELAYED, until=NOW + timedelta(days=5))
    text, status, _ = report.iter_parts()
    assert "再送信の必要はありません" in text.get_content()
    assert "11月26日" in text.get_content() and "no need to send it again" in text.get_content()
    recipient = status.get_payload()[1]
    assert (recipient["Action"], recipient["Status"]) == ("delayed", "4.7.1")
    assert recipient["Will-Retry-Until"] == "Thu, 26 Nov 2026 05:18:00 +0000"
    assert recipient["Remote-MTA"] == "dns; mx"


def test_a_mail_that_was_taken_over_says_so():
    taken = Result("delivered", "250 2.0.0 ok", "mx:25", reports=False)
    recipient = read(failures=[(ROW, taken)], kind=RELAYED).get_payload(1).get_payload()[1]
    assert (recipient["Action"], recipient["Status"]) == ("relayed", "2.0.0")


def test_what_came_encoded_for_smtp_goes_back_as_it_was():
    row = {**ROW, "orcpt": "rfc822;sato+2Btax@partner.example"}
    status = read({**LETTER, "envid": "QQ+3D1"}, [(row, REFUSED)]).get_payload(1)
    about, recipient = status.get_payload()
    assert about["Original-Envelope-Id"] == "QQ=1"
    assert recipient["Original-Recipient"] == "rfc822;sato+tax@partner.example"


def test_addresses_beyond_ascii_can_be_read():
    """No encoded word stands in an address (RFC 2047 §5), and no question mark for each letter."""
    row = {**ROW, "address": "用户@例え.jp"}
    mail = read({**LETTER, "mail_from": "花子@example.co.jp"}, [(row, REFUSED)])
    (named,) = mail["To"].groups
    assert (named.display_name, named.addresses) == ("花子@example.co.jp", ())
    recipient = mail.get_payload(1).get_payload()[1]
    assert recipient["Final-Recipient"] == r"utf-8; \x{7528}\x{6237}@\x{4F8B}\x{3048}.jp"


@pytest.mark.parametrize(
    ("notify", "kinds"),
    [
        ("", [FAILED, DELAYED]),
        ("NEVER", []),
        ("FAILURE", [FAILED]),
        ("DELAY", [DELAYED]),
        ("success,failure", [FAILED, RELAYED]),
    ],
)
def test_who_hears_of_what(notify, kinds):
    assert [kind for kind in (FAILED, DELAYED, RELAYED) if kind.asked_for(notify)] == kinds


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(hostile, hostile, hostile, hostile, hostile)
def test_whatever_a_mail_or_a_peer_said_a_report_can_be_written(subject, id, sender, envid, reply):
    letter = {**LETTER, "subject": subject, "message_id": id, "header_from": sender}
    report = read({**letter, "envid": envid}, [(ROW, Result("failed", reply, "mx:25"))])
    assert report["To"] == "hanako@example.co.jp" and report["Bcc"] is None
    parts = list(report.iter_parts())
    assert [p.get_content_type() for p in parts] == [
        "text/plain", "message/delivery-status", "text/rfc822-headers",
    ]  # fmt: skip
    assert len(parts[1].get_payload()) == 2


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["a..b", ".a", "a.", '"q l"', "a+b"]))
def test_old_addresses_are_written_to_as_they_are(local):
    report = read({**LETTER, "mail_from": f"{local}@example.co.jp"})
    assert str(report["To"]) == f"{local}@example.co.jp"
