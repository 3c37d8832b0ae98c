from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from gateway.face.forms import OCTETS
from tests.gateway.face import sample


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(sample.web("http://testserver"))


def test_it_works(client: TestClient) -> None:
    answer = client.post("/form", data={"name": " 山田 ", "reason": "訂正", "ok": ["r1", "r2"]})
    assert answer.status_code == 200
    assert answer.text == "山田 訂正 ['r1', 'r2']"


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "name: 入力してください\nreason: 入力してください"),
        ({"name": "\u3000 ", "reason": "x"}, "name: 入力してください"),
        ({"name": "あ" * 21, "reason": "x"}, "name: 20文字以内で入力してください"),
        ({"name": "a", "reason": "x" * 4001}, "reason: 4000文字以内で入力してください"),
        ({"name": "a\0b", "reason": "x"}, "name: 使えない文字が含まれています"),
        ({"name": "\u202efdp", "reason": "x"}, "name: 使えない文字が含まれています"),
        ({"name": "a", "reason": "x", "ok": ["r1", "r\x07"]}, "ok: 使えない文字が含まれています"),
    ],
)
def test_problems_say_what_to_do(client: TestClient, posted, said: str) -> None:
    answer = client.post("/form", data=posted)
    assert answer.status_code == 422
    assert answer.text == said


def test_in_english(client: TestClient) -> None:
    answer = client.post("/form", data={"name": "a"}, headers={"accept-language": "en"})
    assert answer.text == "reason: Please fill this in"


def test_lines_end_one_way(client: TestClient) -> None:
    answer = client.post("/form", data={"name": "a", "reason": "x\r\ny"})
    assert answer.text == "a x\ny []"


def test_files_are_not_taken(client: TestClient) -> None:
    answer = client.post("/form", data={"name": "a"}, files={"reason": ("a.txt", b"x")})
    assert answer.status_code == 400


def test_too_many_fields_are_not_read(client: TestClient) -> None:
    answer = client.post("/form", data={"ok": ["x"] * 2_501})
    assert answer.status_code == 400


def test_too_large_a_body_is_refused(client: TestClient) -> None:
    answer = client.post("/form", content=b"a" * (OCTETS + 1))
    assert answer.status_code == 413


def test_what_was_typed_comes_back_but_not_into_words(client: TestClient) -> None:
    answer = client.post("/sheet", data={"name": '<b>"山田"</b>', "reason": ""})
    assert answer.status_code == 422
    assert "&lt;b&gt;&#34;山田&#34;&lt;/b&gt;" in answer.text


@given(st.binary(max_size=300))
def test_any_body_gets_an_answer(client: TestClient, body: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/form", content=body, headers=form).status_code in (200, 400, 422)
