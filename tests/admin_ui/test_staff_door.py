"""The door for phones: what one confirms or approves on the way, and no page of an office."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from starlette.testclient import TestClient

from admin_ui.app import MODULES, STAFF, create_app
from admin_ui.frame import Office as Frame
from admin_ui.reading import Reader
from tests import samples
from tests.e2e.conftest import build
from tests.e2e.house import House, free_port

__all__ = ["build"]


@pytest.fixture
def phone(office, config) -> TestClient:
    app = create_app(office.memory, secure_cookies=False, modules=STAFF)
    return TestClient(app, base_url=config.web.url)


@pytest.fixture
def held(office) -> str:
    to, raw = (
        "sato@sr-office.example.jp",
        samples.message(
            "給与資料",
            "資料をお送りします。",
            [("一覧.csv", f"氏名,個人番号\n山田,{samples.individual_numbers(1)[0]}\n".encode())],
            sender="alice@example.co.jp",
            to="sato@sr-office.example.jp",
        ),
    )
    return office.arrive(raw, [to], "alice@example.co.jp")


def links(page: str) -> set[str]:
    return {at.partition("?")[0] or "/" for at in re.findall(r'href="(/[^"#]*)"', page)}


@pytest.mark.parametrize("person", ["alice", "bob", "audrey", "root"])
def test_it_works(phone, new_client, sign_in, held, person) -> None:
    sign_in(new_client(), person)  # enrols, which is for a desk
    sign_in(phone, person)
    pages = ["/", "/holds", "/account"] + [f"/holds/{held}"] * (person in ("alice", "audrey"))
    for path in pages:
        page = phone.get(path)
        assert page.status_code == 200, path
        dead = {at for at in links(page.text) if phone.get(at).status_code == 404}
        assert not dead, path


def test_a_mail_is_withdrawn_there(phone, come_in, office, held) -> None:
    come_in(phone, "alice")
    assert f"/holds/{held}" in phone.get("/").text
    page = phone.get(f"/holds/{held}").text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    phone.post(f"/holds/{held}", data={**hidden, "act": "withdraw"})
    assert office.read(held).state == "withdrawn"


def test_what_is_covered_from_an_administrator_is_covered_there_too(phone, come_in, held) -> None:
    come_in(phone, "root")
    page = phone.get(f"/holds/{held}")
    assert page.status_code == 200
    assert "sato@sr-office" not in page.text and "給与資料" not in page.text
    assert "経過" not in page.text  # which names recipients and files


def test_no_other_page_is_there_whoever_asks(phone, office, new_client, come_in) -> None:
    frame = Frame(office.memory, secure_cookies=False, reader=Reader(1))
    paths = [{r.path for m in modules for r in m(frame)} for modules in (MODULES, STAFF)]
    desk = new_client()
    come_in(desk, "root")
    come_in(phone, "root")
    assert {"/people", "/settings", "/audit", "/policy", "/queue"} <= paths[0] - paths[1]
    for path in paths[0] - paths[1]:
        assert phone.get(path).status_code == 404, path
    assert desk.get("/settings").status_code == 200


@pytest.mark.slow
def test_it_listens_where_the_configuration_says(build) -> None:
    port = free_port()
    house: House = build("127.0.0.1:9")
    text = house.path.read_text("utf-8")
    text = text.replace("[web]\n", f'[web]\nstaff_listen = "127.0.0.1:{port}"\n')
    house.path.write_text(text, "utf-8")
    house.start("web")
    asked = {"Host": f"127.0.0.1:{house.web_port}"}  # the name by which people know the web
    url = f"http://127.0.0.1:{port}"
    request = urllib.request.Request(f"{url}/signin", headers=asked)
    with urllib.request.urlopen(request, timeout=10) as page:
        assert page.status == 200
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(urllib.request.Request(f"{url}/healthz", headers=asked), timeout=10)
    house.stop()
