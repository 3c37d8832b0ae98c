"""添付ファイルの暗号化ZIP over SMTP: the ZIP that the recipient gets opens in 7-Zip with the
password that the sender's page shows, and that password stands nowhere else."""

from __future__ import annotations

import email
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select, update

from admin_ui.demo.browser import Browser, Page
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import DETAIL, PERSON, House, until
from tests.e2e.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.needs("7z")]

RULES = """
[[preset]]
use = "添付ファイルの暗号化ZIP化"

[[preset]]
use = "PPAP停止"

[[rule]]
name = "confirmed"
why.ja = "確認してください。"
why.en = "Please confirm."
when = { recipient = "outside", subject_starts = "【確認】" }
then = { action = "confirm" }
"""
SATO, COLLEAGUE = "sato@partner.example", "yamamoto@example.co.jp"
LANGUAGES = {"hanako": "ja", "ichiro": "en"}


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    rules = tmp_path_factory.mktemp("rules") / "policy.toml"
    rules.write_text(RULES, "utf-8")
    made = build(sink.hop, f'[policy]\nfile = "{rules}"\n')
    with made.memory() as memory, memory.store.write() as tx:
        tx.conn.execute(update(PERSON).where(PERSON.c.id == "ichiro").values(language="en"))
    made.start("core", "web")
    return made


@cache
def files() -> list[tuple[str, bytes]]:
    rows = [["氏名", "個人番号"], ["山田", samples.individual_number(77)]]
    return [("給与一覧表.xlsx", samples.workbook({"一覧": rows})), ("ご案内.txt", b"secret word")]


def send(house: House, who: str, subject: str) -> tuple[str, bytes]:
    """The mail's id, and its octets."""
    address = f"{who}@example.co.jp"
    raw = samples.message(
        subject,
        "佐藤様\n\nお世話になっております。",
        files(),
        sender=address,
        to=[f"{who}.{SATO}", COLLEAGUE],
        message_id=f"<{who}.{len(subject)}@example.co.jp>",
    )
    return house.send(raw, [f"{who}.{SATO}", COLLEAGUE], address), raw


def read(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=policy.default)


def page_of(sink: Sink, who: str, told: str, number: int) -> Page:
    """Behind the link of the one notice whose subject says so."""

    def link() -> str:
        mails = (read(mail.data) for mail in sink.to(f"{who}@example.co.jp"))
        texts = [mail.get_content() for mail in mails if told in mail["Subject"]]
        return re.search(r"http\S+/confirm/\S+", texts[number])[0] if number < len(texts) else ""

    return Browser(language=LANGUAGES[who]).get(until(link, saying=f"{told} to {who}"))


def shown(page: Page) -> list[str]:
    return [node.text() or "" for node in page.html.css(".spoken")]


def unlocked(data: bytes, password: str, folder: Path) -> dict[str, bytes]:
    (folder / "a.zip").write_bytes(data)
    command = ["7z", "x", f"-p{password}", "-oout", "a.zip"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    found = (folder / "out").iterdir()
    return {unicodedata.normalize("NFC", file.name): file.read_bytes() for file in found}


def everything(house: House, sink: Sink) -> Iterator[str]:
    """All that could have been read by somebody: mails as they are read, log, ledger."""
    for mail in sink.delivered:
        yield mail.data.decode("utf-8", "replace")
        for part in read(mail.data).walk():
            if part.get_content_maintype() == "text":
                yield part.get_content()
    yield house.said()
    with house.rows() as conn:
        yield from map(str, conn.execute(select(DETAIL.c.details)).scalars())


WORDS = {
    "hanako": (
        *(
            "暗号化ZIPで送信",
            "パスワードを表示する",
            "確認した内容で送信する",
            "まだ送信されていません",
        ),
        "添付ファイルは暗号化ZIPにして送ります。パスワードは送信者の画面にだけ表示し、",
    ),
    "ichiro": (
        *(
            "Sent in an encrypted ZIP",
            "Show the password",
            "Send what I have checked",
            "Not sent yet",
        ),
        "The attachments are sent in an encrypted ZIP. The password is shown on the sender’s page",
    ),
}


@pytest.mark.parametrize("who", WORDS)
def test_the_recipient_opens_it_with_what_the_sender_is_shown(
    house: House, sink: Sink, tmp_path: Path, who: str
) -> None:
    told, button, confirm, held, stated = WORDS[who]
    id, raw = send(house, who, "【確認】資料")
    page = page_of(sink, who, held, 0)
    assert stated in page.text and not sink.to(f"{who}.{SATO}")
    page.press(confirm)
    house.reaches(id, "done", "erased")
    (mail,) = sink.wait(f"{who}.{SATO}")
    assert any(copy.data.endswith(raw) for copy in sink.wait(COLLEAGUE))

    page = page_of(sink, who, told, 0)
    before = [verb for verb, _ in house.verbs(id)]
    assert button in page.text and shown(page) == [] and "password.shown" not in before
    page = page.press(button)
    (password,) = shown(page)
    assert [verb for verb, _ in house.verbs(id)].count("password.shown") == 1
    assert page.headers["cache-control"] == "no-store"
    assert shown(page.browser.get(page.url)) == []

    got = read(mail.data)
    (locked,) = got.iter_attachments()
    assert locked.get_filename() == f"attachments-{id}.zip"
    assert unlocked(locked.get_content(), password, tmp_path) == dict(files())
    text = got.get_body(("plain",)).get_content()
    assert "お電話など、メール以外の方法でお伝えします" in text and "7-Zip" in text
    assert "The sender tells you the password by telephone" in text
    assert not any(data in mail.data for _, data in files())
    assert not any(
        spelling in text
        for text in everything(house, sink)
        for spelling in (password, " ".join(re.findall("...", password)))
    )
    assert house.verify().whole


def test_without_a_question_the_sender_is_told_where_the_password_is(
    house: House, sink: Sink
) -> None:
    id, _ = send(house, "hanako", "質問なし")
    sink.wait(f"hanako.{SATO}")
    page = page_of(sink, "hanako", "質問なし", 0)
    (password,) = shown(page.press("パスワードを表示する"))
    later = samples.message(
        "Re: 質問なし",
        f"パスワードは {password} です。",
        sender="hanako@example.co.jp",
        to=f"hanako.{SATO}",
    )
    house.reaches(house.send(later, f"hanako.{SATO}"), "held")  # PPAP after all
    assert len(password) == 18 and [v for v, _ in house.verbs(id)].count("password.shown") == 1
