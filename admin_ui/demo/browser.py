"""A browser without a window: follows links, ticks boxes, presses buttons by what is written on
them. The story uses it, and so do tests that act as a person acts, without JavaScript."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

HOPS = 5


class Lost(Exception):
    """What should be on the page is not there."""


@dataclass(frozen=True)
class Page:
    browser: Browser
    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def html(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.content.decode("utf-8", "replace"))

    @property
    def text(self) -> str:
        """As it is read, white space folded."""
        main = self.html.css_first("main") or self.html.body
        return " ".join(main.text(separator=" ").split()) if main else ""

    def follow(self, label: str) -> Page:
        """Click the first link whose text holds `label`."""
        for link in self.html.css("a[href]"):
            if label in _shown(link):
                return self.browser.get(urljoin(self.url, link.attributes["href"] or ""))
        raise Lost(f"no link 「{label}」 on {self.url}")

    def press(self, label: str, tick: bool = True, **typed: str) -> Page:
        """Press the button whose text holds `label`: its form is sent as it stands, every box
        ticked if `tick`, fields and choices of `typed` filled in."""
        button = self._button(label)
        form = self._form(button)
        fields = [*_fields(form, tick), *self._outside(form, tick)]
        fields = [(name, value) for name, value in fields if name not in typed]
        fields += list(typed.items())
        if button.attributes.get("name"):
            fields.append((button.attributes["name"] or "", button.attributes.get("value") or ""))
        target = urljoin(self.url, form.attributes.get("action") or self.url)
        return self.browser.post(target, fields)

    def _button(self, label: str) -> LexborNode:
        for button in self.html.css("button"):
            if label in _shown(button):
                return button
        raise Lost(f"no button 「{label}」 on {self.url}: {self.text[:400]}")

    def _form(self, button: LexborNode) -> LexborNode:
        owner = button.attributes.get("form")
        if owner:
            found = self.html.css_first(f"form#{owner}")
        else:
            found = button.parent
            while found is not None and found.tag != "form":
                found = found.parent
        if found is None:
            raise Lost("a button without a form")
        return found

    def _outside(self, form: LexborNode, tick: bool) -> list[tuple[str, str]]:
        """Fields elsewhere on the page that name this form as theirs."""
        name = form.attributes.get("id")
        if not name:
            return []
        chosen = self.html.css(f"input[form='{name}'], textarea[form='{name}']")
        return [pair for node in chosen for pair in _value(node, tick)]


@dataclass
class Browser:
    """One person's: cookies are kept, redirects followed."""

    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    agent: str = "Mozilla/5.0 (Sekisho story)"
    language: str = "ja"

    def get(self, url: str, **headers: str) -> Page:
        return self._go("GET", url, b"", headers)

    def post(self, url: str, fields: list[tuple[str, str]]) -> Page:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._go("POST", url, urlencode(fields).encode(), headers)

    def _go(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        for _ in range(HOPS):
            page = self._once(method, url, body, headers)
            if page.status not in (301, 302, 303, 307):
                return page
            url = urljoin(url, page.headers.get("location", ""))
            method, body, headers = "GET", b"", {}
        raise Lost("redirected without end")

    def _once(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Page:
        parts = urlsplit(url)
        jar = self.cookies.setdefault(parts.netloc, {})
        sent = {
            "User-Agent": self.agent,
            "Accept-Language": self.language,
            "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
            **headers,
        }
        if method == "POST":
            sent |= {"Origin": f"{parts.scheme}://{parts.netloc}", "Sec-Fetch-Site": "same-origin"}
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target or "/", body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.msg.get_all("set-cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                jar[name] = morsel.value
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Page(self, url, answer.status, found, content)


def _shown(node: LexborNode) -> str:
    return " ".join((node.text() or "").split())


def _fields(form: LexborNode, tick: bool) -> list[tuple[str, str]]:
    nodes = form.css("input, textarea, select")
    return [pair for node in nodes for pair in _value(node, tick)]


def _value(node: LexborNode, tick: bool) -> list[tuple[str, str]]:
    name, value = node.attributes.get("name"), node.attributes.get("value")
    kind = node.attributes.get("type") or "text"
    if not name:
        return []
    if node.tag == "textarea":
        return [(name, node.text() or "")]
    if node.tag == "select":
        chosen = node.css_first("option[selected]") or node.css_first("option")
        return [(name, (chosen.attributes.get("value") or "") if chosen else "")]
    if kind in ("checkbox", "radio"):
        ticked = (tick and kind == "checkbox") or "checked" in node.attributes
        return [(name, value or "on")] if ticked else []
    return [(name, value or "")]
