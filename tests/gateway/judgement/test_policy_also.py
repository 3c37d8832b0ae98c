"""AND of several findings and facts in one rule (組み合わせ条件)."""

from __future__ import annotations

import pytest

from detectors.report import Confidence, Fact, Finding, Part, Place, Reason, Report, Span
from gateway.judgement.bypass import let_through
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.difference import differences
from gateway.judgement.policy.explain import Drop, explain, freeing
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Policy

SATO = Recipient("sato@partner.example", False, "to")
JIRO = Recipient("jiro@other.example", False, "cc")
FIRST = Fact("first_contact", "to:sato@partner.example", (), Reason("first_for_company"))
TOLD = Fact("password_told", "1", (), Reason("password_words"))
UNREAD = Fact("uninspectable", "2", (), Reason("encrypted_zip"))
NUMBER = Finding("jp.individual_number", Confidence.HIGH, (Place("2", values=(0,)),))
FILE = Part("2", "application/zip", Span(0, 0), Span(0, 0), name="資料.zip", attachment=True)


def policy(when: str, then: str = 'action = "confirm"') -> Policy:
    said = 'why = { ja = "理由", en = "why" }'
    return load(
        f'[[rule]]\nname = "both"\n{said}\nwhen = {{ {when} }}\nthen = {{ {then} }}\n', "p.toml"
    )


def case(*noted: Fact | Finding, recipients: tuple[Recipient, ...] = (SATO,)) -> Case:
    report = Report(
        parts=(Part("1", "text/plain", Span(0, 0), Span(0, 0)), FILE),
        findings=tuple(each for each in noted if isinstance(each, Finding)),
        facts=tuple(each for each in noted if isinstance(each, Fact)),
    )
    return Case(report, Sender("person", "hanako@example.co.jp"), recipients)


ALL = policy(
    'fact = "first_contact", attachments = ">=1", '
    'also = [{ finding = "jp.individual_number", confidence = "high" }, "password_told"]'
)


def test_it_works() -> None:
    (verdict,) = decide(ALL, case(FIRST, TOLD, NUMBER))
    assert verdict.action == "confirm"
    evidence = [(e.type, e.name, e.number) for e in verdict.reasons[0].evidence]
    assert evidence == [
        ("fact", "first_contact", 1),
        ("count", "attachments", 1),
        ("finding", "jp.individual_number", 1),
        ("fact", "password_told", 1),
    ]


@pytest.mark.parametrize(
    ("noted", "failed"),
    [
        ((FIRST, TOLD), "also"),
        ((FIRST, NUMBER), "also"),
        ((TOLD, NUMBER), "fact"),
        ((), "fact"),
    ],
)
def test_one_of_them_alone_is_not_enough(noted: tuple[Fact | Finding, ...], failed: str) -> None:
    (verdict,) = decide(ALL, case(*noted))
    assert (verdict.action, verdict.trace[0].failed) == ("pass", failed)


def test_a_fact_of_one_recipient_holds_nobody_else() -> None:
    asked = policy('fact = "password_told", also = "first_contact"')
    sato, jiro = decide(asked, case(FIRST, TOLD, recipients=(SATO, JIRO)))
    assert (sato.action, jiro.action) == ("confirm", "pass")
    assert jiro.trace[0].failed == "also"


def test_a_reason_belongs_to_its_own_fact() -> None:
    asked = 'fact = "password_told", also = {{ fact = "first_contact", reason = "{}" }}'
    noted = case(FIRST, TOLD)
    assert decide(policy(asked.format("first_for_company")), noted)[0].action == "confirm"
    assert decide(policy(asked.format("first_for_sender")), noted)[0].action == "pass"


def test_what_would_release_it_is_told() -> None:
    """Without the recipient who is new, or without the file, one of the two is gone."""
    asked = policy('fact = "first_contact", also = { finding = "jp.individual_number" }')
    mail = case(FIRST, NUMBER, recipients=(SATO, JIRO))
    assert freeing(asked, mail) == (Drop(recipient=SATO.address), Drop(attachment="2"))


def test_facts_that_are_only_asked_also_are_looked_up_and_looked_for() -> None:
    assert ALL.facts == {"first_contact", "password_told"}
    assert ALL.kinds == {"jp.individual_number"}


def test_a_rule_that_speaks_of_it_also_takes_the_place_of_the_safety_rule() -> None:
    asked = policy('fact = "password_told", also = "uninspectable"', 'action = "pass"')
    assert decide(asked, case(TOLD, UNREAD))[0].action == "pass"
    assert decide(asked, case(UNREAD))[0].action == "confirm"


def test_a_number_elsewhere_takes_the_whole_mail_over_the_bridge() -> None:
    bridge = 'action = "confirm", treatment = { bridge = "attachments" }'
    asked = policy('fact = "password_told", also = { finding = "jp.individual_number" }', bridge)
    in_text = Finding("jp.individual_number", Confidence.HIGH, (Place("1", values=(0,)),))
    (verdict,) = decide(asked, case(TOLD, in_text))
    assert verdict.treatment is not None and verdict.treatment.bridge == "whole"


def test_a_bypass_spares_no_rule_about_numbers() -> None:
    asked = policy('fact = "password_told", also = { finding = "jp.individual_number" }')
    verdicts = decide(asked, case(TOLD, NUMBER))
    assert let_through(verdicts, asked, except_numbers=True) == verdicts


def test_people_read_it() -> None:
    assert "✗ both                     該当せず：also" in explain(decide(ALL, case(FIRST)))


def test_a_difference_shows_it() -> None:
    before = policy('fact = "first_contact"')
    after = policy(
        'fact = "first_contact", also = { fact = "share_link", reason = "storage_link" }'
    )
    said = "[{fact = share_link, reason = storage_link}]"
    assert str(next(differences(before, after))) == f'~ rule "both": when.also: [] -> {said}'


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ('also = "first_contact"', 'when.also: only together with "fact", "finding" or "words"'),
        ('fact = "macro", also = "macro"', '"macro" is asked for already'),
        ('fact = "macro", also = ["signed", "signed"]', '"signed" is asked for already'),
        ('fact = "macro", also = [{}]', "is empty (write a fact, a finding or words)"),
        ('fact = "macro", also = "signd"', '(did you mean "signed"?)'),
        ('fact = "macro", also = { reason = "x" }', 'reason: only together with "fact"'),
        ('fact = "macro", also = { recipient = "outside" }', "unknown key"),
        ('fact = "macro", also = "scan_incomplete"', "must be one of confirm, approve, reject"),
    ],
)
def test_what_makes_no_sense_is_refused(when: str, why: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy(when, 'action = "pass"')
    assert why in str(refused.value)
