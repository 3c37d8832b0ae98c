from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from gateway.face.language import language_of
from tests.gateway.face import sample


def _request(accept: str = "", cookie: str = "") -> Request:
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "cookie", "default", "expected"),
    [
        ("", "", "ja", "ja"),
        ("", "", "en", "en"),
        ("en-US,en;q=0.9,ja;q=0.8", "", "ja", "en"),
        ("fr,ja;q=0.5,en;q=0.4", "", "en", "ja"),
        ("fr;q=0.9", "", "ja", "ja"),
        ("ja;q=0, en", "", "ja", "en"),
        ("en", "lang=ja", "en", "ja"),
        ("en", "lang=tlh", "ja", "en"),
        ("en;q=much,ja;q=0.1", "", "en", "ja"),
        (",;q=,;;;", "", "ja", "ja"),
    ],
)
def test_the_readers_choice_comes_first(accept, cookie, default, expected) -> None:
    assert language_of(_request(accept, cookie), default) == expected


@pytest.fixture
def client() -> TestClient:
    return TestClient(sample.web("http://testserver"), follow_redirects=False)


def test_a_link_switches_and_comes_back_without_it(client: TestClient) -> None:
    answer = client.get("/sheet?q=%E5%B1%B1&lang=en&page=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sheet?q=%E5%B1%B1&page=2"
    assert 'lang="en"' in client.get("/sheet").text


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/\\elsewhere.example/"])
def test_a_switch_never_leads_to_another_host(client: TestClient, path: str) -> None:
    answer = client.get("http://testserver" + path + "?lang=en")
    assert answer.headers["location"].lstrip("/").startswith("elsewhere.example")
    assert not answer.headers["location"].startswith(("//", "/\\"))


def test_an_escaped_path_stays_escaped(client: TestClient) -> None:
    answer = client.get("/a%3Flang=ja%0d%0aSet-Cookie:x?lang=en")
    assert answer.headers["location"] == "/a%3Flang%3Dja%0D%0ASet-Cookie%3Ax"


def test_an_unknown_language_changes_nothing(client: TestClient) -> None:
    answer = client.get("/sheet?lang=tlh")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
