"""The twelve wrong ends of data, judged by what a real Postfix behind us hands on."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.conftest import Build
from tests.e2e.house import House, free_port, until
from tests.e2e.postfix import Postfix
from tests.e2e.sink import Sink
from tests.gateway.mail.test_listener import SMUGGLED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("postfix"),
    pytest.mark.skipif(os.getuid() != 0, reason="postfix is started by root only"),
]


@dataclass(frozen=True)
class Gate:
    house: House
    legacy: int
    """the port on which bare line ends are mended"""

    def say(self, port: int, octets: bytes) -> str:
        """The replies to one mail, all of it in one write after DATA was granted."""
        with socket.create_connection(("127.0.0.1", port), 20) as wire:
            file = wire.makefile("rb")
            for command in (b"", b"HELO pc\r\n", *_envelope(b"one"), b"DATA\r\n"):
                wire.sendall(command)
                assert file.readline()[:1] in (b"2", b"3")
            wire.sendall(octets)
            wire.shutdown(socket.SHUT_WR)
            return file.read().decode()


def _envelope(who: bytes) -> tuple[bytes, bytes]:
    sender = b"MAIL FROM:<hanako@example.co.jp>\r\n"
    return sender, b"RCPT TO:<" + who + b"@partner.example>\r\n"


@pytest.fixture(scope="module")
def gate(build: Build, sink: Sink) -> Iterator[Gate]:
    legacy = free_port()
    with Postfix(sink.hop) as postfix:
        listener = f'"127.0.0.1:{legacy}"'
        house = build(postfix.hop)
        text = house.path.read_text("utf-8")
        both = f"legacy_line_ends = [{listener}]\nlisten = [{listener}, "
        house.path.write_text(text.replace("listen = [", both, 1), "utf-8")
        house.start()
        yield Gate(house, legacy)


def _smuggling(sequence: bytes, mark: bytes) -> bytes:
    second = b"".join(_envelope(b"two")) + b"DATA\r\nSubject: spoofed\r\n\r\nspoofed\r\n.\r\n"
    return b"Subject: " + mark + b"\r\n\r\nfirst" + sequence + second


@pytest.mark.parametrize("sequence", SMUGGLED, ids=repr)
def test_refused_and_nothing_arrives(gate: Gate, sink: Sink, sequence: bytes) -> None:
    said = gate.say(gate.house.port, _smuggling(sequence, b"strict"))
    assert said.startswith("521 5.5.2 ") and said.count("\n") == 1
    assert not any(b"Subject: strict" in mail.data for mail in sink.delivered)


@pytest.mark.parametrize("sequence", [s for s in SMUGGLED if b"\0" not in s], ids=repr)
def test_mended_it_is_one_mail(gate: Gate, sink: Sink, sequence: bytes) -> None:
    mark = f"m{SMUGGLED.index(sequence)}.".encode()

    def arrived() -> list[bytes]:
        return [mail.data for mail in sink.delivered if b"Subject: " + mark in mail.data]

    said = gate.say(gate.legacy, _smuggling(sequence, mark))
    assert said.startswith("250 2.0.0 ") and said.count("\n") == 1
    until(arrived, 20)
    (data,) = arrived()
    assert b"spoofed" in data and data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n")


def test_the_second_mail_never_was_one(gate: Gate, sink: Sink) -> None:
    gate.house.stop()
    assert not sink.to("two@partner.example")
    assert len(gate.house.consignments()) == len([s for s in SMUGGLED if b"\0" not in s])
    assert gate.house.verify().whole
