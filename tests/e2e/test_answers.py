"""What a sender answers on the page, over SMTP and the web, in both languages: another way of
sending, and the purpose of My Numbers to a registered addressee."""

from __future__ import annotations

import email
import re
from collections.abc import Sequence
from datetime import timedelta
from email import policy
from email.header import Header
from itertools import product

import pytest
from sqlalchemy import insert, update

from admin_ui.demo.browser import Browser, Page
from gateway.judgement import acts, addressees, personnel
from gateway.judgement.addressees import Entry
from gateway.judgement.dossier import DEMAND, asked, dossier
from gateway.judgement.people import GRANT
from gateway.judgement.policy.verdict import Demand
from gateway.memory.states import Actor
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import PERSON, House, until
from tests.e2e.incidents import notice
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

SHOWN = [f"a{n}@{'one' if n % 2 else 'two'}.example" for n in range(12)]
LANGUAGES = {"hanako": "ja", "ichiro": "en"}


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink) -> House:
    made = build(sink.hop)
    with made.memory() as memory, memory.store.write() as tx:
        tx.conn.execute(update(PERSON).where(PERSON.c.id == "ichiro").values(language="en"))
        for who, name in product(LANGUAGES, ("sato", "nakamura")):
            address = f"{name}@{who}-sr.example"
            known = Entry(address, "山田社労士事務所", "社会保険の手続き", "", True)
            id = addressees.register(tx, known, Actor("person", "hanako"))
            addressees.approve(tx, id, Actor("person", "saburo"))
    made.start("core", "web")
    return made


def send(
    house: House, who: str, to: Sequence[str], numbers: int, seed: int = 1, **headers: str
) -> tuple[str, str]:
    """The mail's id and Message-ID."""
    rows = [["氏名", "個人番号"]]
    rows += [[f"社員{n}", v] for n, v in enumerate(samples.individual_numbers(numbers, seed))]
    files = [(f"給与{seed}月.xlsx", samples.workbook({"一覧": rows}))] if numbers else []
    address, mark = f"{who}@example.co.jp", f"<{to[0]}.{numbers}.{seed}@example.co.jp>"
    body = "佐藤様\n\nお世話になっております。"
    raw = samples.message(
        *("ご連絡", body, files),
        sender=address,
        to=list(to),
        message_id=mark,
        headers={
            name.replace("_", "-"): Header(value, "utf-8").encode()
            for name, value in headers.items()
        },
    )
    return house.send(raw, to, address), mark


def page_of(sink: Sink, who: str, mark: str) -> Page:
    """Behind the link of the notice that is threaded to the mail."""

    def link() -> str:
        found = re.search(r"http\S+/confirm/\S+", notice(sink, f"{who}@example.co.jp", mark))
        return found[0] if found else ""

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
    assert dict(house.verbs(again))["confirmed"]["purpose"] == "税務"
    said = approval(sink, "saburo", mark)
    assert all(line in said for line in THREE_LINES["ja"]), said
    if who == "hanako":  # nobody approves their own mail
        said = approval(sink, "ichiro", mark)
        assert all(line in said for line in THREE_LINES["en"]), said
    assert house.state(again) == "held"


@pytest.mark.parametrize(
    ("who", "button", "other"),
    [
        (
            "hanako",
            "確認した内容で送信する",
            "社会保険の手続きのための登録で、税務のためではありません",
        ),
        ("ichiro", "Send what I have checked", "for 社会保険の手続き, and not for 税務"),
    ],
)
def test_a_program_states_the_purpose_in_the_header(
    house: House, sink: Sink, who: str, button: str, other: str
) -> None:
    """As on the page: it is asked no more, another purpose needs an approver, and the recipient
    never reads it. Nothing else gets milder: the sender confirms."""
    to = [f"nakamura@{who}-sr.example"]
    id, mark = send(house, who, to, 2, seed=5, X_Sekisho_Purpose="社会保険の手続き")
    page = page_of(sink, who, mark)
    assert "社会保険の手続き" in page.text and page.press(button).status == 200
    house.reaches(id, "done")
    assert dict(house.verbs(id))["confirmed"]["purpose"] == "社会保険の手続き"
    (mail,) = sink.wait(to[0])
    assert b"sekisho-purpose" not in mail.data.lower()

    id, mark = send(house, who, to, 2, seed=6, X_Sekisho_Purpose="税務")
    house.reaches(id, "held")
    said = until(lambda: notice(sink, f"{who}@example.co.jp", mark))
    assert other in said, said
    assert {d.kind for d in asked_of(house, id)} == {"confirm", "approve"}


def asked_of(house: House, id: str) -> tuple[Demand, ...]:
    with house.checkpoint() as ck, house.rows() as conn:
        return tuple(map(asked, dossier(conn, ck.letters, id).demands))


@pytest.mark.parametrize("way", ["pass", "confirm"])
def test_what_is_said_to_us_leaves_with_no_mail(house: House, sink: Sink, way: str) -> None:
    to = [f"{way}@hanako-sr.example"]
    id, mark = send(house, "hanako", to, 0, X_Sekisho=way, Sensitivity="Private")
    if way == "confirm":
        page_of(sink, "hanako", mark).press("確認した内容で送信する")
    house.reaches(id, "done")
    (mail,) = sink.wait(to[0])
    assert b"X-Sekisho" not in mail.data and b"Sensitivity: " in mail.data


THREE_LINES = {
    "ja": (
        "目的　　　税務（送信者の申告）",
        "-sr.example　過去1通\n",
        "送付先台帳　　山田社労士事務所（社会保険の手続き、期限なし）\n",
        "気になる点　　送付先台帳の「山田社労士事務所」は社会保険の手続きのための登録で、税務の",
        "前回との違い　個人番号 11件→12件（前回 ",
        "ファイルは前回と同じ様式の名前です\n",
    ),
    "en": (
        "Purpose      税務 (as the sender states)",
        "-sr.example: 1 earlier mail(s)\n",
        "Addressee    山田社労士事務所 (社会保険の手続き, no end)\n",
        "Odd          “山田社労士事務所” is in the ledger of addressees for 社会保険の手続き",
        "Last time    My Numbers 11 → 12 (last on ",
        "The files are named like those of the last time\n",
    ),
}
"""Who, what is odd, what differs: as on the page, and never the name of a file."""


ABSENT = "approver@absent.example"
"""Whom nobody of ours has written to: numbers to it need an approver."""


def test_an_absent_approver_leaves_no_mail_lying(house: House, sink: Sink) -> None:
    """The deputies are asked when the time is up, each in their language, and one of them may say
    yes; the mail waits meanwhile and never leaves by itself."""
    deputies = {"naomi": "ja", "goro": "en"}
    with house.memory() as memory, memory.store.write() as tx:
        for id, language in deputies.items():
            told = {"id": id, "name": id.title(), "email": f"{id}@example.co.jp"}
            tx.conn.execute(insert(PERSON).values(language=language, **told))
            tx.conn.execute(insert(GRANT).values(person_id=id, kind="role", name="approver"))
            personnel.appoint(tx, "ichiro", id, Actor("person", "root"))
            personnel.appoint(tx, "saburo", id, Actor("person", "root"))
    id, mark = send(house, "hanako", [ABSENT], 12, seed=9)
    page_of(sink, "hanako", mark).press("確認して承認を依頼する", purpose="税務")
    approval(sink, "saburo", mark)
    assert not any(notice(sink, f"{each}@example.co.jp", mark) for each in deputies)

    with house.memory() as memory, memory.store.write() as tx:
        over = tx.now - timedelta(minutes=1)
        mine = (DEMAND.c.consignment_id == id) & (DEMAND.c.kind == "approve")
        tx.conn.execute(update(DEMAND).where(mine).values(due_at=over, next_at=over))
    assert "代理承認者に回ります" in approval(sink, "naomi", mark)
    assert "it goes to a deputy" in approval(sink, "goro", mark)
    assert house.state(id) == "held" and sink.to(ABSENT) == []

    with house.checkpoint() as ck, house.memory() as memory, memory.store.write() as tx:
        seen = dossier(tx.conn, ck.letters, id).seen
        acts.approve(tx, ck, id, "naomi", seen, Actor("person", "naomi"))
    house.reaches(id, "done")
    told = dict(house.verbs(id))
    assert told["escalated"]["told"] and told["approved"]["recipients"] == [ABSENT]


def approval(sink: Sink, who: str, mark: str) -> str:
    said = until(lambda: notice(sink, f"{who}@example.co.jp", mark), saying=f"asks {who}")
    assert "給与" not in said
    return said
