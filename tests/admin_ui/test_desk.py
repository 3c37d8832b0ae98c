"""The desk: the list of held mails, and the page of one of them after sign-in."""

from __future__ import annotations

import csv
import io
import re

import pytest
from sqlalchemy import update

import detectors
from detectors.report import Fact, Reason, Report
from gateway.judgement import acts, demands, policies
from gateway.judgement.acts import Confirmation
from gateway.judgement.dossier import RECIPIENT
from gateway.judgement.policy.verdict import Demand
from gateway.memory.states import SYSTEM, Actor, Event, State, move
from tests import samples
from tests.admin_ui.test_confirm import delaying
from tests.mails import FREE, SATO, WRONG, holds_none_of, in_body, numbers, payroll, plain


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(seen|since)" value="([^"]*)"', page))


def ticks(page: str) -> list[str]:
    return re.findall(r'name="ok" value="([^"]+)"', page)


def confirmed(office, id: str, person: str = "alice") -> str:
    """The sender has stood by everything."""
    held = office.read(id)
    keys = {f"r{row['id']}" for row in held.outside} | {f"a{p.path}" for p in held.attachments}
    domains = {f"r{row['id']}": row["address"].rpartition("@")[2] for row in held.outside}
    filled = Confirmation(frozenset(keys), domains, "年末調整")
    with office.memory.store.write() as tx:
        actor = Actor("person", person, "192.0.2.7")
        acts.confirm(tx, office.ck, id, person, held.seen, filled, actor)
    return id


@pytest.fixture
def waiting(office) -> str:
    """Confirmed by alice, to be approved by bob."""
    return confirmed(office, office.arrive(payroll(12, hidden=True), [SATO]))


@pytest.fixture
def bob(client, come_in):
    come_in(client, "bob")
    return client


def press(client, id: str, act: str, page: str = "", **more: object):
    page = page or client.get(f"/holds/{id}").text
    return client.post(f"/holds/{id}", data={**hidden(page), "act": act, **more})


def test_it_works(bob, office, waiting) -> None:
    listed = bob.get("/holds").text
    assert f'href="/holds/{waiting}"' in listed and "あなたの判断待ち" in listed
    page = bob.get(f"/holds/{waiting}").text
    for shown in (
        *("承認の判断をお願いします", "個人番号（マイナンバー）と思われる情報が12件あります"),
        *("添付ファイルに非表示のシートがあります", "の構成。値は表示されません。", "社員番号"),
        *("Aliceさんが宛先1件と添付1件を確認", "Bobさんに承認を依頼", "承認の期限", "年末調整"),
        *("「一覧」に番号は見つかりませんでした。", "確認済み", "本文を開く"),
    ):
        assert shown in page, shown
    answer = press(bob, waiting, "approve")
    assert "送信しました。" in answer.text
    assert office.read(waiting).state is State.RELEASED
    assert office.verbs(waiting)[-2:] == ["approved", "released"]


def test_looking_changes_nothing(bob, office, waiting) -> None:
    before = office.verbs(waiting)
    for path in ("/holds", f"/holds/{waiting}", "/holds?state=all&sort=-danger"):
        assert bob.get(path).status_code == 200 and bob.head(path).status_code == 200
    assert office.verbs(waiting) == before


# -- decisions


@pytest.mark.parametrize(
    ("act", "verb", "state"),
    [("return", "returned", State.HELD), ("reject", "refused", State.REFUSED)],
)
def test_returning_and_refusing_say_why(
    bob, office, waiting, act, verb, state, new_client, come_in
) -> None:
    empty = press(bob, waiting, act, reason=" ")
    assert empty.status_code == 422 and "理由を入力してください" in empty.text
    assert re.search(rf'<details name="other" open>.*?id="why-{act}"', empty.text, re.S)
    assert office.read(waiting).state is State.HELD
    answer = press(bob, waiting, act, reason="宛先をご確認ください")
    assert verb in office.verbs(waiting) and office.read(waiting).state is state
    assert "宛先をご確認ください" in answer.text
    alice = new_client()
    come_in(alice, "alice")
    first = alice.get(f"/holds/{waiting}").text.partition('aria-labelledby="h-to"')[0]
    assert "宛先をご確認ください" in first  # before anything that she is to tick


def test_a_number_in_a_reason_is_kept_masked(bob, office, waiting) -> None:
    (number,) = numbers(1, 7)
    answer = press(bob, waiting, "reject", reason=f"{number} は別の方の番号です")
    assert "●" in answer.text and holds_none_of(answer.text, [number])
    assert "は別の方の番号です" in office.notices(waiting)[-1][2]
    assert number not in office.notices(waiting)[-1][2]


def test_a_finding_about_a_recipient_makes_leaving_it_out_the_first_choice(bob, office) -> None:
    id = confirmed(office, office.arrive(payroll(12, to=[SATO, FREE]), [SATO, FREE]))
    page = bob.get(f"/holds/{id}").text
    assert page.index("フリーメールの宛先に送ろうとしています") < page.index("12件あります")
    buttons = re.findall(r'<button class="btn( p)? wide" name="act" value="([a-z-]+)', page)
    assert buttons == [(" p", "approve-without"), ("", "approve"), *buttons[2:]]
    free = next(row["id"] for row in office.read(id).outside if row["address"] == FREE)
    answer = press(bob, id, f"approve-without:r{free}", page)
    assert answer.status_code == 200
    assert office.read(id).state is State.RELEASED
    assert [row["address"] for row in office.read(id).recipients] == [SATO]
    assert "外しました" in answer.text


def test_without_such_a_finding_approving_is_the_first_choice(bob, waiting) -> None:
    page = bob.get(f"/holds/{waiting}").text
    assert re.search(r'<button class="btn p wide" name="act" value="approve"', page)
    assert "approve-without" not in page


def test_two_are_needed_and_each_counts_once(bob, new_client, come_in, office) -> None:
    office.hire("dora", ("role", "approver"), ("group", "情報管理責任者"))
    id = confirmed(office, office.arrive(payroll(101), [SATO]))
    page = bob.get(f"/holds/{id}").text
    assert "承認は2名必要です。" in page
    answer = press(bob, id, "approve", page)
    assert "承認を記録しました。" in answer.text and "承認を待っています" in answer.text
    twice = bob.post(f"/holds/{id}", data={"act": "approve", "seen": office.read(id).seen})
    assert twice.status_code == 403 and "すでに判断した方" in twice.text
    dora = new_client()
    come_in(dora, "dora")
    assert "承認済み：Bob" in dora.get(f"/holds/{id}").text
    press(dora, id, "approve")
    assert office.read(id).state is State.RELEASED


def test_it_is_passed_on_to_the_deputy(bob, new_client, come_in, office, waiting) -> None:
    office.hire("dora", ("role", "approver"))
    office.stand_in("dora", "bob")
    dora = new_client()
    come_in(dora, "dora")
    assert dora.get(f"/holds/{waiting}").status_code == 404
    assert "代理承認者（Dora）に判断をお願いします" in bob.get(f"/holds/{waiting}").text
    assert "代理承認者に判断を依頼しました" in press(bob, waiting, "delegate").text
    press(dora, waiting, "approve")
    assert office.read(waiting).state is State.RELEASED


def test_an_approver_who_is_the_sender_is_refused(bob, office) -> None:
    raw = payroll(12, sender="bob@example.co.jp")
    id = confirmed(office, office.arrive(raw, [SATO]), "bob")
    page = bob.get(f"/holds/{id}").text
    assert 'value="approve"' not in page and "ご自身では承認できません" in page
    answer = press(bob, id, "approve", page)
    assert answer.status_code == 403 and "送信者ご本人" in answer.text
    assert office.read(id).state is State.HELD


def test_two_decisions_at_once_decide_once(bob, new_client, come_in, office, waiting) -> None:
    office.hire("dora", ("role", "approver"), ("group", "情報管理責任者"))
    page = bob.get(f"/holds/{waiting}").text
    press(bob, waiting, "approve", page)
    again = press(bob, waiting, "approve", page)
    assert again.status_code == 409 and "処理済みです（送信）" in again.text
    dora = new_client()
    come_in(dora, "dora")
    late = press(dora, waiting, "reject", page, reason="だめです")
    assert late.status_code == 409 and "処理済みです（送信）" in late.text
    assert office.verbs(waiting).count("approved") == 1


def test_a_page_that_is_no_longer_true_decides_nothing(bob, office) -> None:
    both = [SATO, WRONG]
    id = confirmed(office, office.arrive(payroll(12, to=both), both))
    old = bob.get(f"/holds/{id}").text
    held = office.read(id)
    with office.memory.store.write() as tx:
        bobs = Actor("person", "bob")
        acts.drop_recipient(tx, office.ck, id, "bob", held.seen, held.outside[1]["id"], bobs)
    answer = press(bob, id, "approve", old)
    assert answer.status_code == 409 and f"宛先 {held.outside[1]['address']} を外す" in answer.text
    assert office.read(id).state is State.HELD


# -- other parts in it


def test_a_signed_in_sender_confirms_here(client, come_in, office) -> None:
    id = office.arrive(payroll(3), [SATO])
    come_in(client, "alice")
    assert id in client.get("/holds?mine").text
    assert client.get(f"/confirm/{id}").url.path == f"/holds/{id}"
    page = client.get(f"/holds/{id}").text
    assert "このメールはまだ送信されていません" in page
    press(client, id, "send", page, ok=ticks(page))
    assert office.read(id).state is State.RELEASED


def test_a_member_of_a_shared_mailbox_confirms_here(client, come_in, office) -> None:
    office.hire("kei", shared="keiri@example.co.jp")
    id = office.arrive(payroll(3, sender="keiri@example.co.jp"), [SATO])
    come_in(client, "kei")
    page = client.get(f"/holds/{id}").text
    press(client, id, "send", page, ok=ticks(page))
    assert office.read(id).state is State.RELEASED


@pytest.fixture
def unread(office, monkeypatch) -> str:
    """A mail whose inspection did not end."""
    incomplete = Report(facts=(Fact("scan_incomplete", reason=Reason("timed_out")),))
    with monkeypatch.context() as patched:
        patched.setattr(detectors, "inspect", lambda *_: incomplete)
        return office.arrive(plain(), [SATO])


def test_an_administrator_lets_go_what_was_not_inspected(client, come_in, office, unread) -> None:
    come_in(client, "root")
    page = client.get(f"/holds/{unread}").text
    assert "検査が最後まで終わっていません" in page
    press(client, unread, "send", page, ok=ticks(page))
    assert office.read(unread).state is State.QUEUED


@pytest.mark.parametrize(("act", "state"), [("reject", State.REFUSED), ("return", State.HELD)])
def test_an_administrator_says_no_with_a_reason(
    client, come_in, office, unread, act, state
) -> None:
    come_in(client, "root")
    assert press(client, unread, act).status_code == 422
    press(client, unread, act, reason="開けないファイルがあります")
    assert office.read(unread).state is state
    sender = [to for purpose, to, _ in office.notices(unread) if purpose in ("returned", "refused")]
    assert sender == ["alice@example.co.jp"]


def test_an_administrator_sees_that_sealing_failed_and_has_it_tried_again(
    client, come_in, office
) -> None:
    id = confirmed(office, office.arrive(payroll(3), [SATO]))
    with office.memory.store.write() as tx:
        reason = {"reason": "sealing_failed"}
        held = move(tx, office.read(id).ref, Event.FAIL_SEALING, SYSTEM, reason)
        demands.demand(tx, office.ck, held, office.read(id).letter, [Demand("admin")])
    come_in(client, "root")
    page = client.get(f"/holds/{id}").text
    assert "受け取りページに格納できませんでした" in page
    press(client, id, "send", page, ok=ticks(page))
    assert office.read(id).state is State.RELEASED


BCC = """
[[rule]]
name = "hidden"
why.ja = "宛先を隠します。"
why.en = "Recipients are hidden."
when = { recipient = "any" }
then = { action = "confirm", treatment = { bcc = true } }
"""


def test_what_is_stored_nowhere_is_not_said_to_be(client, come_in, office) -> None:
    policies.publish(office.memory.store, BCC, "policy.toml", SYSTEM)
    id = confirmed(office, office.arrive(payroll(3), [SATO]))
    assert office.read(id).state is State.RELEASED
    with office.memory.store.write() as tx:
        move(tx, office.read(id).ref, Event.SEAL, SYSTEM, form=None, taken=[])
    come_in(client, "audrey")
    for page in (client.get(f"/holds/{id}").text, client.get(f"/audit/mail/{id}").text):
        assert "送信する内容を用意" in page and "受け取りページに格納" not in page
        assert "受け取りページへ格納" not in page


def test_an_administrator_has_it_inspected_again(client, come_in, office, waiting) -> None:
    come_in(client, "root")
    page = client.get(f"/holds/{waiting}").text
    assert 'value="approve"' not in page and "もう一度検査する" in page
    answer = press(client, waiting, "rejudge", page)
    assert "もう一度検査しています" in answer.text
    assert office.read(waiting).state is State.RECEIVED
    office.judge(waiting, detectors.inspect(payroll(12), detectors.Wanted()))
    held = office.read(waiting)
    assert held.state is State.HELD
    assert [(d["kind"], d["state"]) for d in held.demands] == [
        ("confirm", "open"),
        ("approve", "waiting"),
    ]


def test_a_late_approver_is_told_what_became_of_it(
    bob, new_client, come_in, office, waiting
) -> None:
    office.hire("dora", ("role", "approver"), ("group", "情報管理責任者"))
    press(bob, waiting, "reject", reason="だめです")
    dora = new_client()
    come_in(dora, "dora")
    assert "このメールは却下されました" in dora.get(f"/holds/{waiting}").text


# -- who may

NOBODY = 404
_DECISIONS = ("approve", "return", "reject", "delegate")
_SENDERS = ("send", "withdraw", "report", "drop:r1", "detach:a2")


@pytest.mark.parametrize(
    ("person", "sees", "acts_allowed"),
    [
        ("alice", 200, {"withdraw", "report"}),
        ("bob", 200, {*_DECISIONS, "drop:r1", "detach:a2"}),
        ("charlie", NOBODY, set()),
        ("hana", NOBODY, set()),
        ("paul", NOBODY, set()),
        ("audrey", 200, set()),
        ("root", 200, {"rejudge"}),
        ("", 303, set()),
    ],
)
def test_who_may_see_and_do_what(
    client, come_in, office, waiting, person, sees, acts_allowed
) -> None:
    """Owner, colleagues in every role, and nobody: over every route and every act."""
    if person:
        come_in(client, person)
    get = client.get(f"/holds/{waiting}", follow_redirects=False)
    assert get.status_code == sees
    if sees != 200:
        assert "給与資料" not in get.text
    listed = client.get("/holds?state=all", follow_redirects=False)
    assert (waiting in listed.text) == (sees == 200)
    exported = client.get("/holds.csv?state=all", follow_redirects=False)
    assert (waiting in exported.text) == (sees == 200)
    for act in {*_DECISIONS, *_SENDERS, "rejudge", "now"} - acts_allowed:
        form = {"act": act, "seen": office.read(waiting).seen, "reason": "x", "ok": []}
        answer = client.post(f"/holds/{waiting}", data=form, follow_redirects=False)
        assert answer.status_code in ({403, 404, 409} if sees == 200 else {sees}), act
        assert office.read(waiting).state is State.HELD
        assert "approved" not in office.verbs(waiting)


def test_a_mail_that_was_not_yet_confirmed_is_no_approvers_business(bob, office) -> None:
    id = office.arrive(payroll(12), [SATO])
    assert bob.get(f"/holds/{id}").status_code == 404
    assert id not in bob.get("/holds?state=all").text


def test_what_was_never_held_is_not_listed(client, come_in, office, waiting) -> None:
    passed = office.arrive(plain(), [SATO])
    dropped = office.arrive(payroll(3), [SATO])
    with office.memory.store.write() as tx:
        held = office.read(dropped)
        part, alice = held.attachments[0].path, Actor("person", "alice")
        acts.drop_attachment(tx, office.ck, dropped, "alice", held.seen, part, alice)
    come_in(client, "audrey")
    page = client.get("/holds?state=all").text
    assert waiting in page and dropped in page and passed not in page
    assert "送信保留" not in page and "承認依頼" not in page


# -- the list


@pytest.fixture
def several(office) -> dict[str, str]:
    return {
        "approve": confirmed(office, office.arrive(payroll(12, subject="年末調整"), [SATO])),
        "confirm": office.arrive(payroll(3, subject='=HYPERLINK("x")'), [WRONG]),
        "body": office.arrive(in_body(), [SATO]),
        "done": confirmed(office, office.arrive(payroll(3, subject="済んだもの"), [SATO])),
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"approve", "confirm", "body"}),
        ("?state=ended", {"done"}),
        ("?state=all", {"approve", "confirm", "body", "done"}),
        ("?kind=approve", {"approve"}),
        ("?kind=confirm", {"confirm", "body"}),
        ("?q=年末", {"approve"}),
        ("?q=partner.example", {"confirm"}),
        ("?q=%25", set()),
        ("?state=nonsense&sort=nonsense&page=x&kind=x", {"approve", "confirm", "body"}),
    ],
)
def test_filters_and_counts_match(client, come_in, several, query, found) -> None:
    come_in(client, "audrey")
    page = client.get(f"/holds{query}").text
    assert {name for name, id in several.items() if f"/holds/{id}" in page} == found
    if found:
        assert f"{len(found)}件中 1–{len(found)}" in page
    else:
        assert "条件に合うメールはありません" in page


def test_it_is_sorted_by_deadline_or_by_danger(client, come_in, several) -> None:
    come_in(client, "audrey")
    order = {}
    for sort in ("due", "-due", "danger", "-at"):
        page = client.get(f"/holds?sort={sort}").text
        order[sort] = re.findall(r'href="/holds/([0-9A-Z]{4}-[0-9A-Z]{4})"', page)
    assert order["due"][0] == several["approve"]  # four business hours, not five days
    assert order["danger"][0] == several["approve"]
    assert order["-due"][-1] == several["approve"]
    assert len(set(map(tuple, order.values()))) > 1


def test_the_file_holds_what_is_shown_and_no_formula(client, come_in, several) -> None:
    come_in(client, "audrey")
    answer = client.get("/holds.csv?kind=confirm")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {several["confirm"], several["body"]}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.slow
def test_pages_hold_fifty_and_say_how_many_there_are(client, come_in, office) -> None:
    ids = [office.arrive(in_body(), [SATO]) for _ in range(53)]
    come_in(client, "audrey")
    first, second = client.get("/holds").text, client.get("/holds?page=2").text
    assert "53件中 1–50" in first and "53件中 51–53" in second
    assert sum(id in first for id in ids) == 50 and sum(id in second for id in ids) == 3


def test_an_empty_list_says_what_will_appear(bob) -> None:
    assert "待っているメールはありません" in bob.get("/holds").text
    assert "保留中のメールはありません" in bob.get("/holds?mine").text


def test_no_page_shows_a_digit_of_a_number(bob, new_client, come_in, office, waiting) -> None:
    secret = [*numbers(12), samples.individual_number(9)]
    titled = office.arrive(payroll(12, subject=f"番号 {secret[-1]}"), [SATO])
    confirmed(office, titled)
    audrey = new_client()
    come_in(audrey, "audrey")
    for client in (bob, audrey):
        for path in ("/holds", f"/holds/{waiting}", f"/holds/{titled}", "/holds.csv", "/"):
            assert holds_none_of(client.get(path).text, secret), path


@pytest.mark.parametrize(
    ("person", "reads"), [("alice", True), ("bob", True), ("audrey", False), ("root", False)]
)
def test_only_who_sent_it_or_was_asked_reads_the_body(
    client, come_in, office, waiting, person, reads
) -> None:
    come_in(client, person)
    page = client.get(f"/holds/{waiting}").text
    assert ("資料をお送りします" in page) is reads
    assert "扶養控除申告_2026.xlsx" in page or person == "root"


def test_who_runs_the_system_sees_no_subject_file_or_recipient(
    client, come_in, waiting, request
) -> None:
    """Unless they are asked themselves. A search, too, would tell."""
    come_in(client, "root")
    for path in ("/holds", "/holds.csv", f"/holds/{waiting}", f"/holds?q={waiting}"):
        page = client.get(path).text
        assert waiting in page
        for secret in ("給与資料", "扶養控除申告", "佐藤", SATO, "年末調整"):
            assert secret not in page.replace("<wbr>", ""), (path, secret)
    for guess in ("給与資料", "jiro"):
        assert waiting not in client.get(f"/holds?q={guess}").text
    unread = request.getfixturevalue("unread")
    for path in ("/holds", f"/holds/{unread}", "/holds?q=jiro"):
        page = client.get(path).text
        assert unread in page and SATO in page.replace("<wbr>", ""), path


def test_nobody_is_told_to_press_what_is_not_there(client, come_in, office) -> None:
    delaying(office)
    id = office.arrive(plain(), [SATO])
    for person, offered in (("alice", True), ("audrey", False)):
        come_in(client, person)
        page = client.get(f"/holds/{id}").text
        assert "まもなく自動で送信します" in page
        assert ("「中止」を選んでください" in page) is ('value="withdraw"' in page) is offered


def test_what_was_sent_there_before_is_compared(bob, office, waiting) -> None:
    """35→36 is routine; 35→3,600 is not."""
    before = office.arrive(payroll(11), [SATO])
    with office.memory.store.write() as tx:
        of = RECIPIENT.c.consignment_id == before
        tx.conn.execute(update(RECIPIENT).where(of).values(status="delivered"))
    page = bob.get(f"/holds/{waiting}").text
    assert "個人番号 11件→12件" in page and "過去1通" in page
