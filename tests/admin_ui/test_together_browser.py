"""The lists of a run in a real browser: at every width, and by the keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from gateway.memory.states import State
from tests.admin_ui.test_gathered import gather
from tests.admin_ui.test_pages_browser import config, listener, url
from tests.browsing import browser, browsing, inspect, looking, tab_through, tab_to
from tests.looks import LOOKS
from tests.mails import SATO, in_body
from tests.merges import invoice, invoices

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
