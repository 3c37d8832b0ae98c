"""The listener on real sockets: what is answered, and what the house gets to keep."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import smtplib
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.mail import driver
from gateway.mail.admission import Admission
from gateway.mail.driver import listen, settled
from gateway.mail.listener import Envelope, Refusal, Reply, Sink
from gateway.memory.listening import opened

ADMISSION = Admission(
    hostname="gate.example.co.jp",
    trusted_networks=(ip_network("127.0.0.0/8"), ip_network("::1")),
    own_domains=("example.co.jp",),
    max_size=30_000_000,
)
HELLO = b"EHLO pc1\r\n"
ENVELOPE = b"MAIL FROM:<taro@example.co.jp>\r\nRCPT TO:<hanako@example.com>\r\n"
MAIL = b"Subject: a\r\n\r\nbody\r\n"
END = b".\r\n"


class FileSink:
    """Keeps one mail in a folder: durable before it has a name."""

    def __init__(self, house: FileHouse) -> None:
        self.house = house
        self.id = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}".upper()
        self.part = house.folder / f"{self.id}.part"
        self.file = self.part.open("wb")

    def write(self, block: bytes) -> None:
        if self.file.tell() + len(block) > self.house.disk:
            raise OSError(28, "No space left on device", str(self.part))
        self.file.write(block)

    def mended(self) -> None:
        (self.house.folder / f"{self.id}.mended").touch()

    async def commit(self) -> str:
        if self.house.unwanted:
            raise Refusal(self.house.unwanted)
        self.house.committing.set()
        await self.house.flush.wait()
        await asyncio.to_thread(self._flush)
        self.part.rename(self.part.with_suffix(".eml"))
        return self.id

    def _flush(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def abort(self) -> None:
        self.file.close()
        self.part.unlink()


class FileHouse:
    """A house of one folder, whose disk can be full and whose flush can be made to wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.disk = 1 << 40
        self.envelopes: list[Envelope] = []
        self.no_room: Reply | None = None
        self.unwanted: Reply | None = None
        self.accounts = {"taro": b"p w"}
        self.committing = asyncio.Event()
        self.flush = asyncio.Event()
        self.flush.set()

    async def authenticate(self, user: str, password: bytes) -> str | None:
        return user if self.accounts[user] == password else None

    def room(self) -> Reply | None:
        return self.no_room

    def open(self, envelope: Envelope) -> Sink:
        self.envelopes.append(envelope)
        return FileSink(self)

    def mails(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in self.folder.glob("*.eml")}

    def leftovers(self) -> list[Path]:
        return list(self.folder.glob("*.part"))


class Wire:
    """A client that says exactly these octets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 5)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def ask(self, octets: bytes, replies: int = 1) -> str:
        """The last of so many replies."""
        self.writer.write(octets)
        return [await self.reply() for _ in range(replies)][-1]

    async def ask_for_data(self) -> None:
        await self.ask(HELLO)
        assert (await self.ask(ENVELOPE + b"DATA\r\n", 3)).startswith("354 ")

    async def rest(self) -> bytes:
        return await asyncio.wait_for(self.reader.read(), 5)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
async def house(tmp_path: Path) -> FileHouse:
    return FileHouse(tmp_path)


Serve = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve(house: FileHouse) -> AsyncIterator[Serve]:
    """Opens a listener on a free port: `await serve(tls, max_size=…)`."""
    listening: list[asyncio.Server | socket.socket] = []

    async def serving(tls: ssl.SSLContext | None = None, **limits: Any) -> int:
        sock = opened("127.0.0.1:0")
        listening.append(sock)
        listening.append(await listen(replace(ADMISSION, **limits), house, sock, tls))
        port: int = sock.getsockname()[1]
        return port

    yield serving
    for each in reversed(listening):
        each.close()
    house.flush.set()
    await settled()


@asynccontextmanager
async def connected(port: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name)
    wire = Wire(reader, writer)
    assert (await wire.reply()).startswith("220 gate.example.co.jp ")
    yield wire
    writer.close()
    await writer.wait_closed()


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110  # files appear, nobody tells
            await asyncio.sleep(0.005)


async def test_it_works(serve: Serve, house: FileHouse) -> None:
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        answer = await wire.ask(MAIL + b"..\r\n" + END)
        kept = house.mails()
        assert answer == f"250 2.0.0 Ok: queued as {next(iter(kept))}"
        assert list(kept.values()) == [MAIL + b".\r\n"]
        assert await wire.ask(b"QUIT\r\n") == "221 2.0.0 Bye"
        assert await wire.rest() == b""
    envelope = house.envelopes[0]
    assert (envelope.client_ip, envelope.helo, envelope.kind) == ("127.0.0.1", "pc1", "plain")
    assert envelope.received_at.utcoffset() is not None


async def test_smtplib_over_starttls_with_a_password(
    serve: Serve, house: FileHouse, certificate: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    port = await serve(certificate, kind="submission", trusted_networks=())

    def send() -> None:
        with smtplib.SMTP("localhost", port, timeout=10) as client:
            with pytest.raises(smtplib.SMTPException, match="AUTH"):
                client.login("taro", "p w")
            with pytest.raises(smtplib.SMTPSenderRefused, match=r"5\.7\.0"):
                client.sendmail("taro@example.co.jp", ["a@example.com"], MAIL)
            client.starttls(context=trusting)
            client.login("taro", "p w")
            client.sendmail("taro@example.co.jp", ["a@example.com"], MAIL * 50_000)

    await asyncio.to_thread(send)
    assert list(house.mails().values()) == [MAIL * 50_000]
    assert house.envelopes[0].auth_user == "taro" and house.envelopes[0].tls.startswith("TLSv1.3 ")


async def test_kind_tls_begins_encrypted(
    serve: Serve, house: FileHouse, certificate: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with connected(await serve(certificate, kind="tls"), trusting) as wire:
        answer = await wire.ask(HELLO)
        assert "STARTTLS" not in answer and "AUTH PLAIN LOGIN" in answer
        await wire.ask_for_data()
        assert (await wire.ask(MAIL + END)).startswith("250 2.0.0 ")
    assert house.envelopes[0].tls.startswith("TLSv1.3 ")


async def test_kind_tls_needs_a_certificate(serve: Serve) -> None:
    with pytest.raises(ValueError, match="certificate"):
        await serve(kind="tls")


async def test_auth_is_refused_before_tls(serve: Serve, certificate: ssl.SSLContext) -> None:
    async with connected(await serve(certificate)) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(b"AUTH PLAIN AHRhcm8AcCB3\r\n")).startswith("538 5.7.11 ")


async def test_a_house_that_cannot_look_up_accounts_says_later(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(await serve(require_tls_for_auth=False)) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(b"AUTH PLAIN AG5vYm9keQBw\r\n")).startswith("454 4.7.0 ")
        assert (await wire.ask(b"AUTH PLAIN AHRhcm8AcCB3\r\n")).startswith("235 2.7.0 ")
    assert "KeyError" in caplog.text and "nobody" not in caplog.text


@pytest.mark.parametrize("command", [b"STARTTLS\r\n", b"DATA\r\n", b"EHLO pc1\r\n"])
async def test_octets_that_did_not_wait_end_the_session(
    serve: Serve, house: FileHouse, certificate: ssl.SSLContext, command: bytes
) -> None:
    async with connected(await serve(certificate)) as wire:
        await wire.ask(HELLO)
        await wire.ask(ENVELOPE, 2)
        assert (await wire.ask(command + b"RSET\r\n")).startswith("554 5.5.0 ")
        assert await wire.rest() == b""
    assert house.mails() == {}


async def test_octets_slipped_in_before_the_handshake_are_never_believed(
    serve: Serve, certificate: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with connected(await serve(certificate)) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(b"STARTTLS\r\n")).startswith("220 2.0.0 ")
        wire.writer.write(b"RSET\r\n")
        assert b"250" not in await wire.rest()


async def test_a_pipelined_group_gets_its_replies_in_one_segment(serve: Serve) -> None:
    async with connected(await serve()) as wire:
        wire.writer.write(HELLO)
        assert (await wire.reader.read(4096)).count(b"\r\n") == 7
        wire.writer.write(ENVELOPE + b"DATA\r\n")
        assert (await wire.reader.read(4096)).count(b"\r\n") == 3


async def test_two_mails_and_more_commands_in_one_connection(
    serve: Serve, house: FileHouse
) -> None:
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        last = await wire.ask(MAIL + END + ENVELOPE + b"DATA\r\n", 4)
        assert last.startswith("354 ")
        assert (await wire.ask(b"second\r\n" + END + b"NOOP\r\nQUIT\r\n", 3)).startswith("221 ")
    assert sorted(house.mails().values()) == [MAIL, b"second\r\n"]


SMUGGLED = [
    *(b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r.\r", b"\n.\r", b"\r\n.\r", b"\r.\n"),
    *(b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\n\0.\r\n", b"\r\n.\0\r\n"),
]
"""What some server has taken for the end of data, and none may."""


@pytest.mark.parametrize("sequence", SMUGGLED, ids=repr)
async def test_a_smuggled_mail_is_no_mail(serve: Serve, house: FileHouse, sequence: bytes) -> None:
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + sequence + ENVELOPE + b"DATA\r\nspoofed\r\n" + END)
        assert (await wire.reply()).startswith("521 5.5.2 ")
        assert await wire.rest() == b""
    assert house.mails() == {} and house.leftovers() == []


@pytest.mark.parametrize("sequence", [s for s in SMUGGLED if b"\0" not in s], ids=repr)
async def test_a_normalising_listener_keeps_it_as_text_of_one_mail(
    serve: Serve, house: FileHouse, sequence: bytes
) -> None:
    async with connected(await serve(normalize=True)) as wire:
        await wire.ask_for_data()
        smuggled = ENVELOPE + b"DATA\r\nspoofed\r\n"
        assert (await wire.ask(MAIL + sequence + smuggled + END)).startswith("250 ")
    (kept,) = house.mails().items()
    assert kept[1].startswith(MAIL) and smuggled in kept[1] and len(house.envelopes) == 1
    assert (house.folder / f"{kept[0]}.mended").exists()


async def test_a_foreign_sender_is_refused_at_rcpt_with_the_reason(serve: Serve) -> None:
    async with connected(await serve()) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(b"MAIL FROM:<x@example.com>\r\n")).startswith("250 ")
        assert await wire.ask(b"RCPT TO:<a@example.org>\r\n") == (
            "550 5.7.1 <a@example.org>: sender domain example.com is not one of ours"
        )


async def test_an_untrusted_client_is_refused_at_rcpt(serve: Serve) -> None:
    async with connected(await serve(trusted_networks=())) as wire:
        await wire.ask(HELLO)
        assert (await wire.ask(ENVELOPE, 2)).startswith("550 5.7.1 ")
        assert (await wire.ask(b"DATA\r\n")).startswith("554 5.5.1 ")


async def test_too_large_is_read_to_its_end_and_refused(serve: Serve, house: FileHouse) -> None:
    async with connected(await serve(max_size=100_000)) as wire:
        await wire.ask_for_data()
        wire.writer.write(b"x" * 98 + b"\r\n")
        answer = await wire.ask((b"MAIL FROM:<a@example.co.jp>\r\n") * 20_000 + END)
        assert answer == "552 5.3.4 mail larger than 100000 octets"
        assert (await wire.ask(b"NOOP\r\n")).startswith("250 ")
        assert (await wire.ask(ENVELOPE.replace(b"jp>", b"jp> SIZE=100001"))).startswith("552 ")
    assert house.mails() == {} and house.leftovers() == []


async def test_a_full_disk_is_later_without_details(
    serve: Serve, house: FileHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.disk = 100
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        answer = await wire.ask(b"confidential\r\n" * 50_000 + END)
        assert answer == "451 4.3.0 try again later"
        house.disk = 1 << 40
        await wire.ask(ENVELOPE + b"DATA\r\n", 3)
        assert (await wire.ask(MAIL + END)).startswith("250 ")
    assert list(house.mails().values()) == [MAIL] and house.leftovers() == []
    assert "OSError" in caplog.text
    assert "confidential" not in caplog.text and str(house.folder) not in caplog.text


async def test_a_mail_with_a_hole_is_never_taken(
    serve: Serve, house: FileHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.disk = 100
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(b"x" * 200 + b"\r\n")
        await eventually(lambda: "OSError" in caplog.text)
        house.disk = 1 << 40
        assert (await wire.ask(MAIL + END)).startswith("451 4.3.0 ")
    assert house.mails() == {} and house.leftovers() == []


async def test_a_failing_commit_is_later_and_nothing_is_kept(
    serve: Serve, house: FileHouse
) -> None:
    house.flush.clear()
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + END)
        await house.committing.wait()
        house.leftovers()[0].rename(house.folder / "taken away")
        house.flush.set()
        assert await wire.reply() == "451 4.3.0 try again later"
    assert house.mails() == {}


async def test_a_mail_the_house_refuses_gets_its_own_words(serve: Serve, house: FileHouse) -> None:
    house.unwanted = Reply(554, "5.4.6", "mail loop")
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        assert await wire.ask(MAIL + END) == "554 5.4.6 mail loop"
        assert (await wire.ask(ENVELOPE, 2)).startswith("250 ")
    assert house.mails() == {} and house.leftovers() == []


async def test_a_house_that_cannot_open_is_later(serve: Serve, house: FileHouse) -> None:
    house.folder = house.folder / "missing"
    async with connected(await serve()) as wire:
        await wire.ask(HELLO)
        assert await wire.ask(ENVELOPE + b"DATA\r\n", 3) == "451 4.3.0 try again later"


async def test_no_room_is_said_before_the_data(serve: Serve, house: FileHouse) -> None:
    house.no_room = Reply(452, "4.3.1", "not enough space")
    async with connected(await serve()) as wire:
        await wire.ask(HELLO)
        assert await wire.ask(ENVELOPE + b"DATA\r\n", 3) == "452 4.3.1 not enough space"
        assert (await wire.ask(ENVELOPE, 2)).startswith("250 ")


async def test_no_reply_before_the_commit_has_returned(serve: Serve, house: FileHouse) -> None:
    house.flush.clear()
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + END)
        await house.committing.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(wire.reader.read(1), 0.1)
        assert house.mails() == {}
        house.flush.set()
        assert (await wire.reply()).startswith("250 ")


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_hanging_up_in_the_middle_of_the_commit_cancels_nothing(
    serve: Serve, house: FileHouse, how: str
) -> None:
    house.flush.clear()
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + END)
        await house.committing.wait()
        if how == "reset":
            line = wire.writer.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    await asyncio.sleep(0.05)
    house.flush.set()
    await settled()
    assert list(house.mails().values()) == [MAIL]


async def test_hanging_up_in_the_middle_of_the_data_keeps_nothing(
    serve: Serve, house: FileHouse
) -> None:
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL)
        await eventually(lambda: len(house.leftovers()) == 1)
    await eventually(lambda: not house.leftovers())
    assert house.mails() == {}


async def test_a_client_that_closes_its_half_still_gets_its_answers(
    serve: Serve, house: FileHouse
) -> None:
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        wire.writer.write(MAIL + END + b"QUIT\r\n")
        wire.writer.write_eof()
        assert (await wire.rest()).count(b"\r\n") == 2
    assert list(house.mails().values()) == [MAIL]


async def test_who_only_looks_at_the_certificate_is_no_warning(
    serve: Serve,
    certificate: ssl.SSLContext,
    trusting: ssl.SSLContext,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As a monitor does it: the end of the connection comes with the end of the handshake."""
    async with connected(await serve(certificate)) as wire:
        await wire.ask(HELLO)
        await wire.ask(b"STARTTLS\r\n")
        theirs, ours = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting.wrap_bio(theirs, ours, server_hostname="localhost")
        for said in (tls.do_handshake, tls.do_handshake, tls.unwrap):
            with suppress(ssl.SSLWantReadError):
                said()
            if said == tls.do_handshake and not tls.version():
                wire.writer.write(ours.read())
                theirs.write(await wire.reader.read(1 << 16))
        wire.writer.write(ours.read())
        await wire.rest()
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_mails_that_arrive_together_commit_together(serve: Serve, house: FileHouse) -> None:
    house.flush.clear()
    port = await serve()

    async def send(number: int) -> str:
        async with connected(port) as wire:
            await wire.ask_for_data()
            return await wire.ask(b"mail %d\r\n" % number + END)

    sending = [asyncio.create_task(send(number)) for number in range(40)]
    await eventually(lambda: len(driver._commits) == 40)
    house.flush.set()
    answers = await asyncio.gather(*sending)
    kept = house.mails()
    assert sorted(answers) == sorted(f"250 2.0.0 Ok: queued as {name}" for name in kept)
    assert set(kept.values()) == {b"mail %d\r\n" % number for number in range(40)}


async def test_connections_are_capped_for_one_client_and_for_all(serve: Serve) -> None:
    for limits in ({"max_per_client": 2}, {"max_connections": 2}):
        port = await serve(**limits)
        async with connected(port) as one, connected(port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(reader.read(), 5) == b"421 4.7.0 too many connections\r\n"
            writer.close()
            await writer.wait_closed()
            await one.ask(b"QUIT\r\n")
            await one.rest()
            async with connected(port) as another:
                assert (await another.ask(b"NOOP\r\n")).startswith("250 ")


@pytest.mark.slow
async def test_silence_ends_the_session_but_slow_data_does_not(
    serve: Serve, house: FileHouse
) -> None:
    """In all longer than the limit, each silence a tenth of it: a busy machine is late by less."""
    async with connected(await serve(timeout=2.0)) as wire:
        await wire.ask_for_data()
        for _ in range(12):
            await asyncio.sleep(0.2)
            wire.writer.write(b"slow\r\n")
        assert (await wire.ask(END)).startswith("250 ")
        assert await wire.rest() == b"421 4.4.2 timed out\r\n"
    assert len(house.mails()) == 1


@pytest.mark.slow
async def test_a_client_that_reads_no_replies_is_dropped(serve: Serve) -> None:
    port = await serve(timeout=0.2, max_connections=1)
    async with connected(port) as deaf:
        deaf.writer.write(b"HELP\r\n" * 200_000)
        greeting = b"421"
        async with asyncio.timeout(10):
            while greeting.startswith(b"421"):
                await asyncio.sleep(0.05)
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                greeting = await reader.readline()
                writer.close()
                await writer.wait_closed()
        assert greeting.startswith(b"220 ")


async def test_an_endless_line_and_a_browser_are_cut_off(serve: Serve) -> None:
    port = await serve()
    for octets, answer in ((b"x" * 20_000, "500 5.5.2 "), (b"GET / HTTP/1.1\r\n\r\n", "502 ")):
        async with connected(port) as wire:
            assert (await wire.ask(octets)).startswith(answer)
            assert await wire.rest() == b""


async def test_nothing_of_a_mail_reaches_any_log(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with connected(await serve()) as wire:
        await wire.ask_for_data()
        await wire.ask(b"Subject: confidential\r\n\r\nconfidential\r\n" + END)
    assert "confidential" not in caplog.text and "hanako" not in caplog.text


async def test_ipv6_and_ipv4_on_one_listener(house: FileHouse) -> None:
    server = await listen(ADMISSION, house, opened("[::]:0"), None)
    port = server.sockets[0].getsockname()[1]
    for host in ("127.0.0.1", "::1"):
        reader, writer = await asyncio.open_connection(host, port)
        wire = Wire(reader, writer)
        await wire.reply()
        await wire.ask(HELLO)
        assert (await wire.ask(ENVELOPE, 2)).startswith("250 2.1.5 ")
        writer.close()
        await writer.wait_closed()
    server.close()


@pytest.mark.parametrize("sound", [False, True], ids=["plain", "tls"])
async def test_twenty_megabytes_in_one_go_are_quick(
    serve: Serve,
    house: FileHouse,
    certificate: ssl.SSLContext,
    trusting: ssl.SSLContext,
    sound: bool,
) -> None:
    port = await serve(certificate, kind="tls" if sound else "plain")
    content = (b"0123456789abcdef" * 4 + b"\r\n") * 303_031
    async with connected(port, trusting if sound else None) as wire:
        await wire.ask_for_data()
        start = time.perf_counter()
        wire.writer.write(content)
        answer = await wire.ask(END)
        elapsed = time.perf_counter() - start
    assert answer.startswith("250 ") and list(house.mails().values()) == [content]
    assert elapsed < 2.0  # about 0.1 s where nothing else runs, 0.6 with aiosmtpd's own reader
