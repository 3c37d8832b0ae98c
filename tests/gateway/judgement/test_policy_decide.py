"""What a policy decides, rule by rule. Reports are drawn: detection has its own tests."""

from __future__ import annotations

import time
from typing import Any

import pytest

from detectors.report import (
    Confidence,
    Fact,
    Finding,
    Headers,
    Mailbox,
    Part,
    Place,
    Reason,
    Report,
    Span,
)
from gateway.judgement.identity import Entry, Sender, SenderClass
from gateway.judgement.policy import decide as decision
from gateway.judgement.policy import foregone
from gateway.judgement.policy.case import Case, Recipient, recipients_of
from gateway.judgement.policy.decide import Read, decide
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.verdict import Demand, Step, Verdict
from gateway.memory.durations import Duration

NUMBER = "jp.individual_number"
OWN = frozenset({"example.co.jp"})
SATO = Recipient("sato@partner.example", False, "to", "佐藤")
SUZUKI = Recipient("suzuki@example.co.jp", True, "cc")
HANAKO = Entry("hanako@example.co.jp", "person", "p-hanako", groups=("総務課",))
PARTS = (
    Part("1", "text/plain", Span(0, 0), Span(0, 0)),
    Part("2", "application/zip", Span(0, 0), Span(0, 0), name="資料.zip", attachment=True),
    Part("3", "message/rfc822", Span(0, 0), Span(0, 0), name="転送.eml", attachment=True),
    Part("3.1", "text/plain", Span(0, 0), Span(0, 0)),
)
HEAD = """
groups = { "承認者" = { ja = "承認者", en = "approvers" }, "部長" = { ja = "部長", en = "heads" } }
[lists]
partners = { domains = [".partner.example"], addresses = ["Jiro@Other.example"] }
hr = { addresses = ["hanako@example.co.jp"] }
free = { builtin = "freemail", domains = ["extra.example"] }
"""


def policy(*rules: str) -> Policy:
    """Rules as `when | then` or `when | then | more keys`."""
    text = HEAD
    for number, rule in enumerate(rules, 1):
        when, then, *more = rule.split(" | ")
        text += f'[[rule]]\nname = "r{number}"\nwhy = {{ ja = "理由{number}", en = "why" }}\n'
        text += f"when = {{ {when} }}\nthen = {{ {then} }}\n" + "\n".join(more) + "\n"
    return load(text, "policy.toml")


def found(
    unique: int = 1, confidence: str = "high", part: str = "2", kind: str = NUMBER, first: int = 0
) -> Finding:
    place = Place(part, count=unique, values=tuple(range(first, first + unique)))
    return Finding(kind, Confidence(confidence), (place,))


def case(
    *findings: Finding,
    facts: tuple[Fact, ...] = (),
    recipients: tuple[Recipient, ...] = (SATO,),
    class_: SenderClass = "person",
    candidates: tuple[Entry, ...] = (HANAKO,),
    **report: Any,
) -> Case:
    sender = Sender(class_, "hanako@example.co.jp", "p-hanako", "", candidates)
    whole = Report(**{"parts": PARTS, "findings": findings, "facts": facts, **report})
    return Case(whole, sender, recipients, OWN)


def one(policy_: Policy, case_: Case) -> Verdict:
    return decide(policy_, case_)[0]


CONFIRM = 'action = "confirm"'
BRIDGE = 'action = "confirm", treatment = { bridge = "attachments" }'
ASKED = f'recipient = "outside", finding = "{NUMBER}"'


def test_it_works() -> None:
    verdicts = decide(policy(f"{ASKED} | {BRIDGE}"), case(found(36), recipients=(SATO, SUZUKI)))
    outside, inside = verdicts
    assert (outside.action, inside.action) == ("confirm", "pass")
    assert outside.demands == (Demand("confirm"),) and inside.demands == ()
    assert outside.treatment is not None and outside.treatment.bridge == "attachments"
    (reason,) = outside.reasons
    assert (reason.rule, reason.why.ja) == ("r1", "理由1")
    (evidence,) = reason.evidence
    assert (evidence.name, evidence.confidence, evidence.number) == (NUMBER, "high", 36)
    assert evidence.parts == ("2",)
    assert inside.trace[0] == Step("r1", False, "recipient")


def test_who_is_inside_gets_the_mail_as_it_was_written() -> None:
    """What is not done to it is not said of it either; a copy is made for them as well."""
    written = 'bridge = "whole", told_word = true, mark = "x"'
    for more, left in (("", ()), (', add_bcc = "a@example.co.jp"', ("a@example.co.jp",))):
        rule = f'recipient = "any" | action = "confirm", treatment = {{ {written}{more} }}'
        outside, inside = decide(policy(rule), case(recipients=(SATO, SUZUKI)))
        assert outside.treatment is not None and outside.treatment.mark == "x"
        assert inside.action == "confirm"
        assert (inside.treatment.add_bcc if inside.treatment else ()) == left
        assert inside.treatment is None or inside.treatment.bridge is None


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ('recipient = "inside"', False),
        ('recipient_domains = "partner.example"', True),
        ('recipient_domains = ["other.example", ".example"]', True),
        ('recipient_domains = "artner.example"', False),
        ('recipient_addresses = "SATO@partner.example"', True),
        ('recipient_addresses = "ito@partner.example"', False),
        ('in_list = "partners"', True),
        ('in_list = ["free", "partners"]', True),
        ('in_list = "free"', False),
        ('not_in_list = "partners"', False),
        ('not_in_list = "free"', True),
        ('finding = "card_number"', False),
        (f'finding = "{NUMBER}", confidence = "high"', True),
        (f'finding = "{NUMBER}", confidence = "medium"', True),
        (f'finding = "{NUMBER}", confidence = "low"', False),
        (f'finding = "{NUMBER}", unique = "5"', True),
        (f'finding = "{NUMBER}", confidence = "high", unique = ">=4"', False),
        (f'finding = "{NUMBER}", place = "body"', True),
        (f'finding = "{NUMBER}", place = "body", unique = "3.."', False),
        (f'finding = "{NUMBER}", place = "attachment", unique = "3"', True),
        (f'finding = "{NUMBER}", place = "subject"', False),
        ('fact = "uninspectable"', True),
        ('fact = "uninspectable", reason = "encrypted"', True),
        ('fact = "uninspectable", reason = "corrupt"', False),
        ('fact = "signed"', False),
        ('words = "hr"', True),
        ('words = ["confidential", "hr"]', True),
        ('words = "confidential"', False),
        ('sender_class = "person"', True),
        ('sender_class = ["system", "null"]', False),
        ('sender_in = "hr"', True),
        ('sender_in = "承認者"', False),
        ('outside_addresses = "2"', True),
        ('outside_addresses = ">=3"', False),
        ('outside_companies = "1"', True),
        ('attachments = ">=1", size = "<=1 MB"', True),
        ('attachments = ">=3"', False),
        ('size = ">=1 MB"', False),
    ],
)
def test_every_condition_matches_what_it_says(when: str, matches: bool) -> None:
    headers = Headers(
        to=(Mailbox("佐藤", "Sato@partner.example"), Mailbox("", "suzuki@example.co.jp")),
        cc=(Mailbox("", "ito@sub.partner.example"),),
    )
    facts = (
        Fact("uninspectable", "2", (), Reason("encrypted")),
        Fact("words", "1", (), Reason("hr")),
    )
    mail = case(
        found(3), found(2, "medium", "1", first=3), facts=facts, headers=headers, size=9_999
    )
    verdict = one(policy(f"{when} | {CONFIRM}"), mail)
    assert verdict.trace[0].matched is matches
    assert verdict.trace[0].failed in ("" if matches else when)


def test_conditions_of_one_rule_must_all_hold() -> None:
    rule = f'{ASKED}, confidence = "high", in_list = "partners" | {CONFIRM}'
    assert one(policy(rule), case(found())).action == "confirm"
    assert one(policy(rule), case(found(confidence="medium"))).trace[0].failed == "confidence"
    stranger = Recipient("x@stranger.example", False, "to")
    assert one(policy(rule), case(found(), recipients=(stranger,))).trace[0].failed == "in_list"


def test_the_same_person_at_two_places_counts_once() -> None:
    twice = Finding(NUMBER, Confidence.HIGH, (Place("1", values=(0, 1)), Place("2", values=(1, 2))))
    assert one(policy(f'{ASKED}, unique = "3" | {CONFIRM}'), case(twice)).action == "confirm"


def test_occurrences_count_where_values_were_not_numbered() -> None:
    unnumbered = Finding(NUMBER, Confidence.HIGH, (Place("2", count=12),))
    assert (
        one(policy(f'{ASKED}, unique = "10.." | {CONFIRM}'), case(unnumbered)).action == "confirm"
    )


def test_demands_are_united_and_the_strictest_action_is_the_headline() -> None:
    rules = policy(
        f'{ASKED} | action = "confirm", retype_domain = true',
        f'{ASKED} | action = "approve", approvers = {{ group = "承認者", need = 1 }}',
        f'{ASKED} | action = "approve", notify = "部長",'
        ' approvers = { group = "承認者", need = 2 }',
        f'{ASKED} | action = "approve", approvers = {{ group = "部長" }}, purpose = true',
        f'{ASKED} | action = "delay", delay = "5 min"',
        f'{ASKED} | action = "delay", delay = "3 min"',
    )
    verdict = one(rules, case(found()))
    assert verdict.action == "approve"
    assert verdict.demands == (
        Demand("confirm", retype=True, purpose=True),
        Demand("approve", "承認者", 2),
        Demand("approve", "部長", 1),
    )
    assert (verdict.delay, verdict.notify) == (Duration(300), ("部長",))


def test_approval_includes_the_senders_confirmation() -> None:
    rule = policy(f'{ASKED} | action = "approve", approvers = {{ group = "承認者" }}')
    assert [d.kind for d in one(rule, case(found())).demands] == ["confirm", "approve"]


def test_a_rejected_mail_asks_for_nothing() -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE}", f'{ASKED} | action = "reject"'), case(found()))
    assert (verdict.action, verdict.demands, verdict.treatment) == ("reject", (), None)
    assert [reason.rule for reason in verdict.reasons] == ["r1", "r2"]


def test_the_stronger_of_each_treatment_counts() -> None:
    verdict = one(
        policy(
            f'{ASKED} | action = "confirm", treatment = {{ bridge = "attachments", '
            ' told_word = true, downloads = 3, opens_after = "15 min" }',
            f'{ASKED} | action = "pass", treatment = {{ bridge = "whole", downloads = 5, days = 3,'
            ' opens_after = "5 min" }',
        ),
        case(found()),
    )
    assert verdict.treatment is not None
    assert verdict.treatment.model_dump(mode="json", exclude_defaults=True) == {
        "bridge": "whole",
        "told_word": True,
        "opens_after": "15 min",
        "downloads": 3,
        "days": 3,
    }


ZIP = 'action = "pass", treatment = { zip = true }'
CLOSED = Reason("encrypted_zip", {"members": 1, "whole": True})


@pytest.mark.parametrize(
    ("rules", "more", "form"),
    [
        ((ZIP,), {}, "zip"),
        ((ZIP, BRIDGE), {}, "attachments"),  # a link can be recalled, a ZIP cannot
        ((ZIP, BRIDGE.replace("attachments", "whole")), {}, "whole"),
        ((ZIP,), {"facts": (Fact("signed"),)}, "whole"),
        ((ZIP,), {"facts": (Fact("ambiguous"),)}, "whole"),
        ((ZIP,), {"parts": PARTS[:1]}, None),
        ((ZIP,), {"facts": (Fact("opened", "2", ("資料.zip",), CLOSED),)}, "zip"),
        (
            (ZIP,),
            {"facts": (Fact("opened", "2", ("資料.zip",), CLOSED),), "parts": PARTS[:2]},
            None,
        ),
        (
            (ZIP,),
            {"facts": (Fact("opened", "2", ("資", "内"), CLOSED),), "parts": PARTS[:2]},
            "zip",
        ),
        ((ZIP,), {"facts": (Fact("uninspectable", "2", ("資料.zip",), CLOSED),)}, "attachments"),
    ],
)
def test_a_zip_is_where_no_link_is_asked_and_nothing_stands_against_it(
    rules: tuple[str, ...], more: dict[str, Any], form: str | None
) -> None:
    asked = policy(*(f'recipient = "outside" | {each}' for each in rules))
    verdict = one(asked, case(**more))
    assert (verdict.treatment and verdict.treatment.form) == form
    inside = decide(asked, case(recipients=(SUZUKI,), **more))[0]
    assert inside.treatment is None


def test_a_finding_in_the_text_that_is_held_for_takes_the_bridge_and_not_a_zip() -> None:
    rules = policy(f'recipient = "outside" | {ZIP}', f"{ASKED} | {CONFIRM}")
    for part, form in (("1", "whole"), ("2", "zip")):
        verdict = one(rules, case(found(part=part)))
        assert verdict.treatment is not None and verdict.treatment.form == form


def test_what_treatments_write_is_united() -> None:
    verdict = one(
        policy(
            f'{ASKED} | action = "pass",'
            ' treatment = { bcc = true, add_bcc = "a@b.jp", mark = "A" }',
            f'{ASKED} | action = "pass",'
            ' treatment = { one_each = true, footer = "x", mark = "B" }',
        ),
        case(found()),
    )
    assert verdict.treatment is not None
    assert verdict.treatment.model_dump(exclude_defaults=True) == {
        "bcc": True,
        "one_each": True,
        "add_bcc": ("a@b.jp",),
        "footer": "x",
        "mark": "AB",
    }


@pytest.mark.parametrize(
    ("part", "bridge"),
    [
        ("2", "attachments"),
        ("name:2", "attachments"),
        ("3.1", "attachments"),
        ("1", "whole"),
        ("name:1", "whole"),
        ("", "whole"),
        ("9", "whole"),
        ("subject", "whole"),
        ("header:to", "whole"),
    ],
)
def test_a_number_outside_attachments_takes_the_whole_mail(part: str, bridge: str) -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE}"), case(found(2), found(1, part=part, first=2)))
    assert verdict.treatment is not None and verdict.treatment.bridge == bridge


def test_a_rule_on_attachments_leaves_no_number_behind_in_the_body() -> None:
    rule = policy(f'{ASKED}, place = "attachment", unique = "2.." | {BRIDGE}')
    verdict = one(rule, case(found(2), found(1, part="1", first=2)))
    assert verdict.treatment is not None and verdict.treatment.bridge == "whole"


def test_what_no_rule_holds_mail_for_may_stay_in_the_body() -> None:
    rule = policy(f'{ASKED}, confidence = ">=medium" | {BRIDGE}')
    corporate = found(1, part="1", kind="jp.corporate_number")
    verdict = one(rule, case(found(), corporate, found(1, "low", "1", first=5)))
    assert verdict.treatment is not None and verdict.treatment.bridge == "attachments"


@pytest.mark.parametrize("fact", ["signed", "encrypted", "ambiguous"])
def test_a_mail_that_cannot_be_taken_apart_goes_as_a_whole(fact: str) -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE}"), case(found(), facts=(Fact(fact),)))
    assert verdict.treatment is not None and verdict.treatment.bridge == "whole"


def test_a_signed_mail_with_nothing_found_is_left_alone() -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE}"), case(facts=(Fact("signed"),)))
    assert (verdict.action, verdict.treatment) == ("pass", None)


def test_there_is_no_bridge_for_attachments_that_are_not_there() -> None:
    rule = policy(f"size = '>=0' | {BRIDGE}")
    assert one(rule, case(parts=PARTS[:1])).treatment is None


def test_an_exception_lets_off_those_it_names_and_nobody_else() -> None:
    rule = policy(f'{ASKED} | {CONFIRM} | except = {{ in_list = "partners", words = "hr" }}')
    stranger = Recipient("x@stranger.example", False, "to")
    words = (Fact("words", "1", (), Reason("hr")),)
    both = case(found(), facts=words, recipients=(SATO, stranger))
    assert [v.action for v in decide(rule, both)] == ["pass", "confirm"]
    assert decide(rule, both)[0].trace[0] == Step("r1", False, "except")
    assert one(rule, case(found())).action == "confirm"


def test_an_exception_for_a_sender_needs_all_who_may_have_sent_it() -> None:
    forged = (Entry("taro@example.co.jp", "person", "p-taro"), HANAKO)
    rule = policy(f'{ASKED} | {CONFIRM} | except = {{ sender_in = "hr" }}')
    assert one(rule, case(found())).action == "pass"
    assert one(rule, case(found(), candidates=forged)).action == "confirm"


def test_a_rule_for_a_sender_matches_any_who_may_have_sent_it() -> None:
    other = (Entry("taro@example.co.jp", "person", "p-taro"), HANAKO)
    rule = policy(f'sender_in = "部長" | {CONFIRM}', f'sender_in = "hr" | {CONFIRM}')
    verdict = one(rule, case(candidates=other))
    assert [step.matched for step in verdict.trace[:2]] == [False, True]
    heads = (Entry("taro@example.co.jp", "person", "p-taro", groups=("部長",)),)
    assert one(rule, case(candidates=heads)).trace[0].matched


def test_a_rule_on_trial_holds_nothing_and_says_what_it_would() -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE} | mode = 'audit_only'"), case(found()))
    assert (verdict.action, verdict.demands, verdict.treatment) == ("pass", (), None)
    assert [(r.rule, r.action) for r in verdict.would] == [("r1", "confirm")]
    assert verdict.reasons == () and verdict.trace[0].matched


def test_a_rule_that_is_off_is_not_read() -> None:
    verdict = one(policy(f"{ASKED} | {BRIDGE} | mode = 'off'"), case(found()))
    assert (verdict.action, verdict.would) == ("pass", ())
    assert verdict.trace[0] == Step("r1", False, "off")


@pytest.mark.parametrize("class_", ["system", "null", "automatic"])
def test_what_no_person_sent_is_confirmed_by_the_owner(class_: SenderClass) -> None:
    rule = policy(f'{ASKED} | action = "approve", approvers = {{ group = "承認者" }}')
    demands = one(rule, case(found(), class_=class_)).demands
    assert [demand.kind for demand in demands] == ["owner", "approve"]


def test_a_shared_mailbox_confirms_for_itself() -> None:
    assert one(policy(f"{ASKED} | {CONFIRM}"), case(found(), class_="shared")).demands == (
        Demand("confirm"),
    )


# -- what no rule speaks about ------------------------------------------------------------------


def test_a_scan_that_did_not_finish_is_held_for_insiders_too() -> None:
    mail = case(facts=(Fact("scan_incomplete"),), recipients=(SATO, SUZUKI))
    for verdict in decide(Policy(), mail):
        assert (verdict.action, verdict.demands) == ("confirm", (Demand("admin"),))
        assert verdict.reasons[0].rule == "sekisho:scan-incomplete"


@pytest.mark.parametrize(
    ("fact", "bridge"), [("uninspectable", "attachments"), ("ambiguous", "whole")]
)
def test_what_cannot_be_read_is_held_where_no_rule_speaks(fact: str, bridge: str) -> None:
    outside, inside = decide(Policy(), case(facts=(Fact(fact, "2"),), recipients=(SATO, SUZUKI)))
    assert (outside.action, inside.action) == ("confirm", "pass")
    assert outside.treatment is not None and outside.treatment.bridge == bridge
    assert outside.reasons[0].rule == f"sekisho:{fact}"


def test_an_unreadable_body_takes_the_whole_mail() -> None:
    verdict = one(Policy(), case(facts=(Fact("uninspectable", "1"),)))
    assert verdict.treatment is not None and verdict.treatment.bridge == "whole"


def test_a_rule_of_the_file_speaks_instead_of_the_safety_rule() -> None:
    spoken = policy('fact = "uninspectable", in_list = "partners" | action = "pass"')
    stranger = Recipient("x@stranger.example", False, "to")
    mail = case(facts=(Fact("uninspectable", "2"),), recipients=(SATO, stranger))
    known, unknown = decide(spoken, mail)
    assert (known.action, unknown.action) == ("pass", "confirm")
    assert Step("sekisho:uninspectable", False, "covered") in known.trace


def test_a_rule_speaks_only_about_the_reason_it_names() -> None:
    spoken = policy('fact = "uninspectable", reason = "encrypted" | action = "pass"')
    encrypted = Fact("uninspectable", "2", (), Reason("encrypted"))
    corrupt = Fact("uninspectable", "3", (), Reason("corrupt"))
    assert one(spoken, case(facts=(encrypted,))).action == "pass"
    verdict = one(spoken, case(facts=(encrypted, corrupt)))
    assert verdict.action == "confirm"
    assert verdict.reasons[-1].evidence[0].parts == ("3",)


@pytest.mark.parametrize("mode", ["audit_only", "off"])
def test_a_rule_that_is_not_enforced_does_not_speak(mode: str) -> None:
    spoken = policy(f'fact = "uninspectable" | action = "pass" | mode = "{mode}"')
    assert one(spoken, case(facts=(Fact("uninspectable", "2"),))).action == "confirm"


def test_an_exception_speaks_too() -> None:
    spoken = policy(f'fact = "uninspectable" | {CONFIRM} | except = {{ in_list = "partners" }}')
    assert one(spoken, case(facts=(Fact("uninspectable", "2"),))).action == "pass"


def test_a_mail_that_reads_two_ways_leaves_as_a_whole_whatever_a_rule_says() -> None:
    spoken = policy(f'fact = "ambiguous" | {CONFIRM}')
    outside, inside = decide(spoken, case(facts=(Fact("ambiguous"),), recipients=(SATO, SUZUKI)))
    assert outside.treatment is not None and outside.treatment.bridge == "whole"
    assert inside.treatment is None


def test_a_thousand_recipients_are_judged_in_the_time_of_a_page() -> None:
    headers = Headers(to=tuple(box(f"x{n}@c{n}.example") for n in range(1000)))
    recipients = tuple(Recipient(f"x{n}@c{n}.example", False, "to") for n in range(1000))
    facts = (Fact("uninspectable", "2", (), Reason("corrupt")),)
    rules = policy(f'outside_companies = ">=2" | {CONFIRM}', f'in_list = "partners" | {CONFIRM}')
    started = time.thread_time()
    decide(rules, case(found(), facts=facts, headers=headers, recipients=recipients))
    assert time.thread_time() - started < 2  # a tenth of this; once it was quadratic


@pytest.mark.parametrize(
    "facts",
    [
        (),
        (Fact("first_contact", "to:sato@partner.example"),),
        (Fact("first_contact", "to:suzuki@example.co.jp"), Fact("uninspectable", "2")),
        (Fact("first_contact"),),
    ],
)
def test_what_is_answered_for_all_recipients_at_once_is_what_each_would_be_told(
    monkeypatch: pytest.MonkeyPatch, facts: tuple[Fact, ...]
) -> None:
    written = (
        f"{ASKED} | {CONFIRM}",
        f'recipient = "inside", finding = "{NUMBER}" | {CONFIRM}',
        f'recipient = "outside", fact = "first_contact" | {CONFIRM}',
        f'fact = "uninspectable", also = ["first_contact"] | {CONFIRM}',
        f'in_list = "partners", fact = "signed" | {CONFIRM}',
        f'outside_addresses = ">=9", addressee = "unknown" | {CONFIRM}',
    )
    mail = case(facts=facts, recipients=(SATO, SUZUKI))
    at_once = decide(policy(*written), mail)
    monkeypatch.setattr(foregone, "_answer", lambda *asked: None)
    monkeypatch.setattr(
        decision, "Read", lambda rule, match, excepted=(), alike=False: Read(rule, match, excepted)
    )
    assert decide(policy(*written), mail) == at_once


# -- who sees whom ------------------------------------------------------------------------------


def box(address: str) -> Mailbox:
    return Mailbox("", address)


def test_addresses_are_counted_where_readers_see_them() -> None:
    headers = Headers(to=(box("a@one.example"), box("A@ONE.example"), box("in@example.co.jp")))
    mail = case(headers=headers)
    envelope = ["a@one.example", "b@two.example", "in@example.co.jp"]
    recipients = tuple(recipients_of(mail.report, envelope, OWN))
    assert [r.header for r in recipients] == ["to", "bcc", "to"]
    shown = Case(mail.report, mail.sender, recipients, OWN)
    assert shown.shown_outside == {"a@one.example"} and shown.companies == 1


def test_a_forked_mail_counts_all_that_its_header_shows() -> None:
    headers = Headers(to=tuple(box(f"x{n}@c{n}.example") for n in range(10)))
    rule = policy(f'outside_addresses = ">=10", outside_companies = ">=2" | {CONFIRM}')
    one_of_ten = (Recipient("x3@c3.example", False, "to"),)
    assert one(rule, case(headers=headers, recipients=one_of_ten)).action == "confirm"


def test_a_subdomain_is_the_same_company() -> None:
    headers = Headers(
        to=(box("a@corp.example"), box("b@tokyo.corp.example"), box("c@xcorp.example"))
    )
    assert case(headers=headers, recipients=()).companies == 2


def test_free_mail_is_known_without_a_list_of_ones_own() -> None:
    rule = policy(f'in_list = "free" | {CONFIRM}')
    for address, action in (
        ("taro@gmail.com", "confirm"),
        ("taro@YAHOO.co.jp", "confirm"),
        ("a@extra.example", "confirm"),
        ("taro@notgmail.com", "pass"),
    ):
        to = (Recipient(address, False, "to"),)
        assert one(rule, case(recipients=to)).action == action, address


SHOWN = f'recipient = "outside", outside_addresses = ">=1" | {CONFIRM}, offer = ["bcc", "one_each"]'


def chosen(case_: Case, *ways: str) -> Case:
    for way in ways:
        case_ = case_.without(way=way)
    return case_


def test_a_way_that_is_offered_answers_the_rule_that_offers_it() -> None:
    shown = policy(SHOWN)
    assert one(shown, case()).offer == ("bcc", "one_each")
    answered = one(shown, chosen(case(), "bcc"))
    assert (answered.action, answered.demands, answered.offer) == ("pass", (), ())
    assert answered.treatment is not None and answered.treatment.bcc
    assert answered.reasons[0].rule == "r1" and answered.trace[0].matched
    assert one(shown, chosen(case(recipients=(SUZUKI,)), "bcc")).treatment is None


def test_a_choice_answers_no_other_rule_and_takes_no_treatment_away() -> None:
    both = policy(
        f'{SHOWN}, retype_domain = true, treatment = {{ mark = "x" }}',
        'recipient = "outside", outside_addresses = ">=1" | '
        'action = "approve", approvers = { group = "部長" }, purpose = true',
        f"{ASKED} | {BRIDGE}",
    )
    mail = case(found(3))
    before, after = one(both, mail), one(both, chosen(mail, "one_each"))
    assert after.action == before.action == "approve"
    assert after.demands == (Demand("confirm", purpose=True), Demand("approve", "部長"))
    assert before.demands[0].retype and not after.demands[0].retype
    assert before.treatment is not None
    assert after.treatment == before.treatment.model_copy(update={"one_each": True})


def test_a_way_that_nothing_offers_only_adds_its_treatment() -> None:
    strict = policy(f'recipient = "outside" | {CONFIRM}')
    before, after = one(strict, case()), one(strict, chosen(case(), "bcc"))
    assert (after.action, after.demands) == (before.action, before.demands)
    assert after.treatment is not None and after.treatment.bcc and after.offer == ()


def test_what_is_refused_offers_nothing() -> None:
    refused = policy(SHOWN, 'recipient = "outside" | action = "reject"')
    assert one(refused, case()).offer == ()
    assert one(refused, chosen(case(), "bcc")).action == "reject"
