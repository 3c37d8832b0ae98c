"""Coming in, being kept out, going out."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from admin_ui import brakes, credentials
from admin_ui.signin import local
from gateway.judgement import personnel
from gateway.memory.states import SYSTEM
from tests.admin_ui.conftest import PASSWORD


def test_it_works(client, staff, sign_in, office) -> None:
    """Invitation, enrolment, out, and in again with password and a new code."""
    assert "対応が必要なもの" in sign_in(client, "bob").text
    assert client.post("/signout").url.path == "/signin"
    assert client.get("/account").url.path == "/signin"
    answer = sign_in(client, "bob", next="/account")
    assert answer.url.path == "/account"
    assert office.verbs("bob") == ["person.invited", "person.enrolled", "logout", "login.ok"]


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong horse battery"},
        {"code": "000000"},
        {"code": "12345"},
        {"email": "nobody@example.co.jp"},
        {"email": "alice@example.co.jp"},  # known, never enrolled
    ],
)
def test_every_kind_of_wrong_has_one_answer(client, staff, office, changes) -> None:
    staff.enrol(client, "bob")
    client.post("/signout")
    staff.clock.forward(seconds=30)
    answer = client.post("/signin", data=staff.form("bob", **changes))
    assert answer.status_code == 403
    assert "サインインできませんでした" in answer.text
    assert client.get("/account").url.path == "/signin"


def test_a_code_works_once(client, new_client, staff) -> None:
    staff.enrol(client, "bob")
    form = staff.form("bob")  # the very code that was used to enrol
    assert new_client().post("/signin", data=form).status_code == 403
    staff.clock.forward(seconds=30)
    form = staff.form("bob")
    assert new_client().post("/signin", data=form).status_code == 200
    assert new_client().post("/signin", data=form).status_code == 403


@pytest.mark.slow
def test_a_clock_may_be_off_by_one_step_and_no_more(client, new_client, staff) -> None:
    staff.enrol(client, "bob")
    totp = pyotp.TOTP(staff.secrets["bob"])
    staff.clock.forward(minutes=10)
    step = totp.timecode(staff.clock())
    for behind, status in ((-2, 403), (2, 403), (-1, 200), (1, 200)):
        form = staff.form("bob", code=totp.generate_otp(step + behind))
        assert new_client().post("/signin", data=form).status_code == status


def test_full_width_digits_with_a_gap_are_a_code() -> None:
    from datetime import UTC, datetime

    secret, now = pyotp.random_base32(), datetime(2026, 11, 21, tzinfo=UTC)
    code = pyotp.TOTP(secret).at(now)
    wide = "".join(chr(0xFF10 + int(digit)) for digit in code)
    assert credentials.matching_step(secret, f"{wide[:3]} {wide[3:]}", now)


@pytest.mark.slow
@pytest.mark.parametrize("email", ["bob@example.co.jp", "nobody@example.co.jp"])
def test_guessing_is_slowed_down_and_names_are_alike(client, staff, new_client, email) -> None:
    staff.enrol(client, "bob")
    stranger = new_client()
    form = staff.form("bob", email=email, password="wrong horse battery")
    answers = [stranger.post("/signin", data=form) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 429]
    assert "秒ほど待ってから" in answers[-1].text
    staff.clock.forward(hours=1)
    assert stranger.post("/signin", data=form).status_code == 403


def test_the_right_password_has_to_wait_as_well(client, staff, new_client, memory) -> None:
    staff.enrol(client, "bob")
    with memory.store.write() as tx:
        while not brakes.press(tx, "bob@example.co.jp", "testclient"):
            pass
    mine = new_client()
    staff.clock.now -= timedelta(seconds=1)
    assert mine.post("/signin", data=staff.form("bob")).status_code == 429
    staff.clock.forward(minutes=1)
    assert mine.post("/signin", data=staff.form("bob")).status_code == 200


def test_nothing_typed_is_kept(client, staff, memory) -> None:
    staff.enrol(client, "bob")
    secret = staff.secrets["bob"]
    memory.store.close()
    for path in memory.config.data_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert PASSWORD.encode() not in data and secret.encode() not in data, path


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        ("/holds/7Q3F-K2MD?x=1", "/holds/7Q3F-K2MD?x=1"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/a\nSet-Cookie: x", "/"),
        ("", "/"),
        ("/signin", "/"),
    ],
)
def test_one_comes_back_to_our_own_pages_only(asked: str, gone: str) -> None:
    assert local(asked) == gone


# -- the invitation


def test_the_link_leaves_the_address_bar_and_looking_uses_nothing_up(client, staff) -> None:
    path = staff.invitation("bob")
    for _ in range(3):
        answer = client.get(path)
        assert answer.url.path == "/enrol"
    assert "bob@example.co.jp" in answer.text
    assert re.search(r"<svg[^>]*><g", answer.text)
    assert "style=" not in answer.text


def test_a_link_works_once(client, new_client, staff) -> None:
    path = staff.invitation("bob")
    page = client.get(path).text
    code = pyotp.TOTP(staff.secret(page)).at(staff.clock())
    form = {"password": PASSWORD, "again": PASSWORD, "code": code}
    assert client.post("/enrol", data=form).url.path == "/"
    other = new_client()
    assert other.get(path).status_code == 404
    assert other.post("/enrol", data=form).status_code == 404


@pytest.mark.parametrize("end", ["late", "newer", "locked", "unknown"])
def test_a_stale_link_is_explained(client, staff, office, end) -> None:
    path = staff.invitation("bob")
    if end == "late":
        staff.clock.forward(days=3, seconds=1)
    elif end == "newer":
        staff.invitation("bob")
    elif end == "locked":
        with office.memory.store.write() as tx:
            personnel.lock(tx, "bob", SYSTEM)
    answer = client.get("/enrol/nonsense" if end == "unknown" else path)
    assert answer.status_code == 404
    assert "このリンクは使えません" in answer.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "short", "again": "short"}, "12文字以上"),
        ({"password": "a" * 20, "again": "a" * 20}, "繰り返し"),
        ({"password": "bob is my name", "again": "bob is my name"}, "メールアドレスの名前"),
        ({"again": "correct horse battary"}, "一致しません"),
        ({"code": "000000"}, "コードが一致しません"),
        ({"code": ""}, "入力してください"),
    ],
)
def test_what_does_not_do_is_said_at_its_field(client, staff, changes, said) -> None:
    page = client.get(staff.invitation("bob")).text
    code = pyotp.TOTP(staff.secret(page)).at(staff.clock())
    form = {"password": PASSWORD, "again": PASSWORD, "code": code, **changes}
    answer = client.post("/enrol", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert staff.secret(answer.text) == staff.secret(page)  # no second scanning


def test_enrolling_again_ends_what_was_open(client, new_client, staff) -> None:
    lost = new_client()
    staff.enrol(lost, "bob")
    staff.clock.forward(seconds=30)
    staff.enrol(client, "bob")
    assert client.get("/account").url.path == "/account"
    assert lost.get("/account").url.path == "/signin"
