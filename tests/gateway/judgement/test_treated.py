"""What is done to a mail, in words; and who is told of it how often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.face.i18n import words_in
from gateway.judgement import policies, treated
from gateway.memory.states import SYSTEM
from tests import samples

RULES = """
[[rule]]
name = "told"
why.ja = "ルールの理由です。"
why.en = "The rule says so."
when = {{ recipient = "outside" }}
then = {{ action = "pass", treatment = {{ {treatment} }} }}
"""
TWO = ["a@one.example", "b@two.example"]


@pytest.fixture
def arrive(office):
    def arriving(treatment: str, to=TWO, files=(), subject="件"):
        policies.publish(office.memory.store, RULES.format(treatment=treatment), "x", SYSTEM)
        raw = samples.message(subject, "本文", files, sender="hanako@example.co.jp", to=to)
        return office.arrive(raw, to)

    return arriving


def said(office, id, language="ja"):
    return treated.changes(words_in(language), office.ck, office.read(id))


def told(office, *ids):
    """(purpose, text) of all notices about these mails."""
    return [(kind, text) for id in ids for kind, _, text in office.notices(id)]


def test_it_works(office, arrive) -> None:
    id = arrive('bcc = true, mark = "【社外】", footer = "秘密保持のお願い"')
    assert said(office, id).beside == (
        "社外の宛先をBccに変えて送ります。宛先どうしは、お互いに見えません。",
        "Toには、宛先を載せません（undisclosed-recipients と表示されます）。",
        "件名の先頭に「【社外】」を付けます。",
        "本文の後に、会社で決めた文を加えます。",
    )
    ((kind, notice),) = told(office, id)
    assert kind == "treated" and "ルールの理由です。" in notice and "【社外】" in notice


SIGNED = """\
From: hanako@example.co.jp
To: a@one.example
Subject: x
MIME-Version: 1.0
Content-Type: multipart/signed; protocol="application/{kind}-signature"; boundary="s"

--s
Content-Type: text/plain

body

--s
Content-Type: application/{kind}-signature; name=signature

signature

--s--
"""


@pytest.mark.parametrize("kind", ["pkcs7", "pgp"])
def test_no_footer_is_promised_for_a_signed_mail(kind, office, arrive) -> None:
    arrive('mark = "【社外】", header = "社外秘", footer = "秘密保持のお願い"')
    raw = SIGNED.format(kind=kind).replace("\n", "\r\n").encode()
    marked, unwritten = said(office, office.arrive(raw, ["a@one.example"])).written
    assert "【社外】" in marked and "加えません（電子署名か暗号化" in unwritten


def test_of_what_goes_as_a_whole_no_footer_is_promised(office, arrive) -> None:
    id = arrive('bridge = "whole", footer = "秘密保持のお願い"')
    assert said(office, id).written == ()


def test_the_sender_stands_in_to_where_that_is_configured(office, arrive) -> None:
    """MC2: an address is put there, and it is said which."""
    config = office.ck.config
    delivery = config.delivery.model_copy(update={"bcc_to": "sender"})
    office.ck = replace(office.ck, config=config.model_copy(update={"delivery": delivery}))
    id = arrive("bcc = true")
    line = "Toには、送信者ご自身のアドレス（hanako@example.co.jp）を載せます。"
    assert said(office, id).named[1] == line and line in told(office, id)[0][1]
    assert "To shows your own address (hanako@example.co.jp)." in said(office, id, "en").named


@pytest.mark.parametrize(
    ("treatment", "to"),
    [
        ("one_each = true", ["a@one.example"]),
        ('add_cc = "yamamoto@example.co.jp"', ["a@one.example", "yamamoto@example.co.jp"]),
        ('mark = "【社外】"', TWO),
        ('footer = "秘密保持のお願い"', TWO),
        ('bridge = "attachments"', TWO),
        ("bcc = true", ["ichiro@example.co.jp"]),
    ],
)
def test_what_changes_nothing_or_stands_in_every_mail_is_no_news(
    office, arrive, treatment, to
) -> None:
    assert told(office, arrive(treatment, to)) == []


def test_what_a_rule_may_do_to_every_mail_is_told_once_a_day(office, arrive, clock) -> None:
    copy, link, file = 'add_bcc = "log@example.co.jp"', 'bridge = "attachments"', [("a.txt", b"a")]
    ids = [arrive(copy), arrive(copy), arrive(link, files=file), arrive(link, files=file)]
    assert [kind for kind, _ in told(office, *ids)] == ["copied", "handed"]
    clock.forward(hours=24)
    assert [kind for kind, _ in told(office, arrive(copy))] == ["copied"]
    for _ in range(2):  # a word that nobody else can tell
        ((kind, text),) = told(office, arrive(f"{link}, told_word = true", files=file))
        assert kind == "handed" and "合言葉" in text and "本日、" not in text


def test_a_machine_is_told_nothing(office) -> None:
    policies.publish(office.memory.store, RULES.format(treatment="bcc = true"), "x", SYSTEM)
    raw = samples.message(
        *("件", "本文"),
        sender="hanako@example.co.jp",
        to=TWO,
        headers={"Auto-Submitted": "auto-generated"},
    )
    assert told(office, office.arrive(raw, TWO)) == []
