"""Mis-sends that only a company's own tables can tell: its customers, lists, words and books."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.face.dates import day, local
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, now
from tests.e2e.incidents import SENDERS, Incident, fed, run, tell
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

TABLES = """
[lists."警告する宛先"]
addresses = ["press@paper.example"]
[lists."送信禁止の宛先"]
domains = [".banned.example"]
[lists."許可リスト"]
domains = ["banned.example", "partner.example"]
[companies."山田商事"]
names = ["ヤマダ商事"]
domains = ["yamada.example"]
customer_ids = ["C-1029"]

[[rule]]
name = "named"
why.ja = "宛先の会社の名前がありません。"
why.en = "The recipients' company is not named."
when = { recipient = "outside", fact = "not_named", reason = "company_not_named" }
then = { action = "confirm" }

[[rule]]
name = "warned"
why.ja = "報道機関です。広報課に一報しましたか。"
why.en = "This is the press. Has public relations been told?"
when = { recipient = "outside", in_list = "警告する宛先" }
then = { action = "confirm" }

[[rule]]
name = "banned"
why.ja = "取引停止中の会社です。"
why.en = "We do not write to this company at present."
when = { recipient = "outside", in_list = "送信禁止の宛先" }
then = { action = "reject" }

[[rule]]
name = "allowed"
why.ja = "許可リストの宛先です。"
why.en = "A recipient of the white list."
when = { recipient = "outside", in_list = "許可リスト" }
then = { action = "pass" }

[[rule]]
name = "no-files-to-the-press"
why.ja = "この宛先には添付ファイルを送れません。"
why.en = "No files may be sent there."
when = { recipient = "outside", in_list = "警告する宛先", attachments = ">=1" }
then = { action = "reject" }

[[rule]]
name = "estimate-words"
why.ja = "「新製品ミドリ」は発表前です。"
why.en = "“ミドリ” is not announced yet."
when = { recipient = "outside", finding = "dictionary.案件名", points = ">=10" }
then = { action = "confirm" }

[[rule]]
name = "leaves-the-company"
why.ja = "社外の宛先があります。宛先をご確認ください。"
why.en = "A recipient is outside the company. Please check it."
when = { recipient = "outside", subject_starts = "【社内限り】" }
then = { action = "confirm" }

[[rule]]
name = "everybody-of-the-fourth"
why.ja = "この会社には、毎回、見積番号をご確認ください。"
why.en = "Always check the number of the estimate for this company."
when = { recipient_domains = "fourth.example" }
then = { action = "confirm" }

[[rule]]
name = "somebody-new-and-a-password"
why.ja = "初めての宛先に、パスワードをファイルと一緒に知らせようとしています。"
why.en = "A first-time recipient is about to be told a password together with the file."
when = { fact = "first_contact", also = "password_told", attachments = ">=1" }
then = { action = "confirm" }
"""
OWN = (
    *("example.co.jp", ".group.example", "-guest.group.example", "branch-*.example"),
    *("cpa@partner.example", "-temp*@example.co.jp"),
)
CONFIG = """
[acquaintance]
address_books = ["{book}"]
domain_feeds = ["{feed}"]
[[dictionary]]
name = "案件名"
file = "{words}"
"""
REGISTERED = local(now()).date() - timedelta(days=20)
YAMADA = "ヤマダ商事様\n\nお世話になっております。"
ODD = (
    Incident(
        "the estimate of another customer",
        "別の取引先のファイルが添付されている可能性があります（「山田商"
        "事」宛てのファイルですが、yamada.example の宛先がありません）",
        "A file of another customer may be attached (It is addressed to “山田商事”, but"
        " nobody at yamada.example is a recipient)",
        files=[("見積書.txt", "御見積書\n山田商事株式会社 御中\n".encode())],
    ),
    Incident(
        "the contract of another customer number",
        "別の取引先のファイルが添付されている可能性があります（yamada"
        ".example のお客様番号「C-1029」がありますが、その宛先がありません）",
        "A file of another customer may be attached (It holds customer number “C-1029” of"
        " yamada.example, but nobody there is a recipient)",
        files=[("契約.xlsx", samples.workbook({"契約": [["お客様番号", "C-1029"]]}))],
    ),
    Incident(
        "a company that the mail does not name",
        "宛先の会社の名前が本文や件名にありません（yamada.example の"
        "宛先がありますが、「山田商事」の名前がどこにもありません）",
        "Neither text nor subject names the recipient’s company (There is a"
        " recipient at yamada.example, but “山田商事” is named nowhere)",
        to="田中 <tanaka@yamada.example>",
    ),
    Incident(
        "somebody who is in no address book",
        "会社のアドレス帳にない宛先があります",
        "A recipient is not in the company’s address book",
        to="x@stranger.example",
    ),
    Incident(
        "a domain that was registered three weeks ago",
        f"newcomer.example は{day(REGISTERED, 'ja')}に登録されたドメインです（登録から20日）",
        f"newcomer.example was registered on {day(REGISTERED, 'en')} (days since then: 20)",
        to="x@mail.newcomer.example",
    ),
    Incident(
        "an address with a warning of its own",
        "報道機関です。広報課に一報しましたか。",
        "This is the press. Has public relations been told?",
        to="press@paper.example",
    ),
    Incident(
        "a banned company, though a white list has it",
        "取引停止中の会社です。",
        "We do not write to this company at present.",
        to="sato@banned.example",
        state="refused",
    ),
    Incident(
        "a file to whom none may be sent",
        "この宛先には添付ファイルを送れません。",
        "No files may be sent there.",
        to="press@paper.example",
        files=[("a.txt", b"a")],
        state="refused",
    ),
    Incident(
        "a word and its own sentence",
        "「新製品ミドリ」は発表前です。",
        "“ミドリ” is not announced yet.",
        body="佐藤様\n\n新製品ミドリの件です。",
    ),
    *(
        Incident(
            what,
            "社外の宛先があります。宛先をご確認ください。",
            "A recipient is outside the company. Please check it.",
            to=to,
            subject="【社内限り】会議室",
        )
        for what, to in (
            ("a domain that is taken out of the group's", "x@guest.group.example"),
            ("one of our own addresses that is outside", "temp3@example.co.jp"),
            ("a colleague of the one who counts as inside", "suzuki@partner.example"),
            ("a domain below one that a star stands for", "x@y.branch-tokyo.example"),
        )
    ),
    Incident(
        "a sentence that always comes",
        "この会社には、毎回、見積番号をご確認ください。",
        "Always check the number of the estimate for this company.",
        to="x@fourth.example",
    ),
    Incident(
        "somebody new and a password and a file",
        "初めての宛先があります（社内の誰も、この宛先に送ったことがありません）",
        "There is a first-time recipient (Nobody in the company has ever written to this",
        to="{sender}.x@fifth.example",
        body="パスワードは abc です。",
        files=[("a.txt", b"a")],
    ),
)


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("fed")
    book = folder / "book.csv"
    known = "sr-office partner third paper banned fourth fifth yamada".split()
    book.write_text("\n".join(f"@{name}.example" for name in known), "utf-8")
    feed = folder / "whois.csv"
    older = REGISTERED - timedelta(days=30)
    feed.write_text(f"newcomer.example,{REGISTERED}\nsettled.example,{older}\n", "utf-8")
    words = folder / "words.csv"
    words.write_text("word,points\n新製品ミドリ,10\n", "utf-8")
    config = CONFIG.format(book=book, feed=feed, words=words)
    return fed(build, sink, folder, TABLES, config, own=OWN)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("incident", ODD, ids=str)
def test_the_sender_reads_why(house: House, sink: Sink, incident: Incident, sender: str) -> None:
    expected = incident.ja if SENDERS[sender] == "ja" else incident.en
    said = tell(house, sink, incident, sender)
    assert expected in said, said


def test_the_lab_reads_the_same_feed(house: House, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    to = "x@mail.newcomer.example"
    mail.write_bytes(samples.message("件", "本文", sender="hanako@example.co.jp", to=to))
    assert "✓ young-domain" in run(house, "policy", "explain", str(mail))


def test_a_domain_of_fifty_days_is_young_no_more(house: House, sink: Sink) -> None:
    incident = Incident("settled", "", "", to="x@settled.example")
    said = tell(house, sink, incident, "hanako")
    assert "会社のアドレス帳にない宛先があります" in said and "登録されたドメイン" not in said


@pytest.mark.parametrize(
    "to",
    ["x@example.co.jp", "x@group.example", "x@a.b.group.example", "x@branch-tokyo.example"]
    + ["CPA@partner.example"],
)
def test_the_list_of_our_own_domains_says_who_is_inside(house: House, to: str) -> None:
    """RL12: by suffix, with a star, by a single address; and nobody of them waits."""
    house.reaches(house.send(samples.message("【社内限り】会議室", "本文", to=to), to), "done")


def test_two_of_three_facts_are_not_enough(house: House, sink: Sink) -> None:
    raw = samples.message("件", "パスワードは abc です。", to="a@fifth.example")
    house.reaches(house.send(raw, "a@fifth.example"), "done")


def test_a_banned_recipient_is_left_out_and_the_others_get_the_mail(
    house: House, sink: Sink
) -> None:
    """自動除外: and where nobody else is left, the whole mail is refused."""
    to = ["sato@banned.example", "kato@third.example"]
    raw = samples.message("件", "本文", to=to, message_id="<left-out@example.co.jp>")
    house.send(raw, to)
    sink.wait("kato@third.example")
    assert sink.quiet("sato@banned.example", 0.2)
