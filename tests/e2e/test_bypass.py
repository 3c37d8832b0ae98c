"""Break-glass over SMTP, with the command as people type it."""

from __future__ import annotations

import urllib.request

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from admin_ui.cli import verbs
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import DETAIL, ENTRY, House, until
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink) -> House:
    made = build(sink.hop)
    made.start("core", "web")
    return made


def bypass(house: House, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(verbs, ["bypass", *arguments, "--config", str(house.path)])
    assert result.exit_code == code, result.output
    return result.output


ACTING = ("--on-behalf-of", "root@example.co.jp", "--reason", "承認者が全員不在")
TO = "sato@partner.example"
OFF = "一時停止していません（保留は有効です）\n"


def marked(n: int) -> bytes:
    return samples.message("資料", "【社外秘】です。\n", to=TO, message_id=f"<{n}@example.co.jp>")


def page(house: House) -> str:
    url = f"http://127.0.0.1:{house.web_port}/signin"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_it_works(house: House, sink: Sink) -> None:
    house.reaches(house.send(marked(1)), "held")
    bypass(house, "on", "--for", "2h", *ACTING)
    assert "承認者が全員不在" in bypass(house, "show")
    sink.wait("root@example.co.jp")
    assert "保留を一時停止しています" in page(house)

    passed = house.send(marked(2))
    house.reaches(passed, "done")
    (spared,) = [facts for verb, facts in house.verbs(passed) if verb == "bypassed"]
    assert spared["actions"] == {TO: "confirm"}

    number = samples.individual_number(91)
    body = f"個人番号は {number} です。\n"
    house.reaches(house.send(samples.message("番号", body, to=TO)), "held")

    house.stop()
    house.start("core", "web")
    house.reaches(house.send(marked(3)), "done")
    bypass(house, "off", *ACTING)
    house.reaches(house.send(marked(4)), "held")
    assert "保留を一時停止しています" not in page(house)
    assert len(sink.wait("root@example.co.jp", 2)) >= 2
    assert bypass(house, "show") == OFF
    assert house.verify().whole


def test_it_ends_by_itself(house: House) -> None:
    bypass(house, "on", "--for", "3 s", *ACTING)
    until(lambda: bypass(house, "show") == OFF)
    house.reaches(house.send(marked(5)), "held")

    until(lambda: _ended(house), 15)


def _ended(house: House) -> bool:
    with house.rows() as conn:
        query = select(DETAIL.c.details).join(ENTRY, ENTRY.c.seq == DETAIL.c.seq)
        said = conn.execute(query.where(ENTRY.c.verb == "bypass.ended")).scalars()
        return any("time_over" in details for details in said)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--for", "9h", *ACTING), 1),
        (("--for", "2 business days", *ACTING), 2),
        (("--for", "2h", "--on-behalf-of", "hanako@example.co.jp", "--reason", "x"), 1),
        (("--for", "2h", "--on-behalf-of", "root@example.co.jp", "--reason", " "), 1),
    ],
)
def test_it_refuses(house: House, arguments: tuple[str, ...], code: int) -> None:
    bypass(house, "on", *arguments, code=code)
    assert bypass(house, "show") == OFF
