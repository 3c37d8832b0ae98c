"""A rule in words, as the pages show it."""

from __future__ import annotations

from admin_ui.frame import HERE
from admin_ui.rulebook import rules
from gateway.face.i18n import words_in
from gateway.judgement.policy.load import load

BOTH = """
[[rule]]
name = "both"
why = { ja = "理由", en = "why" }
[rule.when]
fact = "first_contact"
also = [{ finding = "card_number", unique = "3" }, "password_told"]
[rule.then]
action = "confirm"
"""


ZIP = """
[[rule]]
name = "zip"
why = { ja = "理由", en = "why" }
when = { recipient = "outside" }
then = { action = "pass", treatment = { zip = true, zip_names = "cp932" } }
"""


def test_a_zip_is_said_in_both_languages() -> None:
    policy = load(ZIP, "policy.toml")
    (shown,) = rules(words_in("ja", HERE / "locale"), policy)
    told = "添付は暗号化ZIPにする（パスワードは送信者が電話で伝える）"
    assert shown.then == (told, "ZIPのファイル名はCP932")
    (shown,) = rules(words_in("en", HERE / "locale"), policy)
    assert shown.then[0].startswith("Attachments leave in an encrypted ZIP")


def test_what_is_asked_at_once_is_said_one_by_one() -> None:
    policy = load(BOTH, "policy.toml")
    (shown,) = rules(words_in("ja", HERE / "locale"), policy)
    card = "クレジットカード番号（3件）"
    assert shown.when == ("初めての宛先", card, "パスワードを知らせる言葉")
    (shown,) = rules(words_in("en", HERE / "locale"), policy)
    assert shown.when[2] == "words that tell a password"
