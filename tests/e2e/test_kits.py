"""The kit for Postfix, on a real one that sends: pilot, all, bypass, undo."""

from __future__ import annotations

import os
import smtplib
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.postfix import Postfix
from tests.e2e.sink import Sink

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("postfix"),
    pytest.mark.skipif(os.getuid() != 0, reason="postfix is started by root only"),
]

KIT = Path(__file__).parents[2] / "conf" / "postfix" / "sekisho.sh"
_numbers = count(1)


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink) -> House:
    made = build(sink.hop)
    made.start()
    return made


@pytest.fixture(scope="module")
def office(sink: Sink) -> Iterator[Postfix]:
    """The company's mail server, which hands on to the world itself."""
    with Postfix(sink.hop) as running:
        yield running


def kit(office: Postfix, *arguments: str) -> str:
    environment = {**os.environ, "MAIL_CONFIG": str(office.etc)}
    done = subprocess.run(
        ["sh", str(KIT), *arguments], capture_output=True, timeout=60, env=environment
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def passes_sekisho(office: Postfix, sink: Sink, sender: str) -> bool:
    to = f"kit{next(_numbers)}@partner.example"
    with smtplib.SMTP("127.0.0.1", office.port, "pc1", 20) as client:
        client.sendmail(sender, [to], samples.message("件名", "本文です。\n", to=to))
    (mail,) = sink.wait(to, seconds=30)
    return b"(Sekisho)" in mail.data


def test_step_by_step_and_back(house: House, office: Postfix, sink: Sink, tmp_path: Path) -> None:
    hanako, jiro = "hanako@example.co.jp", "jiro@example.co.jp"
    hop = f"127.0.0.1:{house.port}"
    untouched = kit(office, "status")
    assert not passes_sekisho(office, sink, hanako)

    pilot = tmp_path / "pilot"
    pilot.write_text(f"# the first ones\n{hanako}\n\n")
    kit(office, "pilot", hop, str(pilot))
    assert passes_sekisho(office, sink, hanako) and not passes_sekisho(office, sink, jiro)

    kit(office, "all", hop)
    assert passes_sekisho(office, sink, hanako) and passes_sekisho(office, sink, jiro)

    assert kit(office, "bypass") == untouched
    assert not passes_sekisho(office, sink, hanako)
    assert kit(office, "undo") == untouched
    assert not list(office.etc.glob("sekisho.*"))


def test_a_list_that_cannot_be_read_takes_nobody_out(house: House, office: Postfix) -> None:
    """Mail that went by Sekisho until now must not begin to go round it."""
    hop = f"127.0.0.1:{house.port}"
    everybody = kit(office, "all", hop)
    environment = {**os.environ, "MAIL_CONFIG": str(office.etc)}
    pilot = ["sh", str(KIT), "pilot", hop, "/nowhere/pilot.txt"]
    done = subprocess.run(pilot, capture_output=True, env=environment)
    assert done.returncode == 2 and b"/nowhere/pilot.txt" in done.stderr
    assert kit(office, "status") == everybody
    kit(office, "undo")


def test_an_indented_line_belongs_to_no_other(
    house: House, office: Postfix, tmp_path: Path
) -> None:
    pilot = tmp_path / "pilot"
    pilot.write_text("hanako@example.co.jp\n  # and his\n  jiro@example.co.jp\r\n")
    kit(office, "pilot", f"127.0.0.1:{house.port}", str(pilot))
    hop = f"[127.0.0.1]:{house.port}"
    for address in ("hanako", "jiro"):
        asked = [f"{address}@example.co.jp", f"texthash:{office.etc}/sekisho.senders"]
        found = subprocess.run(["postmap", "-q", *asked], capture_output=True, text=True)
        assert found.stdout.strip() == hop
    kit(office, "undo")


def test_an_address_of_ipv6_keeps_its_brackets(office: Postfix) -> None:
    assert "relayhost = [2001:db8::25]:25\n" in kit(office, "all", "[2001:db8::25]:25")
    assert "relayhost = [2001:db8::25]:25\n" in kit(office, "all", "[2001:db8::25]")
    kit(office, "undo")


def test_what_is_wrong_changes_nothing(office: Postfix) -> None:
    environment = {**os.environ, "MAIL_CONFIG": str(office.etc)}
    done = subprocess.run(["sh", str(KIT), "al"], capture_output=True, env=environment)
    assert done.returncode == 2 and b"sekisho.sh pilot HOST:PORT FILE" in done.stderr
    assert not list(office.etc.glob("sekisho.*"))
