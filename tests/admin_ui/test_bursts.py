"""A burst: what waits for an administrator by its number alone, judged by one list of it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from admin_ui.app import STAFF, create_app
from gateway.judgement import overdue
from gateway.memory.letters import LETTER
from gateway.memory.states import State
from tests.admin_ui.test_desk import confirmed
from tests.admin_ui.test_gathered import gather
from tests.admin_ui.test_together import config, details, states
from tests.mails import SATO, payroll
from tests.merges import counting, invoice, invoices

__all__ = ["config"]
NUMBER = 12
LIST = "/holds?kind=admin"


@pytest.fixture
def ids(office, clock) -> list[str]:
    counting(office)
    return invoices(office, NUMBER, clock)


@pytest.fixture
def root(client, come_in):
    come_in(client, "root")
    return client


@pytest.fixture
def page(root, ids) -> str:
    return opened(root)


def opened(client) -> str:
    listed = client.get(LIST).text
    link = re.search(r'href="(/holds/together[^"]+)"', listed)
    assert link, listed
    return client.get(link[1]).text


def fields(page: str, act: str) -> dict[str, str]:
    """Of the form whose button it is."""
    (form,) = (
        each for each in re.findall(r"<form.*?</form>", page, re.S) if f'value="{act}"' in each
    )
    return dict(re.findall(r'type="hidden" name="(of|seen)" value="([^"]+)"', form))


def let_on(client, page: str, number: object = NUMBER, **more: str):
    data = {**fields(page, "let_on"), "act": "let_on", "number": str(number), **more}
    return client.post("/holds/together", data=data)


def refuse(client, page: str, number: object = NUMBER, reason: str = "心当たりなし", **more: str):
    data = {**fields(page, "refuse"), "act": "refuse", "all": str(number), **more}
    return client.post("/holds/together", data={**data, "reason": reason})


def open_kinds(office, id: str) -> list[str]:
    return sorted(row["kind"] for row in office.read(id).demands if row["state"] == "open")


def test_it_works(root, office, ids, page) -> None:
    listed = root.get(LIST).text
    assert "Alice" in listed and f"{NUMBER}通" in listed and f"{NUMBER}件・{NUMBER}社" in listed
    assert "1時間に200件を超える" in listed
    assert not any(f'href="/holds/{id}"' in listed for id in ids), "one thing, not twelve"
    assert re.findall(r'href="/holds/(\w{4}-\w{4})"', page) == ids
    answer = let_on(root, page, "１２")
    assert answer.status_code == 200 and f"{NUMBER}通を確認済みにしました" in answer.text
    assert states(office, ids) == {State.HELD}
    assert all(open_kinds(office, id) == ["confirm"] for id in ids), "its sender is still asked"
    for id in ids:
        confirmed(office, id)
    assert states(office, ids) == {State.QUEUED}


def test_all_are_refused_for_one_reason_and_the_sender_is_told_once(
    root, office, clock, ids, page
) -> None:
    before = len(told(office, ids))
    answer = refuse(root, page, reason="身に覚えのない送信と確認")
    assert answer.status_code == 200 and f"{NUMBER}通を却下しました" in answer.text
    assert states(office, ids) == {State.REFUSED}
    clock.forward(minutes=1)
    with office.memory.store.write() as tx:
        overdue.sweep(tx, office.ck)
    assert before == 0 and len(told(office, ids)) == 1
    ((purpose, to, text),) = told(office, ids)
    assert (purpose, to) == ("refused", "alice@example.co.jp")
    assert f"次の{NUMBER}通はRootさんにより却下された" in text and "身に覚えのない送信" in text
    assert root.get(LIST).text.count("短時間の大量送信") == 0


def told(office, ids) -> list[tuple[str, str, str]]:
    about = {id: office.notices(id) for id in ids}
    return [each for notices in about.values() for each in notices if each[0] == "refused"]


@pytest.mark.parametrize(("verb", "each"), [("confirmed", "confirmed"), ("refused", "refused")])
def test_the_record_of_each_names_the_burst_and_that_of_the_burst_names_all(
    root, new_client, come_in, office, ids, page, verb, each
) -> None:
    (let_on if verb == "confirmed" else refuse)(root, page)
    ((number, facts),) = details(office, f"burst.{verb}")
    assert facts["ids"] == ids and facts["together"] == NUMBER
    single = dict(details(office, each))
    assert set(single) == set(ids)
    assert {(one["run"], one["together"]) for one in single.values()} == {(number, NUMBER)}
    auditor = new_client()
    come_in(auditor, "audrey")
    assert f"記録 {number}" in auditor.get(f"/holds/{ids[3]}").text
    listed = auditor.get("/audit", params={"mail": number}).text
    assert "システム管理者がまとめて" in listed and all(id in listed for id in ids)


def test_it_shows_what_the_page_of_each_mail_shows(root, ids, page) -> None:
    single = root.get(f"/holds/{ids[0]}").text
    for shown in ("11月分ご請求書の送付", "keiri@", "請求書_1.txt", "本文を開く"):
        assert shown in single and shown in page, shown


@pytest.mark.parametrize("number", ["", "11", "-12", "all"])
def test_another_number_does_nothing(root, office, ids, page, number) -> None:
    for answer in (let_on(root, page, number), refuse(root, page, number)):
        assert answer.status_code == 422 and "件数と一致しません" in answer.text
    assert all(open_kinds(office, id) == ["admin", "confirm"] for id in ids)
    assert details(office, "burst.confirmed") == details(office, "burst.refused") == []


def test_refusing_says_why(root, office, ids, page) -> None:
    answer = refuse(root, page, reason=" ")
    assert answer.status_code == 422 and "理由を入力してください" in answer.text
    assert refuse(root, page, reason="長" * 1_001).status_code == 422
    assert states(office, ids) == {State.HELD}


def test_a_page_that_is_too_old_does_nothing(root, office, ids, page) -> None:
    single = root.get(f"/holds/{ids[4]}").text
    seen = re.search(r'name="seen" value="([^"]+)"', single)[1]
    root.post(f"/holds/{ids[4]}", data={"seen": seen, "act": "reject", "reason": "1通だけ"})
    for answer in (let_on(root, page), refuse(root, page)):
        assert answer.status_code == 409 and "内容が変わった" in answer.text
    assert states(office, ids) == {State.HELD, State.REFUSED}
    assert all(open_kinds(office, id) == ["admin", "confirm"] for id in ids if id != ids[4])


def test_what_its_sender_did_meanwhile_makes_the_list_too_old_but_no_refusal(
    root, office, ids, page
) -> None:
    confirmed(office, ids[0])
    assert let_on(root, page).status_code == 409
    assert refuse(root, page).status_code == 200
    assert states(office, ids) == {State.REFUSED}


@pytest.mark.parametrize("decide", [let_on, refuse])
def test_what_came_later_is_not_meant(root, office, clock, ids, page, decide) -> None:
    clock.forward(seconds=1)
    later = office.arrive(*invoice(50))
    assert decide(root, page).status_code == 200
    assert open_kinds(office, later) == ["admin", "confirm"]
    assert not any("admin" in open_kinds(office, id) for id in ids)


def test_another_senders_mail_is_not_meant(root, office, clock, ids) -> None:
    office.hire("dave")
    theirs = [office.arrive(*invoice(n, sender="dave@example.co.jp")) for n in range(20, 26)]
    page = opened(root)
    assert not any(id in page for id in theirs)
    stolen = fields(root.get(f"/holds/together?of={theirs[0]}").text, "refuse")["of"]
    assert refuse(root, page, of=stolen).status_code == 409
    assert refuse(root, page).status_code == 200
    assert states(office, theirs) == {State.HELD}


def test_it_stops_before_the_approver(root, office, clock) -> None:
    counting(office)
    ids = []
    for number in range(6):
        clock.forward(seconds=1)
        ids.append(office.arrive(payroll(12 + number), [SATO]))
    for id in ids:
        confirmed(office, id)
    page = opened(root)
    alike = re.search(r"上の(\d+)通を確認済みにする", page)
    assert alike, "the file is another one in each, as is usual"
    assert let_on(root, page, alike[1]).status_code == 200
    assert states(office, ids) == {State.HELD}
    assert {tuple(open_kinds(office, id)) for id in ids} <= {("approve",), ("admin",)}
    assert ("approve",) in {tuple(open_kinds(office, id)) for id in ids}


def test_what_is_unlike_the_others_is_told_first_and_opened_by_itself(root, office, clock) -> None:
    counting(office)
    ids = invoices(office, NUMBER, clock)
    odd = office.arrive(*invoice(60, files=[("社員名簿.txt", b"names")]))
    page = opened(root)
    assert page.index("ファイル名がほかと違います") < page.index("確認済みにする")
    assert let_on(root, page).status_code == 200
    assert "admin" in open_kinds(office, odd)
    assert not any("admin" in open_kinds(office, id) for id in ids)


def test_what_is_unlike_the_others_is_refused_with_them(root, office, clock) -> None:
    counting(office)
    ids = invoices(office, NUMBER, clock)
    ids.append(office.arrive(*invoice(60, files=[("社員名簿.txt", b"names")])))
    assert refuse(root, opened(root), NUMBER + 1).status_code == 200
    assert states(office, ids) == {State.REFUSED}


@pytest.mark.parametrize("config", [8], indirect=True)
def test_no_more_are_let_on_than_a_page_shows_and_all_are_refused(root, office, ids) -> None:
    page = opened(root)
    assert f"このあとに続く{NUMBER - 8}通" in page and f"このうち{NUMBER - 8}通は" in page
    assert let_on(root, page, NUMBER).status_code == 422
    let_on(root, page, 8)
    assert {"admin" in open_kinds(office, id) for id in ids[:8]} == {False}
    assert {"admin" in open_kinds(office, id) for id in ids[8:]} == {True}


@pytest.mark.parametrize("config", [8], indirect=True)
def test_all_of_a_long_burst_are_refused_at_once(root, office, ids) -> None:
    refuse(root, opened(root), NUMBER)
    assert states(office, ids) == {State.REFUSED}


@pytest.mark.parametrize("config", [0], indirect=True)
def test_where_the_company_wants_each_by_itself(root, ids) -> None:
    listed = root.get(LIST).text
    assert "/holds/together" not in listed and f'href="/holds/{ids[0]}"' in listed
    answer = root.get(f"/holds/together?of={ids[0]}", follow_redirects=False)
    assert answer.headers["location"] == LIST


@pytest.mark.parametrize("person", ["bob", "audrey", "alice", "paul"])
def test_nobody_else_has_it(root, new_client, come_in, office, ids, page, person) -> None:
    other = new_client()
    come_in(other, person)
    assert "/holds/together" not in other.get(LIST).text
    assert other.get(f"/holds/together?of={ids[0]}").status_code == 404
    assert let_on(other, page).status_code == 404 and refuse(other, page).status_code == 404
    assert states(office, ids) == {State.HELD}


def test_nothing_is_done_without_a_sign_in(new_client, office, ids, page) -> None:
    stranger = new_client()
    assert "/signin" in str(refuse(stranger, page).url)
    assert states(office, ids) == {State.HELD}


def test_looking_changes_nothing(root, office, ids, page) -> None:
    before = [office.verbs(id) for id in ids]
    root.get(f"/holds/together?of={ids[0]}")
    assert [office.verbs(id) for id in ids] == before


def test_single_mails_are_found_by_looking_for_them(root, ids) -> None:
    assert f'href="/holds/{ids[3]}"' in root.get(f"{LIST}&q={ids[3]}").text
    assert all(id in root.get("/holds.csv?kind=admin").text for id in ids)


def test_an_administrators_own_burst_waits_for_them_as_its_sender_still(
    root, office, clock
) -> None:
    """What the page of a single one of them allows as well."""
    counting(office)
    ids = [office.arrive(*invoice(n, sender="root@example.co.jp")) for n in range(1, 7)]
    assert let_on(root, opened(root), 6).status_code == 200
    assert all(open_kinds(office, id) == ["confirm"] for id in ids)


def test_the_sender_has_a_list_of_what_was_let_on(root, new_client, office, clock, ids) -> None:
    let_on(root, opened(root))
    listed = new_client().get(gather(office, clock)).text
    assert "/confirm/together" in listed


def test_the_way_to_lock_the_sender_is_shown(root, office, ids, page) -> None:
    assert 'href="/people/alice"' in page


def test_it_is_one_thing_on_the_first_page_too(root, office, ids) -> None:
    other = office.arrive(*invoice(70, sender="bob@example.co.jp"))
    first = root.get("/").text
    assert first.count("/holds/together?of=") == 1 and f'href="/holds/{other}"' in first
    assert not any(f'href="/holds/{id}"' in first for id in ids)


def test_the_door_for_phones_has_it_without_the_pages_of_an_office(office, come_in, config, ids):
    phone = TestClient(
        create_app(office.memory, secure_cookies=False, modules=STAFF), base_url=config.web.url
    )
    come_in(phone, "root")
    page = opened(phone)
    assert "/people/" not in page and "アカウントを停止してください" in page
    assert let_on(phone, page).status_code == 200


def test_the_notice_leads_to_it(root, office, clock, ids) -> None:
    office_text = notice_to_root(office, clock)
    link = re.search(r"https?://[^/\s]+(/holds\S+)", office_text)[1]
    assert "/holds/together" in root.get(link).text
    assert "送信者ごとの一覧で、まとめて確認または却下できます" in office_text


@pytest.mark.parametrize("config", [0], indirect=True)
def test_the_notice_speaks_of_no_list_that_is_not_there(office, clock, ids) -> None:
    assert "まとめて確認または却下" not in notice_to_root(office, clock)


def notice_to_root(office, clock) -> str:
    """The last one, of those that did not come at once."""
    clock.forward(minutes=6)
    with office.memory.store.write() as tx:
        overdue.sweep(tx, office.ck)
    with office.memory.store.read() as session:
        query = select(LETTER.c.about).where(LETTER.c.purpose == "admin")
        newest = query.order_by(LETTER.c.received_at.desc(), LETTER.c.id)
        about = session.connection().execute(newest).scalars().first()
    return [text for purpose, _, text in office.notices(about) if purpose == "admin"][-1]
