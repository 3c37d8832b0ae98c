"""The pages of a held mail in a real browser: without script, at every width, for everybody."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from admin_ui import access
from admin_ui.app import create_app
from gateway.judgement import acts, addressees, tokens
from gateway.judgement.addressees import Entry
from gateway.judgement.dossier import RECIPIENT
from gateway.memory.config import Config, Web
from gateway.memory.states import Actor, State
from tests.admin_ui.test_confirm import MANY, delaying, link_of, retyping
from tests.admin_ui.test_desk import confirmed
from tests.browsing import browser, browsing, inspect, looking, served
from tests.looks import LOOKS
from tests.mails import FREE, SATO, WRONG, in_body, payroll, plain
from tests.office import Office

__all__ = ["browser"]
pytestmark = browsing


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
def config(tmp_path, listener) -> Config:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    return Config(data_dir=tmp_path / "var", web=Web(url=url))


@pytest.fixture
def url(office, config, listener) -> Iterator[str]:
    with served(create_app(office.memory, secure_cookies=False), listener):
        yield config.web.url


def signed_in(context: BrowserContext, office: Office, url: str, person: str) -> None:
    with office.memory.store.write() as tx:
        cookie = access.enter(tx, person, "127.0.0.1", "browser")
    context.add_cookies([{"name": "sekisho-session", "value": cookie, "url": url}])


def spoken(page: Page) -> list[str]:
    """What a screen reader hears, what the style sheet writes included."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return [node.get("name", {}).get("value", "") for node in tree["nodes"]]


@pytest.mark.parametrize("width", [390, 1440])
def test_it_works_without_script(browser, office, url, width) -> None:
    """From the notice to the approval, by clicks alone."""
    id = office.arrive(payroll(12), [SATO])
    sender = looking(browser, width, script=False)
    page = sender.new_page()
    page.goto(url + link_of(office, id))
    expect(page).to_have_url(f"{url}/confirm/{id}")
    send = page.get_by_role("button", name="確認して承認を依頼する")
    send.click()  # the browser stops it: nothing is ticked
    expect(page).to_have_url(f"{url}/confirm/{id}")
    assert "confirmed" not in office.verbs(id)
    expect(page.get_by_text("未確認の項目が")).to_be_visible()
    assert "2" in spoken(page), "counted by the style sheet alone: recipient and attachment"
    for tick in page.get_by_role("checkbox").all():
        assert not tick.is_checked()
        tick.check()
    expect(page.get_by_text("すべての項目を確認しました")).to_be_visible()
    send.click()
    expect(page.get_by_role("heading", name="承認を待っています")).to_be_visible()
    sender.close()

    approver = looking(browser, width, script=False)
    signed_in(approver, office, url, "bob")
    page = approver.new_page()
    page.goto(url + "/holds")
    page.get_by_role("link", name="11月分 給与資料の送付").click()
    if width < 961:
        page.get_by_role("link", name="承認へ進む").click()
    page.get_by_role("button", name="承認する", exact=True).click()
    expect(page.get_by_role("heading", name="送信しました。")).to_be_visible()
    approver.close()
    assert office.read(id).state is State.RELEASED


def test_enter_in_a_field_drops_nobody(browser, office, url) -> None:
    retyping(office)
    id = office.arrive(payroll(3, to=[SATO, WRONG]), [SATO, WRONG])
    page = looking(browser, 1440, script=False).new_page()
    page.goto(url + link_of(office, id))
    field = page.get_by_label("確認のため、宛先のドメイン").first
    field.fill("sr-office.example.jp")
    field.press("Enter")
    assert len(office.read(id).outside) == 2 and office.read(id).state is State.HELD
    page.context.close()


def test_a_phones_refusal_unfolds_its_reason(browser, office, url) -> None:
    id = confirmed(office, office.arrive(payroll(12), [SATO]))
    context = looking(browser, 390, script=False)
    signed_in(context, office, url, "bob")
    page = context.new_page()
    page.goto(f"{url}/holds/{id}")
    page.get_by_role("link", name="却下する", exact=True).click()
    reason = page.locator("#why-reject")
    expect(reason).to_be_visible()
    page.get_by_role("button", name="却下する", exact=True).click()
    assert office.read(id).state is State.HELD  # a reason is required
    reason.fill("宛先が違います")
    page.get_by_role("button", name="却下する", exact=True).click()
    expect(page.get_by_role("heading", name="このメールは却下されました")).to_be_visible()
    context.close()


# -- every page, every width


@dataclass
class Gallery:
    """Mails in every state a page has, and where each is seen."""

    office: Office
    paths: dict[str, tuple[str, str]] = field(default_factory=dict)
    """name to (person who signs in or "", path)"""

    def make(self) -> Gallery:
        office = self.office
        office.hire("dora", ("role", "approver"))
        office.stand_in("dora", "bob")
        both = [SATO, FREE]
        decide = confirmed(office, office.arrive(payroll(12, to=both, hidden=True), both))
        refused = confirmed(office, office.arrive(payroll(12), [SATO]))
        with office.memory.store.write() as tx:
            seen, bob = office.read(refused).seen, Actor("person", "bob")
            acts.refuse(tx, office.ck, refused, "bob", seen, "宛先をご確認ください。", bob)
        sent = confirmed(office, office.arrive(payroll(3, second=True), [SATO]))
        body = office.arrive(in_body(2), [SATO])
        ways = office.arrive(plain(to=MANY), MANY)
        purpose, other = self._purposes()
        retyping(office)
        raw = payroll(3, to=[SATO, WRONG], cc=["bob@example.co.jp"], second=True)
        confirm = office.arrive(raw, [SATO, WRONG, "bob@example.co.jp"])
        delaying(office)
        delayed = office.arrive(plain(), [SATO])
        with office.memory.store.write() as tx:
            list_ = tokens.issue(tx, "gathered", "alice", tx.now + timedelta(days=1), "alice")
        self.paths = {
            "gathered": ("", f"/confirm/{list_}"),
            "confirm": ("", link_of(office, confirm)),
            "whole": ("", link_of(office, body)),
            "ways": ("", link_of(office, ways)),
            "purpose": ("", link_of(office, purpose)),
            "other-purpose": ("bob", f"/holds/{other}"),
            "delayed": ("", link_of(office, delayed, "delayed")),
            "gone": ("", "/confirm/" + "x" * 43),
            "waiting": ("alice", f"/holds/{decide}"),
            "sent": ("alice", f"/holds/{sent}"),
            "refused": ("alice", f"/holds/{refused}"),
            "decide": ("bob", f"/holds/{decide}"),
            "list": ("audrey", "/holds?state=all"),
            "empty": ("bob", "/holds?q=nothing"),
            "again": ("root", f"/holds/{decide}"),
        }
        return self

    def _purposes(self) -> tuple[str, str]:
        """A mail to a registered addressee, and one that is stated to be for something else."""
        entry = Entry(
            "sharoushi.example", "山田社労士事務所", "社会保険の手続き", "2099-03-31", True
        )
        with self.office.memory.store.write() as tx:
            id = addressees.register(tx, entry, Actor("person", "bob"))
            addressees.approve(tx, id, Actor("person", "root"))
        to = ["sato@sharoushi.example"]
        before = confirmed(self.office, self.office.arrive(payroll(11, to=to), to))
        with self.office.memory.store.write() as tx:
            sent = {"status": "delivered", "settled_at": tx.now}
            rows = update(RECIPIENT).where(RECIPIENT.c.consignment_id == before)
            tx.conn.execute(rows.values(**sent))
        purpose = self.office.arrive(payroll(12, to=to), to)
        other = confirmed(self.office, self.office.arrive(payroll(12, to=to, second=True), to))
        return purpose, other


@pytest.fixture
def gallery(office) -> Gallery:
    return Gallery(office).make()


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
        if person:
            signed_in(context, office, url, person)
        page.goto(url + path)
        inspect(page, f"{name}-{width}-{scheme}-{language}")
        assert [text for text in said if "404" not in text] == [], name
    context.close()
