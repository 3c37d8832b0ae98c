from __future__ import annotations

import pytest

from detectors.report import Confidence, Fact, Finding, Part, Place, Report, Span
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.explain import Drop, explain, freeing, level, without
from gateway.judgement.policy.load import DEFAULT, load
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.verdict import Demand, Verdict

POLICY = load(DEFAULT.read_text("utf-8"), "default.toml")
SATO = Recipient("sato@sr-office.example", False, "to")
TARO = Recipient("taro@gmail.com", False, "cc")
SUZUKI = Recipient("suzuki@example.co.jp", True, "to")


def attached(path: str) -> Part:
    return Part(path, "application/x", Span(0, 0), Span(0, 0), attachment=True)


def numbers(unique: int, part: str = "2") -> Finding:
    places = (Place(part, values=tuple(range(unique))),)
    return Finding("jp.individual_number", Confidence.HIGH, places)


def case(*findings: Finding, recipients: tuple[Recipient, ...] = (SATO,), **facts: str) -> Case:
    report = Report(
        parts=(Part("1", "text/plain", Span(0, 0), Span(0, 0)), attached("2"), attached("3")),
        findings=findings,
        facts=tuple(Fact(name, part) for name, part in facts.items()),
    )
    return Case(report, Sender("person", "hanako@example.co.jp"), recipients)


def test_it_works() -> None:
    said = explain(decide(POLICY, case(numbers(36), recipients=(SUZUKI, SATO))))
    inside, outside = said.split("\n\n")
    assert inside.startswith("suzuki@example.co.jp：そのまま送信\n")
    assert outside.splitlines()[:4] == [
        "sato@sr-office.example：承認を得て送信",
        "  → 送信者の確認",
        "  → 「情報管理責任者」1名の承認",
        "  → 添付は受け取りページで渡す、合言葉",
    ]
    assert "✓ individual-number-many" in outside and "情報管理責任者の承認が必要です。" in outside
    assert "✗ individual-number-few" in outside and "該当せず：unique" in outside


def test_a_zip_is_said_in_both_languages() -> None:
    rule = """
[[rule]]
name = "zip"
why = { ja = "理由", en = "why" }
when = { recipient = "outside" }
then = { action = "pass", treatment = { zip = true, zip_names = "cp932" } }
"""
    verdicts = decide(load(rule, "zip.toml"), case())
    assert "暗号化ZIPにする（パスワードは送信者が電話で伝える）、ZIPのファイル名はCP932" in explain(
        verdicts
    )
    assert "in an encrypted ZIP (the sender tells the password by telephone), names in" in explain(
        verdicts, "en"
    )


def test_it_speaks_english() -> None:
    said = explain(decide(POLICY, case(numbers(101))), "en")
    assert said.splitlines()[:4] == [
        "sato@sr-office.example: approve",
        "  → the sender confirms",
        "  → 2 of 情報管理責任者 approve",
        "  → attachments leave by the bridge, a told word, opens after 15 min",
    ]
    assert "no match: unique" in said
    assert not any("：" in line or "ます" in line for line in said.splitlines())


def test_it_shows_what_a_rule_on_trial_would_ask() -> None:
    said = explain(decide(POLICY, case(recipients=(TARO,))))
    assert said.startswith("taro@gmail.com：そのまま送信\n")
    assert "[試行中のルールに該当：確認してから送信]" in said


def test_a_condition_is_not_said_in_the_words_of_a_treatment_of_its_name() -> None:
    """ "attachments" and "header" are both."""
    lines = explain(decide(POLICY, case())).splitlines()
    why = {line.split()[1]: line.split()[2] for line in lines[1:] if "✗" in line}
    assert why["asked-by-header"] == "該当せず：header"
    assert why["first-contact-file"].startswith("該当せず：")


def test_every_rule_of_the_file_has_its_line() -> None:
    lines = explain(decide(POLICY, case())).splitlines()
    for rule in POLICY.rules:
        assert any(line.split()[1] == rule.name for line in lines[1:])


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict("a@b"), "safe"),
        (Verdict("a@b", "delay"), "caution"),
        (Verdict("a@b", "confirm", (Demand("confirm"),)), "caution"),
        (Verdict("a@b", "confirm", (Demand("confirm", retype=True),)), "warning"),
        (Verdict("a@b", "confirm", (Demand("admin"),)), "warning"),
        (Verdict("a@b", "approve"), "warning"),
        (Verdict("a@b", "reject"), "warning"),
    ],
)
def test_the_level_says_who_has_to_look(verdict: Verdict, expected: str) -> None:
    assert level(verdict) == expected


def test_dropping_the_only_attachment_with_a_number_sets_the_mail_free() -> None:
    assert freeing(POLICY, case(numbers(36))) == (Drop(attachment="2"),)
    assert [v.action for v in without(POLICY, case(numbers(36)), Drop(attachment="3"))] == [
        "approve"
    ]


def test_dropping_the_only_outsider_sets_the_mail_free() -> None:
    mail = case(numbers(1, "1"), recipients=(SUZUKI, SATO))
    assert freeing(POLICY, mail) == (Drop(recipient=SATO.address),)


def test_no_drop_is_offered_where_something_is_still_asked() -> None:
    assert freeing(POLICY, case(numbers(1, "1"), recipients=(SATO, TARO))) == ()
    assert freeing(POLICY, case(numbers(1), numbers(1, "3"))) == ()
    assert freeing(POLICY, case(scan_incomplete="")) == ()


def test_no_drop_is_offered_for_a_mail_that_is_free() -> None:
    assert freeing(POLICY, case()) == ()


def test_the_last_recipient_is_not_offered_to_be_dropped() -> None:
    assert freeing(POLICY, case(numbers(1, "1"))) == ()


def test_dropping_a_file_that_could_not_be_read_sets_the_mail_free() -> None:
    assert freeing(Policy(), case(uninspectable="3")) == (Drop(attachment="3"),)
