"""A whole house whose tables are in PostgreSQL."""

from __future__ import annotations

import json
import re
import smtplib
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from admin_ui.demo.browser import Browser
from tests import samples
from tests.crash.checks import sound
from tests.crash.test_storm import Sender, reconcile
from tests.e2e.conftest import Build
from tests.e2e.house import House, until
from tests.e2e.incidents import notice
from tests.e2e.sink import Sink
from tests.postgresql.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.needs("postgresql")]


def alive(house: House) -> bool:
    with urlopen(f"{house.config.web.url}/healthz", timeout=10) as answer:
        return answer.status == 200


def ready(house: House) -> tuple[int, list[str]]:
    try:
        with urlopen(f"{house.config.web.url}/readyz", timeout=10) as answer:
            return answer.status, json.load(answer)["reasons"]
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)["reasons"]


def is_away(house: House) -> None:
    """Mail is answered 451, whoever watches is told, and nobody is started anew for it."""
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        house.send(samples.message("件", "a"), "waits@partner.example")
    assert refused.value.smtp_code == 451
    assert ready(house) == (503, ["database"]) and alive(house)


def test_it_works(build: Build, sink: Sink, mortal: Server) -> None:
    """In by SMTP, held, confirmed on the page; then the server is killed and started again."""
    house = build(sink.hop, url=mortal.url())
    house.start("core", "web")
    rows = [["氏名", "個人番号"], ["山田", samples.individual_number(1)]]
    files, mark = [("給与.xlsx", samples.workbook({"一覧": rows}))], "<whole@example.co.jp>"
    raw = samples.message("ご連絡", "佐藤様", files, message_id=mark)
    id = house.send(raw)
    house.reaches(id, "held")
    assert sink.to("sato@partner.example") == []

    def link() -> str:
        found = re.search(r"http\S+/confirm/\S+", notice(sink, "hanako@example.co.jp", mark))
        return found[0] if found else ""

    page = Browser().get(until(link, saying="a notice"))
    assert page.status == 200 and samples.individual_number(1) not in page.text
    page.press("確認した内容で送信する")
    house.reaches(id, "done")
    (mail,) = sink.wait("sato@partner.example")
    verbs = [verb for verb, _ in house.verbs(id)]
    assert [verbs.count(each) for each in ("received", "held", "confirmed", "delivered")] == [1] * 4
    assert ready(house) == (200, [])
    mortal.kill()
    is_away(house)
    mortal.start()
    until(lambda: ready(house) == (200, []), 30, saying="not ready")
    house.reaches(house.send(samples.message("件", "a")), "done")
    house.stop()
    sound(house)


class Doubtful(Sender):
    """Whose 451 may be of a commit that stands, and whose answer was lost with the server."""

    def _send(self, raw: bytes, to: str) -> bool:
        before = self.doubtful[to]
        taken = super()._send(raw, to)
        if not taken:
            self.doubtful[to] = before + 1
        return taken


@pytest.mark.long
def test_a_server_that_is_killed_loses_no_mail(build: Build, mortal: Server) -> None:
    """Under load, twice, and the house goes on by itself."""
    with Sink() as world:
        house = build(world.hop, url=mortal.url())
        house.start("core", "web")
        recipients = [f"killed{number}@partner.example" for number in range(60)]
        senders = [Doubtful(house, recipients[start::4]) for start in range(4)]
        for sender in senders:
            sender.start()
        for enough in (10, 30):
            until(lambda goal=enough: len(world.delivered) > goal, 60, saying=house.said())
            mortal.kill()
            is_away(house)
            mortal.start()
        for sender in senders:
            sender.join(120)
            assert not sender.is_alive()
        until(lambda: all(c["state"] in ("done", "erased") for c in house.consignments()), 60)
        assert house.processes["core"].poll() is None
        until(lambda: ready(house) == (200, []), 30)
        house.stop()
        sound(house)
        reconcile(house, world, senders, recipients)
        house.close()
