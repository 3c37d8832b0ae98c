"""The outside door in Chromium: without scripts, as it must work; with them only for axe."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from bridge import acts
from bridge.door import create_app
from gateway.memory.config import Bridge, Config
from gateway.memory.opening import open_memory
from gateway.memory.states import Actor
from tests.bridge.doorway import SHEET, codes_mailed, row, send, taken
from tests.bridge.parcels import verbs
from tests.browsing import browsing, chromium, inspect, served

WEBMAIL = "webmail.example"
NAME, DATA = SHEET

pytestmark = browsing


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def config(tmp_path, listener) -> Config:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return Config(data_dir=tmp_path / "var", bridge=Bridge(url=url))


@pytest.fixture
def url(memory, config, clock, listener) -> Iterator[str]:
    outside = open_memory(config, with_letters=False, clock=clock)
    with served(create_app(outside, secure_cookies=False), listener):
        yield config.bridge.url
    outside.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(f"--host-resolver-rules=MAP {WEBMAIL} 127.0.0.1") as made:
        yield made


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:
    """As wary as a bank's: no JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    yield context
    context.close()


def until(true: Callable[[], bool]) -> None:
    """The record of a download is written when its last octet has left, not before."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def press(button: Locator) -> None:
    """And wait for the page that it leads to: until then the old one is still there."""
    with button.page.expect_navigation():
        button.click()


def enter_code(page: Page, memory, sent) -> None:
    page.get_by_label("認証コード（6桁）").fill(codes_mailed(memory)[-1])
    if sent.word:
        page.get_by_label("合言葉（6桁）").fill(sent.word)
    press(page.get_by_role("button", name="確認してファイルを表示する"))


def test_it_works(context, memory, url) -> None:
    sent, page = send(memory, told_word=True), context.new_page()
    page.goto(f"{url}/d/{sent.token}")
    assert page.url == f"{url}/d/", "the token has left the address bar"
    press(page.get_by_role("button", name="認証コードを送る"))
    expect(page.get_by_text("認証コードをお送りしました")).to_be_visible()
    enter_code(page, memory, sent)
    with page.expect_download() as download:
        page.get_by_role("button", name="ダウンロード").click()
    assert download.value.suggested_filename == NAME
    assert Path(download.value.path()).read_bytes() == DATA
    until(lambda: taken(memory, sent) == [1])
    page.reload()
    expect(page.get_by_text("あと4回")).to_be_visible()
    press(page.get_by_role("button", name="受け取りを終える"))
    page.goto(f"{url}/d/")
    expect(page.get_by_role("heading", name="もう一度リンクを開いてください")).to_be_visible()


def test_a_link_in_a_webmail_leads_to_the_page(context, memory, url, listener) -> None:
    """Another site's page links here: under `SameSite=Strict` the cookie would stay behind on
    the redirect, and again when the link is opened once more after the proof."""
    sent, page = send(memory), context.new_page()
    mail = f'<a href="{url}/d/{sent.token}">受け取りページ</a>'
    context.route(
        f"http://{WEBMAIL}/**",
        lambda route: route.fulfill(body=mail, content_type="text/html; charset=utf-8"),
    )
    page.goto(f"http://{WEBMAIL}/")
    press(page.get_by_role("link"))
    press(page.get_by_role("button", name="認証コードを送る"))
    enter_code(page, memory, sent)
    expect(page.get_by_role("button", name="ダウンロード")).to_be_visible()
    page.goto(f"http://{WEBMAIL}/")
    press(page.get_by_role("link"))
    expect(page.get_by_role("button", name="ダウンロード")).to_be_visible()


def test_wrong_codes_are_explained_at_their_field(context, memory, url) -> None:
    sent, page = send(memory), context.new_page()
    page.goto(f"{url}/d/{sent.token}")
    press(page.get_by_role("button", name="認証コードを送る"))
    wrong = f"{(int(codes_mailed(memory)[-1]) + 1) % 10**6:06d}"
    for left in ("あと4回", "あと3回"):
        page.get_by_label("認証コード（6桁）").fill(wrong)
        press(page.get_by_role("button", name="確認してファイルを表示する"))
        expect(page.get_by_text(left)).to_be_visible()
    press(page.get_by_role("link", name="English"))
    expect(page.get_by_role("heading", name="Files from 株式会社サンプル")).to_be_visible()


def test_a_number_is_typed_by_hand(context, memory, url) -> None:
    sent, page = send(memory), context.new_page()
    page.goto(url)
    page.get_by_label("受取番号").fill(sent.id.lower().replace("-", " "))
    press(page.get_by_role("button", name="受け取りページを開く"))
    expect(page.get_by_text(sent.id)).to_be_visible()


def test_a_broken_off_download_is_resumed(memory, url, context) -> None:
    """Over a real socket: what was cut off counts nothing, the rest of it counts once."""
    sent, page = send(memory, ("big.bin", DATA * 100)), context.new_page()
    page.goto(f"{url}/d/{sent.token}")
    press(page.get_by_role("button", name="認証コードを送る"))
    enter_code(page, memory, sent)
    cookie = "; ".join(f"{c['name']}={c['value']}" for c in context.cookies())
    host = url.removeprefix("http://")

    @contextmanager
    def ask(method: str, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
        with closing(http.client.HTTPConnection(host)) as connection:
            connection.request(method, path, headers={"Cookie": cookie, **headers})
            with connection.getresponse() as answer:
                yield answer

    with ask("POST", "/d/files/1") as pressed:
        address = pressed.headers["Location"]
    with ask("GET", address) as cut:
        got, etag = cut.read(1_000_000), cut.headers["ETag"]
    until(lambda: "download.aborted" in verbs(memory, sent.id))
    assert taken(memory, sent) == [0]
    resume = {"Range": f"bytes={len(got)}-", "If-Range": etag}
    with ask("GET", address, **resume) as rest:
        assert got + rest.read() == DATA * 100
    until(lambda: taken(memory, sent) == [1])


LOOKS = [(320, "light"), (320, "dark"), (390, "light"), (1440, "light"), (1440, "dark")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_accessible_and_fits(browser, memory, url, clock, language) -> None:
    """axe finds nothing, nothing scrolls sideways, the content policy has nothing to refuse."""
    context = browser.new_context(locale="ja-JP" if language == "ja" else "en-GB")
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))

    def check(name: str) -> None:
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            inspect(page, f"{name}-{width}-{scheme}-{language}", unfold=False)

    page.goto(url)
    check("front")
    sent = send(memory, SHEET, ("ご案内.pdf", b"%PDF"), told_word=True)
    page.goto(f"{url}/d/{sent.token}")
    check("proof")
    page.locator("summary").click()
    press(page.locator("form[action='/d/code'] button"))
    page.locator("[name=code]").fill("abc")
    page.locator("[name=word]").fill("abc")
    press(page.locator("form[action='/d/prove'] button"))
    check("problem")
    page.locator("[name=code]").fill(codes_mailed(memory)[-1])
    page.locator("[name=word]").fill(sent.word)
    press(page.locator("form[action='/d/prove'] button"))
    check("files")
    one = send(memory)
    page.goto(f"{url}/d/{one.token}")
    press(page.locator("form[action='/d/code'] button"))
    page.locator("[name=code]").fill(codes_mailed(memory)[-1])
    press(page.locator("form[action='/d/prove'] button"))
    check("file")
    gone = send(memory)
    with memory.store.write() as tx:
        acts.recall(tx, memory, row(memory, gone), Actor("person", "p1"))
    said.clear()  # Chromium notes the answers that are no 200
    for name, address in (("unknown", "/d/none"), ("recalled", f"/d/{gone.token}")):
        page.goto(url + address)
        check(name)
    late = send(memory)
    clock.forward(days=8)
    page.goto(url + "/d/")
    check("reopen")
    page.goto(f"{url}/d/{late.token}")
    check("expired")
    press(page.locator("form[action='/d/reissue'] button"))
    check("asked")
    assert [each for each in said if "status of" not in each] == []
    context.close()
