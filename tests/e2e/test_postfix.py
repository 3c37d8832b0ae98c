"""The same, with a real Postfix as next hop."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import samples
from tests.crash.acts import confirm
from tests.e2e.conftest import Build
from tests.e2e.house import House, hand_over
from tests.e2e.postfix import Postfix
from tests.e2e.sink import Sink

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("postfix"),
    pytest.mark.skipif(os.getuid() != 0, reason="postfix is started by root only"),
]


@pytest.fixture(scope="module")
def postfix(sink: Sink) -> Iterator[Postfix]:
    with Postfix(sink.hop) as running:
        yield running


@pytest.fixture(scope="module")
def house(build: Build, postfix: Postfix) -> House:
    made = build(postfix.hop)
    made.start()
    return made


def test_it_works(house: House, sink: Sink) -> None:
    raw = samples.message("お打ち合わせ", "承知いたしました。\n.\n..\n")
    id = house.send(raw)
    (mail,) = sink.wait("sato@partner.example", seconds=20)
    assert mail.data.endswith(raw) and mail.data.count(b"\r\nReceived:") == 1
    assert b"(Sekisho)" in mail.data and b"by next.example.co.jp (Postfix)" in mail.data
    house.reaches(id, "done")
    (facts,) = [f for verb, f in house.verbs(id) if verb == "delivered"]
    assert facts["reply"].startswith("250 2.0.0 Ok: queued as ")


def test_many_over_kept_connections(house: House, sink: Sink, postfix: Postfix) -> None:
    before = postfix.log().count(": connect from")
    with house.client() as client:
        for number in range(30):
            to = f"many{number}@partner.example"
            hand_over(client, samples.message(f"{number}", "a\n", to=to), to)
    for number in range(30):
        sink.wait(f"many{number}@partner.example", seconds=20)
    assert postfix.log().count(": connect from") - before <= 8


def test_eight_bits_and_a_dsn_request_go_through(house: House, sink: Sink) -> None:
    to = "eight@partner.example"
    raw = samples.message("8bit", "", to=to).replace(b"Encoding: base64", b"Encoding: 8bit")
    raw = raw.rstrip(b"\r\n") + "\r\n\r\n本文です。\r\n".encode()
    house.send(raw, to, options=["BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159"])
    (mail,) = sink.wait(to, seconds=20)
    assert mail.data.endswith(raw)
    assert "BODY=8BITMIME" in mail.options and "ENVID=QQ314159" in mail.options


def test_what_was_held_leaves_sealed(house: House, sink: Sink) -> None:
    to, number = "sealed@partner.example", samples.individual_number(31)
    raw = samples.message("資格取得届", f"個人番号は {number} です。\n", to=to)
    id = house.send(raw, to)
    house.reaches(id, "held", seconds=30)
    assert sink.quiet(to)
    confirm(house.path, id)
    (mail,) = sink.wait(to, seconds=30)
    assert mail.mail_from == "hanako@example.co.jp"
    assert number.encode() not in mail.data


def test_the_house_is_whole(house: House, postfix: Postfix) -> None:
    house.stop()
    assert house.verify().whole
    assert not [line for line in postfix.log().splitlines() if "fatal" in line or "panic" in line]
