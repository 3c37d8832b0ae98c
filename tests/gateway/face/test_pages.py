from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request
from starlette.testclient import TestClient

from gateway.face.assets import ASSETS, FOLDER, asset
from tests.gateway.face import sample


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(sample.web("http://testserver"))


def test_it_works(client: TestClient) -> None:
    answer = client.get("/sheet")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == "ja"
    assert "扶養控除申告_2026.xlsx" in answer.text
    assert "11月24日（火）10:00" in answer.text


def test_it_works_in_english(client: TestClient) -> None:
    page = client.get("/sheet", headers={"accept-language": "en"}).text
    assert '<html lang="en">' in page
    assert "Possible Individual Number (My Number): 36 found" in page
    assert "Tue 24 Nov, 10:00" in page
    assert "Export these rows as CSV" in page


@pytest.mark.parametrize("path", ["/sheet", "/door"])
def test_pages_need_nothing_that_the_policy_refuses(client: TestClient, path: str) -> None:
    page = client.get(path).text
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:|https?://", page)


def test_no_page_holds_twelve_digits(client: TestClient) -> None:
    page = client.get("/sheet").text
    assert not re.search(r"\d{12}|\d{4}[- ]\d{4}[- ]\d{4}", page)


def test_a_missing_variable_is_an_error() -> None:
    request = Request({"type": "http", "path": "/", "headers": [(b"host", b"x")], "server": None})
    with pytest.raises(UndefinedError):
        sample.pages.render(request, "sheet.html")


def test_every_icon_of_a_page_is_in_the_sprite(client: TestClient) -> None:
    sprite = ASSETS["icons.svg"].data.decode()
    page = client.get("/sheet").text + client.get("/door").text
    names = set(re.findall(r"icons\.svg\?v=\w+#([\w-]+)", page))
    assert len(names) > 10
    assert {name for name in names if f'id="{name}"' not in sprite} == set()


def test_a_file_is_kept_for_good_under_its_version(client: TestClient) -> None:
    answer = client.get(asset("app.css"))
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/app.css?v=old").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["none.css", "../pages.py", "..%2fpages.py", ""])
def test_there_are_no_other_files(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 60_000


def test_the_style_sheet_asks_for_nothing_from_elsewhere() -> None:
    css = ASSETS["app.css"].data.decode()
    assert not re.search(r"url\(|@import|@font-face", css)
    assert css.count("{") == css.count("}")
