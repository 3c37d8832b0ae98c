"""The dialogue, told as lines and answers: no sockets."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.address import Address
from gateway.mail.admission import Admission
from gateway.mail.listener import Envelope, Recipient, Reply
from gateway.mail.smtp_in import MAX_LINE, Authenticate, Dialogue, Receive, StartTls, Step

ADMISSION = Admission(
    hostname="gate.example.co.jp",
    trusted_networks=(ip_network("192.0.2.0/24"), ip_network("fe80::/10")),
    own_domains=("example.co.jp",),
    max_size=1000,
    max_recipients=2,
)
INSIDE, STRANGER = "192.0.2.7", "203.0.113.9"
NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def dialogue(
    client_ip: str = INSIDE, *, tls: str = "", offer_tls: bool = True, **limits: Any
) -> Dialogue:
    admission = replace(ADMISSION, **limits)
    return Dialogue(admission, client_ip, tls=tls, offer_tls=offer_tls, clock=lambda: NOON)


def say(session: Dialogue, *lines: str) -> Step:
    """The answer to the last of the lines; those before must be taken."""
    for line in lines[:-1]:
        step = session.line(line.encode() + b"\r\n")
        assert isinstance(step, Reply) and step.code in (250, 334), (line, step)
    return session.line(lines[-1].encode() + b"\r\n")


def reply(session: Dialogue, *lines: str) -> str:
    step = say(session, *lines)
    assert isinstance(step, Reply), step
    return step.encode().decode().removesuffix("\r\n")


def secret(*words: str) -> str:
    return b64encode("\0".join(words).encode()).decode()


HELLO = "EHLO pc1.example.co.jp"
SENDER = "MAIL FROM:<taro@example.co.jp>"
RECIPIENT = "RCPT TO:<hanako@example.com>"


def test_it_works() -> None:
    session = dialogue()
    assert session.greet().encode() == b"220 gate.example.co.jp ESMTP\r\n"
    assert reply(session, HELLO).splitlines() == [
        "250-gate.example.co.jp",
        "250-PIPELINING",
        "250-SIZE 1000",
        "250-8BITMIME",
        "250-SMTPUTF8",
        "250-DSN",
        "250-STARTTLS",
        "250 ENHANCEDSTATUSCODES",
    ]
    assert reply(session, SENDER + " SIZE=10 BODY=8BITMIME RET=HDRS ENVID=q1") == "250 2.1.0 Ok"
    assert reply(session, RECIPIENT + " NOTIFY=failure ORCPT=rfc822;h@x.jp") == "250 2.1.5 Ok"
    step = say(session, "DATA")
    hanako = Recipient(Address("hanako", "example.com"), "FAILURE", "rfc822;h@x.jp")
    assert step == Receive(
        Envelope(
            client_ip=INSIDE,
            helo="pc1.example.co.jp",
            tls="",
            auth_user=None,
            mail_from=Address("taro", "example.co.jp"),
            rcpt_to=(hanako,),
            body="8BITMIME",
            smtputf8=False,
            size_declared=10,
            envid="q1",
            ret="HDRS",
            kind="plain",
            received_at=NOON,
        )
    )
    session.reset()
    assert reply(session, "QUIT") == "221 2.0.0 Bye"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["HELO pc1"], "250 gate.example.co.jp"),
        (["helo pc1"], "250 gate.example.co.jp"),
        (["EHLO"], "501 5.5.4 "),
        (["EHLO " + "x" * 256], "501 5.5.4 "),
        (["NOOP"], "250 2.0.0 "),
        (["NOOP x"], "250 2.0.0 "),
        (["RSET"], "250 2.0.0 "),
        (["RSET x"], "501 5.5.4 "),
        (["VRFY taro"], "252 2.0.0 "),
        (["HELP"], "214 2.0.0 "),
        (["QUIT now"], "501 5.5.4 "),
        (["EXPN staff"], "502 5.5.1 "),
        (["BDAT 10 LAST"], "502 5.5.1 "),
        ([""], "502 5.5.1 "),
        (["XYZZY"], "502 5.5.1 "),
        ([SENDER], "503 5.5.1 "),
        ([HELLO, RECIPIENT], "503 5.5.1 "),
        ([HELLO, "DATA"], "503 5.5.1 "),
        ([HELLO, SENDER, "DATA"], "554 5.5.1 "),
        ([HELLO, SENDER, SENDER], "503 5.5.1 "),
        ([HELLO, SENDER, "RSET", SENDER], "250 2.1.0 "),
        ([HELLO, SENDER, HELLO, SENDER], "250 2.1.0 "),
        ([HELLO, SENDER, RECIPIENT, "DATA now"], "501 5.5.4 "),
        ([HELLO, "MAIL"], "501 5.5.4 "),
        ([HELLO, "MAIL TO:<a@example.co.jp>"], "501 5.5.4 "),
        ([HELLO, "MAIL FROM:taro@example.co.jp"], "553 5.1.7 "),
        ([HELLO, "MAIL FROM: <taro@example.co.jp>"], "250 2.1.0 "),
        ([HELLO, "MAIL FROM:<postmaster>"], "553 5.1.7 "),
        ([HELLO, "MAIL FROM:<>"], "250 2.1.0 "),
        ([HELLO, SENDER + " SIZE=1000"], "250 2.1.0 "),
        ([HELLO, SENDER + " SIZE=1001"], "552 5.3.4 "),
        ([HELLO, SENDER + " SIZE=many"], "501 5.5.4 "),
        ([HELLO, SENDER + " BODY=BINARYMIME"], "501 5.5.4 "),
        ([HELLO, SENDER + " REQUIRETLS"], "555 5.5.4 "),
        (["HELO pc1", SENDER + " SIZE=10"], "555 5.5.4 "),
        ([HELLO, SENDER, "RCPT TO:<@a.jp:b@c.jp>"], "553 5.1.3 "),
        ([HELLO, SENDER, "RCPT TO:<>"], "553 5.1.3 "),
        ([HELLO, SENDER, "RCPT TO:<postmaster>"], "250 2.1.5 "),
        ([HELLO, SENDER, "RCPT TO:<a..b.@docomo.ne.jp>"], "250 2.1.5 "),
        ([HELLO, SENDER, "RCPT TO:<山田@例え.jp>"], "553 5.1.3 "),
        ([HELLO, SENDER + " SMTPUTF8", "RCPT TO:<山田@例え.jp>"], "250 2.1.5 "),
        ([HELLO, SENDER, RECIPIENT + " SIZE=1"], "555 5.5.4 "),
        ([HELLO, SENDER, RECIPIENT + " NOTIFY=NEVER,DELAY"], "501 5.5.4 "),
        (["STARTTLS now"], "501 5.5.4 "),
        ([HELLO, "AUTH PLAIN " + secret("", "taro", "pw")], "538 5.7.11 "),
        (["NOOP " + "x" * 505], "250 2.0.0 "),
        (["NOOP " + "x" * 506], "500 5.5.2 "),
        ([HELLO, SENDER + " " * 600], "250 2.1.0 "),
        ([HELLO, SENDER + " " * 2048], "500 5.5.2 "),
    ],
)
def test_answers(lines: list[str], expected: str) -> None:
    session = dialogue()
    assert (reply(session, *lines) + " ").startswith(expected)


def test_a_doubled_recipient_is_one() -> None:
    session = dialogue()
    step = say(session, HELLO, SENDER, RECIPIENT, "RCPT TO:<HANAKO@EXAMPLE.com>", "DATA")
    assert isinstance(step, Receive) and len(step.envelope.rcpt_to) == 1


@pytest.mark.parametrize("written", ["postmaster", "PostMaster"])
def test_postmaster_without_a_domain_is_our_own(written: str) -> None:
    session = dialogue(postmaster="kanri@example.co.jp")
    step = say(session, HELLO, SENDER, f"RCPT TO:<{written}>", "DATA")
    assert isinstance(step, Receive)
    assert [each.address.text for each in step.envelope.rcpt_to] == ["kanri@example.co.jp"]


def test_one_recipient_too_many_is_put_off_and_the_others_stay() -> None:
    session = dialogue()
    others = ["RCPT TO:<b@example.com>", "RCPT TO:<c@example.com>"]
    assert reply(session, HELLO, SENDER, RECIPIENT, *others).startswith("452 4.5.3 ")
    step = say(session, "DATA")
    assert isinstance(step, Receive) and len(step.envelope.rcpt_to) == 2


@pytest.mark.parametrize("name", ["経理のPC", "pc (1)\t<x>", "a;b"])
def test_an_odd_name_is_taken_but_made_safe(name: str) -> None:
    step = say(dialogue(), f"EHLO {name}", SENDER, RECIPIENT, "DATA")
    assert isinstance(step, Receive)
    assert not set(step.envelope.helo) & set("()<>; \t") and step.envelope.helo.isascii()


@pytest.mark.parametrize(
    ("client_ip", "sender", "expected"),
    [
        (INSIDE, "taro@example.co.jp", "250 2.1.5 Ok"),
        (INSIDE, "", "250 2.1.5 Ok"),
        ("::ffff:192.0.2.7", "taro@example.co.jp", "250 2.1.5 Ok"),
        ("fe80::1", "taro@example.co.jp", "250 2.1.5 Ok"),
        (
            INSIDE,
            "x@example.com",
            "550 5.7.1 <hanako@example.com>: sender domain example.com is not one of ours",
        ),
        (
            STRANGER,
            "taro@example.co.jp",
            "550 5.7.1 <hanako@example.com>: relay access denied, client 203.0.113.9"
            " is not in a trusted network and has not signed in",
        ),
        (STRANGER, "", "550 5.7.1 <hanako@example.com>: relay access denied"),
        ("::ffff:203.0.113.9", "taro@example.co.jp", "550 5.7.1 "),
        ("2001:db8::1", "taro@example.co.jp", "550 5.7.1 "),
    ],
)
def test_relays_only_for_our_own(client_ip: str, sender: str, expected: str) -> None:
    answer = reply(dialogue(client_ip), HELLO, f"MAIL FROM:<{sender}>", RECIPIENT)
    assert answer.startswith(expected)


def test_a_stranger_may_not_even_write_to_our_own_domain() -> None:
    answer = reply(dialogue(STRANGER), HELLO, "MAIL FROM:<>", "RCPT TO:<taro@example.co.jp>")
    assert answer.startswith("550 5.7.1 ")


def test_without_settings_nobody_gets_through() -> None:
    session = Dialogue(Admission("gate"), "127.0.0.1")
    assert reply(session, HELLO, SENDER, RECIPIENT).startswith("550 5.7.1 ")


def test_refused_recipients_do_not_end_the_session() -> None:
    session = dialogue(STRANGER)
    say(session, HELLO, SENDER)
    for _ in range(10):
        assert reply(session, RECIPIENT).startswith("550 ")
        assert reply(session, "RCPT TO:<a@b_c>").startswith("553 ")


def test_recipients_behind_a_refused_mail_all_hear_so() -> None:
    session = dialogue()
    assert reply(session, HELLO, SENDER + " SIZE=1001").startswith("552 ")
    assert [reply(session, RECIPIENT)[:3] for _ in range(10)] == ["503"] * 10


def test_submission_wants_a_signed_in_user_even_from_a_trusted_network() -> None:
    session = dialogue(kind="submission", tls="TLSv1.3 X")
    assert reply(session, HELLO, SENDER).startswith("530 5.7.0 ")
    assert isinstance(say(session, "AUTH PLAIN " + secret("", "taro", "pw")), Authenticate)
    session.authenticated("taro")
    assert reply(session, SENDER) == "250 2.1.0 Ok"


def test_a_signed_in_stranger_may_send_but_not_as_another_domain() -> None:
    session = dialogue(STRANGER, tls="TLSv1.3 X")
    say(session, HELLO, "AUTH LOGIN", secret("taro"), secret("pw"))
    assert session.authenticated("taro").code == 235
    assert reply(session, SENDER, RECIPIENT) == "250 2.1.5 Ok"
    step = say(session, "DATA")
    assert isinstance(step, Receive) and step.envelope.auth_user == "taro"
    session.reset()
    assert reply(session, "MAIL FROM:<x@example.com>", RECIPIENT).startswith("550 5.7.1 ")


@pytest.mark.parametrize(
    "lines",
    [
        ["AUTH PLAIN " + secret("", "山田", "p w")],
        ["auth plain " + secret("山田", "山田", "p w")],
        ["AUTH PLAIN", secret("", "山田", "p w")],
        ["AUTH LOGIN", secret("山田"), secret("p w")],
        ["AUTH LOGIN " + secret("山田"), secret("p w")],
    ],
)
def test_auth_hands_over_user_and_password(lines: list[str]) -> None:
    step = say(dialogue(tls="TLSv1.3 X"), HELLO, *lines)
    assert step == Authenticate("山田", b"p w")
    assert "p w" not in repr(step)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["AUTH PLAIN"], "334 "),
        (["AUTH LOGIN"], "334 VXNlcm5hbWU6"),
        (["AUTH LOGIN", secret("taro")], "334 UGFzc3dvcmQ6"),
        (["AUTH LOGIN", "*"], "501 5.7.0 "),
        (["AUTH LOGIN", "=="], "501 5.5.2 "),
        (["AUTH LOGIN", "日本"], "501 5.5.2 "),
        (["AUTH PLAIN !!!"], "501 5.5.2 "),
        (["AUTH PLAIN ="], "501 5.5.2 "),
        (["AUTH PLAIN " + secret("taro")], "501 5.5.2 "),
        (["AUTH PLAIN " + secret("", "", "pw")], "501 5.5.2 "),
        (["AUTH PLAIN " + secret("boss", "taro", "pw")], "501 5.5.2 "),
        (["AUTH CRAM-MD5"], "504 5.5.4 "),
        (["AUTH"], "504 5.5.4 "),
        ([SENDER, "AUTH PLAIN " + secret("", "taro", "pw")], "503 5.5.1 "),
        (["STARTTLS"], "503 5.5.1 "),
    ],
)
def test_auth_answers(lines: list[str], expected: str) -> None:
    answer = reply(dialogue(tls="TLSv1.3 X"), HELLO, *lines)
    assert answer.startswith(expected.strip())


def test_after_a_broken_exchange_commands_are_commands_again() -> None:
    session = dialogue(tls="TLSv1.3 X")
    say(session, HELLO, "AUTH LOGIN", "*")
    assert reply(session, "NOOP").startswith("250 ")


def test_auth_is_not_offered_where_it_cannot_be_safe() -> None:
    assert "AUTH" not in reply(dialogue(), HELLO)
    assert "AUTH PLAIN LOGIN" in reply(dialogue(tls="TLSv1.3 X"), HELLO)
    assert "AUTH PLAIN LOGIN" in reply(dialogue(require_tls_for_auth=False), HELLO)
    tap = dialogue(tls="TLSv1.3 X", kind="tap")
    assert "AUTH" not in reply(tap, HELLO)
    assert reply(tap, "AUTH PLAIN").startswith("502 5.5.1 ")
    assert reply(dialogue(tls="TLSv1.3 X"), "HELO pc", "AUTH PLAIN").startswith("503 5.5.1 ")


def test_starttls_forgets_what_was_said_in_the_clear() -> None:
    session = dialogue()
    assert say(session, HELLO, SENDER, RECIPIENT, "STARTTLS") == StartTls()
    session.tls_started("TLSv1.3 TLS_AES_256_GCM_SHA384")
    assert reply(session, SENDER).startswith("503 5.5.1 ")
    answer = reply(session, HELLO)
    assert "STARTTLS" not in answer and "AUTH PLAIN LOGIN" in answer
    step = say(session, SENDER, RECIPIENT, "DATA")
    assert isinstance(step, Receive)
    assert step.envelope.tls == "TLSv1.3 TLS_AES_256_GCM_SHA384"


def test_starttls_without_a_certificate_is_not_there() -> None:
    session = dialogue(offer_tls=False)
    assert "STARTTLS" not in reply(session, HELLO)
    assert reply(session, "STARTTLS").startswith("502 5.5.1 ")


@pytest.mark.parametrize("line", ["DATA", "STARTTLS", "EHLO x", "HELO x", "AUTH PLAIN"])
def test_octets_that_did_not_wait_for_the_reply_end_the_session(line: str) -> None:
    session = dialogue()
    say(session, HELLO, SENDER, RECIPIENT)
    step = session.line(line.encode() + b"\r\n", more=True)
    assert isinstance(step, Reply) and step.close
    assert step.encode().startswith(b"554 5.5.0 ")


@pytest.mark.parametrize("line", [SENDER, "NOOP", "RSET", "QUIT"])
def test_other_commands_may_be_pipelined(line: str) -> None:
    session = dialogue()
    say(session, HELLO)
    step = session.line(line.encode() + b"\r\n", more=True)
    assert isinstance(step, Reply) and step.code in (221, 250)


@pytest.mark.parametrize(
    "raw",
    [
        b"NOOP\n",
        b"NOOP\r",
        b"NOOP",
        b"NO\rOP\r\n",
        b"NOOP\r\r\n",
        b"NO\0OP\r\n",
        b"NO\nOP\r\n",
        b"\n",
    ],
)
def test_bare_line_ends_and_nul_in_commands_are_refused(raw: bytes) -> None:
    step = dialogue().line(raw)
    assert isinstance(step, Reply) and step.encode().startswith(b"500 5.5.2 ") and not step.close


def test_what_is_not_utf8_is_refused() -> None:
    step = dialogue().line(b"MAIL FROM:<\x93\xfa@example.co.jp>\r\n")
    assert isinstance(step, Reply) and step.encode().startswith(b"500 5.5.2 ")


def test_content_that_was_never_asked_for_is_not_read_as_commands() -> None:
    session = dialogue()
    reply(session, HELLO)
    step = say(session, "BDAT 30 LAST")
    assert isinstance(step, Reply) and (step.code, step.close) == (502, True)
    assert "BDAT" not in reply(session, "HELP")


@pytest.mark.parametrize("verb", ["GET / HTTP/1.1", "POST / HTTP/1.1", "PRI * HTTP/2.0"])
def test_a_browser_is_sent_away(verb: str) -> None:
    step = dialogue().line(verb.encode() + b"\r\n", more=True)
    assert isinstance(step, Reply) and (step.code, step.close) == (502, True)


def test_a_line_without_end_closes() -> None:
    step = dialogue().line(b"x" * (MAX_LINE + 1))
    assert isinstance(step, Reply) and (step.code, step.close) == (500, True)


def test_the_third_error_closes() -> None:
    session = dialogue()
    assert reply(session, "XYZZY").startswith("502 ")
    assert reply(session, "EHLO").startswith("501 ")
    step = session.line(b"NOOP\n")
    assert step == Reply(421, "4.7.0", "too many errors", True)


def test_the_third_wrong_password_closes() -> None:
    session = dialogue(tls="TLSv1.3 X")
    say(session, HELLO)
    codes = []
    for _ in range(3):
        assert isinstance(say(session, "AUTH PLAIN " + secret("", "taro", "no")), Authenticate)
        answer = session.authenticated(None)
        codes.append((answer.code, answer.close))
    assert codes == [(535, False), (535, False), (421, True)]


WORDS = st.sampled_from(
    ["EHLO x", "HELO x", "MAIL FROM:<taro@example.co.jp>", "MAIL FROM:<>", "RCPT TO:<a@b.jp>"]
    + ["DATA", "RSET", "STARTTLS", "AUTH PLAIN", "AUTH LOGIN", "*", "AGEAYg==", "QUIT", "NOOP"]
)


@given(st.lists(st.tuples(WORDS | st.text(max_size=20), st.booleans()), max_size=12), st.booleans())
def test_whatever_is_said_a_stranger_never_gets_to_send(
    lines: list[tuple[str, bool]], sound: bool
) -> None:
    session = dialogue(STRANGER, tls="TLSv1.3 X" if sound else "")
    for line, more in lines:
        step = session.line(line.encode("utf-8", "replace") + b"\r\n", more=more)
        assert not isinstance(step, Receive)
        if isinstance(step, Authenticate):
            step = session.authenticated(None)
        if isinstance(step, StartTls):
            session.tls_started("TLSv1.3 X")
        if isinstance(step, Reply):
            octets = step.encode()
            assert octets.isascii() and octets.endswith(b"\r\n")
            if step.close:
                return
