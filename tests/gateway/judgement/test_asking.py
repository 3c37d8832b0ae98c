"""A run of mails that is held: the first notices come at once, the rest in one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gateway.judgement import acts, asking, overdue, policies, undelivered
from gateway.judgement.dossier import RECIPIENT
from gateway.mail.hop import Result
from gateway.memory.letters import LETTER
from gateway.memory.states import SYSTEM, Actor, State
from tests.admin_ui.test_confirm import delaying
from tests.gateway.judgement.test_holds import OUTSIDE, confirm, mail

REFUSES = """
[[rule]]
name = "no-numbers-outside"
why.ja = "個人番号は送れません。受け取りページからお渡しください。"
why.en = "Individual numbers cannot be sent. Please hand them over on the pick-up page."
[rule.when]
recipient = "outside"
finding = "jp.individual_number"
[rule.then]
action = "reject"
"""


def run(office, number: int) -> list[str]:
    return [office.arrive(mail(3), OUTSIDE) for _ in range(number)]


def posted(office, purpose="hold", to="hanako@example.co.jp"):
    """Our mails to one mailbox, oldest first."""
    with office.memory.store.read() as session:
        conn = session.connection()
        query = select(LETTER).join(RECIPIENT, RECIPIENT.c.consignment_id == LETTER.c.id)
        query = query.where(LETTER.c.purpose == purpose, RECIPIENT.c.address == to)
        return list(conn.execute(query.order_by(LETTER.c.received_at)).mappings())


def text(office, letter) -> str:
    return next(
        text for _, _, text in office.notices(letter["about"]) if letter["subject"][:5] and text
    )


def sweep(office) -> None:
    with office.memory.store.write() as tx:
        overdue.sweep(tx, office.ck)


def test_it_works(office, clock):
    ids = run(office, 40)
    assert len(posted(office)) == asking.AT_ONCE, "the first come at once, each by itself"
    sweep(office)
    assert len(posted(office)) == asking.AT_ONCE
    clock.forward(minutes=5)
    sweep(office)
    *_, last = posted(office)
    assert len(posted(office)) == asking.AT_ONCE + 1
    assert "30通" in last["subject"]
    told = text(office, last)
    assert told.count("　・11月分 給与資料") == asking.LISTED and "ほか10通" in told
    assert told.count("/confirm/") == 1 and "転送しないでください" in told
    for id in ids:
        assert office.verbs(id).count("notice.queued") == 1, "each mail's record says it was told"


def test_an_ordinary_mail_is_never_waited_for(office, clock):
    for _ in range(30):
        run(office, 1)
        clock.forward(minutes=1)
    assert len(posted(office)) == 30


def test_what_was_settled_meanwhile_is_not_told(office, clock):
    ids = run(office, asking.AT_ONCE + 3)
    for id in ids[asking.AT_ONCE : asking.AT_ONCE + 2]:
        confirm(office, id)
    clock.forward(minutes=5)
    sweep(office)
    *_, last = posted(office)
    assert last["about"] == ids[-1] and "通あります" not in last["subject"], "one is told as one"
    clock.forward(minutes=30)
    sweep(office)
    assert [letter["about"] for letter in posted(office)].count(ids[asking.AT_ONCE]) == 0


def test_reminders_of_one_morning_are_one_mail(office, clock):
    run(office, 15)
    clock.forward(minutes=5)
    sweep(office)
    before = len(posted(office))
    clock.forward(minutes=31)
    sweep(office)
    *_, last = posted(office)
    assert len(posted(office)) == before + 1
    assert last["subject"].startswith("【再通知】") and "15通" in last["subject"]


def test_each_mail_of_a_reminder_says_so_in_its_record(office, clock):
    ids = run(office, 12)
    clock.forward(minutes=36)
    sweep(office)
    sweep(office)
    assert all(office.verbs(id).count("reminded") == 1 for id in ids)


def test_what_expires_together_is_told_together(office, clock):
    run(office, 12)
    clock.forward(days=30)
    for _ in range(2):
        sweep(office)
    letters = posted(office, "expired")
    assert len(letters) == 1 and "12通" in letters[0]["subject"]


def test_a_notice_about_several_that_bounces_is_about_each(office, clock):
    ids = run(office, asking.AT_ONCE + 3)
    clock.forward(minutes=5)
    sweep(office)
    *_, last = posted(office)
    with office.memory.store.write() as tx:
        to = select(RECIPIENT).where(RECIPIENT.c.consignment_id == last["id"])
        recipient = tx.conn.execute(to).mappings().one()
        gone = Result("failed", "550 5.1.1 no such user")
        undelivered.hooks(office.ck)["hold"](tx, last, recipient, gone)
    assert all("escalated" in office.verbs(id) for id in ids[asking.AT_ONCE :])
    assert "escalated" not in office.verbs(ids[0])


def test_who_is_in_two_groups_is_told_once(office):
    office.hire("kanri", ("group", "個人情報管理者"), ("group", "人事"))
    id = office.arrive(mail(3), OUTSIDE)
    with office.memory.store.write() as tx:
        asking.inform(tx, office.ck, id, ["個人情報管理者", "人事"])
    assert len(posted(office, "told", "kanri@example.co.jp")) == 1


def test_what_the_rules_refuse_says_what_to_do_instead(office, clock):
    rules, *_ = policies.default_text().split("[[test]]")
    policies.publish(office.memory.store, rules + REFUSES, "test", SYSTEM)
    for _ in range(asking.AT_ONCE + 3):
        office.arrive(mail(3), OUTSIDE)
    clock.forward(minutes=5)
    sweep(office)
    *_, last = posted(office, "refused")
    assert "3通" in last["subject"] and "受け取りページからお渡しください" in text(office, last)


def test_delays_are_told_together_while_there_is_time_to_stop_them(office, clock):
    delaying(office)
    ids = [office.arrive(mail(0), OUTSIDE) for _ in range(asking.AT_ONCE + 8)]
    assert {office.read(id).state for id in ids} == {State.DELAYED}
    assert len(posted(office, "delayed")) == asking.AT_ONCE
    clock.forward(minutes=2, seconds=30)
    sweep(office)
    *_, last = posted(office, "delayed")
    assert len(posted(office, "delayed")) == asking.AT_ONCE + 1 and "8通" in last["subject"]
    told = text(office, last)
    assert "自動で送信します" in told and told.count("/confirm/") == 1
    assert {office.read(id).state for id in ids} == {State.DELAYED}, "half of the time is left"


def test_a_delay_that_was_stopped_is_not_told(office, clock):
    delaying(office)
    ids = [office.arrive(mail(0), OUTSIDE) for _ in range(asking.AT_ONCE + 2)]
    with office.memory.store.write() as tx:
        for id in ids[asking.AT_ONCE :]:
            acts.withdraw(tx, office.ck, id, "hanako", Actor("person", "hanako"))
    clock.forward(minutes=3)
    sweep(office)
    assert len(posted(office, "delayed")) == asking.AT_ONCE


@pytest.mark.parametrize("language", ["ja", "en"])
def test_each_kind_has_its_words(office, language):
    from gateway.face.i18n import words_in
    from gateway.judgement import notice

    about = {
        "subject": "件名",
        "sent": "今日",
        "outside": "佐藤",
        "sender": "山田",
        "reasons": ["理由"],
    }
    values = {"name": "山田", "contact": "", "replies": "it@example.co.jp", "number": "1,800"}
    values |= {
        "alike": True,
        "reminder": False,
        "mails": [about],
        "more": "1,799",
        "reasons": ["理由"],
        "who": "送信ルール",
    }
    for kind in ("hold", "shared", "admin", "approval", "delayed", "told", "expired", "refused"):
        asked = {"url": "https://x/confirm", "due": "明日"}
        more = asked if kind in ("hold", "shared", "admin", "approval", "delayed") else {}
        subject, body = notice.render(
            words_in(language), "gathered", {**values, **more, "kind": kind}
        )
        assert "1,800" in subject and "1,799" in body and "\n\n\n" not in body
        assert ("https://x/confirm" in body) == bool(more)
