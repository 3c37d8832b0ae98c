"""What people read in English is punctuated in English, whoever looks."""

from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from tests.mails import SATO, in_body, plain

FULL_WIDTH = re.compile(r"[\u3000-\u303f\u30fb\uff00-\uff65]")
WRITTEN = "textarea, pre, .body, [lang=ja], td.title, .diff, option"
"""Where texts of users stand: rules, mails, Japanese itself."""
PAGES = {
    "alice": ("/", "/holds?mine", "/transfers", "/account"),
    "bob": ("/", "/holds", "/account"),
    "audrey": ("/holds", "/holds?state=done", "/transfers", "/audit", "/policy", "/policy/lab"),
    "root": ("/", "/holds", "/queue", "/people", "/people/bob", "/settings", "/health", "/audit"),
    "paul": (
        "/",
        "/policy",
        "/policy/lab",
        "/policy/friction",
        "/addressees",
        "/policy/versions/1",
    ),
    "hana": ("/", "/addressees"),
}


DATA = re.compile(r"まだ送信されていません：|【[^】]*】")
"""Subjects of notices to Japanese readers, and marks that rules look for."""


@pytest.fixture
def full(office):
    """Held mail, an entry of the ledger of addressees, a group and a deputy."""
    held = office.arrive(in_body(3), [SATO])
    office.arrive(plain(), [SATO])
    return held


@pytest.mark.slow
@pytest.mark.parametrize("person", PAGES)
def test_no_page_has_full_width_punctuation(person, full, client, come_in) -> None:
    come_in(client, person)
    client.cookies.set("lang", "en")
    seen = 0
    for path in (*PAGES[person], f"/holds/{full}", f"/audit/mail/{full}", f"/transfers/{full}"):
        answer = client.get(path)
        if answer.status_code == 404:
            continue
        seen += 1
        page = LexborHTMLParser(answer.text)
        page.strip_tags(["script", "style"])
        for each in page.css(WRITTEN):
            each.decompose()
        said = [page.body.text(separator=" "), page.css_first("title").text()]
        said += [v for e in page.css("[aria-label]") if (v := e.attributes["aria-label"])]
        for text in said:
            text = DATA.sub("", text)
            wrong = [text[max(0, m.start() - 30) : m.end() + 30] for m in FULL_WIDTH.finditer(text)]
            assert not wrong, (path, wrong)
    assert seen >= len(PAGES[person])
