"""名称とドメイン: names of the policy's own table, with and without 株式会社 beside them."""

from __future__ import annotations

import pytest

import detectors
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient, recipients_of
from gateway.judgement.policy.checks import checked
from gateway.judgement.policy.load import load
from tests import samples

OWN = frozenset({"example.co.jp"})
POLICY = load(
    """
[settings]
own_names = ["サンプル商事"]
[companies."山田商事"]
names = ["YAMADA", "山田"]
domains = ["yamada.example"]
[companies."サンプル商事"]
domains = ["example.co.jp"]
[[rule]]
name = "named"
why.ja = "理由"
why.en = "why"
when = { fact = "named_elsewhere" }
then = { action = "confirm" }
""",
    "policy.toml",
)


def said(subject: str, body: str, to: str = "sato@other.example") -> list[tuple[str, str]]:
    report = detectors.inspect(samples.message(subject, body, to=to))
    recipients: tuple[Recipient, ...] = tuple(recipients_of(report, [to], OWN))
    case = checked(POLICY, Case(report, Sender("person"), recipients, OWN))
    found = case.stated("named_elsewhere")
    return [(f.reason.code, str(f.reason.params["label"])) for f in found if f.reason]


@pytest.mark.parametrize(
    ("subject", "body", "found"),
    [
        ("山田商事様 お見積り", "本文", [("named_in_subject", "山田商事")]),
        ("件", "佐藤様\n\n山田商事向けの価格です。", [("named_in_text", "山田商事")]),
        ("件", "株式会社山田商事様向けの価格です。", [("named_in_text", "山田商事")]),
        ("Price for Yamada", "body", [("named_in_subject", "yamada")]),
        ("Yamadaya", "body", []),
        ("件", "山田様のご紹介です。", []),
        ("件", "承知しました。\n\n> 山田商事の件です。", []),
        ("件", "佐藤様\n\n-- \n山田商事ビル 03-0000-0000", []),
        ("サンプル商事の件", "サンプル商事の山本です。", []),
    ],
)
def test_it_works(subject: str, body: str, found: list[tuple[str, str]]) -> None:
    assert said(subject, body) == found
    assert said(subject, body, "tanaka@yamada.example") == []


def test_what_was_seen_in_a_text_that_is_gone_is_kept() -> None:
    report = detectors.inspect(samples.message("件", "山田商事向けの価格です。", to="a@b.example"))
    recipients = tuple(recipients_of(report, ["a@b.example"], OWN))
    judged = checked(POLICY, Case(report, Sender("person"), recipients, OWN))
    past = Case(judged.report.features, Sender("person"), recipients, OWN, textless=True)
    assert checked(POLICY, past).stated("named_elsewhere")
