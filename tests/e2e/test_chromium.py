"""The same story in a real browser without JavaScript, over real SMTP on both ends.

`SEKISHO_PICTURES=docs/pictures` keeps the pictures that the README shows.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from admin_ui.demo.house import Ports
from tests.e2e.test_demo import free_base

pytestmark = [pytest.mark.slow, pytest.mark.needs("chromium")]

QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    ports = Ports(free_base())
    folder = tmp_path_factory.mktemp("demo")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from admin_ui.cli import main; main()",
            *("demo", "--port-base", str(ports.base), "--dir", str(folder)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if "/enter/" in line:
            break
    yield ports
    process.terminate()
    process.stdout.close()
    assert process.wait(40) == 0


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()


class Person:
    """Somebody at a screen: a context of their own, no JavaScript."""

    def __init__(self, chromium, ports, width=1200):
        self.context = chromium.new_context(
            java_script_enabled=False, viewport={"width": width, "height": 900}, locale="ja-JP"
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.ports = ports

    def play(self, name):
        self.page.goto(self.ports.url("web") + "/")
        row = self.page.locator("li", has_text=name)
        self.press(row.get_by_role("button"))

    def read(self, to, subject):
        """The newest mail to `to` with `subject`, waited for."""
        for _ in range(60):
            self.page.goto(f"{self.ports.url('mailbox')}/?to={to}")
            found = self.page.get_by_role("link", name=re.compile(re.escape(subject)))
            if found.count():
                with self.page.expect_navigation():
                    found.first.click()
                return self.page.locator(".body").inner_text()
            self.page.wait_for_timeout(500)
        raise AssertionError(f"no mail 「{subject}」 to {to}")

    def press(self, button):
        with self.page.expect_navigation():
            button.click()

    def picture(self, name):
        if folder := os.environ.get("SEKISHO_PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def somebody(chromium, demo):
    people = []

    def come(**more):
        people.append(Person(chromium, demo, **more))
        return people[-1]

    yield come
    for person in people:
        person.context.close()


def test_a_mail_is_held_confirmed_approved_fetched_recalled_and_audited(somebody):
    hanako, ichiro, jiro, makoto = (somebody() for _ in range(4))
    hanako.page.goto(hanako.ports.url("web") + "/")
    hanako.picture("first-page")

    text = hanako.read("hanako.yamada@example.co.jp", "11月分 扶養控除等申告書")
    hanako.page.goto(re.search(r"http\S+/confirm/\S+", text)[0])
    page = hanako.page
    assert "/confirm/" in page.url and len(page.url.rsplit("/", 1)[1]) == 9  # the token is gone
    expect(page.get_by_role("heading", level=1)).to_have_text("このメールはまだ送信されていません")
    expect(page.get_by_text("C5:C40").first).to_be_visible()
    hanako.picture("confirm")
    for box in page.get_by_role("checkbox").all():
        assert not box.is_checked()
        box.check()
    hanako.press(page.get_by_role("button", name="確認して承認を依頼する"))
    expect(page.locator("main")).to_contain_text("承認")

    ichiro.play("鈴木 一郎")
    text = ichiro.read("ichiro.suzuki@example.co.jp", "承認依頼")
    ichiro.page.goto(re.search(r"http\S+/holds/[0-9A-Z-]+", text)[0])
    expect(ichiro.page.get_by_text("●●●●").first).to_be_visible()
    ichiro.picture("approve")
    ichiro.press(ichiro.page.get_by_role("button", name="承認する", exact=True))

    hanako.page.goto(page.url)
    text = jiro.read("jiro.sato@sr-office.example.jp", "扶養控除等申告書の送付")
    link = re.search(r"http\S+/d/\S+", text)[0]
    for _ in range(100):
        confirm_page = re.search(r"合言葉\D{0,40}(\d{6})", hanako.page.locator("main").inner_text())
        if confirm_page:
            break
        hanako.page.reload()
    word = confirm_page[1]
    jiro.page.goto(link)
    assert link.rsplit("/", 1)[1] not in jiro.page.url
    jiro.picture("pick-up")
    jiro.press(jiro.page.get_by_role("button", name="認証コードを送る"))
    at = jiro.page.url
    text = jiro.read("jiro.sato@sr-office.example.jp", "認証コード")
    jiro.page.goto(at)
    jiro.page.get_by_label(re.compile("認証コード")).fill(re.search(r"\b\d{6}\b", text)[0])
    jiro.page.get_by_label(re.compile("合言葉")).fill(word)
    jiro.press(jiro.page.get_by_role("button", name="確認してファイルを表示する"))
    expect(jiro.page.get_by_text("扶養控除申告_2026.zip").first).to_be_visible()
    jiro.picture("files")
    with jiro.page.expect_download() as download:
        jiro.page.get_by_role("button", name=re.compile("ダウンロード")).click()
    assert download.value.suggested_filename == "扶養控除申告_2026.zip"
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    hanako.play("山田 花子")
    hanako.page.goto(hanako.ports.url("web") + "/transfers")
    hanako.picture("transfers")
    with hanako.page.expect_navigation():
        hanako.page.get_by_role("link", name=re.compile("扶養控除等申告書の送付")).first.click()
    with hanako.page.expect_navigation():
        hanako.page.get_by_role("link", name="回収する").click()
    hanako.page.get_by_label(re.compile("理由")).fill("宛先の確認のため")
    hanako.press(hanako.page.get_by_role("button", name="回収する"))
    expect(hanako.page.locator("main")).to_contain_text("回収しました")
    jiro.page.goto(link)
    expect(jiro.page.get_by_role("heading", level=1)).to_have_text(
        "このファイルの公開は終了しました"
    )

    makoto.play("佐々木 誠")
    makoto.page.goto(makoto.ports.url("web") + "/audit")
    makoto.press(makoto.page.get_by_role("button", name="すべて検証する"))
    expect(makoto.page.locator("main")).to_contain_text("改ざんなし")
    makoto.picture("audit")


def test_a_number_in_the_body_leaves_only_inside_the_parcel(somebody):
    hanako, jiro = somebody(width=390), somebody()
    text = hanako.read("hanako.yamada@example.co.jp", "資格取得届の件")
    hanako.page.goto(re.search(r"http\S+/confirm/\S+", text)[0])
    expect(hanako.page.locator("main")).to_contain_text("本文に個人番号があるため")
    hanako.picture("confirm-phone")
    for box in hanako.page.get_by_role("checkbox").all():
        box.check()
    hanako.press(hanako.page.get_by_role("button", name="本文も受け取りページで渡す"))
    text = jiro.read("jiro.sato@sr-office.example.jp", "資格取得届の件")
    assert "入社者" not in text and not re.search(r"\d{12}", re.sub(r"http\S+", "", text))
