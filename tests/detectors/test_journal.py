"""Journal reports: the original and its envelope are seen through the wrapper."""

from __future__ import annotations

import base64

import pytest

from detectors import journal
from detectors.report import Envelope

ORIGINAL = b"From: taro@example.co.jp\r\nTo: a@partner.example\r\nSubject: x\r\n\r\nbody\r\n.\r\n"
LINES = (
    b'Sender: "Taro" <taro@example.co.jp>\r\n'
    b"Subject: Recipient: none@example.com\r\n"
    b"Message-Id: <1@example.co.jp>\r\n"
    b"To: a@partner.example, Expanded: list@example.co.jp\r\n"
    b"Bcc: b@partner.example\r\n"
    b"Recipient: a@partner.example\r\n"
    b"Cc: nobody\r\n"
)


def report(
    text: bytes = LINES, mark: bytes = b"X-MS-Journal-Report:\r\n", encoding: bytes = b"7bit"
) -> bytes:
    return (
        mark + b"From: <MicrosoftExchange@example.co.jp>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + text + b"\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + ORIGINAL + b"\r\n--b--\r\n"
    )


def test_it_works() -> None:
    found = journal.opened(report())
    assert found and found.original == ORIGINAL
    recipients = ("a@partner.example", "b@partner.example")
    assert found.envelope == Envelope("taro@example.co.jp", recipients)


def test_an_encoded_text_is_undone() -> None:
    found = journal.opened(report(base64.encodebytes(LINES), encoding=b"base64"))
    assert found and found.envelope.sender == "taro@example.co.jp"


def test_on_behalf_of_alone_names_the_sender() -> None:
    found = journal.opened(report(b"On-Behalf-Of: boss@example.co.jp\r\nTo: a@b.example\r\n"))
    assert found and found.envelope == Envelope("boss@example.co.jp", ("a@b.example",))


@pytest.mark.parametrize(
    "raw",
    [
        ORIGINAL,
        report(mark=b""),
        b"X-MS-Journal-Report:\r\n" + ORIGINAL,
        b"",
        b"X-MS-Journal-Report",
    ],
)
def test_what_is_no_report_is_a_copy_as_it_was_sent(raw: bytes) -> None:
    assert journal.opened(raw) is None
