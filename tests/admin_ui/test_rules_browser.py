"""Rules and what they ask, in a real browser: the page of a mail with several findings, addressees,
versions, the lab, what rules brought, and the bypass. Looked at, tried by axe and by keyboard."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import update

from admin_ui import access
from admin_ui.app import create_app
from bridge import password
from gateway.judgement import acts, addressees, bypass, notice, policies
from gateway.judgement.acquaintance import learn as learning
from gateway.judgement.acquaintance.passed import Passed
from gateway.judgement.addressees import Entry
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.people import PERSON
from gateway.memory.config import Config, PolicySection, Web
from gateway.memory.opening import open_memory, prepare
from gateway.memory.states import SYSTEM, Actor
from tests import samples
from tests.admin_ui.test_confirm import link_of
from tests.admin_ui.test_desk import confirmed
from tests.browsing import browser, browsing, inspect, looking, served, tab_through, tab_to
from tests.conftest import Clock
from tests.looks import LOOKS
from tests.mails import FREE, SATO, numbers, payroll, plain
from tests.notices import long_ago
from tests.office import Office

__all__ = ["browser"]
pytestmark = browsing

ALIKE = "jiro.sato@sr-ofice.example.jp"
PEOPLE = {
    "alice": ("山田 花子", "総務課", ()),
    "bob": ("鈴木 一郎", "総務部", (("role", "approver"), ("group", "情報管理責任者"))),
    "audrey": ("佐々木 誠", "監査室", (("role", "auditor"),)),
    "paul": ("規程 次郎", "情報システム課", (("role", "policy_admin"),)),
    "paula": ("規程 三郎", "法務課", (("role", "policy_admin"),)),
    "hana": ("伊藤 直美", "人事課", (("role", "handler"),)),
    "root": ("管理 太郎", "情報システム課", (("role", "system_admin"),)),
}
HANA, PAUL = Actor("person", "hana"), Actor("person", "paul")
LIST = '\n[lists."取引先"]\ndomains = ["sr-office.example.jp", "zeirishi.example"]\n'
LISTS = [
    *(("root", "/holds?state=all"), ("root", "/queue"), ("root", "/people")),
    *(("audrey", "/audit"), ("audrey", "/transfers")),
    *(("paul", "/addressees"), ("paul", "/policy/friction?days=30")),
]
BODY = """田中工業株式会社
田中様

いつもお世話になっております。山田です。
年末調整の資料をお送りします。パスワードは別のメールでお知らせします。
"""


@dataclass
class House:
    """An office that has had its rules for some weeks."""

    office: Office
    url: str
    paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    """name to (person, path)"""

    def build(self) -> House:
        self.hire()
        self.acquaint()
        self.register()
        self.work()
        self.versions()
        held = self.findings()
        asked = confirmed(self.office, self.findings())
        self.paths = {
            "confirm": ("", link_of(self.office, held)),
            "decide": ("bob", f"/holds/{asked}"),
            "password": ("", link_of(self.office, self.zipped(), "zipped")),
            "addressees": ("paul", "/addressees"),
            "policy": ("paula", "/policy"),
            "version": ("paula", "/policy/versions/2"),
            "lab": ("paul", f"/policy/lab?mail={held}"),
            "friction": ("paul", "/policy/friction?days=30"),
            "weekly": ("audrey", "/policy/weekly"),
        }
        return self

    def hire(self) -> None:
        for id, (name, department, grants) in PEOPLE.items():
            self.office.hire(id, *grants)
            with self.office.memory.store.write() as tx:
                who = update(PERSON).where(PERSON.c.id == id)
                tx.conn.execute(who.values(name=name, department=department))

    def acquaint(self) -> None:
        """Weeks of mail to the same office; nobody else is known."""
        with self.office.memory.store.write() as tx:
            passed = Passed("alice@example.co.jp", ((SATO, "佐藤 次郎"),), tx.now)
            learning.learn(tx.conn, self.office.ck.keyed, [passed] * 48)

    def register(self) -> None:
        entries = {
            Entry(
                "sr-office.example.jp", "佐藤社会保険労務士事務所", "社会保険の手続き", "2027-03-31"
            ): 2,
            Entry("tax@zeirishi.example", "高橋税理士事務所", "年末調整", "2026-10-31"): 2,
            Entry("kenpo@kenpo.example", "サンプル健康保険組合", "資格取得届", "", True): 1,
            Entry("itaku.example", "給与計算サービス株式会社", "給与計算"): 3,
        }
        with self.office.memory.store.write() as tx:
            for entry, step in entries.items():
                id = addressees.register(tx, entry, HANA)
                if step > 1:
                    addressees.approve(tx, id, PAUL)
                if step > 2:
                    addressees.end(tx, id, PAUL)
            addressees.register(
                tx, Entry("nenkin.example", "サンプル年金事務所", "算定基礎届"), PAUL
            )

    def work(self) -> None:
        """Some went out as they were, some were stopped, one was a false alarm."""
        office = self.office
        for _ in range(6):
            confirmed(office, office.arrive(payroll(3), [SATO]))
        for count in (2, 12):
            id = office.arrive(payroll(count, to=[FREE]), [FREE])
            with office.memory.store.write() as tx:
                alice = Actor("person", "alice")
                if count > 2:
                    acts.report_false_alarm(tx, office.ck, id, "alice", alice)
                acts.withdraw(tx, office.ck, id, "alice", alice)
        for _ in range(9):
            office.arrive(plain(), [SATO])

    def versions(self) -> None:
        store, first = self.office.memory.store, policies.default_text()
        other = first.replace("宛先と添付ファイルをご確認", "宛先と添付ファイルをもう一度ご確認")
        config = self.office.ck.config
        second = config.policy.model_copy(update={"second_person": True})
        config = config.model_copy(update={"policy": second})
        policies.publish(store, other + LIST, "draft", PAUL, "言い方を見直し", config)

    def zipped(self) -> str:
        """A mail that left with its files in an encrypted ZIP."""
        office, id = self.office, self.office.arrive(plain(), [SATO])
        with office.memory.store.write() as tx:
            columns = password.columns(office.memory, tx, id, password.new())
            mine = update(CONSIGNMENT).where(CONSIGNMENT.c.id == id)
            tx.conn.execute(mine.values(state="done", **columns))
            notice.zipped(tx, office.ck, id)
        return id

    def findings(self) -> str:
        """A look-alike, a first contact, free mail, a hidden sheet, another company's name."""
        rows = [["社員番号", "氏名", "個人番号"]]
        rows += [[str(i), f"社員{i}", n] for i, n in enumerate(numbers(3), 1)]
        sheets = {"一覧": [["月", "人数"], ["11月", "3"]], "内訳": rows}
        book = samples.workbook(sheets, hidden=["内訳"])
        locked = samples.encrypted_zip({"明細.txt": b"x" * 900}, "himitsu")
        raw = samples.message(
            "11月分 給与資料の送付",
            BODY,
            [("扶養控除申告_2026.xlsx", book), ("給与明細.zip", locked)],
            sender="alice@example.co.jp",
            to=[f"佐藤 次郎 <{SATO}>", f"佐藤 次郎 <{ALIKE}>"],
            cc=[FREE],
        )
        long_ago(self.office.memory.store)
        return self.office.arrive(raw, [SATO, ALIKE, FREE])

    @contextmanager
    def bypassed(self) -> Iterator[None]:
        ck, root = self.office.ck, Actor("person", "root")
        with self.office.memory.store.write() as tx:
            bypass.begin(tx, ck, timedelta(hours=2), "承認者が全員不在のため", "root", root)
        yield
        with self.office.memory.store.write() as tx:
            bypass.end(tx, ck, root, "復旧")

    def enter(self, context: BrowserContext, person: str) -> None:
        """Somebody else at the same screen; "" is nobody who signed in."""
        with self.office.memory.store.write() as tx:
            cookie = access.enter(tx, person, "127.0.0.1", "browser")
        context.clear_cookies()
        if person:
            made = {"name": "sekisho-session", "value": cookie, "url": self.url}
            context.add_cookies([made])


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = Config(
            data_dir=tmp_path_factory.mktemp("house") / "var",
            web=Web(url=url),
            policy=PolicySection(second_person=True),
        )
        prepare(config)
        memory = open_memory(config, clock=Clock())
        with memory.store.write() as tx:
            memory.ledger.open(tx.conn)
        policies.publish(memory.store, policies.default_text(), "default", SYSTEM)
        made = House(Office(memory, Checkpoint.of(memory)), url).build()
        with served(create_app(memory, secure_cookies=False), listener):
            yield made
        memory.close()


def proposed(house: House) -> int:
    with house.office.memory.store.read() as session:
        found = policies.proposal(session.connection())
    assert found is not None
    return found.version


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_every_page(browser, house, width, scheme, language) -> None:
    """axe, no sideways scroll, nothing refused by the content policy."""
    context = looking(browser, width, scheme, language)
    page, said, look = context.new_page(), [], f"{width}-{scheme}-{language}"
    page.on("console", lambda message: said.append(message.text))
    for name, (person, path) in house.paths.items():
        house.enter(context, person)
        page.goto(house.url + path)
        inspect(page, f"{name}-{look}")
    house.enter(context, "")
    page.goto(house.url + house.paths["password"][1])
    page.locator("[name=act][value=password]").click()
    expect(page.locator(".spoken")).to_be_visible()
    inspect(page, f"password-shown-{look}")
    house.enter(context, "paul")
    page.goto(house.url + house.paths["lab"][1])
    rules = page.locator("#f-draft")
    rules.fill(rules.input_value().replace("宛先と添付ファイルを", "宛先と添付を"))
    page.locator("button.btn.p").click()
    expect(page.locator("#h-result")).to_be_visible()
    inspect(page, f"lab-mail-{look}")
    page.locator("[formaction]").click()
    expect(page.locator("#h-past")).to_be_visible()
    inspect(page, f"lab-past-{look}")
    assert said == []
    with house.bypassed():
        house.enter(context, "bob")
        page.goto(house.url + "/holds")
        expect(page.locator("body > .banner.warn")).to_be_visible()
        inspect(page, f"bypass-{look}")
    context.close()


def test_no_list_is_wider_than_its_window(browser, house) -> None:
    """English, which is wider; between the widths that are tried elsewhere, too."""
    context = looking(browser, 1440, "light", "en")
    page = context.new_page()
    for person, path in LISTS:
        house.enter(context, person)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(house.url + path)
        for width in (320, 641, 768, 900, 961, 1100, 1200, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (path, width)
    context.close()


def test_every_page_is_reached_by_tab(browser, house) -> None:
    context = looking(browser)
    page = context.new_page()
    for person, path in house.paths.values():
        house.enter(context, person)
        page.goto(house.url + path)
        tab_through(page)
    context.close()


def test_an_addressee_is_registered_and_approved_without_a_mouse(browser, house) -> None:
    context = looking(browser, 320)
    page = context.new_page()
    house.enter(context, "hana")
    page.goto(house.url + "/addressees")
    tab_to(page, "#f-name")
    for typed in ("給与計算サービス株式会社", "gmail.com", "給与計算"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#f-address[aria-invalid]")).to_be_visible()
    inspect(page, "addressees-refused")
    tab_to(page, "#f-address")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("kyuyo.example")
    page.keyboard.press("Enter")
    expect(page.get_by_text("別の人の承認を待っています")).to_be_visible()
    house.enter(context, "paula")
    page.goto(house.url + "/addressees")
    tab_to(page, "[aria-label='給与計算サービス株式会社の登録を承認する']")
    page.keyboard.press("Enter")
    expect(page.get_by_text("承認しました")).to_be_visible()
    context.close()


def test_a_mail_with_several_findings_is_confirmed_without_a_mouse(browser, house) -> None:
    id = house.findings()
    context = looking(browser, 768, "dark", script=True)
    page = context.new_page()
    page.goto(house.url + link_of(house.office, id))
    for tick in page.get_by_role("checkbox").all():
        tab_to(page, f"[value='{tick.get_attribute('value')}']")
        page.keyboard.press("Space")
        assert tick.is_checked()
    page.locator("#main").focus()
    tab_to(page, "[name=domain]")
    page.keyboard.type("sr-ofice.example.jp")
    tab_to(page, "[name=purpose]")
    page.keyboard.press("Space")
    tab_to(page, "[name=act][value=send]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="承認を待っています")).to_be_visible()
    context.close()


def test_a_proposed_version_comes_into_force_without_a_mouse(browser, house) -> None:
    """Last: from here on other rules hold."""
    context = looking(browser, 768)
    page = context.new_page()
    house.enter(context, "paula")
    page.goto(house.url + "/policy")
    tab_to(page, ".banner a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "form.act .btn")
    page.keyboard.press("Enter")
    expect(page.get_by_text("第2版を適用しました")).to_be_visible()
    context.close()
