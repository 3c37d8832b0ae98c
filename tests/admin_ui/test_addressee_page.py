"""送付先台帳 on a page: two people for an entry, and three lines for whoever decides."""

from __future__ import annotations

import re

import pytest

from gateway.judgement.records import ENTRY
from tests.gateway.judgement.test_holds import OUTSIDE, confirm, mail

SR = {"name": "山田社労士事務所", "address": "sr-office.example.jp", "purpose": "社会保険の手続き"}


@pytest.fixture
def hana(new_client, come_in):
    client = new_client()
    come_in(client, "hana")
    return client


@pytest.fixture
def paul(new_client, come_in):
    client = new_client()
    come_in(client, "paul")
    return client


def test_it_works(hana, paul, office):
    page = hana.post("/addressees", data={**SR, "last_day": "2099-03-31"}).text
    assert "別の人の承認を待っています" in page and "承認待ち" in page
    assert "の登録を承認する" not in page  # hers to register, not to approve
    page = paul.post("/addressees/approve", data={"id": 1}).text
    assert "承認しました" in page and "2099年3月31日" in page
    assert ">Hana</span>、<" in page and ">Paul<" in page
    assert "終了しました" in paul.post("/addressees/end", data={"id": 1}).text
    with office.memory.store.read() as session:
        verbs = session.connection().execute(ENTRY.select()).mappings()
        verbs = [row["verb"] for row in verbs if row["verb"].startswith("addressee")]
    assert verbs == ["addressee.registered", "addressee.approved", "addressee.ended"]


def test_what_cannot_be_registered_is_said_beside_the_field(hana):
    answer = hana.post("/addressees", data={**SR, "address": "gmail.com"})
    assert answer.status_code == 422 and "フリーメール" in answer.text
    assert 'value="gmail.com"' in answer.text
    assert hana.post("/addressees", data={"name": "x"}).status_code == 422


def test_the_same_person_does_not_approve(hana):
    hana.post("/addressees", data=SR)
    answer = hana.post("/addressees/approve", data={"id": 1})
    assert answer.status_code == 409 and "登録した本人は承認できません" in answer.text


@pytest.mark.parametrize(
    ("person", "reads", "acts"),
    [("audrey", 200, 404), ("bob", 404, 404), ("root", 404, 404), ("paul", 200, 200)],
)
def test_who_may_look_and_who_may_act(client, come_in, person, reads, acts):
    come_in(client, person)
    assert client.get("/addressees").status_code == reads
    assert client.post("/addressees", data=SR).status_code == acts


def test_the_approver_sees_who_what_is_odd_and_what_differs(hana, paul, office, client, come_in):
    hana.post("/addressees", data={**SR, "last_day": "2020-03-31"})
    paul.post("/addressees/approve", data={"id": 1})
    id = office.arrive(mail(12, to=OUTSIDE), OUTSIDE, "alice@example.co.jp")
    assert confirm(office, id, "alice")
    come_in(client, "bob")
    page = client.get(f"/holds/{id}").text
    for line in (
        "山田社労士事務所（社会保険の手続き）との契約は終わっています",
        "送付先台帳の「山田社労士事務所」との契約（社会保険の手続き）は終わっています",
        "前回との違い",
        "比べられる送付がありません",
    ):
        assert line in page, line
    assert "契約期間が終わった宛先があります" not in page  # it would say the same twice
    page = client.get(f"/holds/{id}?lang=en").text
    assert "The contract with 山田社労士事務所 (社会保険の手続き) has ended" in page
    assert "Since the last sending" in page


def test_the_sender_chooses_the_purpose_and_what_was_typed_is_kept(
    hana, paul, office, client, come_in
):
    hana.post("/addressees", data=SR)
    paul.post("/addressees/approve", data={"id": 1})
    id = office.arrive(mail(12, to=OUTSIDE), OUTSIDE, "alice@example.co.jp")
    come_in(client, "alice")
    page = client.get(f"/holds/{id}").text
    assert 'type="radio" name="purpose" value="社会保険の手続き"' in page
    ok = re.findall(r'name="ok" value="([^"]+)"', page)
    shown = dict(re.findall(r'type="hidden" name="(seen|since)" value="([^"]*)"', page))
    post = {**shown, "act": "send", "ok": ok}
    nothing = client.post(f"/holds/{id}", data={**post, "purpose": "", "other_purpose": " "})
    assert nothing.status_code == 422 and "目的を入力してください" in nothing.text
    short = client.post(f"/holds/{id}", data={**post, "ok": [], "other_purpose": "税務"})
    assert short.status_code == 422 and 'value="税務"' in short.text
    assert office.read(id).purpose == ""  # what was refused is stated nowhere
    page = client.post(f"/holds/{id}", data={**post, "purpose": "", "other_purpose": "税務"}).text
    assert "社会保険の手続きのための登録で、税務のためではありません" in page
    come_in(client, "bob")
    page = client.get(f"/holds/{id}").text
    assert page.count("税務のためではありません") == 2  # its card, and the line of what is odd
    assert "送付先台帳にない目的で送られようとしています" not in page


def test_the_sender_sees_what_the_addressee_is_registered_for(hana, paul, office, client, come_in):
    hana.post("/addressees", data=SR)
    paul.post("/addressees/approve", data={"id": 1})
    id = office.arrive(mail(12, to=OUTSIDE), OUTSIDE, "alice@example.co.jp")
    come_in(client, "alice")
    page = client.get(f"/holds/{id}").text
    assert "送付先台帳：山田社労士事務所（社会保険の手続き、期限なし）" in page
