"""Sessions, cookies, roles: who gets in where, and for how long."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from admin_ui import access, app
from admin_ui.access import SESSION
from admin_ui.frame import Office, Visit, anyone
from admin_ui.reading import Reader
from gateway.judgement import personnel, tokens
from gateway.memory.states import SYSTEM
from tests.admin_ui.conftest import PASSWORD

STAFF = ("alice", "bob", "charlie", "audrey", "root", "paul", "hana")


def test_it_works(client, sign_in, memory) -> None:
    """A session is a row whose cookie stands nowhere."""
    sign_in(client, "bob")
    cookie = client.cookies["sekisho-session"]
    assert len(cookie) == 43  # 256 bits
    with memory.store.read() as session:
        row = session.connection().execute(select(SESSION)).mappings().one()
    assert row["person_id"] == "bob" and row["hash"] == tokens.digest(cookie)
    assert client.get("/account").status_code == 200


def test_the_cookie_is_bound_and_hidden(office, config, staff) -> None:
    secure = app.create_app(office.memory, secure_cookies=True)
    client = TestClient(secure, base_url=config.web.url)
    link = client.get(staff.invitation("bob"), follow_redirects=False)
    field = link.headers["set-cookie"]
    assert field.startswith("__Host-sekisho-enrol=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(field.split("; "))
    assert "Domain" not in field


def test_a_session_has_a_new_id_each_time(client, staff, sign_in) -> None:
    client.cookies.set("sekisho-session", "chosen by somebody else", domain="127.0.0.1", path="/")
    sign_in(client, "bob")
    first = client.cookies["sekisho-session"]
    assert first != "chosen by somebody else"
    sign_in(client, "bob")
    assert client.cookies["sekisho-session"] != first


def test_idle_sessions_end_and_used_ones_go_on(client, come_in, clock) -> None:
    come_in(client, "bob")
    for _ in range(5):
        clock.forward(minutes=29)
        assert client.get("/account").url.path == "/account"
    clock.forward(minutes=31)
    assert client.get("/account").url.path == "/signin"


def test_no_session_outlives_a_day_at_work(client, come_in, clock) -> None:
    come_in(client, "bob")
    for _ in range(19):
        clock.forward(minutes=25)
        assert client.get("/account").url.path == "/account"
    clock.forward(minutes=10)
    assert client.get("/account").url.path == "/signin"


def test_looking_often_writes_seldom(client, come_in, clock, memory) -> None:
    come_in(client, "bob")

    def seen() -> object:
        with memory.store.read() as session:
            return session.connection().execute(select(SESSION.c.seen_at)).scalar_one()

    before = seen()
    clock.forward(seconds=50)
    client.get("/account")
    assert seen() == before
    clock.forward(seconds=50)
    client.get("/account")
    assert seen() == clock()


def test_a_lock_ends_all_at_once(client, sign_in, office, staff) -> None:
    sign_in(client, "bob")
    with office.memory.store.write() as tx:
        link = tokens.issue(tx, "confirm", "7Q3F-K2MD", tx.now.replace(year=2027), "bob")
        personnel.lock(tx, "bob", SYSTEM)
    assert client.get("/account").url.path == "/signin"
    assert sign_in(client, "bob").status_code == 403
    with office.memory.store.read() as session:
        assert access.linked(session.connection(), link, "7Q3F-K2MD", staff.clock()) == ""


def test_one_revokes_ones_own_sessions(client, new_client, come_in, office) -> None:
    other = new_client()
    come_in(client, "bob")
    come_in(other, "bob")
    theirs = tokens.digest(other.cookies["sekisho-session"])
    assert theirs in client.get("/account").text
    answer = client.post("/account/revoke", data={"session": theirs})
    assert "サインインを取り消しました" in answer.text
    assert other.get("/account").url.path == "/signin"
    assert client.get("/account").url.path == "/account"
    assert office.verbs("bob")[-1] == "session.revoked"


def test_nobody_revokes_anothers(client, new_client, come_in) -> None:
    other = new_client()
    come_in(client, "bob")
    come_in(other, "charlie")
    theirs = tokens.digest(other.cookies["sekisho-session"])
    assert client.post("/account/revoke", data={"session": theirs}).status_code == 404
    assert other.get("/account").url.path == "/account"


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    client, new_client, staff, sign_in, office
) -> None:
    other = new_client()
    sign_in(client, "bob")
    sign_in(other, "bob")
    form = {"present": "wrong horse battery", "password": "another long phrase"}
    form["again"] = form["password"]
    refused = client.post("/account/password", data=form)
    assert refused.status_code == 422 and "今のパスワードが一致しません" in refused.text
    done = client.post("/account/password", data={**form, "present": PASSWORD})
    assert "パスワードを変更しました" in done.text
    assert other.get("/account").url.path == "/signin"
    assert client.get("/account").url.path == "/account"
    assert "password.changed" in office.verbs("bob")
    assert sign_in(new_client(), "bob").status_code == 403
    assert sign_in(new_client(), "bob", password="another long phrase").status_code == 200


# -- rights

MAY_SEE = {"/people": ("audrey", "root"), "/people/bob": ("audrey", "root")}
MAY_SEE["/people/import"] = ("root",)
POSTS = {
    "/people": {"name": "x", "email": "x@example.co.jp"},
    "/people/charlie/grant": {"kind": "role", "name": "handler"},
    "/people/charlie/revoke": {"id": "1"},
    "/people/charlie/appoint": {"deputy": "bob@example.co.jp"},
    "/people/charlie/dismiss": {"id": "1"},
    "/people/charlie/lock": {},
    "/people/charlie/unlock": {},
    "/people/charlie/invite": {},
    "/people/import": {},
    "/people/import/apply": {},
}


@pytest.mark.parametrize("person", STAFF)
def test_each_sees_what_is_theirs(client, come_in, person: str) -> None:
    come_in(client, person)
    missing = client.get("/people/nobody").text
    for path, allowed in MAY_SEE.items():
        answer = client.get(path)
        assert answer.status_code == (200 if person in allowed else 404), path
        if person not in allowed:
            assert answer.text.replace(path, "") == missing.replace("/people/nobody", "")


@pytest.mark.parametrize("person", [each for each in STAFF if each != "root"])
def test_only_the_system_administrator_changes_people(client, come_in, person: str, office) -> None:
    come_in(client, person)
    before = office.verbs("charlie")
    for path, data in POSTS.items():
        assert client.post(path, data=data).status_code == 404, path
    assert [verb for verb in office.verbs("charlie") if verb not in before] == []


def test_strangers_are_sent_to_sign_in_and_come_back(client) -> None:
    answer = client.get("/people?q=b&role=approver")
    assert answer.url.path == "/signin"
    assert 'name="next" value="/people?q=b&amp;role=approver"' in answer.text
    for path, data in POSTS.items():
        assert client.post(path, data=data).url.path == "/signin", path


def test_a_revoked_role_is_gone_with_the_next_click(client, come_in, office) -> None:
    come_in(client, "root")
    assert client.get("/people").status_code == 200
    with office.memory.store.write() as tx:
        (row,) = personnel.grants(tx.conn, "root", tx.now)
        personnel.revoke(tx, "root", row["id"], SYSTEM)
    assert client.get("/people").status_code == 404


def test_another_site_cannot_post(client, come_in) -> None:
    come_in(client, "root")
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert client.post("/people/bob/lock", headers=headers).status_code == 403


def test_another_host_name_is_not_ours(app) -> None:
    assert TestClient(app, base_url="http://evil.example").get("/").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/signin", 405)]
)
def test_errors_are_pages(client, method, path, status) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert "<h1>" in answer.text and "app.css" in answer.text


def test_too_large_a_form_is_refused(client) -> None:
    answer = client.post("/signin", content=b"a" * 600_000)
    assert answer.status_code == 413


# -- the sender's link


@pytest.fixture
def linked(office, config):
    """The frame with one page behind a confirm link, as the confirm pages use it."""
    frame = Office(office.memory, secure_cookies=False, reader=Reader(1))

    def take(visit: Visit) -> Response:
        with visit.read() as conn:
            row = tokens.find(conn, visit.param("token"), "confirm")
        subject = row["subject"]
        return visit.follow(visit.param("token"), f"confirm-{subject}", f"/mail/{subject}")

    def page(visit: Visit) -> Response:
        with visit.read() as conn:
            return PlainTextResponse(visit.linked(conn, visit.param("id")) or "nobody")

    from starlette.applications import Starlette

    routes = [frame.page("/c/{token}", take, anyone), frame.page("/mail/{id}", page, anyone)]
    return TestClient(Starlette(routes=routes), base_url=config.web.url)


def _link(office, subject: str, person: str, days: float = 1) -> str:
    from datetime import timedelta

    with office.memory.store.write() as tx:
        return tokens.issue(tx, "confirm", subject, tx.now + timedelta(days=days), person)


def test_a_link_opens_its_own_mail_and_nothing_else(linked, office) -> None:
    answer = linked.get(f"/c/{_link(office, '7Q3F-K2MD', 'alice')}")
    assert (answer.url.path, answer.text) == ("/mail/7Q3F-K2MD", "alice")
    assert linked.get("/mail/AAAA-BBBB").text == "nobody"
    linked.get(f"/c/{_link(office, 'AAAA-BBBB', 'bob')}")
    assert linked.get("/mail/AAAA-BBBB").text == "bob"
    assert linked.get("/mail/7Q3F-K2MD").text == "alice"  # two tabs, two mails


def test_a_link_cookie_fits_no_other_mail(linked, office) -> None:
    token = _link(office, "7Q3F-K2MD", "alice")
    linked.cookies.set("sekisho-confirm-AAAA-BBBB", token)
    assert linked.get("/mail/AAAA-BBBB").text == "nobody"


def test_a_link_ends_with_its_date(linked, office, clock) -> None:
    linked.get(f"/c/{_link(office, '7Q3F-K2MD', 'alice')}")
    clock.forward(days=2)
    assert linked.get("/mail/7Q3F-K2MD").text == "nobody"


def test_a_link_of_another_purpose_is_none(linked, office) -> None:
    from datetime import timedelta

    with office.memory.store.write() as tx:
        token = tokens.issue(tx, "enrol", "7Q3F-K2MD", tx.now + timedelta(days=1), "alice")
    linked.cookies.set("sekisho-confirm-7Q3F-K2MD", token)
    assert linked.get("/mail/7Q3F-K2MD").text == "nobody"


def test_looking_at_links_writes_nothing(linked, office) -> None:
    token = _link(office, "7Q3F-K2MD", "alice")
    path = office.memory.config.data_dir / "sekisho.db-wal"
    before = path.read_bytes()
    for _ in range(10):
        linked.get(f"/c/{token}")
    assert path.read_bytes() == before
