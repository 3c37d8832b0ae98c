from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

import detectors
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.proving import Failure, accept, prove
from gateway.judgement.policy.verdict import Step

RULE = """
[[rule]]
name = "numbers"
why = { ja = "個人番号があります。", en = "There are individual numbers." }
when = { recipient = "outside", finding = "jp.individual_number", confidence = ">=medium" }
then = { action = "confirm", treatment = { bridge = "attachments" } }
"""
CHECK_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def individual_number(stem: str = "21436587092") -> str:
    """A synthetic number; the check digit of 総務省令第85号 第5条 is computed, not written down."""
    rest = sum(int(d) * w for d, w in zip(stem, CHECK_WEIGHTS, strict=True)) % 11
    return stem + str(0 if rest <= 1 else 11 - rest)


def proved(mail: str, expect: str) -> str:
    return f'{RULE}\n[[test]]\nname = "t"\nmail = {mail}\nexpect = {expect}\n'


def failures(text: str, base: Path = Path()) -> tuple[Failure, ...]:
    return prove(
        load(text, "policy.toml"), detectors.inspect, lambda name: (base / name).read_bytes()
    )


FOUND = 'findings = [{ kind = "jp.individual_number", confidence = "high", unique = 3 }]'
TO = '{ to = "a@b.example", ' + FOUND + " }"


def test_it_works() -> None:
    assert failures(proved(TO, '{ "a@b.example" = "confirm" }')) == ()


@pytest.mark.parametrize(
    ("expect", "expected", "got"),
    [
        ('"pass"', 'action = "pass"', 'action = "confirm"'),
        ('{ action = "confirm", bridge = "whole" }', 'bridge = "whole"', 'bridge = "attachments"'),
        ('{ action = "confirm", bridge = "none" }', 'bridge = "none"', 'bridge = "attachments"'),
        ('{ action = "confirm", told_word = true }', "told_word = true", "told_word = false"),
        ('{ action = "confirm", zip = true }', "zip = true", "zip = false"),
        ('{ action = "confirm", by = ["owner"] }', 'by = ["owner"]', 'by = ["confirm"]'),
        ('{ action = "confirm", by = [] }', "by = []", 'by = ["confirm"]'),
        (
            '{ action = "confirm", approvers = { "x" = 1 } }',
            'approvers = { "x" = 1 }',
            "approvers = {}",
        ),
        ('{ action = "confirm", rules = [] }', "rules = []", 'rules = ["numbers"]'),
    ],
)
def test_each_expectation_can_fail(expect: str, expected: str, got: str) -> None:
    (failure,) = failures(proved(TO, f'{{ "a@b.example" = {expect} }}'))
    assert (failure.expected, failure.got, failure.recipient) == (expected, got, "a@b.example")
    assert Step("numbers", True) in failure.trace


def test_a_failing_policy_is_never_accepted() -> None:
    with pytest.raises(PolicyError) as refused:
        accept(
            proved(TO, '{ "a@b.example" = "pass" }'),
            "policy.toml",
            detectors.inspect,
            Path.read_bytes,
        )
    assert str(refused.value) == (
        'policy.toml: line 11: test[1] "t".expect."a@b.example": '
        'expected action = "pass", got action = "confirm" (matched: numbers)'
    )


def test_each_sketched_number_is_another_person() -> None:
    rule = RULE.replace('confidence = ">=medium"', 'unique = "5"')
    more = FOUND.replace(
        "}]", '}, { kind = "jp.individual_number", confidence = "low", unique = 2 }]'
    )
    mail = '{ to = "a@b.example", ' + more + " }"
    assert failures(proved(mail, '{ "a@b.example" = "confirm" }').replace(RULE, rule)) == ()


@pytest.mark.parametrize("place", ["body", "subject", "header"])
def test_a_sketched_place_is_a_place(place: str) -> None:
    found = FOUND.replace("unique = 3", f'place = "{place}"')
    mail = '{ to = "a@b.example", attachments = "資料.xlsx", ' + found + " }"
    assert (
        failures(proved(mail, '{ "a@b.example" = { action = "confirm", bridge = "whole" } }')) == ()
    )


def test_a_written_body_is_really_inspected() -> None:
    mail = f'{{ to = "a@b.example", body = "マイナンバー {individual_number()} です。" }}'
    assert (
        failures(proved(mail, '{ "a@b.example" = { action = "confirm", bridge = "whole" } }')) == ()
    )
    assert failures(proved(mail.replace("マイナンバー", "本文"), '{ "a@b.example" = "confirm" }'))
    plain = '{ to = "a@b.example", body = "お世話になっております。" }'
    assert failures(proved(plain, '{ "a@b.example" = "pass" }')) == ()


def test_a_sketch_comes_on_top_of_what_was_inspected() -> None:
    rule = RULE.replace('confidence = ">=medium"', 'unique = "4"')
    body = f"マイナンバー {individual_number()} です。"
    mail = f'{{ to = "a@b.example", body = "{body}", attachments = "一覧.bin", {FOUND} }}'
    expect = '{ "a@b.example" = { action = "confirm", rules = ["numbers"] } }'
    assert failures(proved(mail, expect).replace(RULE, rule)) == ()


def letter(**headers: str) -> bytes:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"マイナンバー {individual_number()} です。")
    return message.as_bytes()


def test_a_message_beside_the_policy_is_read(tmp_path: Path) -> None:
    raw = letter(From="hanako@example.co.jp", To="a@b.example", Cc="c@example.co.jp")
    (tmp_path / "a.eml").write_bytes(raw)
    expect = (
        '{ "a@b.example" = "confirm", "c@example.co.jp" = "pass", "bcc@b.example" = "confirm" }'
    )
    assert failures(proved('"a.eml"', expect), tmp_path) == ()


def test_automatic_mail_shows_by_itself(tmp_path: Path) -> None:
    raw = letter(From="h@example.co.jp", To="a@b.example", Auto_Submitted="auto-replied")
    (tmp_path / "a.eml").write_bytes(raw)
    expect = '{ "a@b.example" = { action = "confirm", by = ["owner"] } }'
    assert failures(proved('"a.eml"', expect), tmp_path) == ()


def test_a_message_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    (failure,) = failures(proved('"missing.eml"', '{ "a@b.example" = "pass" }'), tmp_path)
    assert failure.fault.code == "test_unread" and failure.unread == "missing.eml"
