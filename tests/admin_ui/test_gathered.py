"""The list behind the link of a notice about several mails."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gateway.judgement import asking, demands, overdue, tokens
from gateway.judgement.dossier import DEMAND
from gateway.judgement.people import PERSON
from gateway.memory.letters import LETTER
from gateway.memory.states import State
from tests.admin_ui.test_confirm import delaying, filled
from tests.mails import SATO, in_body, plain

NUMBER = asking.AT_ONCE + 3


def gather(office, clock, subject: str = "通あります") -> str:
    """The path of the link in the notice that comes after a while."""
    clock.forward(minutes=6)
    with office.memory.store.write() as tx:
        overdue.sweep(tx, office.ck)
    with office.memory.store.read() as session:
        query = select(LETTER.c.about).where(LETTER.c.subject.contains(subject))
        about = session.connection().execute(query.order_by(LETTER.c.received_at)).scalars().all()
    texts = [text for _, _, text in office.notices(about[-1])]
    return re.search(r"https?://[^/\s]+(/confirm/\S+)", texts[-1])[1]


@pytest.fixture
def run(office) -> list[str]:
    return [office.arrive(in_body(3), [SATO]) for _ in range(NUMBER)]


@pytest.fixture
def page(client, office, clock, run) -> str:
    return client.get(gather(office, clock)).text


def stop(client, page: str, number: object = NUMBER):
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    return client.post("/confirm", data={"seen": seen, "number": str(number)})


def test_it_works(client, office, run, page) -> None:
    assert set(re.findall(r'href="/confirm/([^"]+)"', page)) == set(run)
    assert f"{NUMBER}通を保留しています" in page
    one = client.get(f"/confirm/{run[-1]}")
    assert one.status_code == 200 and 'href="/confirm"' in one.text
    sent = client.post(f"/confirm/{run[-1]}", data=filled(one.text))
    assert sent.status_code == 200 and office.read(run[-1]).state is State.RELEASED
    assert run[-1] not in client.get("/confirm").text


def test_the_token_leaves_the_address_bar_and_looking_changes_nothing(
    client, office, clock, run
) -> None:
    link = gather(office, clock)
    answer = client.get(link, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/confirm"
    before = [office.verbs(id) for id in run]
    for _ in range(2):
        client.get(link)
        client.head("/confirm")
    assert [office.verbs(id) for id in run] == before


def test_all_are_stopped_by_typing_how_many(client, office, run, page) -> None:
    answer = stop(client, page, "１３")
    assert answer.status_code == 200 and f"{NUMBER}通の送信を取りやめました" in answer.text
    assert {office.read(id).state for id in run} == {State.WITHDRAWN}
    assert all("withdrawn" in office.verbs(id) for id in run)


@pytest.mark.parametrize("number", ["", "12", "-13", "all", "1e1"])
def test_another_number_stops_nothing(client, office, run, page, number) -> None:
    answer = stop(client, page, number)
    assert answer.status_code == 422 and "件数と一致しません" in answer.text
    assert {office.read(id).state for id in run} == {State.HELD}


def test_a_page_that_is_too_old_stops_nothing(client, office, run, page) -> None:
    client.post(f"/confirm/{run[0]}", data=filled(client.get(f"/confirm/{run[0]}").text))
    answer = stop(client, page)
    assert answer.status_code == 409 and "内容が変わった" in answer.text
    assert office.read(run[1]).state is State.HELD


def test_what_leaves_by_itself_is_stopped_there_too(client, office, clock) -> None:
    delaying(office)
    ids = [office.arrive(plain(), [SATO]) for _ in range(NUMBER)]
    page = client.get(gather(office, clock, "時間をおいて送信します")).text
    assert f"{NUMBER}通は、取りやめる操作がなければ" in page
    answer = stop(client, page)
    assert f"{NUMBER}通の送信を取りやめました" in answer.text
    assert {office.read(id).state for id in ids} == {State.WITHDRAWN}


def test_whoever_stands_in_for_the_sender_decides_about_each(client, office, clock, run) -> None:
    """The sender's mailbox is gone, and the fallback group was asked."""
    with office.memory.store.write() as tx:
        for row in tx.conn.execute(select(DEMAND)).mappings().all():
            demands.change(tx, row["id"], asked=2)
            asking.ask(tx, office.ck, row["consignment_id"], row["id"], fallback_only=True)
        token = tokens.issue(tx, "gathered", "bob", tx.now + timedelta(days=1), "bob")
    page = client.get(f"/confirm/{token}").text
    listed = re.findall(r'href="/confirm/([^"]+)"', page)
    assert len(listed) == asking.AT_ONCE and set(listed) < set(run)
    assert "すべて取りやめる" not in page
    assert client.get(f"/confirm/{listed[0]}").status_code == 200


def test_what_came_later_is_not_opened(client, office, clock, run, page) -> None:
    clock.forward(minutes=6)
    later = office.arrive(in_body(3), [SATO])
    assert client.get(f"/confirm/{later}").status_code == 404
    assert later not in client.get("/confirm").text


def test_others_mail_is_not_opened(client, office, run, page) -> None:
    office.hire("mallory")
    others = office.arrive(in_body(3, sender="mallory@example.co.jp"), [SATO])
    assert client.get(f"/confirm/{others}").status_code == 404


def test_nothing_is_opened_without_the_link(new_client, run, page) -> None:
    stranger = new_client()
    assert stranger.get("/confirm").status_code == 404
    assert stranger.get(f"/confirm/{run[0]}").status_code == 404
    assert stop(stranger, page).status_code == 404


def test_a_link_ends_with_its_time_and_its_person(client, office, clock, run) -> None:
    link = gather(office, clock)
    with office.memory.store.write() as tx:
        gone = update(PERSON).where(PERSON.c.id == "alice").values(active_until=tx.now)
        tx.conn.execute(gone)
    assert client.get(link).status_code == 404
    clock.forward(days=90)
    assert client.get("/confirm").status_code == 404
