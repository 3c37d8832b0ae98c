"""What a sender answers on the page, over SMTP and the web, in both languages: another way of
sending, and the purpose of My Numbers to a registered addressee."""

from __future__ import annotations

import email
import re
from collections.abc import Sequence
from email import policy

import pytest
from sqlalchemy import update

from admin_ui.demo.browser import Browser, Page
from gateway.judgement import addressees
from gateway.judgement.addressees import Entry
from gateway.memory.states import Actor
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import PERSON, House, until
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

SHOWN = [f"a{n}@{'one' if n % 2 else 'two'}.example" for n in range(12)]
LANGUAGES = {"hanako": "ja", "ichiro": "en"}


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink) -> House:
    made = build(sink.hop)
    with made.memory() as memory, memory.store.write() as tx:
        tx.conn.execute(update(PERSON).where(PERSON.c.id == "ichiro").values(language="en"))
        for who in LANGUAGES:
            known = Entry(
                f"sato@{who}-sr.example", "山田社労士事務所", "社会保険の手続き", "", True
            )
            id = addressees.register(tx, known, Actor("person", "hanako"))
            addressees.approve(tx, id, Actor("person", "saburo"))
    made.start("core", "web")
    return made


def send(house: House, who: str, to: Sequence[str], numbers: int, seed: int = 1) -> tuple[str, str]:
    """The mail's id and Message-ID."""
    rows = [["氏名", "個人番号"]]
    rows += [[f"社員{n}", v] for n, v in enumerate(samples.individual_numbers(numbers, seed))]
    files = [(f"給与{seed}月.xlsx", samples.workbook({"一覧": rows}))] if numbers else []
    address, mark = f"{who}@example.co.jp", f"<{to[0]}.{numbers}@example.co.jp>"
    body = "佐藤様\n\nお世話になっております。"
    raw = samples.message("ご連絡", body, files, sender=address, to=list(to), message_id=mark)
    return house.send(raw, to, address), mark


def page_of(sink: Sink, who: str, mark: str) -> Page:
    """Behind the link of the notice that is threaded to the mail."""

    def link() -> str:
        for mail in sink.to(f"{who}@example.co.jp"):
            message = email.message_from_bytes(mail.data, policy=policy.default)
            if message["In-Reply-To"] == mark:
                text = message.get_body(("plain",)).get_content()
                return re.search(r"http\S+/confirm/\S+", text)[0]
        return ""

    return Browser(language=LANGUAGES[who]).get(until(link, saying=f"a notice to {who}"))


@pytest.mark.parametrize(
    ("who", "way", "button"),
    [
        ("hanako", "bcc", "Bccに変換して送信"),
        ("hanako", "one_each", "1通ずつ個別に送信"),
        ("ichiro", "bcc", "Send with Bcc"),
        ("ichiro", "one_each", "Send one copy each"),
    ],
)
def test_the_sender_chooses_another_way(
    house: House, sink: Sink, who: str, way: str, button: str
) -> None:
    to = [f"{who}.{way}.{address}" for address in SHOWN]
    id, mark = send(house, who, to, 0)
    house.reaches(id, "held")
    assert sink.to(to[0]) == []
    page_of(sink, who, mark).press(button, tick=False)
    house.reaches(id, "done")
    for address in to:
        (mail,) = sink.wait(address)
        read = email.message_from_bytes(mail.data, policy=policy.default)
        named = {each for each in to if each in f"{read['To']}{read['Cc']}"}
        assert named == (set() if way == "bcc" else {address})
    acts = dict(house.verbs(id))
    assert acts["converted"]["way"] == way and "confirmed" not in acts
    assert house.verify().whole


@pytest.mark.parametrize(
    ("who", "button", "same", "odd"),
    [
        (
            "hanako",
            "確認した内容で送信する",
            "個人番号 11件→12件 ファイルは前回と同じ様式の名前です",
            "「山田社労士事務所」は社会保険の手続きのための登録で、税務のためではありません",
        ),
        (
            "ichiro",
            "Send what I have checked",
            "My Numbers 11 → 12 The files are named like those of the last time",
            "is in the ledger of addressees for 社会保険の手続き, and not for 税務",
        ),
    ],
)
def test_the_sender_states_the_purpose(
    house: House, sink: Sink, who: str, button: str, same: str, odd: str
) -> None:
    to = [f"sato@{who}-sr.example"]
    first, mark = send(house, who, to, 11)
    page = page_of(sink, who, mark)
    refused = page.press(button)
    assert refused.status == 422 and "confirmed" not in dict(house.verbs(first))
    refused.press(button, purpose="社会保険の手続き")
    house.reaches(first, "done")
    assert dict(house.verbs(first))["confirmed"]["purpose"] == "社会保険の手続き"

    again, mark = send(house, who, to, 12, seed=2)
    page = page_of(sink, who, mark)
    assert same in page.text
    page = page.press(button, purpose="", other_purpose="税務")
    assert page.status == 200 and house.state(again) == "held"
    assert odd in page.text
    approver = "saburo@example.co.jp"
    assert any(house.state(again) == "held" for _ in sink.wait(approver))
    assert dict(house.verbs(again))["confirmed"]["purpose"] == "税務"
