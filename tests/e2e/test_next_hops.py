"""Exim and OpenSMTPD as next hops: what they received is what we were given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over
from tests.e2e.sink import Sink
from tests.e2e.unpacked import Exim, OpenSmtpd, Unpacked

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="they are started by root only"),
]
PEERS = [
    pytest.param(Exim, marks=pytest.mark.needs("exim")),
    pytest.param(OpenSmtpd, marks=pytest.mark.needs("opensmtpd")),
]


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest, sink: Sink) -> Iterator[Unpacked]:
    with request.param(sink.hop) as running:
        yield running


@pytest.fixture(scope="module")
def house(build: Build, peer: Unpacked) -> House:
    made = build(peer.hop)
    made.start()
    return made


def to(peer: Unpacked, name: str) -> str:
    return f"{name}.{type(peer).__name__.lower()}@partner.example"


def test_it_works(house: House, sink: Sink, peer: Unpacked) -> None:
    """Dots at line starts, long lines and blank ends arrive as they were."""
    body = ".\r\n..\r\n...a\r\nb \t\r\n" + "x" * 900 + "\r\n\r\n.last\r\n"
    raw = samples.message("お打ち合わせ", "", to=to(peer, "dots"))
    raw = raw.replace(b"Encoding: base64", b"Encoding: 7bit").rstrip(b"\r\n") + b"\r\n\r\n"
    raw += body.encode()
    id = house.send(raw, to(peer, "dots"))
    (mail,) = sink.wait(to(peer, "dots"), seconds=30)
    assert mail.data.endswith(raw.partition(b"\r\n\r\n")[2])
    assert b"(Sekisho)" in mail.data and b"by next.example.co.jp" in mail.data
    house.reaches(id, "done")
    (facts,) = [f for verb, f in house.verbs(id) if verb == "delivered"]
    assert facts["reply"].startswith("250 ") and facts["mx"] == peer.hop


def test_many_over_kept_connections_and_each_once(house: House, sink: Sink, peer: Unpacked) -> None:
    with house.client() as client:
        for number in range(15):
            address = to(peer, f"many{number}")
            hand_over(client, samples.message(f"{number}", "a\n", to=address), address)
    for number in range(15):
        assert len(sink.wait(to(peer, f"many{number}"), seconds=30)) == 1


@pytest.mark.needs("swaks")
def test_swaks_hands_in_and_it_comes_out(house: House, sink: Sink, peer: Unpacked) -> None:
    address = to(peer, "swaks")
    done = subprocess.run(
        ["swaks", "--server", "127.0.0.1", "--port", str(house.port), "--to", address]
        + ["--from", "hanako@example.co.jp", "--ehlo", "pc1.example.co.jp"]
        + ["--header", "Subject: swaks", "--body", "line\n.\nlast"],
        capture_output=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")
    (mail,) = sink.wait(address, seconds=30)
    assert b"\r\n.\r\nlast" in mail.data
