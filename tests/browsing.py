"""Pages in a real browser, as all who test them need it: Chromium, a server on a free port, axe."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SHOTS = os.environ.get("SEKISHO_SHOTS", "")
"""Folder for pictures to be looked at; none are kept without it."""

browsing = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is missing"),
]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS.split(), *more]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """To be imported where pages are tried."""
    with chromium() as made:
        yield made


@contextmanager
def served(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(
        app, lifespan="off", log_level="warning", access_log=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join()


def looking(
    browser: Browser,
    width: int = 1440,
    scheme: Literal["light", "dark"] = "light",
    language: str = "ja",
    script: bool = True,
) -> BrowserContext:
    """A person's browser. axe is a script: pages themselves have none."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale="ja-JP" if language == "ja" else "en-GB",
        java_script_enabled=script,
    )


_UNFOLD = "for (const e of document.querySelectorAll('details')) { e.name = ''; e.open = true }"


def inspect(page: Page, name: str, *, unfold: bool = True) -> None:
    """WCAG 2.2 AA by axe, and no sideways scroll."""
    if unfold:
        page.evaluate(_UNFOLD)
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, f"{name}\n{results.generate_report()}"
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert sideways <= 0, f"{name} scrolls sideways by {sideways}"


_REACHABLE = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]'
)].filter(e => !e.disabled && e.checkVisibility({visibilityProperty: true})
  && (e.type !== 'radio' || e.checked)).length"""
_FOCUS = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  const first = !window.seen.has(e);
  window.seen.add(e);
  return [first, shown, window.seen.size, e.outerHTML.slice(0, 120)];
}"""
_PIECES = 5
"""Tabs that one field may take: a date has day, month, year and a calendar."""


def tab_through(page: Page) -> None:
    """Tab reaches all that can be pressed or filled in, and shows where it is."""
    wanted = page.evaluate(_REACHABLE)
    page.evaluate("window.seen = new Set([document.body])")
    reached, idle = 0, 0
    while reached < wanted and idle < _PIECES:
        page.keyboard.press("Tab")
        first, shown, number, element = page.evaluate(_FOCUS)
        idle, reached = 0 if first else idle + 1, number - 1
        assert shown or not first, f"no focus is seen at {element}"
    assert reached == wanted, f"{reached} of {wanted} reached by Tab on {page.url}"


def tab_to(page: Page, selector: str) -> None:
    """By the keyboard alone."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")
