"""People as an administrator changes them and an auditor looks at them."""

from __future__ import annotations

import email
import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.judgement import people
from gateway.judgement.people import PERSON
from gateway.memory.letters import LETTER


@pytest.fixture
def root(client, come_in) -> TestClient:
    come_in(client, "root")
    return client


def roles(memory, person: str) -> frozenset[str]:
    with memory.store.read() as session:
        return people.granted(session.connection(), person, "role", memory.store.clock())


def test_it_works(root, memory, office) -> None:
    """Added, given a role, and asked in by a mail to their own mailbox."""
    form = {"name": "田中 次郎", "email": "Tanaka@example.co.jp", "department": "総務課"}
    answer = root.post("/people", data=form)
    assert "利用者を追加しました" in answer.text
    path = answer.url.path
    answer = root.post(f"{path}/grant", data={"kind": "role", "name": "approver"})
    assert "承認者" in answer.text
    assert roles(memory, path.rpartition("/")[2]) == {"approver"}
    assert "本人にメールで送りました" in root.post(f"{path}/invite").text
    assert "田中 次郎" in root.get("/people?q=tanaka").text


def test_the_invitation_goes_to_the_person_alone(root, memory, office) -> None:
    page = root.post("/people/bob/invite").text
    with memory.store.read() as session:
        conn = session.connection()
        row = conn.execute(select(LETTER).where(LETTER.c.purpose == "enrol")).mappings().one()
        mail = email.message_from_bytes(office.ck.letters.raw(conn, row))
    text = mail.get_payload(decode=True).decode()
    link = re.search(r"http://127.0.0.1:8080(/enrol/\S+)", text)[1]
    assert mail["To"] == "Bob <bob@example.co.jp>" and row["mail_from"] == ""
    assert link not in page
    assert "サインインの準備" in root.get(link).text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?q=bo", ["bob@"], ["alice@"]),
        ("?role=auditor", ["audrey@"], ["bob@", "root@"]),
        ("?state=inactive", ["dora@"], ["alice@"]),
        ("?q=%25", [], ["bob@"]),
        ("?sort=-name&page=2", [], ["bob@"]),
    ],
)
def test_the_list_is_filtered(root, office, query, shown, hidden) -> None:
    office.hire("dora")
    root.post("/people/dora/lock")
    page = root.get("/people" + query).text
    assert all(each in page for each in shown)
    assert not any(each in page for each in hidden)


def test_the_list_is_sorted_and_paged(root, office) -> None:
    for number in range(60):
        office.hire(f"x{number:02}")
    first = root.get("/people?q=x&sort=-email").text
    assert first.index("x59@") < first.index("x10@")
    assert "x09@" not in first
    assert "x09@" in root.get("/people?q=x&sort=-email&page=2").text


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        *[("auditor", each) for each in ("approver", "policy_admin", "system_admin", "handler")],
        ("handler", "system_admin"),
        ("approver", "auditor"),
    ],
)
def test_conflicting_roles_are_refused(root, memory, held, wanted) -> None:
    root.post("/people/alice/grant", data={"kind": "role", "name": held})
    answer = root.post("/people/alice/grant", data={"kind": "role", "name": wanted})
    assert answer.status_code == 422
    assert "同じ人に同時に付与できません" in answer.text
    assert roles(memory, "alice") == {held}


def test_roles_that_never_meet_do_not_conflict(root, memory, clock) -> None:
    form = {"kind": "role", "name": "auditor", "ends": "2026-12-31"}
    assert root.post("/people/alice/grant", data=form).status_code == 200
    form = {"kind": "role", "name": "approver", "starts": "2026-12-31"}
    assert root.post("/people/alice/grant", data=form).status_code == 422
    form["starts"] = "2027-01-01"
    assert root.post("/people/alice/grant", data=form).status_code == 200
    assert roles(memory, "alice") == {"auditor"}
    clock.forward(days=45)
    assert roles(memory, "alice") == {"approver"}


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "role", "name": "emperor"},
        {"kind": "rank", "name": "approver"},
        {"kind": "role", "name": "approver", "starts": "tomorrow"},
        {"kind": "role", "name": "approver", "starts": "2026-12-02", "ends": "2026-12-01"},
        {"kind": "role", "name": "approver", "ends": "2026-11-01"},
        {"kind": "group", "name": ""},
        {},
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(root, memory, form) -> None:
    assert root.post("/people/alice/grant", data=form).status_code == 422
    assert roles(memory, "alice") == frozenset()


def test_a_grant_ends_when_it_is_revoked(root, memory) -> None:
    number = re.search(r'name="id" value="(\d+)"', root.get("/people/bob").text)[1]
    assert root.post("/people/charlie/revoke", data={"id": number}).status_code == 404
    assert root.post("/people/bob/revoke", data={"id": number}).status_code == 200
    assert roles(memory, "bob") == frozenset()
    assert root.post("/people/bob/revoke", data={"id": number}).status_code == 404


def test_a_deputy_for_a_time(root, memory, clock) -> None:
    form = {"deputy": "charlie@example.co.jp", "starts": "2026-11-24", "ends": "2026-11-25"}
    assert "代理を設定しました" in root.post("/people/bob/appoint", data=form).text
    found = []
    for _ in range(6):
        with memory.store.read() as session:
            found.append(set(people.deputies(session.connection(), ["bob"], clock())))
        clock.forward(days=1)
    assert found == [set(), set(), set(), {"charlie"}, {"charlie"}, set()]


@pytest.mark.parametrize("deputy", ["bob@example.co.jp", "nobody@example.co.jp", ""])
def test_not_everybody_can_be_a_deputy(root, deputy) -> None:
    assert root.post("/people/bob/appoint", data={"deputy": deputy}).status_code == 422


def test_a_locked_person_is_out_until_unlocked(root, new_client, come_in) -> None:
    bob = new_client()
    come_in(bob, "bob")
    assert "ロックしました" in root.post("/people/bob/lock").text
    assert bob.get("/account").url.path == "/signin"
    assert "ロックを解除しました" in root.post("/people/bob/unlock").text
    come_in(bob, "bob")
    assert bob.get("/account").url.path == "/account"


@pytest.mark.parametrize("act", ["grant", "revoke", "appoint", "dismiss", "lock", "invite"])
def test_nobody_changes_their_own_rights(root, memory, act) -> None:
    data = {"kind": "role", "name": "approver", "id": "1", "deputy": "bob@example.co.jp"}
    assert root.post(f"/people/root/{act}", data=data).status_code == 404
    assert roles(memory, "root") == {"system_admin"}
    assert f"/people/root/{act}" not in root.get("/people/root").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "email": "a@example.co.jp"}, "入力してください"),
        ({"name": "A", "email": "nonsense"}, "形式が正しくありません"),
        ({"name": "A", "email": "BOB@example.co.jp"}, "すでに登録されています"),
    ],
)
def test_a_person_who_cannot_be_added(root, memory, form, said) -> None:
    answer = root.post("/people", data=form)
    assert answer.status_code == 422 and said in answer.text
    with memory.store.read() as session:
        assert len(session.connection().execute(select(PERSON.c.id)).all()) == 7


def test_the_history_says_who_did_what(root, office) -> None:
    root.post("/people/bob/grant", data={"kind": "role", "name": "handler"})
    page = root.get("/people/bob").text
    assert "権限の付与：事務取扱担当者" in page
    assert "Root" in page


def test_an_auditor_looks_and_finds_no_button(client, come_in) -> None:
    come_in(client, "audrey")
    page = client.get("/people/bob").text
    assert "承認者" in page and 'action="/people/' not in page
    assert 'href="/people/import"' not in client.get("/people").text


# -- CSV

NEW = "name,email,roles,from\n佐藤 三郎,sato@example.co.jp,approver,2026-12-01\n"


def upload(client, text: str | bytes, path: str = "/people/import", **fields: str):
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(path, files={"file": ("people.csv", data, "text/csv")}, data=fields)


def seen(page: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', page)[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_is_shown_first_and_applied_then(root, memory, encoding) -> None:
    plan = upload(root, NEW.encode(encoding))
    assert "2件の変更があります" in plan.text and "佐藤 三郎" in plan.text
    assert "12月1日（火）" in plan.text
    assert "sato@" not in root.get("/people").text
    done = root.post(
        "/people/import/apply", files={"text": (None, NEW), "seen": (None, seen(plan.text))}
    )
    assert done.url.path == "/people" and "取り込みました" in done.text
    assert "sato@" in done.text


def test_pasted_text_is_as_good_as_a_file(root) -> None:
    answer = root.post("/people/import", files={"text": (None, NEW)})
    assert "2件の変更があります" in answer.text


def test_what_was_not_seen_is_not_applied(root, memory, office) -> None:
    plan = upload(root, NEW)
    more = NEW + "山本 四郎,yamamoto@example.co.jp,,\n"
    answer = root.post(
        "/people/import/apply", files={"text": (None, more), "seen": (None, seen(plan.text))}
    )
    assert answer.status_code == 409 and "もう一度ご確認ください" in answer.text
    assert "sato@" not in root.get("/people").text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "CSVファイルを選ぶか"),
        (b"name,email\n\x81", "文字コード"),
        (b"x" * 2_000_001, "ファイルが大きすぎます"),
        (b"name,mail\nA,a@example.co.jp\n", "1行目の列名"),
        (b"name,email,roles\nA,a@example.co.jp,emperor\n", "権限の名前"),
    ],
)
def test_a_file_that_cannot_be_taken(root, data, said) -> None:
    answer = upload(root, data)
    assert answer.status_code == 422 and said in answer.text
    assert 'name="seen"' not in answer.text


def test_an_upload_touches_no_disk(root, monkeypatch) -> None:
    """Even one of two megabytes, beyond what parsers keep in memory by themselves."""
    import tempfile

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    answer = upload(root, "name,email\n" + "\n" * 1_900_000)
    assert "一度に取り込めるのは10000行まで" in answer.text


def test_not_a_form_at_all(root) -> None:
    assert root.post("/people/import", content=b"x").status_code == 400


def test_the_sample_can_be_read_back(root) -> None:
    sample = root.get("/people/sample.csv")
    assert sample.headers["content-type"] == "text/csv; charset=utf-8"
    assert "件の変更があります" in upload(root, sample.content).text
