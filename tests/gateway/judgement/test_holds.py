"""A held mail from its notice to its end, as its people act on it."""

import re

import pytest

from detectors.report import Fact, Reason, Report
from gateway.judgement import acts, overdue, parties
from gateway.judgement.acts import Confirmation
from gateway.judgement.refusals import Incomplete, NotYours, ReasonNeeded, Settled, Stale
from gateway.memory.states import Actor, State
from tests import samples

OUTSIDE = ["jiro.sato@sr-office.example.jp"]


def mail(numbers, to=(), cc=(), seed=1, subject="11月分 給与資料の送付"):
    rows = [["氏名", "個人番号"]]
    rows += [[f"社員{i}", n] for i, n in enumerate(samples.individual_numbers(numbers, seed))]
    book = samples.workbook({"一覧": rows})
    return samples.message(
        subject,
        "お世話になっております。資料をお送りします。",
        [("一覧.xlsx", book)],
        sender="hanako@example.co.jp",
        to=list(to) or OUTSIDE,
        cc=list(cc),
    )


def who(person):
    return Actor("person", person, "192.0.2.7")


def everything(held):
    ticks = {f"r{row['id']}" for row in held.outside} | {f"a{p.path}" for p in held.attachments}
    domains = {f"r{row['id']}": row["address"].rpartition("@")[2] for row in held.outside}
    return Confirmation(frozenset(ticks), domains, "年末調整")


def confirm(office, id, person="hanako", **changes):
    held = office.read(id)
    filled = changes.get("filled") or everything(held)
    with office.memory.store.write() as tx:
        return acts.confirm(
            tx, office.ck, id, person, changes.get("seen", held.seen), filled, who(person)
        )


def act(office, name, id, person, *args, seen=None):
    seen = seen or office.read(id).seen
    with office.memory.store.write() as tx:
        return getattr(acts, name)(tx, office.ck, id, person, seen, *args, who(person))


def test_it_works(office):
    id = office.arrive(mail(3), OUTSIDE)
    assert office.read(id).state is State.HELD
    ((purpose, to, text),) = office.notices(id)
    assert (purpose, to) == ("hold", "hanako@example.co.jp")
    assert "まだ届いていません" in text and "/confirm/" in text
    assert confirm(office, id) is State.RELEASED
    assert office.verbs(id)[-2:] == ["confirmed", "released"]


def test_no_notice_holds_a_digit_of_a_number(office):
    subject = f"番号 {samples.individual_number(9)} の件"
    id = office.arrive(mail(12, subject=subject), OUTSIDE)
    confirm(office, id)
    notices = office.notices(id)
    assert {purpose for purpose, _, _ in notices} == {"hold", "approval"}
    for _, _, text in notices:
        digits = re.sub(r"\D", "", re.sub(r"https?://\S+", "", text))
        for number in [*samples.individual_numbers(12, 1), samples.individual_number(9)]:
            assert number not in digits


def test_insiders_get_theirs_at_once_and_outsiders_wait(office):
    inside = "kenji@example.co.jp"
    id = office.arrive(mail(3, cc=[inside]), [*OUTSIDE, inside])
    children = office.children(id)
    assert children.pop(id) == ("held", OUTSIDE)
    assert list(children.values()) == [("queued", [inside])]
    assert "社内の宛先（1件）には配送済みです" in office.notices(id)[0][2]


def test_a_plain_mail_passes_without_any_notice(office):
    raw = samples.message(
        "見積の件", "よろしくお願いします。", sender="hanako@example.co.jp", to=OUTSIDE
    )
    id = office.arrive(raw, OUTSIDE)
    assert office.read(id).state is State.QUEUED and office.notices(id) == []


@pytest.mark.parametrize("missing", ["recipient", "attachment", "everything"])
def test_each_recipient_and_attachment_has_to_be_ticked(office, missing):
    id = office.arrive(mail(3, to=[*OUTSIDE, "b@partner.example"]), [*OUTSIDE, "b@partner.example"])
    full = everything(office.read(id))
    kept = {
        "recipient": [k for k in full.ticked if k != min(k for k in full.ticked if k[0] == "r")],
        "attachment": [k for k in full.ticked if k[0] == "r"],
        "everything": [],
    }[missing]
    with pytest.raises(Incomplete) as refused:
        confirm(office, id, filled=Confirmation(frozenset(kept), {}))
    assert set(refused.value.unticked) == full.ticked - set(kept)
    assert office.read(id).state is State.HELD


def test_a_double_click_acts_once(office):
    id = office.arrive(mail(3), OUTSIDE)
    seen = office.read(id).seen
    confirm(office, id)
    with pytest.raises(Settled):
        confirm(office, id, seen=seen)
    assert office.verbs(id).count("confirmed") == 1


def test_a_page_that_is_no_longer_true_is_refused(office):
    id = office.arrive(mail(3, to=[*OUTSIDE, "b@partner.example"]), [*OUTSIDE, "b@partner.example"])
    held = office.read(id)
    act(office, "drop_recipient", id, "hanako", held.outside[1]["id"])
    with pytest.raises(Stale):
        confirm(office, id, seen=held.seen, filled=everything(held))


def test_nobody_else_confirms_for_the_sender(office):
    id = office.arrive(mail(3), OUTSIDE)
    for person in ("ichiro", "root"):
        with pytest.raises(NotYours):
            confirm(office, id, person)


def test_ten_numbers_need_the_sender_and_then_a_third_person(office):
    id = office.arrive(mail(12), OUTSIDE)
    with pytest.raises(NotYours):
        act(office, "approve", id, "ichiro")  # the sender comes first
    assert confirm(office, id) is State.HELD
    asked = [to for purpose, to, _ in office.notices(id) if purpose == "approval"]
    assert sorted(asked) == ["ichiro@example.co.jp", "saburo@example.co.jp"]
    assert act(office, "approve", id, "ichiro") is State.RELEASED


def test_two_different_persons_are_needed_for_more_than_a_hundred(office):
    id = office.arrive(mail(101), OUTSIDE)
    confirm(office, id)
    assert act(office, "approve", id, "ichiro") is State.HELD
    with pytest.raises(NotYours):
        act(office, "approve", id, "ichiro")
    assert act(office, "approve", id, "saburo") is State.RELEASED


def test_an_approver_never_approves_an_own_mail(office):
    raw = mail(12).replace(b"hanako@", b"ichiro@")
    id = office.arrive(raw, OUTSIDE, sender="ichiro@example.co.jp")
    confirm(office, id, "ichiro")
    with pytest.raises(NotYours):
        act(office, "approve", id, "ichiro")
    asked = [to for purpose, to, _ in office.notices(id) if purpose == "approval"]
    assert asked == ["saburo@example.co.jp"]


def test_the_deputy_of_the_sender_is_no_third_person(office):
    office.stand_in("saburo", "hanako")
    id = office.arrive(mail(12), OUTSIDE)
    confirm(office, id)
    with pytest.raises(NotYours):
        act(office, "approve", id, "saburo")


def test_refusing_and_returning_need_a_reason_and_tell_the_sender(office):
    id = office.arrive(mail(12), OUTSIDE)
    confirm(office, id)
    for name in ("refuse", "give_back"):
        with pytest.raises(ReasonNeeded):
            act(office, name, id, "ichiro", "  ")
    assert act(office, "give_back", id, "ichiro", "件数を確認してください") is State.HELD
    assert "件数を確認してください" in [t for p, _, t in office.notices(id) if p == "returned"][0]
    with pytest.raises(NotYours):
        act(office, "approve", id, "ichiro")  # confirmed again first
    confirm(office, id)
    assert act(office, "refuse", id, "ichiro", "宛先が違います") is State.REFUSED
    purpose, to, text = office.notices(id)[-1]
    assert (purpose, to) == ("refused", "hanako@example.co.jp") and "宛先が違います" in text


def test_dropping_the_attachment_with_the_numbers_lets_the_mail_go(office):
    id = office.arrive(mail(3), OUTSIDE)
    part = office.read(id).attachments[0].path
    assert act(office, "drop_attachment", id, "hanako", part) is State.RELEASED
    assert office.read(id).treatment is None


def test_dropping_one_of_two_recipients_withdraws_only_that_one(office):
    both = [*OUTSIDE, "wrong@partner.example"]
    id = office.arrive(mail(3, to=both), both)
    wrong = next(r for r in office.read(id).outside if r["address"].startswith("wrong"))
    act(office, "drop_recipient", id, "hanako", wrong["id"])
    children = office.children(id)
    assert children.pop(id) == ("held", OUTSIDE)
    assert list(children.values()) == [("withdrawn", ["wrong@partner.example"])]
    assert confirm(office, id) is State.RELEASED


def test_withdrawing_needs_nothing_ticked_and_ends_it(office):
    id = office.arrive(mail(3), OUTSIDE)
    with office.memory.store.write() as tx:
        assert acts.withdraw(tx, office.ck, id, "hanako", who("hanako")) is State.WITHDRAWN
    with pytest.raises(Settled):
        confirm(office, id)


def test_a_scan_that_did_not_end_waits_for_an_administrator(office):
    raw = samples.message("x", "y", sender="hanako@example.co.jp", to=OUTSIDE)
    incomplete = Report(facts=(Fact("scan_incomplete", reason=Reason("late")),))
    import detectors

    real = detectors.inspect
    try:
        detectors.inspect = lambda *_: incomplete
        id = office.arrive(raw, OUTSIDE)
    finally:
        detectors.inspect = real
    assert office.read(id).state is State.HELD
    assert ("admin", "root@example.co.jp") in [(p, to) for p, to, _ in office.notices(id)]
    with pytest.raises(NotYours):
        confirm(office, id, "ichiro")


def test_a_copier_never_confirms_its_owner_does(office, config):
    import dataclasses

    from gateway.memory.config import Sender

    config = office.ck.config.model_copy(
        update={"sender": (Sender(address="copier@example.co.jp", owner="saburo@example.co.jp"),)}
    )
    office.ck = dataclasses.replace(office.ck, config=config)
    raw = mail(3).replace(b"hanako@", b"copier@")
    id = office.arrive(raw, OUTSIDE, sender="copier@example.co.jp")
    assert [to for _, to, _ in office.notices(id)] == ["saburo@example.co.jp"]
    assert confirm(office, id, "saburo") is State.RELEASED


def test_a_shared_mailbox_is_confirmed_by_one_of_its_people(office):
    office.hire("keiri1", shared="keiri@example.co.jp")
    office.hire("keiri2", shared="keiri@example.co.jp")
    raw = mail(3).replace(b"hanako@", b"keiri@")
    id = office.arrive(raw, OUTSIDE, sender="keiri@example.co.jp")
    notices = office.notices(id)
    assert {to for _, to, _ in notices} == {"keiri1@example.co.jp", "keiri2@example.co.jp"}
    assert all("/holds/" in text and "/confirm/" not in text for _, _, text in notices)
    with pytest.raises(NotYours):
        confirm(office, id, "ichiro")
    assert confirm(office, id, "keiri2") is State.RELEASED


def sweep(office):
    with office.memory.store.write() as tx:
        return overdue.sweep(tx, office.ck)


def test_reminders_go_out_and_then_it_expires_unsent(office, clock):
    id = office.arrive(mail(3), OUTSIDE)  # Saturday 14:18; Monday is a holiday; due on the 30th
    for spans, count in (({"minutes": 31}, 2), ({"hours": 3}, 3), ({"days": 3}, 4)):
        clock.forward(**spans)
        sweep(office)
        assert len(office.notices(id)) == count
    clock.forward(days=7)
    sweep(office)
    assert office.read(id).state is State.EXPIRED
    assert office.notices(id)[-1][0] == "expired"


def test_an_absent_approver_means_the_deputy_then_the_fallback_never_through(office, clock):
    id = office.arrive(mail(12), OUTSIDE)
    confirm(office, id)
    with pytest.raises(NotYours):
        act(office, "approve", id, "jiro")
    clock.forward(days=3)
    sweep(office)
    assert "escalated" in office.verbs(id)
    assert ("approval", "jiro@example.co.jp") in [(p, to) for p, to, _ in office.notices(id)]
    assert act(office, "approve", id, "jiro") is State.RELEASED


def test_what_nobody_approves_expires(office, clock):
    id = office.arrive(mail(12), OUTSIDE)
    confirm(office, id)
    for _ in range(40):
        clock.forward(days=1)
        sweep(office)
    assert office.read(id).state is State.EXPIRED
    assert "released" not in office.verbs(id)


def test_clocks_stand_still_while_the_service_is_down(office, clock):
    from datetime import timedelta

    id = office.arrive(mail(3), OUTSIDE)
    due = office.read(id).demands[0]["due_at"]
    clock.forward(days=2)
    with office.memory.store.write() as tx:
        overdue.stop_clocks(tx, timedelta(days=2))
    assert office.read(id).demands[0]["due_at"] == due + timedelta(days=2)


def test_who_may_act_is_the_same_for_lists_and_for_acts(office, clock):
    id = office.arrive(mail(12), OUTSIDE)
    confirm(office, id)
    (row,) = office.read(id).waiting("approve")
    with office.memory.store.read() as session:
        conn = session.connection()
        asked = parties.askable(conn, office.ck, row, clock())
        may = {
            person
            for person in ("hanako", "ichiro", "saburo", "jiro", "root")
            if parties.may_meet(conn, office.ck, row, person, clock())
        }
    assert asked == may == {"ichiro", "saburo"}


def test_three_recipients_with_three_verdicts_go_three_ways(office):
    """Inside at once, a partner after the sender's word, free mail after a third person's."""
    inside, partner, free = "kenji@example.co.jp", OUTSIDE[0], "taro.yamada@gmail.com"
    id = office.arrive(mail(3, to=[inside, partner, free]), [inside, partner, free])
    states = {to[0]: (child, state) for child, (state, to) in office.children(id).items()}
    assert {to: state for to, (_, state) in states.items()} == {
        inside: "queued",
        partner: "held",
        free: "held",
    }
    assert states[free][0] == id  # the strictest keeps the number that the client was told
    assert confirm(office, states[partner][0]) is State.RELEASED
    assert confirm(office, id) is State.HELD  # a third person comes next
    assert act(office, "refuse", id, "saburo", "私用のアドレスです") is State.REFUSED
    assert office.read(states[partner][0]).state is State.RELEASED


def test_a_notice_speaks_of_files_where_there_are_some(office):
    numbers = " ".join(samples.individual_numbers(3, 1))
    raw = samples.message(
        "個人番号", f"マイナンバー {numbers}", sender="hanako@example.co.jp", to=OUTSIDE
    )
    for files, id in ((0, office.arrive(raw, OUTSIDE)), (1, office.arrive(mail(3), OUTSIDE))):
        text = next(text for purpose, _, text in office.notices(id) if purpose == "hold")
        asked = text.partition("■ お願い")[2].partition("※")[0]
        assert ("添付ファイル" in asked) == bool(files) and "宛先" in asked
