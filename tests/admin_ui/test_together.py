"""Mails that are alike, confirmed by one list of them."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from gateway.judgement.records import DETAIL, ENTRY
from gateway.memory.config import Config, Holds
from gateway.memory.states import State
from tests.admin_ui.test_confirm import filled
from tests.admin_ui.test_gathered import gather
from tests.merges import invoice, invoices

NUMBER = 13
TOLD = "送信されていないメール"


@pytest.fixture
def config(request, tmp_path) -> Config:
    together = getattr(request, "param", Holds().together)
    return Config(data_dir=tmp_path / "var", holds=Holds(together=together))


@pytest.fixture
def ids(office, clock) -> list[str]:
    return invoices(office, NUMBER, clock)


@pytest.fixture
def page(client, office, clock, ids) -> str:
    return opened(client, office, clock)


def opened(client, office, clock) -> str:
    """The list of a run, as it is come to from the notice."""
    listed = client.get(gather(office, clock)).text
    link = re.search(r'href="(/confirm/together[^"]+)"', listed)
    assert link, listed
    return client.get(link[1]).text


def press(client, page: str, number: object = NUMBER, ok: tuple[str, ...] = ("to", "files")):
    fields = dict(re.findall(r'type="hidden" name="(of|seen)" value="([^"]+)"', page))
    return client.post("/confirm/together", data={**fields, "ok": ok, "number": str(number)})


def states(office, ids) -> set[State]:
    return {office.read(id).state for id in ids}


def details(office, verb: str) -> list[tuple[str, dict]]:
    with office.memory.store.read() as session:
        query = select(ENTRY.c.subject, DETAIL.c.details).join(DETAIL, DETAIL.c.seq == ENTRY.c.seq)
        rows = session.connection().execute(query.where(ENTRY.c.verb == verb)).all()
    return [(subject, json.loads(told)) for subject, told in rows]


def test_it_works(client, office, ids, page) -> None:
    assert re.findall(r'href="/confirm/(\w{4}-\w{4})"', page) == ids
    assert "checked" not in page and "社外秘" in page
    assert page.count("請求書_") == NUMBER
    answer = press(client, page, "１３")
    assert answer.status_code == 200 and f"{NUMBER}通を確認しました" in answer.text
    assert states(office, ids) == {State.QUEUED}


def test_the_record_of_each_names_the_run_and_that_of_the_run_names_all(
    client, office, ids, page
) -> None:
    press(client, page)
    ((run, told),) = details(office, "run.confirmed")
    assert told["ids"] == ids and told["together"] == NUMBER
    each = dict(details(office, "confirmed"))
    assert set(each) == set(ids)
    assert {(one["run"], one["together"]) for one in each.values()} == {(run, NUMBER)}
    assert {len(one["recipients"]) for one in each.values()} == {1}


def test_an_auditor_sees_which_were_confirmed_together(
    client, new_client, office, come_in, ids, page
) -> None:
    press(client, page)
    ((run, _),) = details(office, "run.confirmed")
    auditor = new_client()
    come_in(auditor, "audrey")
    assert f"記録 {run}" in auditor.get(f"/holds/{ids[3]}").text
    listed = auditor.get("/audit", params={"mail": run}).text
    assert "送信者がまとめて確認" in listed and all(id in listed for id in ids)


@pytest.mark.parametrize(
    ("number", "ok"), [("", ("to", "files")), ("12", ("to", "files")), (13, ("to",)), (13, ())]
)
def test_what_is_not_filled_in_confirms_nothing(client, office, ids, page, number, ok) -> None:
    answer = press(client, page, number, ok)
    assert answer.status_code == 422 and "未確認の項目" in answer.text
    assert states(office, ids) == {State.HELD}
    assert details(office, "run.confirmed") == []


def test_looking_changes_nothing(client, office, ids, page) -> None:
    before = [office.verbs(id) for id in ids]
    client.get(f"/confirm/together?of={ids[0]}")
    assert [office.verbs(id) for id in ids] == before


def test_a_page_that_is_too_old_confirms_nothing(client, office, ids, page) -> None:
    one = client.get(f"/confirm/{ids[4]}").text
    client.post(f"/confirm/{ids[4]}", data={**filled(one), "act": "withdraw"})
    answer = press(client, page)
    assert answer.status_code == 409 and "内容が変わった" in answer.text
    assert states(office, ids) == {State.HELD, State.WITHDRAWN}


def test_what_came_later_is_not_confirmed(client, office, clock, ids, page) -> None:
    clock.forward(seconds=1)
    later = office.arrive(*invoice(50))
    assert press(client, page).status_code == 200
    assert office.read(later).state is State.HELD
    assert states(office, ids) == {State.QUEUED}


def test_what_is_unlike_the_others_is_told_first_and_left(client, office, clock) -> None:
    ids = invoices(office, NUMBER, clock)
    odd = office.arrive(*invoice(60, files=[("社員名簿.txt", b"names")]))
    page = opened(client, office, clock)
    assert page.index("ファイル名がほかと違います") < page.index("共通すること")
    assert press(client, page).status_code == 200
    assert office.read(odd).state is State.HELD and states(office, ids) == {State.QUEUED}


@pytest.mark.parametrize("config", [8], indirect=True)
def test_more_than_a_page_are_confirmed_page_by_page(client, office, clock, ids) -> None:
    page = opened(client, office, clock)
    assert f"このあとに続く{NUMBER - 8}通" in page
    answer = press(client, page, 8)
    assert "8通を確認しました" in answer.text
    assert states(office, ids[:8]) == {State.QUEUED} and states(office, ids[8:]) == {State.HELD}
    follows = re.search(r'href="(/confirm/together[^"]+)"', answer.text)[1]
    press(client, client.get(follows).text, NUMBER - 8)
    assert states(office, ids) == {State.QUEUED}


@pytest.mark.parametrize("config", [0], indirect=True)
def test_where_the_company_wants_each_by_itself(client, office, clock, ids) -> None:
    listed = client.get(gather(office, clock)).text
    assert TOLD in listed and "/confirm/together" not in listed
    answer = client.get(f"/confirm/together?of={ids[0]}", follow_redirects=False)
    assert answer.headers["location"] == "/confirm"


def test_nothing_is_confirmed_without_the_link(new_client, office, ids, page) -> None:
    stranger = new_client()
    assert stranger.get(f"/confirm/together?of={ids[0]}").status_code == 404
    assert press(stranger, page).status_code == 404
    assert states(office, ids) == {State.HELD}
