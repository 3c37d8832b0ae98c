"""Limits on real sockets: the code that is said, and that others are unharmed."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.mail import driver
from gateway.mail.rates import Bucket, Rates
from gateway.memory.fields import Rate
from tests.gateway.mail.test_listener import (  # noqa: F401
    END,
    ENVELOPE,
    HELLO,
    MAIL,
    FileHouse,
    Serve,
    Wire,
    authority,
    certificate,
    connected,
    house,
    serve,
    trusting,
)

ONCE = Rate(1, 3600.0)
TWICE = Rate(2, 3600.0)


async def taken(port: int) -> bool:
    """Whether somebody else's mail gets in."""
    async with connected(port) as wire:
        await wire.ask_for_data()
        return (await wire.ask(MAIL + END)).startswith("250 ")


async def test_connections_of_one_client_by_rate(serve: Serve) -> None:  # noqa: F811
    port = await serve(rates=Rates(connections=Bucket(TWICE)))
    async with connected(port), connected(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"421 4.7.0 too many connections\r\n"
        writer.close()
        await writer.wait_closed()


async def test_mails_of_one_client_by_rate(serve: Serve, house: FileHouse) -> None:  # noqa: F811
    port = await serve(rates=Rates(mails=Bucket(TWICE)))
    assert await taken(port) and await taken(port)
    async with connected(port) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(b"MAIL FROM:<a@example.co.jp>\r\n")).startswith("450 4.7.1 ")
    assert len(house.mails()) == 2


async def test_recipients_of_one_sender_by_rate(serve: Serve, house: FileHouse) -> None:  # noqa: F811
    port = await serve(rates=Rates(sender=Bucket(TWICE)))
    async with connected(port) as wire:
        await wire.ask(HELLO)
        await wire.ask(b"MAIL FROM:<mass@example.co.jp>\r\n")
        replies = [await wire.ask(b"RCPT TO:<%d@example.com>\r\n" % n) for n in range(3)]
        assert [reply[:4] for reply in replies] == ["250 ", "250 ", "450 "]
        await wire.ask(b"DATA\r\n")
        assert (await wire.ask(MAIL + END)).startswith("250 ")
    assert await taken(port)
    assert [len(envelope.rcpt_to) for envelope in house.envelopes] == [2, 1]


async def test_passwords_cannot_be_tried_for_ever(
    serve: Serve,  # noqa: F811
    house: FileHouse,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
    trusting: ssl.SSLContext,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "_PAUSE", 0.01)
    port = await serve(certificate, kind="tls", rates=Rates(failures=Bucket(TWICE)))

    async def sign_in(password: bytes) -> str:
        async with connected(port, trusting) as wire:
            await wire.ask(HELLO)
            await wire.ask(b"AUTH LOGIN dGFybw==\r\n")
            return await wire.ask(password + b"\r\n")

    right, wrong = b"cCB3", b"d3Jvbmc="
    assert (await sign_in(right)).startswith("235 ")
    assert [(await sign_in(wrong))[:4] for _ in range(2)] == ["535 ", "535 "]
    assert (await sign_in(right)).startswith("454 4.7.0 ")
    assert not house.mails()


async def test_a_wrong_password_takes_its_time_and_others_do_not_wait(
    serve: Serve,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
    trusting: ssl.SSLContext,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(driver, "_PAUSE", 60.0)
    port = await serve(certificate)
    async with connected(port) as wire:
        await wire.ask(HELLO)
        await wire.ask(b"STARTTLS\r\n")
        await wire.writer.start_tls(trusting, server_hostname="localhost")
        await wire.ask(HELLO)
        wire.writer.write(b"AUTH PLAIN AHRhcm8AeA==\r\n")
        assert await taken(port)


# -- time


async def test_a_session_ends_however_busy_it_is(serve: Serve, house: FileHouse) -> None:  # noqa: F811
    port = await serve(session=0.5)
    async with connected(port) as wire:
        await wire.ask_for_data()
        reading = asyncio.create_task(wire.reader.read())
        for _ in range(200):
            if reading.done():
                break
            wire.writer.write(b"x\r\n")
            await asyncio.sleep(0.02)
        assert await asyncio.wait_for(reading, 5) == b"421 4.4.2 session too long\r\n"
    assert not house.mails() and not house.leftovers()


async def test_many_that_drip_harm_nobody(serve: Serve) -> None:  # noqa: F811
    """Slow loris: nobody waits for them; who is quick is served among 200 of them."""
    port = await serve(max_per_client=300, timeout=0.5)
    drips = [await asyncio.open_connection("127.0.0.1", port) for _ in range(200)]
    for _, writer in drips:
        writer.write(b"EHL")
    assert await taken(port)
    for reader, writer in drips:
        assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"421 4.4.2 timed out\r\n")
        writer.close()
        await writer.wait_closed()


async def test_who_says_too_much_ahead_waits_and_loses_nothing(
    serve: Serve,  # noqa: F811
    house: FileHouse,  # noqa: F811
) -> None:
    """More than is read while the mail before it is committed, and more than one turn answers."""
    house.flush.clear()
    port = await serve()
    async with connected(port) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + END + (b"NOOP " + b"x" * 400 + b"\r\n") * 3000)
        await house.committing.wait()
        await asyncio.sleep(0.05)
        house.flush.set()
        assert (await wire.reply()).startswith("250 2.0.0 Ok: queued")
        assert {await wire.reply() for _ in range(3000)} == {"250 2.0.0 Ok"}
        assert (await wire.ask(b"QUIT\r\n")).startswith("221 ")


async def test_a_handshake_that_is_broken_off_gives_its_place_back(
    serve: Serve,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
) -> None:
    port = await serve(certificate, max_connections=1)
    for rest in (b"", b"\x16\x03\x01\x00", b"EHLO pc1\r\n"):
        async with connected(port) as wire:
            await wire.ask(HELLO)
            assert (await wire.ask(b"STARTTLS\r\n")).startswith("220 2.0.0 ")
            wire.writer.write(rest)
            await wire.writer.drain()
        async with asyncio.timeout(5):
            while not await served(port):  # noqa: ASYNC110  # nobody tells when
                await asyncio.sleep(0.01)


async def served(port: int) -> bool:
    """Whether there is a place for one more, which is given back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    greeting = await reader.readline()
    writer.write(b"QUIT\r\n")
    await reader.read()
    writer.close()
    await writer.wait_closed()
    return greeting.startswith(b"220 ")


# -- size


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (b"18446744073709551615", "552 5.3.4 "),
        (b"9223372036854775808", "552 5.3.4 "),
        (b"4294967296", "552 5.3.4 "),
        (b"99999999999999999999", "552 5.3.4 "),
        (b"999999999999999999999", "501 5.5.4 "),
        (b"-1", "501 5.5.4 "),
        (b"0", "250 "),
    ],
)
async def test_sizes_of_sixty_four_bits(serve: Serve, size: bytes, code: str) -> None:  # noqa: F811
    async with connected(await serve()) as wire:
        await wire.ask(HELLO)
        answer = await wire.ask(b"MAIL FROM:<a@example.co.jp> SIZE=" + size + b"\r\n")
        assert answer.startswith(code)


async def test_ten_thousand_recipients(serve: Serve, house: FileHouse) -> None:  # noqa: F811
    """What is over the limit is put off one by one, and the others get their mail."""
    port = await serve(max_recipients=1000)
    async with connected(port) as wire:
        await wire.ask(HELLO)
        await wire.ask(b"MAIL FROM:<a@example.co.jp>\r\n")
        wire.writer.write(b"".join(b"RCPT TO:<r%d@example.com>\r\n" % n for n in range(10_000)))
        codes = [(await wire.reply())[:10] for _ in range(10_000)]
        assert codes == ["250 2.1.5 "] * 1000 + ["452 4.5.3 "] * 9000
        await wire.ask(b"DATA\r\n")
        assert (await wire.ask(MAIL + END)).startswith("250 ")
    assert len(house.envelopes[0].rcpt_to) == 1000


async def test_a_line_of_a_megabyte_is_content(serve: Serve, house: FileHouse) -> None:  # noqa: F811
    line = b"x" * 1_000_000 + b"\r\n"
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        assert (await wire.ask(MAIL + line + END)).startswith("250 ")
    assert list(house.mails().values()) == [MAIL + line]


async def test_a_command_of_a_megabyte_ends_the_session_alone(serve: Serve) -> None:  # noqa: F811
    port = await serve()
    async with connected(port) as wire:
        wire.writer.write(b"NOOP " + b"x" * 1_000_000 + b"\r\n")
        assert (await wire.reply()).startswith("500 5.5.2 ")
    assert await taken(port)


# -- PROXY protocol

BALANCER = {"proxies": (ip_network("127.0.0.0/8"),), "trusted_networks": (ip_network("192.0.2.7"),)}
V2 = b"\r\n\r\n\x00\r\nQUIT\n"


def _v2(client: tuple[int, ...], command: int = 1) -> bytes:
    body = bytes((*client, 10, 0, 0, 1)) + struct.pack(">HH", 5555, 25)
    return V2 + bytes((0x20 | command, 0x11)) + struct.pack(">H", len(body)) + body


async def _behind(port: int, header: bytes) -> Wire:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(header)
    return Wire(reader, writer)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 5555 25\r\n", "250 "),
        (_v2((192, 0, 2, 7)), "250 "),
        (b"PROXY TCP4 198.51.100.1 10.0.0.1 5555 25\r\n", "550 5.7.1 "),
        (_v2((198, 51, 100, 1)), "550 5.7.1 "),
        (b"PROXY UNKNOWN\r\n", "550 5.7.1 "),
    ],
)
async def test_a_named_balancer_says_who_the_client_is(
    serve: Serve,  # noqa: F811
    house: FileHouse,  # noqa: F811
    header: bytes,
    code: str,
) -> None:
    wire = await _behind(await serve(**BALANCER), header)
    assert (await wire.reply()).startswith("220 ")
    await wire.ask(HELLO)
    assert (await wire.ask(ENVELOPE, 2)).startswith(code)
    wire.writer.close()
    await wire.writer.wait_closed()


def _inside_tls(port: int, header: bytes, context: ssl.SSLContext, piece: int) -> bytes:
    """What is answered to an envelope, after header and handshake in pieces of so many octets."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def through(act: Callable[[], Any]) -> Any:
            nonlocal header
            while True:
                try:
                    return act()
                except ssl.SSLWantReadError:
                    octets, header = header + outgoing.read(), b""
                    for at in range(0, len(octets), piece):
                        wire.sendall(octets[at : at + piece])
                    if not (more := wire.recv(65536)):
                        raise ConnectionError("closed") from None
                    incoming.write(more)

        through(tls.do_handshake)
        said: bytes = through(lambda: tls.read(4096))
        for asked, last in ((HELLO, rb"^250 "), (ENVELOPE, rb"2\.1\.5|5\.7\.1")):
            tls.write(asked)
            while not re.search(last, said.splitlines()[-1]):
                said += through(lambda: tls.read(4096))
    return said


@pytest.mark.parametrize("piece", [1, 40, 100_000])
@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 5555 465\r\n", b"250 2.1.5"),
        (_v2((192, 0, 2, 7)), b"250 2.1.5"),
        (_v2((198, 51, 100, 1)), b"550 5.7.1"),
    ],
)
async def test_the_header_comes_before_the_handshake(
    serve: Serve,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
    trusting: ssl.SSLContext,  # noqa: F811
    house: FileHouse,  # noqa: F811
    header: bytes,
    code: bytes,
    piece: int,
) -> None:
    port = await serve(certificate, kind="tls", **BALANCER)
    said = await asyncio.to_thread(_inside_tls, port, header, trusting, piece)
    assert said.startswith(b"220 ") and code in said and b"STARTTLS" not in said


async def test_who_is_no_balancer_begins_encrypted_as_ever(
    serve: Serve,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
    trusting: ssl.SSLContext,  # noqa: F811
) -> None:
    others = (ip_network("192.0.2.0/24"),)
    port = await serve(certificate, kind="tls", proxies=others)
    async with connected(port, trusting) as wire:
        await wire.ask_for_data()
        assert (await wire.ask(MAIL + END)).startswith("250 ")
    said = _v2((192, 0, 2, 7))
    with pytest.raises((ConnectionError, ssl.SSLError)):
        await asyncio.to_thread(_inside_tls, port, said, trusting, 100_000)


@pytest.mark.parametrize("rest", [b"", b"EHLO pc1\r\n", b"\x16\x03\x01"])
async def test_nothing_is_said_in_the_clear_where_tls_is_due(
    serve: Serve,  # noqa: F811
    certificate: ssl.SSLContext,  # noqa: F811
    rest: bytes,
) -> None:
    port = await serve(certificate, kind="tls", **BALANCER)
    wire = await _behind(port, _v2((192, 0, 2, 7)) + rest)
    wire.writer.write_eof()
    assert b"220" not in await wire.rest()  # a TLS alert at most
    wire.writer.close()
    await wire.writer.wait_closed()


@pytest.mark.parametrize(
    "header", [b"EHLO pc1\r\n", b"PROXY TCP4 a b c d\r\n", b"PROXY TCP4 192.0.2.7", V2[:7]]
)
async def test_a_balancer_that_does_not_say_it_is_cut_off_and_the_log_says_why(
    serve: Serve,  # noqa: F811
    header: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = await _behind(await serve(**BALANCER), header)
    wire.writer.write_eof()
    assert await wire.rest() == b""
    assert "127.0.0.1 is one of smtp.proxies, and was cut off: no PROXY header" in caplog.text
    wire.writer.close()
    await wire.writer.wait_closed()


@pytest.mark.parametrize("proxies", [(), (ip_network("192.0.2.0/24"),)])
async def test_nobody_else_may_say_it(serve: Serve, proxies: Any) -> None:  # noqa: F811
    trusted = (ip_network("192.0.2.7"),)
    async with connected(await serve(proxies=proxies, trusted_networks=trusted)) as wire:
        answer = await wire.ask(b"PROXY TCP4 192.0.2.7 10.0.0.1 5555 25\r\n")
        assert answer.startswith("502 ")
        await wire.ask(HELLO)
        assert (await wire.ask(ENVELOPE, 2)).startswith("550 5.7.1 ")
