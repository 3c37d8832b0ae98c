"""What a peer says, word for word; and what counts as delivered when it says something odd."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import trustme

from gateway.mail.hop import Parcel, Pool, Result
from gateway.mail.route import Hop, Host
from tests import samples
from tests.e2e.sink import BREAK, EXTENSIONS, Sink
from tests.gateway.mail.world import alone, server_tls

A, B = "sato@partner.example", "kato@partner.example"
MAIL = b"Subject: a\r\n\r\n.dot first\r\nbody\r\n"


@pytest.fixture
def peer():
    with Sink() as sink:
        yield sink


@pytest.fixture
async def pool():
    made = Pool("gate.example.co.jp", 2)
    yield made
    await made.close()


def hop(peer: Sink, tls: str = "may") -> Hop:
    host, _, port = peer.hop.rpartition(":")
    return Hop(f"smtp://{peer.hop}", (Host(host, int(port), tls),), tls)


async def send(pool: Pool, peer: Sink, data: bytes = MAIL, to: tuple[str, ...] = (A,), **more):
    envelope = {"mail_from": "hanako@example.co.jp", "recipients": to, "data": data}
    return await pool.send(hop(peer), Parcel(**envelope | more), alone())


async def test_it_works(pool, peer):
    results = await send(pool, peer, to=(A, B))
    said = Result("delivered", "250 2.0.0 taken as 0A1B2C", peer.hop)
    assert results == {A: said, B: said}
    (mail,) = peer.delivered
    assert mail.data == MAIL and mail.rcpt_to == (A, B)
    assert mail.mail_from == "hanako@example.co.jp"


async def test_connections_are_kept(pool, peer):
    for _ in range(3):
        await send(pool, peer)
    assert peer.connections == 1 and len(peer.delivered) == 3


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("MAIL", "550 5.7.1 not you", "failed"),
        ("MAIL", "451 4.7.1 greylisted", "deferred"),
        ("RCPT", "550 5.1.1 no such user", "failed"),
        ("RCPT", "450 4.2.0 later", "deferred"),
        ("MAIL", "251 2.1.0 go on", "delivered"),
        ("RCPT", "252 2.1.5 perhaps", "delivered"),
        ("DATA", "250 2.0.0 out of step", "deferred"),
        ("DATA", "554 5.5.1 no valid recipients", "failed"),
        (".", "554 5.7.1 spam", "failed"),
        (".", "452 4.3.1 disk full", "deferred"),
        (".", "252 2.0.0 taken, but not looked at", "delivered"),
        (".", "OK", "unknown"),
        (".", "999 what", "unknown"),
        ("RCPT", "sorry?", "deferred"),
        ("EHLO", "554 5.7.1 go away", "deferred"),
        (".", BREAK, "unknown"),
        ("MAIL", BREAK, "deferred"),
    ],
)
async def test_delivered_is_only_what_was_said_to_be(pool, peer, command, answer, outcome):
    peer.answers[command] = answer
    if command == "EHLO":
        peer.answers["HELO"] = answer
    results = await send(pool, peer)
    assert results[A].outcome == outcome
    peer.answers.clear()
    assert (await send(pool, peer))[A].outcome == "delivered"
    assert peer.delivered[-1].data == MAIL


async def test_one_recipient_refused_does_not_keep_the_other_from_the_mail(pool, peer):
    peer.answers[f"RCPT TO:<{B}"] = "550 5.1.1 no such user"
    results = await send(pool, peer, to=(A, B))
    assert results[A].outcome == "delivered"
    assert results[B].reply == "550 5.1.1 no such user" and results[B].status == "5.1.1"
    assert [mail.rcpt_to for mail in peer.delivered] == [(A,)]


async def test_a_server_from_before_ehlo_gets_its_mail(pool, peer):
    peer.answers["EHLO"] = "502 5.5.1 what is that"
    assert (await send(pool, peer))[A].outcome == "delivered"
    refused = (await send(pool, peer, data="本文\r\n".encode()))[A]
    assert (refused.outcome, refused.status) == ("failed", "5.6.3")
    verified = await pool.send(hop(peer, "verify"), Parcel("h@example.co.jp", (A,), MAIL), alone())
    assert (verified[A].outcome, len(peer.delivered)) == ("deferred", 1)


async def test_what_a_peer_said_before_it_left_stays_said(pool, peer):
    """And nobody is told that a mail may have arrived of which no octet was sent."""
    peer.answers |= {f"RCPT TO:<{A}": "550 5.1.1 no such user", f"RCPT TO:<{B}": "421 4.3.2 bye"}
    ito = "ito@partner.example"
    results = await send(pool, peer, to=(A, ito, B))
    assert {to: (each.outcome, each.reply[:9]) for to, each in results.items()} == {
        A: ("failed", "550 5.1.1"),
        ito: ("deferred", "451 4.4.2"),
        B: ("deferred", "421 4.3.2"),
    }


async def test_a_kept_connection_that_the_peer_has_closed_costs_no_mail_a_delay(pool, peer):
    await send(pool, peer)
    peer.once.append(("RSET", "421 4.4.2 timed out"))
    assert (await send(pool, peer))[A].outcome == "delivered"
    assert peer.connections == 2


@pytest.mark.parametrize("extensions", [EXTENSIONS, EXTENSIONS[1:]], ids=["at once", "in turn"])
async def test_a_peer_that_takes_one_command_at_a_time_gets_them_so(pool, peer, extensions):
    peer.extensions = extensions
    peer.answers[f"RCPT TO:<{B}"] = "550 5.1.1 no such user"
    for _ in range(2):
        results = await send(pool, peer, to=(B, A))
        assert [results[each].outcome for each in (A, B)] == ["delivered", "failed"]
    assert [mail.rcpt_to for mail in peer.delivered] == [(A,), (A,)]
    assert peer.connections == 1


async def test_a_peer_that_waits_for_the_data_of_a_mail_for_nobody_gets_none(pool, peer):
    """Its 354 was an answer to a DATA that was said ahead of the refusals."""
    peer.answers["RCPT"] = "550 5.1.1 no such user"
    results = await send(pool, peer, to=(A, B))
    assert {result.reply for result in results.values()} == {"550 5.1.1 no such user"}
    peer.answers.clear()
    assert (await send(pool, peer))[A].outcome == "delivered"
    assert peer.connections == 2 and len(peer.delivered) == 1


@pytest.mark.parametrize("answer", [BREAK, "421 4.3.2 shutting down", "250 2.0.0 a\r\n250 2.0.0 b"])
async def test_a_kept_connection_out_of_step_is_left(pool, peer, answer):
    await send(pool, peer)
    peer.once.append(("RSET", answer))
    outcomes = [(await send(pool, peer))[A].outcome for _ in range(2)]
    assert outcomes[-1] == "delivered" and peer.connections == 2


@pytest.mark.parametrize("data", [b"", b".", b".\r\n", b"..\r\n.\r\n.x\r\n", b"a\r\n.", b"a"])
async def test_no_line_of_the_mail_is_its_end(pool, peer, data):
    assert (await send(pool, peer, data))[A].outcome == "delivered"
    whole = data if data.endswith(b"\r\n") else data + b"\r\n"
    assert [mail.data for mail in peer.delivered] == [whole]


async def test_a_control_character_in_an_address_is_not_said(pool, peer):
    with pytest.raises(ValueError, match="control character"):
        await send(pool, peer, to=(f"{A}>\r\nRCPT TO:<{B}",))
    assert peer.delivered == []


@pytest.mark.parametrize(
    ("lacks", "parcel", "status"),
    [
        ("8BITMIME", {"data": "本文\r\n".encode()}, "5.6.3"),
        ("SMTPUTF8", {"smtputf8": True, "data": "Subject: 件名\r\n\r\n".encode()}, "5.6.7"),
        ("SMTPUTF8", {"smtputf8": True, "mail_from": "花子@example.co.jp"}, "5.6.7"),
        ("SIZE 50000000", {"data": b"x" * 2000}, "5.3.4"),
    ],
)
async def test_nothing_is_converted_for_a_peer_that_cannot_take_it(
    pool, peer, lacks, parcel, status
):
    peer.extensions = [e for e in EXTENSIONS if e != lacks]
    if lacks.startswith("SIZE"):
        peer.extensions.append("SIZE 1000")
    result = (await send(pool, peer, **{"data": MAIL, **parcel}))[A]
    assert (result.outcome, result.status) == ("failed", status)
    assert peer.delivered == []


async def test_what_was_asked_for_and_is_not_needed_keeps_no_mail_back(pool, peer):
    """Some servers say SMTPUTF8 with every mail."""
    peer.extensions = [each for each in EXTENSIONS if each != "SMTPUTF8"]
    assert (await send(pool, peer, smtputf8=True))[A].outcome == "delivered"
    assert "SMTPUTF8" not in peer.delivered[0].options


async def test_a_hand_over_that_is_cut_off_leaves_no_connection_half_way(pool, peer):
    peer.once.append((".", "hang"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(pool, peer), 0.3)
    assert (await send(pool, peer))[A].outcome == "delivered"
    assert peer.connections == 2


async def test_nobody_there_is_a_reason_to_wait(pool):
    with Sink() as gone:
        pass
    result = (await send(pool, gone))[A]
    assert result.outcome == "deferred" and result.reply.startswith("451 4.4.1")
    assert result.reply.endswith(": Connection refused")  # for people, and no traceback's words


async def test_a_name_that_is_not_there_is_said_in_words(pool):
    nowhere = Hop("smtp://nowhere.invalid:25", (Host("nowhere.invalid", 25),))
    parcel = Parcel("a@example.co.jp", (A,), MAIL)
    reply = (await pool.send(nowhere, parcel, alone()))[A].reply
    assert reply.startswith("451 4.4.1 smtp://nowhere.invalid:25: ") and "rrno" not in reply


async def test_a_certificate_that_does_not_fit_is_said_in_words(pool, peer):
    peer.tls, _ = server_tls(trustme.CA(), "other.example")
    result = (await pool.send(hop(peer, "verify"), Parcel("a@example.co.jp", (A,), MAIL), alone()))[
        A
    ]
    assert ": the certificate is not good: " in result.reply and "_ssl.c" not in result.reply


@pytest.mark.parametrize(("tls", "outcome"), [("may", "deferred"), ("none", "delivered")])
async def test_a_password_is_said_in_the_clear_only_where_that_was_written(
    pool, peer, tls, outcome
):
    peer.extensions, peer.answers = [*EXTENSIONS, "AUTH PLAIN"], {"AUTH": "235 2.7.0 welcome"}
    signed_in = replace(hop(peer, tls), user="sekisho", password="pass word")
    result = (await pool.send(signed_in, Parcel("a@example.co.jp", (A,), MAIL), alone()))[A]
    assert result.outcome == outcome and len(peer.delivered) == (outcome == "delivered")


async def test_a_route_that_demands_tls_takes_no_connection_without_it(pool, peer):
    await send(pool, peer)
    demanding = hop(peer, "verify")
    result = (await pool.send(demanding, Parcel("a@example.co.jp", (A,), MAIL), alone()))[A]
    assert result.outcome == "deferred" and "TLS is required" in result.reply
    assert len(peer.delivered) == 1


async def test_a_reply_that_quotes_a_number_is_covered_and_a_queue_id_is_not(pool, peer):
    number = samples.individual_number(5)
    peer.once.append((".", f"554 5.7.1 content filter: {number[:4]}-{number[4:8]}-{number[8:]}"))
    assert (await send(pool, peer))[A].reply == "554 5.7.1 content filter: ●●●●-●●●●-●●●●"
    peer.once.append((".", "250 2.6.0 [InternalId=1234567890] 1732191234 d2e1a72fcca58"))
    reply = "250 2.6.0 [InternalId=1234567890] 1732191234 d2e1a72fcca58"
    assert (await send(pool, peer))[A].reply == reply
