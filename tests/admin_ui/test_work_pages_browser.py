"""Sent files, queue, audit, health and rules in a real browser: without script, and on paper."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert, update

from bridge import acts, visit
from bridge.packing import Content
from bridge.proof import CODE
from bridge.sweep import HEARTBEAT
from gateway.judgement import policies
from gateway.judgement.people import PERSON
from gateway.mail.queue import ATTEMPT, CONSIGNMENT, RECIPIENT
from gateway.memory import pointers
from gateway.memory.letters import LETTER
from gateway.memory.states import SYSTEM, Actor
from tests import samples
from tests.admin_ui import test_pages_browser as pages
from tests.admin_ui.test_desk import confirmed
from tests.bridge import parcels
from tests.browsing import SHOTS, browser, browsing, inspect, looking
from tests.looks import LOOKS
from tests.mails import SATO, payroll
from tests.office import Office

__all__ = ["browser"]
pytestmark = browsing
listener, config, url = pages.listener, pages.config, pages.url

AT = "203.0.113.24"
NAMES = {
    "yamada": ("山田 花子", "総務課"),
    "alice": ("高橋 健", "経理課"),
    "bob": ("鈴木 一郎", "総務部"),
    "audrey": ("佐々木 誠", "監査室"),
    "root": ("管理 太郎", "情報システム課"),
    "paul": ("規程 次郎", "情報システム課"),
}


@dataclass
class Gallery:
    """An office in the middle of its work, and where each page is seen."""

    office: Office
    paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    """name to (person, path)"""

    def make(self) -> Gallery:
        office = self.office
        office.hire("yamada")
        with office.memory.store.write() as tx:
            for id, (name, department) in NAMES.items():
                who = update(PERSON).where(PERSON.c.id == id)
                tx.conn.execute(who.values(name=name, department=department))
            pointers.put(tx, HEARTBEAT, tx.now.isoformat())
        held = confirmed(office, office.arrive(payroll(12), [SATO]))
        waiting = self.deferred()
        sent, taken, recalled = self.sent(), self.taken(), self.recalled()
        self.paths = {
            "transfers": ("yamada", "/transfers"),
            "transfers-all": ("audrey", "/transfers"),
            "transfers-empty": ("alice", "/transfers"),
            "transfer": ("yamada", f"/transfers/{sent}"),
            "transfer-taken": ("yamada", f"/transfers/{taken}"),
            "transfer-recall": ("yamada", f"/transfers/{sent}/recall"),
            "transfer-recalled": ("yamada", f"/transfers/{recalled}"),
            "certificate": ("yamada", f"/transfers/{recalled}/certificate/recall"),
            "queue": ("root", "/queue"),
            "queue-one": ("root", f"/queue/{waiting}"),
            "audit": ("audrey", "/audit"),
            "audit-masked": ("root", "/audit?verb=held"),
            "audit-mail": ("audrey", f"/audit/mail/{held}"),
            "audit-person": ("audrey", "/audit/person/alice"),
            "audit-file": (
                "audrey",
                f"/audit/file?{urlencode({'name': '扶養控除申告_2026.xlsx'})}",
            ),
            "audit-nothing": ("audrey", "/audit?mail=nothing"),
            "health": ("root", "/health"),
            "settings": ("root", "/settings"),
        }
        return self

    def deferred(self) -> str:
        office = self.office
        raw = samples.message(
            "見積書の送付", "ご確認ください。", sender="alice@example.co.jp", to=[SATO]
        )
        id = office.arrive(raw, [SATO])
        with office.memory.store.write() as tx:
            attempt = {"consignment_id": id, "hop": "mx:sr-office.example.jp"}
            times = {"started_at": tx.now, "ended_at": tx.now, "outcome": "deferred"}
            tx.conn.execute(insert(ATTEMPT).values(**attempt, **times))
            reply = "451 4.7.1 <jiro.sato@sr-office.example.jp>: Recipient address greylisted"
            mine = RECIPIENT.c.consignment_id == id
            tx.conn.execute(
                update(RECIPIENT).where(mine).values(reply=reply, mx="mx1.sr-office.example.jp")
            )
            later = {"attempts": 1, "due_at": tx.now + timedelta(minutes=4)}
            tx.conn.execute(update(CONSIGNMENT).where(CONSIGNMENT.c.id == id).values(**later))
            tx.record("deferred", SYSTEM, consignment=id, recipient=SATO, reply=reply)
        return id

    def parcel(self, subject: str, **more: object) -> str:
        files = (
            Content("扶養控除申告_2026.xlsx", "application/xlsx", b"x" * 84_000),
            Content("送付状.pdf", "application/pdf", b"x" * 21_000),
        )
        memory = self.office.memory
        id = parcels.made(memory, *files, **more).id
        row = parcels.row(memory, id)
        with memory.store.write() as tx:
            mine = LETTER.c.id == row["letter_id"]
            tx.conn.execute(update(LETTER).where(mine).values(subject=subject))
            to = RECIPIENT.c.consignment_id == row["consignment_id"]
            tx.conn.execute(update(RECIPIENT).where(to).values(name="佐藤 次郎"))
            for ip in ("198.51.100.7", "198.51.100.8", "198.51.100.9"):
                visit.note(tx, row, "page", ip, "LinkScanner/2.0")
        return id

    def sent(self) -> str:
        id = self.parcel("11月分 扶養控除等申告書の送付について", told_word=True)
        with self.office.memory.store.write() as tx:
            tx.conn.execute(insert(CODE).values(parcel_id=id, state="sent", wanted_at=tx.now))
            acts.ask_reissue(tx, parcels.row(self.office.memory, id), AT)
        return id

    def taken(self) -> str:
        id = self.parcel("【ご確認】10月分 給与資料")
        with self.office.memory.store.write() as tx:
            row = parcels.row(self.office.memory, id)
            visit.note(tx, row, "proved", AT, "Firefox")
            access = visit.start_download(tx, row, 1, AT, "Firefox")
            visit.end_download(tx, access, 84_000, AT)
            acts.stop(tx, row, Actor("person", "yamada", "192.0.2.7"), "宛先を確認するため")
        return id

    def recalled(self) -> str:
        id = self.parcel("社会保険 資格取得届")
        memory = self.office.memory
        with memory.store.write() as tx:
            who = Actor("person", "yamada", "192.0.2.7")
            acts.recall(tx, memory, parcels.row(memory, id), who, "宛先の取り違え")
        return id


@pytest.fixture
def gallery(office) -> Gallery:
    made = Gallery(office).make()
    first = policies.default_text()
    other = first.replace("宛先と添付ファイルをご確認", "宛先と添付ファイルをもう一度ご確認")
    for text, origin in ((other, "policy.toml"), (first, "default policy")):
        policies.publish(office.memory.store, text, origin, Actor("person", "paul"))
    return made


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_every_page(
    browser, office, url, gallery, width, scheme, language
) -> None:
    """axe, no sideways scroll, nothing refused by the content policy."""
    context = looking(browser, width, scheme, language)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    for name, (person, path) in gallery.paths.items():
        context.clear_cookies()
        pages.signed_in(context, office, url, person)
        assert page.goto(url + path).status == 200, name
        inspect(page, f"{name}-{width}-{scheme}-{language}")
        assert said == [], name
    context.close()


def test_it_works_without_script(browser, office, url, gallery) -> None:
    """A recall and its certificate, by clicks alone; then the auditor verifies the record."""
    context = looking(browser, 390, script=False)
    pages.signed_in(context, office, url, "yamada")
    page = context.new_page()
    page.goto(url + "/transfers")
    page.get_by_role("link", name="11月分 扶養控除等申告書の送付について").click()
    page.get_by_role("link", name="回収する").click()
    recall = page.get_by_role("button", name="回収する")
    recall.click()  # the browser stops it: no reason yet
    expect(page).to_have_url(re.compile(re.escape("/recall") + "$"))
    page.get_by_label("回収する理由").fill("宛先の取り違え")
    recall.click()
    expect(page.get_by_text("鍵を破棄したため、どなたも開くことができません")).to_be_visible()
    page.get_by_role("link", name="回収の証明書").click()
    expect(page.get_by_role("heading", name="閲覧前回収証明書")).to_be_visible()
    context.close()
    context = looking(browser, 1440, script=False)
    pages.signed_in(context, office, url, "audrey")
    page = context.new_page()
    page.goto(url + "/audit")
    page.get_by_role("button", name="すべて検証する").click()
    expect(page.get_by_text("改ざんなし")).to_be_visible()
    page.get_by_label("操作").select_option(label="回収")
    page.get_by_role("button", name="絞り込む").click()
    page.get_by_role("cell", name="社会保険 資格取得届").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="社会保険 資格取得届")).to_be_visible()
    context.close()


def test_a_certificate_is_one_sheet_of_paper(browser, office, url, gallery) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    pages.signed_in(context, office, url, "yamada")
    page = context.new_page()
    page.goto(url + gallery.paths["certificate"][1])
    page.emulate_media(media="print")
    assert not page.locator("#nav").is_visible()
    assert not page.get_by_role("link", name="JSON").is_visible()
    paper = page.pdf(prefer_css_page_size=True)
    if SHOTS:
        (Path(SHOTS) / "certificate.pdf").write_bytes(paper)
        page.screenshot(path=Path(SHOTS) / "certificate-print.png", full_page=True)
    assert paper.count(b"/Type /Page\n") == 1
    context.close()


def test_a_draft_is_tried_and_put_into_force(browser, office, url, gallery) -> None:
    context = looking(browser, script=False)
    pages.signed_in(context, office, url, "paul")
    page = context.new_page()
    page.goto(url + "/policy/lab")
    rules = page.get_by_label("ルールの全文")
    rules.fill(rules.input_value().replace("宛先と添付ファイルを", "宛先と添付を"))
    page.get_by_role("button", name="過去30日のメールで試す").click()
    expect(page.get_by_role("heading", name="過去30日のメールで試した結果")).to_be_visible()
    page.get_by_role("button", name="この変更案を適用する").click()
    expect(page.locator(".banner.ok")).to_be_visible()
    context.close()
