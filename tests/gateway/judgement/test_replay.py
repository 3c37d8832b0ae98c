"""Past mails on which drafts are tried, as long as what was found in them is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from detectors.report import Fact, Reason
from gateway.judgement import policies
from gateway.judgement.policy.checks import checked
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import load
from gateway.judgement.replay import Past
from gateway.memory.keys import KeyGone
from tests.gateway.judgement.test_holds import OUTSIDE, mail
from tests.samples import message

NAMED = """
[companies."山田商事"]
names = ["ヤマダ商事"]
domains = ["yamada.example"]
[[rule]]
name = "not-named"
why.ja = "宛先の会社の名前がありません。"
why.en = "The company is not named."
when = { recipient = "outside", fact = "not_named" }
then = { action = "confirm" }
"""


def erase(office, id: str, days: int = 35) -> None:
    with office.memory.store.write() as tx:
        office.ck.letters.erase(tx, office.ck.letters.row(tx.conn, id), "test", days)


def row(office, id: str):
    with office.memory.store.read() as session:
        return office.ck.letters.row(session.connection(), id)


def past(office, id: str):
    letters, config = office.ck.letters, office.ck.config
    with office.memory.store.read() as session:
        conn = session.connection()
        return Past(conn, letters, config, office.memory.store.clock()).case(letters.row(conn, id))


@pytest.mark.parametrize("raw", [message("資料", "お送りします。", to=OUTSIDE), mail(3), mail(12)])
def test_what_was_found_outlives_the_content_and_is_judged_alike(office, raw) -> None:
    id = office.arrive(raw, OUTSIDE)
    before, policy = past(office, id), load(policies.default_text(), "default")
    erase(office, id)
    after = past(office, id)
    assert after.textless and not before.textless
    assert after.report == before.report.features != before.report
    assert (after.report.preview, after.report.outlines) == ("", ())
    assert decide(policy, after) == decide(policy, before)


def test_everybody_else_is_told_that_the_content_is_gone(office) -> None:
    id = office.arrive(mail(3), OUTSIDE)
    erase(office, id)
    letter = row(office, id)
    assert not letter["blob"] and letter["erased_at"]
    assert office.ck.letters.report(letter).findings == ()


@pytest.mark.parametrize("days", [0, 2])
def test_it_stays_no_longer_than_its_days(office, clock, days) -> None:
    id = office.arrive(mail(3), OUTSIDE)
    clock.forward(days=2)
    erase(office, id, days)
    letter = row(office, id)
    assert (letter["key"], letter["report"]) == (b"", b"") and past(office, id) is None


def test_the_key_of_its_last_day_opens_it_and_nothing_else_does(office, clock) -> None:
    id = office.arrive(mail(3), OUTSIDE)
    erase(office, id)
    letter, ring = row(office, id), office.memory.content.ring
    last = (clock() + timedelta(days=35)).date().isoformat()
    assert letter["kek"] == f"epoch:{last}"
    ring.destroy(letter["kek"], "its day is over")
    assert past(office, id) is None
    with pytest.raises(KeyGone):
        office.ck.letters.kept(letter)


def test_what_only_the_text_tells_stays_as_it_was_seen(office) -> None:
    named = load(policies.default_text() + NAMED, "named")
    to = ["suzuki@yamada.example"]
    id = office.arrive(message("資料", "ヤマダ商事 鈴木様\nお送りします。", to=to), to)
    erase(office, id)
    case = past(office, id)
    assert not checked(named, case).report.has("not_named")  # nobody can say that it was not named
    seen = Fact("not_named", f"to:{to[0]}", (), Reason("company_not_named", {}))
    noted = replace(case, report=replace(case.report, facts=(*case.report.facts, seen)))
    assert checked(named, noted).report.has("not_named")
