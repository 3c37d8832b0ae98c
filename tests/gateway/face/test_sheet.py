"""The living style sheet in a real browser: WCAG 2.2 AA, no sideways scroll, nothing refused."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.gateway.face import sample

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
LAN_NAME = "mail-check.lan.example"
SHOTS = os.environ.get("SEKISHO_SHOTS", "")
"""Folder for pictures to be looked at; none are kept without it."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is missing"),
]


def _serve(name: str) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://{name}:{listener.getsockname()[1]}"
    config = uvicorn.Config(sample.web(url), log_level="warning", proxy_headers=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield url
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    yield from _serve("127.0.0.1")


@pytest.fixture(scope="module")
def lan_url() -> Iterator[str]:
    """Plain http under a name that is not localhost: browsers send no Sec-Fetch-Site there."""
    yield from _serve(LAN_NAME)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    rules = f"--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=[*ARGUMENTS.split(), rules]
        )
        yield browser
        browser.close()


def _open(browser: Browser, address: str, width: int, scheme: str) -> tuple[Page, list[str]]:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="ja-JP",
    )
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    return page, said


@pytest.mark.parametrize("path", ["/sheet", "/door"])
@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        *[(320, "light"), (360, "light"), (360, "dark"), (900, "light")],
        *[(1440, "light"), (1440, "dark"), (1600, "light")],
    ],
)
def test_it_works(browser: Browser, url: str, path: str, width: int, scheme: str) -> None:
    page, said = _open(browser, url + path, width, scheme)
    if SHOTS:
        name = f"{path.strip('/')}-{width}-{scheme}.png"
        page.screenshot(path=Path(SHOTS) / name, full_page=True)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    page.close()
    assert results.violations_count == 0, results.generate_report()
    assert sideways <= 0
    assert said == []


def test_the_menu_opens_without_a_script(browser: Browser, url: str) -> None:
    page, _ = _open(browser, url + "/sheet", 360, "light")
    assert not page.locator("#nav").is_visible()
    page.get_by_role("button", name="メニュー").click()
    assert page.locator("#nav").is_visible()
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0
    page.close()


def test_problems_stand_at_their_fields(browser: Browser, url: str) -> None:
    page, _ = _open(browser, url + "/sheet", 1440, "light")
    page.get_by_label("氏名").fill("山田 花子")
    page.get_by_role("button", name="取りやめる").click()  # formnovalidate: the server's turn
    assert page.get_by_text("入力してください").is_visible()
    assert page.get_by_label("氏名").input_value() == "山田 花子"
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0
    page.close()


def test_the_language_is_switched_and_kept(browser: Browser, url: str) -> None:
    page, _ = _open(browser, url + "/sheet", 1440, "light")
    page.get_by_role("link", name="English").click()
    assert page.url == url + "/sheet"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.context.clear_cookies()
    page.close()


def test_forms_work_on_plain_http_under_a_name(browser: Browser, lan_url: str) -> None:
    """There only `Origin` tells our own form from another site's; see `SecurityHeaders`."""
    page, _ = _open(browser, lan_url + "/door", 1440, "light")
    page.get_by_label("ログインID").fill("yamada")
    page.get_by_label("パスワード").fill("secret")
    page.get_by_role("button", name="サインイン").click()
    assert page.get_by_text("yamada secret").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["localhost", "plain http"])
def test_another_site_cannot_post(browser: Browser, url: str, lan_url: str, scheme: str) -> None:
    """A form on somebody's page, sent to us by a real browser."""
    ours = url if scheme == "localhost" else lan_url
    page = browser.new_page()
    page.set_content(
        f'<form method="post" action="{ours}/form">'
        '<input name="name" value="a"><input name="reason" value="b"><button>win</button></form>'
    )
    with page.expect_response(ours + "/form") as answer:
        page.get_by_role("button").click()
    assert answer.value.status == 403
    assert page.get_by_text("別のサイトから送られた操作").is_visible()
    page.close()


def test_it_prints_on_paper(browser: Browser, url: str) -> None:
    page, _ = _open(browser, url + "/sheet", 1440, "dark")
    page.emulate_media(media="print")
    assert not page.locator("#nav").is_visible()
    paper = page.pdf(prefer_css_page_size=True)
    page.close()
    if SHOTS:
        (Path(SHOTS) / "sheet.pdf").write_bytes(paper)
    assert paper.startswith(b"%PDF")
