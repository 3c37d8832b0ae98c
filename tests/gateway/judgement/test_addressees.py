"""送付先台帳: two people for an entry, and what an entry changes about a mail with My Numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.report import Confidence, Finding, Place, Report
from gateway.judgement import addressees, policies
from gateway.judgement.addressee_list import NotUnderstood, entries
from gateway.judgement.addressees import Entry, Refused, known, standing
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Recipient
from gateway.memory.states import SYSTEM, Actor
from tests.gateway.judgement.test_holds import OUTSIDE, mail

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
    id = registered(office, entry(last_day=day))
    with office.memory.store.read() as session:
        (row,) = known(session.connection(), [OUTSIDE[0]], clock()).values()
    assert row["id"] == id
    assert standing(row, datetime(2026, 11, 21, 14, 59, tzinfo=UTC)) == "registered"
    assert standing(row, datetime(2026, 11, 21, 15, 0, tzinfo=UTC)) == "expired"


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
        ("宛先,名称,目的\na.example,,x\n", "row 2: 名称"),
        ("宛先,名称,目的,until\na.example,b,c,春\n", "row 2: 春"),
    ],
)
def test_a_csv_that_is_not_understood_names_the_place(text, said):
    with pytest.raises(NotUnderstood, match=said):
        list(entries(text))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        found = list(entries("宛先,名称,目的\n" + text))
    except NotUnderstood:
        return
    assert all(each.address and each.name for _, each in found)
