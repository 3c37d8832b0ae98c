"""Mis-sends that have happened, each over SMTP, with the sentence that its sender reads.

One house with the shipped policy, all of whose rules are enforced, fed on its first day with the
CSV and the mbox of an office.
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gateway.judgement.acquaintance.learn import DOMAIN, THREAD
from gateway.judgement.acquaintance.learner import known
from gateway.judgement.dossier import dossier
from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, until
from tests.e2e.incidents import SENDERS, Incident, fed, run, tell
from tests.e2e.sink import Sink

pytestmark = pytest.mark.slow

TABLES = """
[lists."A社グループ"]
domains = ["a-sha.example"]
[lists."B社グループ"]
domains = ["b-sha.example"]
[companies."山田商事"]
names = ["ヤマダ商事"]
domains = ["yamada.example"]
[[apart]]
lists = ["A社グループ", "B社グループ"]
[[rule]]
name = "kept-apart"
why.ja = "同じメールに入れてはいけない宛先の組み合わせです。"
why.en = "These recipients must not be in one mail."
when = { recipient = "outside", fact = "kept_apart" }
then = { action = "confirm" }
[[rule]]
name = "first-contact"
why.ja = "初めての宛先があります。"
why.en = "There is a first-time recipient."
when = { recipient_domains = ["stranger.example"], fact = "first_contact" }
then = { action = "confirm" }
"""


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    return fed(build, sink, tmp_path_factory.mktemp("fed"), TABLES)


TEN = [f"a{n}@one.example" for n in range(5)] + [f"b{n}@two.example" for n in range(5)]
THIRTY = [f"a{n}@one.example" for n in range(15)] + [f"b{n}@two.example" for n in range(15)]
LOCKED = samples.encrypted_zip({"一覧.txt": b"x"}, "secret")
FORTY_NINE = [["氏名", "個人番号"]]
FORTY_NINE += [[f"社員{n}", each] for n, each in enumerate(samples.individual_numbers(49, 3))]
INCIDENTS = (
    Incident(
        "gmai.com took 4,890 mails of a university",
        "いつもの宛先とよく似た、別のドメインがあります（gmai.com は "
        "gmail.com の打ち間違いとして知られるドメインです）",
        "A domain looks like one you usually write to, but is another"
        " (gmai.com is a well-known misspelling of gmail.com)",
        to="taro@gmai.com",
    ),
    Incident(
        "the numbers of 49 people went to a mistyped address",
        "sr-offlce.example は、ふだん送っている sr-office.example と1文字違いです",
        "sr-offlce.example differs in one letter from sr-office.examp"
        "le, which you usually write to",
        to="佐藤 次郎 <sato@sr-offlce.example>",
        files=[("名簿.xlsx", samples.workbook({"表": FORTY_NINE}))],
    ),
    Incident(
        "letters of another alphabet",
        "xn--artner-9qf.example は、ふだん送っている partner.example と見た目がよく似ています",
        "xn--artner-9qf.example looks very much like partner.example, which you usually write to",
        to="suzuki@xn--artner-9qf.example",
    ),
    Incident(
        "the right name with another ending",
        "partner.test は、ふだん送っている partner.example と末尾だけが違います",
        "partner.test differs only in its ending from partner.example, which you usually write to",
        to="suzuki@partner.test",
    ),
    Incident(
        "ten addresses of two companies",
        "宛先（To・Cc）に、2社以上にまたがる社外のアドレスが10件以上あ"
        "ります。お互いのアドレスが見えてもよいかご確認いただくか、",
        "To and Cc show ten or more outside addresses of two or more companies to each other",
        to=TEN,
    ),
    Incident(
        "more than 900 addresses shown to each other",
        "宛先（To・Cc）に、2社以上にまたがる社外のアドレスが30件以上あります。社外の宛先をBccに変えて送信します",
        "To and Cc show 30 or more outside addresses of two or more companies",
        to=THIRTY,
    ),
    Incident(
        "a forgotten attachment",
        "添付ファイルを付け忘れている可能性があります（「添付」と書か"
        "れていますが、添付ファイルがありません）",
        "An attachment may have been forgotten (The text says “添付”, but there is no attachment)",
        body="佐藤様\n\n見積書を添付いたします。\n\n> 前のメール",
        state="delayed",
    ),
    Incident(
        "the greeting of another mail",
        "宛名と宛先が合っていない可能性があります（宛名は「田中様」で"
        "すが、その名前の宛先がありません）",
        "The salutation may not fit the recipients (It greets “田中”,"
        " but no recipient has that name)",
        body="営業部　田中様\n\nお世話になっております。",
    ),
    Incident(
        "the file of another customer",
        "ファイル名に「ヤマダ商事」とありますが、yamada.example の宛先がありません",
        "A file name says “ヤマダ商事”, but nobody at yamada.example is a recipient",
        files=[("ヤマダ商事様_請求書.txt", b"x")],
    ),
    Incident(
        "the subject of another customer",
        "件名に「山田商事」とありますが、yamada.example の宛先がありません",
        "The subject names “山田商事”, but nobody at yamada.example is a recipient",
        subject="株式会社山田商事様 お見積り",
    ),
    Incident(
        "words left over from the mail that was copied",
        "本文に「ヤマダ商事」とありますが、yamada.example の宛先がありません",
        "The text names “ヤマダ商事”, but nobody at yamada.example is a recipient",
        body="佐藤様\n\n株式会社ヤマダ商事様向けの価格は次のとおりです。",
    ),
    Incident(
        "two customers in one mail",
        "「A社グループ」と「B社グループ」の宛先が同じメールに入っています",
        "Recipients of “A社グループ” and of “B社グループ” are in one mail",
        to=["x@a-sha.example", "y@b-sha.example"],
    ),
    Incident(
        "autocomplete took the other 佐藤",
        "いつもと違うドメインの、よく似た宛先があります（ふだんは sr-"
        "office.example の「佐藤」様に送っています）",
        "A similar recipient is at another domain than usual (Mail us"
        "ually goes to “佐藤” at sr-office.example)",
        to="佐藤 花子 <hsato@fifth.example>",
    ),
    Incident(
        "autocomplete took the same name elsewhere",
        "いつもと違うドメインの、よく似た宛先があります（ふだんは par"
        "tner.example の同じ名前の宛先に送っています）",
        "A similar recipient is at another domain than usual (Mail us"
        "ually goes to the same name at partner.example)",
        to="suzuki@fifth.example",
    ),
    Incident(
        "somebody whom only a colleague knows",
        "初めての宛先があります（送信者がこの宛先に送るのは初めてです）",
        "There is a first-time recipient (The sender has never written to this recipient before)",
        to="ota@eighth.example",
        files=[("a.txt", b"a")],
        state="delayed",
    ),
    Incident(
        "somebody nobody has ever written to",
        "初めての宛先があります（社内の誰も、この宛先に送ったことがありません）",
        "There is a first-time recipient (Nobody in the company has e"
        "ver written to this recipient)",
        to="x@stranger.example",
    ),
    Incident(
        "one who never was in this round",
        "ほかの宛先と一緒に送ったことのない宛先があります",
        "One recipient was never written to together with the others",
        to=["suzuki@partner.example", "takahashi@partner.example", "kato@third.example"],
    ),
    Incident(
        "a ZIP with a password",
        "パスワード付きファイルの送信は取りやめています",
        "Files with a password are no longer sent",
        files=[("資料.zip", LOCKED)],
        state="refused",
    ),
    Incident(
        "the password after it",
        "パスワード付きファイルのパスワードを送るメールと思われます",
        "This looks like the mail with the password of a file",
        body="解凍パスワードは abc です。",
        files=[("資料.zip", LOCKED)],
        state="refused",
    ),
    Incident(
        "a file transfer site",
        "ファイル転送サービス（12.gigafile.nu）へのリンクがあります",
        "There is a link to a file transfer site (12.gigafile.nu)",
        body="https://12.gigafile.nu/1109-abcdef からお受け取りください。",
    ),
    Incident(
        "a sheet that nobody saw",
        "添付ファイルに非表示のシートがあります",
        "An attachment has a hidden sheet",
        files=[("表.xlsx", samples.workbook({"表": [["a"]], "原価": [["b"]]}, hidden=["原価"]))],
    ),
    Incident(
        "a program in an archive",
        "添付ファイルに実行形式のファイルがあります（実行形式のファイル（.exe）です）",
        "There is a program among the attachments (It is a program (.exe))",
        files=[("資料.zip", samples.zipped({"請求書.exe": b"MZ" + bytes(60)}))],
    ),
    Incident(
        "a list under the name of a picture",
        "名前と中身の種類が違うファイルがあります（名前は「.jpg」ですが、中身はzipです）",
        "A file is of another kind than its name says (Its name says “.jpg”, its content is zip)",
        files=[("写真.jpg", samples.zipped({"a.txt": b"a"}))],
    ),
    Incident(
        "work that is taken home",
        "送信者ご自身の個人アドレスと思われる宛先があります（送信者と"
        "同じ名前のフリーメールのアドレスです）",
        "A recipient looks like your own private address",
        to="{sender}@gmail.com",
        files=[("a.txt", b"a")],
    ),
    Incident(
        "a free mail address",
        "フリーメールの宛先があります。",
        "A recipient has a free mail address.",
        to="taro.suzuki@yahoo.co.jp",
    ),
    Incident(
        "what a colleague has remarked",
        "添付ファイルに、画面に表示されない情報が残っています（コメントがあります）",
        "An attachment still holds content that no screen shows (It has comments)",
        files=[("契約書.docx", samples.document(["本文"], comment="値引き可"))],
    ),
    Incident(
        "a price in white letters",
        "添付ファイルに、画面に表示されない情報が残っています（背景と同じ色の文字があります）",
        "An attachment still holds content that no screen shows"
        " (It has text in the colour of its background)",
        files=[("見積.xlsx", samples.workbook({"表": [["a"]]}, letters="#FFFFFF"))],
    ),
    Incident(
        "a wish of the sender",
        "件名の印により、送信前の確認をお願いしています",
        "The mark in the subject asks for a look before sending",
        subject="【要確認】お見積り",
    ),
)


ADDED = Incident(
    "a reply that adds a company",
    "ninth.example は、このやり取りのこれまでのメールにありません",
    "ninth.example was in no earlier mail of this thread",
    to=["sato@sr-office.example", "x@ninth.example"],
    headers={"References": "<thread.{sender}@example.co.jp>"},
)


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("incident", INCIDENTS, ids=str)
def test_the_sender_reads_why(house: House, sink: Sink, incident: Incident, sender: str) -> None:
    expected = incident.ja if SENDERS[sender] == "ja" else incident.en
    said = tell(house, sink, incident, sender)
    assert expected in said, said


@pytest.mark.parametrize("sender", SENDERS)
def test_a_reply_that_adds_a_company_is_told_so(house: House, sink: Sink, sender: str) -> None:
    address, id = f"{sender}@example.co.jp", f"<thread.{sender}@example.co.jp>"
    raw = samples.message("件", "本文", sender=address, to="sato@sr-office.example", message_id=id)
    house.reaches(house.send(raw, "sato@sr-office.example", address), "done")
    # learned with the delivery or right after it: until then there is no thread to compare with
    until(lambda: _is_thread(house, id), saying="learned")
    said = tell(house, sink, ADDED, sender)
    assert (ADDED.ja if SENDERS[sender] == "ja" else ADDED.en) in said, said


def _is_thread(house: House, id: str) -> bool:
    with house.checkpoint() as ck, house.rows() as conn:
        return (
            conn.execute(select(THREAD).where(THREAD.c.key == ck.keyed.message(id))).first()
            is not None
        )


def test_colleagues_and_the_well_known_do_not_wait(house: House, sink: Sink) -> None:
    raw = samples.message(
        "議事録",
        "佐藤様\n\n議事録をお送りします。\n",
        [("議事録.txt", b"x")],
        sender="hanako@example.co.jp",
        to=["佐藤 次郎 <sato@sr-office.example>", "山本 <yamamoto@example.co.jp>"],
    )
    id = house.send(raw, ["sato@sr-office.example", "yamamoto@example.co.jp"])
    house.reaches(id, "done")


def test_the_round_of_a_project_is_asked_about_until_it_is_known(house: House, sink: Sink) -> None:
    """Ten who were shown to each other three times before; the last of these was delivered here."""
    to = [f"p{n}@{'sr-office' if n % 2 else 'partner'}.example" for n in range(10)]
    for number in range(4):
        raw = samples.message(
            "定例", "本文", sender="saburo@example.co.jp", to=to, message_id=f"<round{number}@x>"
        )
        id = house.send(raw, to, "saburo@example.co.jp")
        if number == 3:
            house.reaches(id, "done")
            return
        house.reaches(id, "held")
        run(house, "hold", "release", id, "--on-behalf-of", "saburo@example.co.jp", "--reason", "x")
        house.reaches(id, "done")
        until(lambda: _behind(house) == 0, saying="learned")


def _behind(house: House) -> int:
    with house.rows() as conn:
        return known(conn).behind


def test_what_was_delivered_is_learned(house: House, sink: Sink) -> None:
    """The first mail to somebody is a first contact, and the second is none; a reply that adds a
    domain is seen, since the thread has passed here."""

    def send(to: list[str], id: str, before: str = "") -> str:
        headers = {"References": before, "In-Reply-To": before} if before else {}
        raw = samples.message(
            "件", "本文", sender="hanako@example.co.jp", to=to, message_id=id, headers=headers
        )
        return house.send(raw, to)

    first = send(["a@sixth.example"], "<t1@example.co.jp>")
    house.reaches(first, "done")
    until(lambda: _known(house, "sixth.example"), saying="learned")
    again = send(["a@sixth.example"], "<t2@example.co.jp>", "<t1@example.co.jp>")
    house.reaches(again, "done")
    added = send(
        ["a@sixth.example", "b@seventh.example"], "<t3@example.co.jp>", "<t1@example.co.jp>"
    )
    house.reaches(added, "held")
    with house.checkpoint() as ck, house.rows() as conn:
        held = dossier(conn, ck.letters, added)
        said = {(fact.name, fact.part) for fact in held.report.facts if fact.part[:3] == "to:"}
    assert ("new_domain_in_reply", "to:b@seventh.example") in said
    assert ("first_contact", "to:b@seventh.example") in said
    assert not {part for _, part in said} & {"to:a@sixth.example"}


def _known(house: House, domain: str) -> bool:
    with house.rows() as conn:
        return conn.execute(select(DOMAIN).where(DOMAIN.c.domain == domain)).first() is not None


def test_status_says_how_much_is_known(house: House) -> None:
    assert "社外のドメイン" in run(house, "acquaintance", "status")
