"""A mail that is tried gets the verdict that it would get if it was sent."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import getaddresses

import pytest

import detectors
from gateway.judgement import addressees, policies
from gateway.judgement.acquaintance.learn import learn
from gateway.judgement.acquaintance.passed import Passed
from gateway.judgement.addressees import Entry
from gateway.judgement.imagined import addressed, case_now, unasked
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import load
from gateway.memory.states import SYSTEM, Actor
from tests import samples
from tests.gateway.judgement.test_holds import mail

USUAL = "sato@sr-office.example"
FOR_SALES = """
[[rule]]
name = "sales"
why.ja = "営業部からの送信です。"
why.en = "From sales."
when = { recipient = "outside", sender_in = "営業部" }
then = { action = "delay", delay = "5 min" }
[[rule]]
name = "busy"
why.ja = "短い間に多くの宛先に送っています。"
why.en = "Many recipients in a short time."
when = { recipient = "outside", sent_last_hour = ">=3" }
then = { action = "confirm" }
[groups."営業部"]
ja = "営業部"
en = "sales"
"""


def to(*addresses: str, body: str = "お世話になっております。", **more) -> bytes:
    more = {"sender": "hanako@example.co.jp", **more}
    return samples.message("お打ち合わせの件", body, to=list(addresses), **more)


MAILS = [
    to(USUAL),
    to("sato@sr-offlce.example"),
    to("x@stranger.example"),
    to(USUAL, "a@gmai.com", "suzuki@example.co.jp"),
    to(USUAL, body="見積書を添付いたします。"),
    to(USUAL, sender="sakura@example.co.jp"),
    mail(3),
    mail(12, subject="【目的：社会保険の手続き】資料"),
    mail(12, subject="【目的：税務】資料"),
    mail(101, to=["x@stranger.example"]),
]


@pytest.fixture
def house(office):
    """All rules enforced, one addressee in the ledger, one domain that is usually written to."""
    text = policies.default_text().replace('mode = "audit_only"\n', "").partition("[[test]]")[0]
    policies.publish(office.memory.store, text + FOR_SALES, "policy.toml", SYSTEM)
    office.hire("sakura", ("group", "営業部"))
    with office.memory.store.write() as tx:
        entry = Entry("sr-office.example.jp", "山田社労士事務所", "社会保険の手続き")
        id = addressees.register(tx, entry, Actor("person", "root"))
        addressees.approve(tx, id, Actor("person", "ichiro"))
        for who in ("hanako", "sakura"):
            passed = Passed(f"{who}@example.co.jp", ((USUAL, "佐藤"),), tx.now, times=5)
            learn(tx.conn, office.ck.keyed, [passed])
    return office


def tried(office, raw):
    with office.memory.store.read() as session:
        conn = session.connection()
        policy = office.ck.policies.active(conn).policy
        report = detectors.inspect(raw, detectors.Wanted())
        now = office.memory.store.clock()
        case = case_now(conn, office.ck, report, addressed(report), (policy,), now)
        return {verdict.recipient: verdict for verdict in decide(policy, case)}


@pytest.mark.parametrize("raw", MAILS)
def test_what_is_tried_is_judged_as_it_would_be(house, raw):
    expected = tried(house, raw)
    assert tried(house, raw) == expected  # trying changes nothing
    fields = message_from_bytes(raw)
    addresses = [a for _, a in getaddresses([*fields.get_all("To"), *fields.get_all("Cc", [])])]
    id = house.arrive(raw, addresses)
    verdicts = {verdict.recipient: verdict for verdict in house.read(id).verdicts}
    assert verdicts == expected


def test_facts_of_the_moment_that_no_rule_asked_for_are_named():
    asking = load(policies.default_text(), "default")
    assert "lookalike_domain" in unasked(asking) and "addressee_unknown" in unasked(asking)
    assert "uninspectable" not in unasked(asking)  # a matter of the mail alone
    assert unasked(asking, asking.facts) == ()
    assert "lookalike_domain" not in unasked(asking, {"first_contact"})  # they come together
    assert "outside_hours" in unasked(asking, {"first_contact"})
