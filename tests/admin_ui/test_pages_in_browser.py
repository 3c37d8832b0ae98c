"""The frame's own pages in a real browser without JavaScript: WCAG 2.2 AA, nothing refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import BrowserContext, expect

from admin_ui.app import create_app
from gateway.judgement import policies
from gateway.judgement.checkpoint import Checkpoint
from gateway.memory.config import Config, Web
from gateway.memory.opening import open_memory, prepare
from gateway.memory.states import SYSTEM
from tests import samples
from tests.admin_ui.conftest import PASSWORD, Staff
from tests.browsing import browser, browsing, inspect, looking, served
from tests.gateway.judgement.conftest import Office

CSV = (
    "name,email,department,roles,groups,deputy,from\n"
    "佐藤 三郎,sato@example.co.jp,経理課,approver,情報管理責任者,bob@example.co.jp,2027-04-01\n"
    "Alice,alice@example.co.jp,総務課,,,,\n"
)

__all__ = ["browser"]
pytestmark = browsing


class Now:
    def __call__(self) -> datetime:
        return datetime.now(UTC)

    def forward(self, **_: float) -> None:
        """Real time needs no push; who signs in twice waits."""


@pytest.fixture(scope="module")
def staff(tmp_path_factory) -> Iterator[Staff]:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = Config(data_dir=tmp_path_factory.mktemp("web") / "var", web=Web(url=url))
    prepare(config)
    memory = open_memory(config)
    with memory.store.write() as tx:
        memory.ledger.open(tx.conn)
    policies.publish(memory.store, policies.default_text(), "default", SYSTEM)
    app = create_app(memory, secure_cookies=False)
    with served(app, listener):
        yield Staff(Office(memory, Checkpoint.of(memory)), Now())
    listener.close()
    memory.close()


@pytest.fixture(scope="module")
def url(staff) -> str:
    return staff.office.memory.config.web.url


@pytest.fixture(scope="module")
def first_page(browser, staff, url) -> str:
    """Before anybody is there."""
    page = browser.new_page(java_script_enabled=False, locale="ja-JP")
    page.goto(url)
    text = page.content()
    check(page.context, url, "/", "welcome")
    page.close()
    return text


@pytest.fixture(scope="module")
def company(staff, first_page) -> Staff:
    office = staff.office
    office.hire("alice")
    office.hire("bob", ("role", "approver"), ("group", "情報管理責任者"))
    office.hire("audrey", ("role", "auditor"))
    office.hire("root", ("role", "system_admin"))
    office.stand_in("alice", "bob")
    for numbers, subject in ((1, "扶養控除等申告書の送付について"), (36, "11月分 給与資料の送付")):
        rows = [["氏名", "個人番号"]]
        rows += [[f"社員{n}", v] for n, v in enumerate(samples.individual_numbers(numbers))]
        book = samples.workbook({"一覧": rows})
        raw = samples.message(
            subject, "送付します。", [("一覧.xlsx", book)], sender="root@example.co.jp"
        )
        office.arrive(raw, ["sato@partner.example"], "root@example.co.jp")
    return staff


@pytest.fixture(scope="module")
def root(browser, company, url) -> Iterator[BrowserContext]:
    """root at a screen, come in by the printed link, typing everything, without a script."""
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    page.goto(url + company.invitation("root"))
    company.secrets["root"] = company.secret(page.content())
    page.locator("#f-password").fill(PASSWORD)
    page.get_by_label("パスワード（もう一度）").fill(PASSWORD)
    page.get_by_label("認証コード（6桁）").fill(company.code("root"))
    page.get_by_role("button", name="設定してサインインする").click()
    expect(page.get_by_role("heading", name="対応が必要なもの")).to_be_visible()
    page.close()
    yield context
    context.close()


def check(context: BrowserContext, url: str, path: str, name: str, posted: bool = False) -> None:
    """axe, sideways scroll, console: at two widths, light and dark, signed in as `context` is."""
    # axe is a script: the same cookies in a context that may run one
    twin = looking(context.browser)
    twin.add_cookies(context.cookies())
    page, said = twin.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(url + path)
    if posted:
        page.get_by_label("または、内容を貼り付ける").fill(CSV)
        page.get_by_role("button", name="変わる内容を確認する").click()
    for width, scheme in ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        inspect(page, f"{name}-{width}-{scheme}")
    twin.close()
    assert [line for line in said if "404" not in line] == []


def test_it_works(root, company, url) -> None:
    check(root, url, "/", "home")


def test_the_first_page_tells_what_to_do(first_page) -> None:
    assert "関所へようこそ" in first_page


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *[("/people", "people"), ("/people/bob", "person"), ("/people/import", "import")],
        *[("/account", "account"), ("/nothing", "missing"), ("/enrol", "enrol_gone")],
    ],
)
def test_pages_of_an_administrator(root, url, path, name) -> None:
    check(root, url, path, name)


def test_what_a_file_would_change(root, url) -> None:
    check(root, url, "/people/import", "plan", posted=True)


def test_sign_in_and_enrolment(browser, root, company, url) -> None:
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    check(context, url, "/signin", "signin")
    check(context, url, company.invitation("bob"), "enrol")
    context.close()


def test_the_qr_code_is_what_an_app_reads(browser, company, url) -> None:
    """The picture and the text say the same secret, and its codes are taken."""
    page = browser.new_page(java_script_enabled=False, locale="ja-JP")
    page.goto(url + company.invitation("audrey"))
    shown = page.locator("p.mono").inner_text().replace(" ", "")
    assert shown == company.secret(page.content())
    assert page.get_by_role("img", name="QRコード").locator("path").count() == 2
    page.get_by_label("パスワード（もう一度）").fill(PASSWORD)
    page.get_by_label("認証コード（6桁）").fill(pyotp.TOTP(shown).now())
    page.locator("#f-password").fill(PASSWORD)
    page.get_by_role("button", name="設定してサインインする").click()
    expect(page.get_by_role("link", name="監査ログ")).to_be_visible()
    page.context.close()
