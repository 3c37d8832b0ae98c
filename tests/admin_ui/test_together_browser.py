"""The lists of a run in a real browser: at every width, and by the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gateway.memory.states import State
from tests.admin_ui.test_gathered import gather
from tests.admin_ui.test_pages_browser import config, listener, signed_in, url
from tests.browsing import browser, browsing, inspect, looking, tab_through, tab_to
from tests.looks import LOOKS
from tests.mails import SATO, in_body
from tests.merges import counting, invoice, invoices

__all__ = ["browser", "config", "listener", "url"]
pytestmark = browsing
NUMBER = 12


@pytest.fixture
def ids(office, clock) -> list[str]:
    return invoices(office, NUMBER, clock)


def test_by_the_keyboard_alone(browser, office, clock, url, ids) -> None:
    context = looking(browser, 1200)
    page = context.new_page()
    page.goto(url + gather(office, clock))
    tab_to(page, 'a[href^="/confirm/together"]')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/confirm/together"))
    tab_through(page)
    page.reload()
    tab_to(page, 'input[value="to"]')
    page.keyboard.press("Space")
    tab_to(page, 'input[name="number"]')
    page.keyboard.type(str(NUMBER))
    page.keyboard.press("Enter")  # the browser stops it: the files are not ticked
    assert {office.read(id).state for id in ids} == {State.HELD}
    tab_to(page, 'input[value="files"]')
    page.keyboard.press("Space")
    tab_to(page, "button.p")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{NUMBER}通を確認しました")).to_be_visible()
    assert {office.read(id).state for id in ids} == {State.QUEUED}
    context.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_use_both_lists(
    browser, office, clock, url, ids, width, scheme, language
) -> None:
    """axe, no sideways scroll; with mails beside it that are not like the others."""
    office.arrive(*invoice(60, files=[("社員名簿.xlsx", b"names")]))
    office.arrive(*invoice(61, to="keiri@company3.example"))
    office.arrive(in_body(3), [SATO])
    context = looking(browser, width, scheme, language)
    page = context.new_page()
    page.goto(url + gather(office, clock))
    inspect(page, f"gathered-{width}-{scheme}-{language}")
    page.locator('a[href^="/confirm/together"]').click()
    inspect(page, f"together-{width}-{scheme}-{language}")
    page.locator("button.p").evaluate("e => { e.form.noValidate = true; e.click() }")
    expect(page.locator(".problem").first).to_be_visible()
    inspect(page, f"together-problems-{width}-{scheme}-{language}")
    context.close()


def test_a_burst_is_judged_by_the_keyboard_alone(browser, office, clock, url) -> None:
    counting(office)
    ids = invoices(office, NUMBER, clock)
    context = looking(browser, 1200)
    signed_in(context, office, url, "root")
    page = context.new_page()
    page.goto(f"{url}/holds?kind=admin")
    tab_to(page, 'a[href^="/holds/together"]')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/holds/together"))
    tab_through(page)
    page.reload()
    tab_to(page, 'textarea[name="reason"]')
    page.keyboard.type("身に覚えのない送信と確認")
    tab_to(page, 'input[name="all"]')
    page.keyboard.type(str(NUMBER))
    tab_to(page, "button.d")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{NUMBER}通を却下しました")).to_be_visible()
    assert {office.read(id).state for id in ids} == {State.REFUSED}
    context.close()


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_everybody_can_judge_a_burst(browser, office, clock, url, width, scheme, language) -> None:
    """axe, no sideways scroll; with a mail in it that is not like the others, and one beside it."""
    counting(office)
    ids = invoices(office, NUMBER, clock)
    office.arrive(*invoice(60, files=[("社員名簿.xlsx", b"names")]))
    office.arrive(*invoice(61, sender="bob@example.co.jp"))
    context = looking(browser, width, scheme, language)
    signed_in(context, office, url, "root")
    page = context.new_page()
    page.goto(url)
    inspect(page, f"home-bursts-{width}-{scheme}-{language}")
    page.goto(f"{url}/holds?kind=admin")
    inspect(page, f"bursts-{width}-{scheme}-{language}")
    page.locator('a[href^="/holds/together"]').click()
    inspect(page, f"burst-{width}-{scheme}-{language}")
    page.locator("button.d").evaluate("e => { e.form.noValidate = true; e.click() }")
    expect(page.locator(".problem")).to_have_count(2)
    inspect(page, f"burst-problems-{width}-{scheme}-{language}")
    page.locator('input[name="number"]').fill(str(NUMBER))
    page.locator("button.p").click()
    expect(page).to_have_url(re.compile("done=let_on"))
    inspect(page, f"bursts-done-{width}-{scheme}-{language}")
    assert {office.read(id).state for id in ids} == {State.HELD}
    context.close()
