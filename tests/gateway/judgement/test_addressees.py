"""送付先台帳: two people for an entry, and what an entry changes about a mail with My Numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.report import Confidence, Finding, Headers, Place, Report
from gateway.judgement import addressees, policies
from gateway.judgement.addressee_list import entries
from gateway.judgement.addressees import Entry, Refused, known
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Recipient
from gateway.memory.faults import Faulty
from gateway.memory.states import SYSTEM, Actor, State
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE, act, confirm, everything, mail

SR = "sr-office.example.jp"
HANA, PAUL = Actor("person", "hana"), Actor("person", "paul")


def entry(address=SR, purpose="社会保険の手続き", last_day="", told_word=False):
    return Entry(address, "山田社労士事務所", purpose, last_day, told_word)


def registered(office, one, approved=True):
    with office.memory.store.write() as tx:
        id = addressees.register(tx, one, HANA)
        if approved:
            addressees.approve(tx, id, PAUL)
    return id


def asked(office, id):
    held = office.read(id)
    return {(d["kind"], d["group"], d["need"]) for d in held.demands}, held


def test_it_works(office):
    """Ten to a hundred persons to a registered addressee: nobody else has to approve."""
    id = office.arrive(mail(12), OUTSIDE)
    assert ("approve", "情報管理責任者", 1) in asked(office, id)[0]
    registered(office, entry(told_word=True))
    demands, held = asked(office, office.arrive(mail(12, seed=2), OUTSIDE))
    assert {kind for kind, _, _ in demands} == {"confirm"}
    case = held.case(frozenset(), Sender("person"))
    assert held.treatment.told_word and case.addressee("registered", OUTSIDE[0])


def test_more_than_a_hundred_need_one_approver_instead_of_two(office):
    registered(office, entry())
    demands, _ = asked(office, office.arrive(mail(101), OUTSIDE))
    assert ("approve", "情報管理責任者", 1) in demands


@pytest.mark.parametrize("how", ["not approved", "over", "ended"])
def test_what_does_not_count_lets_nothing_off(office, how):
    last_day = "2020-03-31" if how == "over" else ""
    entered = registered(office, entry(last_day=last_day), approved=how != "not approved")
    if how == "ended":
        with office.memory.store.write() as tx:
            addressees.end(tx, entered, HANA, "契約終了")
    demands, held = asked(office, office.arrive(mail(12), OUTSIDE))
    assert ("approve", "情報管理責任者", 1) in demands
    names = {fact.name for fact in held.report.facts}
    assert ("addressee_expired" in names) is (how != "not approved")


def test_an_expired_addressee_is_a_finding_of_its_own(office):
    registered(office, entry(last_day="2020-03-31"))
    demands, held = asked(office, office.arrive(mail(1), OUTSIDE))
    assert ("approve", "情報管理責任者", 1) in demands
    rules = {reason.rule for verdict in held.verdicts for reason in verdict.reasons}
    assert "individual-number-addressee-expired" in rules


def test_an_unknown_addressee_is_noted_only_where_a_number_leaves(office):
    held = office.read(office.arrive(mail(3), OUTSIDE))
    assert any(fact.name == "addressee_unknown" for fact in held.report.facts)
    with office.memory.store.write() as tx:
        to = [Recipient(OUTSIDE[0], inside=False)]
        low = Finding(addressees.NUMBER, Confidence.LOW, (Place("1"),))
        assert not list(addressees.facts(tx.conn, Report(findings=(low,)), to, tx.now))


def test_a_purpose_is_a_condition(office):
    text = policies.default_text().partition("[[test]]")[0]
    text = text.replace(
        'addressee = "registered"\n',
        'addressee = "registered"\naddressee_purpose = "社会保険の手続き"\n',
    )
    policies.publish(office.memory.store, text, "policy.toml", SYSTEM)
    registered(office, entry(purpose="税務"))
    assert ("approve", "情報管理責任者", 1) in asked(office, office.arrive(mail(12), OUTSIDE))[0]
    registered(office, entry(OUTSIDE[0], purpose="社会保険の　手続き"))
    with office.memory.store.write() as tx:
        rows = addressees.rows(tx.conn)
        tax = next(row["id"] for row in rows if row["purpose"] == "税務")
        addressees.end(tx, tax, HANA)
    demands, _ = asked(office, office.arrive(mail(12, seed=2), OUTSIDE))
    assert {kind for kind, _, _ in demands} == {"confirm"}


def test_nobody_approves_what_they_registered(office):
    id = registered(office, entry(), approved=False)
    operator = Actor("operator", "root", on_behalf_of="hana")
    with office.memory.store.write() as tx:
        for actor in (HANA, operator):
            with pytest.raises(Refused, match="same_person"):
                addressees.approve(tx, id, actor)
        addressees.approve(tx, id, PAUL)
        with pytest.raises(Refused, match="gone"):
            addressees.approve(tx, id, PAUL)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("gmail.com", "everybody"),
        ("", "not_an_address"),
        ("a@@b", "not_an_address"),
        ("localhost", "not_an_address"),
        ("＠", "not_an_address"),
    ],
)
def test_what_is_no_addressee_is_refused(office, address, why):
    with office.memory.store.write() as tx, pytest.raises(Refused, match=why):
        addressees.register(tx, entry(address), HANA)


def test_one_entry_for_each_purpose(office):
    registered(office, entry())
    registered(office, entry(purpose="年末調整"))
    with office.memory.store.write() as tx, pytest.raises(Refused, match="twice"):
        addressees.register(tx, entry(SR.upper()), HANA)


def test_the_last_day_counts_in_japan(office, clock):
    day = "2026-11-21"
    registered(office, entry(last_day=day))
    for minutes, stands in ((-1, "registered"), (0, "expired")):
        at = datetime(2026, 11, 21, 15, 0, tzinfo=UTC) + timedelta(minutes=minutes)
        with office.memory.store.read() as session:
            (entered,) = known(session.connection(), [OUTSIDE[0]], at).values()
        assert entered.standing == stands


def test_entries_of_one_addressee_stand_together(office):
    registered(office, entry(last_day="2099-03-31"))
    registered(office, entry(OUTSIDE[0], purpose="税務", last_day="2099-12-31", told_word=True))
    registered(office, entry(purpose="年末調整", last_day="2020-03-31"))
    with office.memory.store.write() as tx:
        (found,) = known(tx.conn, OUTSIDE, tx.now).values()
    assert (found.standing, found.purposes) == ("registered", ("税務", "社会保険の手続き"))
    assert (found.last_day, found.told_word) == ("2099-12-31", True)


def state_purpose(office, id, purpose, person="hanako"):
    return confirm(office, id, person, filled=replace(everything(office.read(id)), purpose=purpose))


@pytest.mark.parametrize("purpose", ["社会保険の手続き", "社会保険の　手続き", "税務"])
def test_for_a_registered_purpose_it_goes_after_the_senders_confirmation(office, purpose):
    registered(office, entry())
    registered(office, entry(purpose="税務"))
    id = office.arrive(mail(12), OUTSIDE)
    assert state_purpose(office, id, purpose) is State.RELEASED


@pytest.mark.parametrize("numbers", [1, 12])
def test_another_purpose_is_a_finding_of_its_own_and_needs_an_approver(office, numbers):
    registered(office, entry())
    id = office.arrive(mail(numbers), OUTSIDE)
    assert state_purpose(office, id, "年末調整") is State.HELD
    demands, held = asked(office, id)
    assert ("approve", "情報管理責任者", 1) in demands and held.purpose == "年末調整"
    rules = {reason.rule for verdict in held.verdicts for reason in verdict.reasons}
    assert "individual-number-other-purpose" in rules
    assert "individual-number-many-registered" not in rules
    (fact,) = [f for f in held.report.facts if f.name == addressees.OTHER]
    assert fact.reason.params["stated"] == "年末調整"
    assert act(office, "approve", id, "ichiro") is State.RELEASED


def test_what_was_given_back_is_stated_anew(office):
    registered(office, entry())
    id = office.arrive(mail(12), OUTSIDE)
    state_purpose(office, id, "年末調整")
    act(office, "give_back", id, "ichiro", "目的をご確認ください")
    assert state_purpose(office, id, "社会保険の手続き") is State.RELEASED


def test_a_mark_in_the_subject_states_the_purpose(office):
    registered(office, entry())
    same = office.arrive(mail(12, subject="【目的：社会保険の手続き】資料"), OUTSIDE)
    assert [row["params"]["purpose"] for row in office.read(same).demands] == [False]
    assert state_purpose(office, same, "") is State.RELEASED
    other = office.arrive(mail(12, seed=2, subject="【目的: 税務】資料"), OUTSIDE)
    assert ("approve", "情報管理責任者", 1) in asked(office, other)[0]
    assert state_purpose(office, other, "社会保険の手続き") is State.HELD


@pytest.mark.parametrize(
    ("subject", "fields", "stated"),
    [
        ("件", ("x-sekisho-purpose: 年末調整",), "年末調整"),
        ("【目的：年末 調整】件", ("x-sekisho-purpose: 年末調整",), "年末調整"),
        ("【目的：税務】件", ("x-sekisho-purpose: 年末調整",), ""),
        ("件", ("x-sekisho: confirm", "sensitivity: private"), ""),
    ],
)
def test_a_field_of_the_header_states_it_as_well_and_two_that_differ_state_none(
    subject, fields, stated
):
    assert addressees.stated_in(Headers(subject=subject, wishes=fields)) == stated


def test_a_number_that_is_typed_as_a_purpose_is_kept_nowhere(office):
    registered(office, entry())
    number = samples.individual_number(5)
    id = office.arrive(mail(12), OUTSIDE)
    state_purpose(office, id, f"個人番号 {number}")
    held = office.read(id)
    assert number not in held.purpose and number not in repr(held.report.facts)
    assert number not in str(dict(held.consignment))


def test_a_csv_as_excel_writes_it():
    text = (
        "宛先,名称,目的,契約終了日,合言葉\r\nsr.example,山田事務所,社会保険,2027/3/31,○\r\n,,,,\r\n"
    )
    assert list(entries(text)) == [
        (2, Entry("sr.example", "山田事務所", "社会保険", "2027-03-31", True))
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("名称\nx\n", "宛先"),
        ("宛先,名称,目的\na.example,,x\n", "line 2: empty: 名称"),
        ("宛先,名称,目的,until\na.example,b,c,春\n", "line 2: must be a day"),
    ],
)
def test_a_csv_that_is_not_understood_names_the_place(text, said):
    with pytest.raises(Faulty, match=said):
        list(entries(text))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        found = list(entries("宛先,名称,目的\n" + text))
    except Faulty:
        return
    assert all(each.address and each.name for _, each in found)
