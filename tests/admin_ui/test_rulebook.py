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


def test_what_is_asked_at_once_is_said_one_by_one() -> None:
    policy = load(BOTH, "policy.toml")
    (shown,) = rules(words_in("ja", HERE / "locale"), policy)
    card = "クレジットカード番号（3件）"
    assert shown.when == ("初めての宛先", card, "パスワードを知らせる言葉")
    (shown,) = rules(words_in("en", HERE / "locale"), policy)
    assert shown.when[2] == "words that tell a password"
