"""What scanners, blind robots, guessers and other sites can do at the outside door."""

from __future__ import annotations

import hashlib
import re
from itertools import product

from starlette.testclient import TestClient

from bridge.door import create_app
from gateway.memory.states import Actor
from tests.bridge.doorway import (
    SHEET,
    URL,
    accesses,
    codes_mailed,
    codes_wanted,
    prove,
    row,
    send,
    taken,
)
from tests.bridge.parcels import verbs

SENDER = Actor("person", "p1")
NAME, DATA = SHEET
SECRETS = ("扶養控除申告", "200KB", "204KB", "205KB", hashlib.sha256(DATA).hexdigest())
"""What nobody may read before the proof."""


# -- scanners, blind posts, guesses


def test_a_scanner_changes_nothing(visitor, memory) -> None:
    sent = send(memory)
    before = dict(row(memory, sent)), taken(memory, sent), verbs(memory, sent.id)
    for number in range(20):
        client = visitor(**{"user-agent": f"scanner {number}"})
        paths = [
            f"/d/{sent.token}",
            "/d/",
            "/",
            "/d/code",
            "/d/prove",
            "/d/files/1",
            "/d/files/1/1-x",
        ]
        for path in paths:
            client.get(path)
            client.head(path)
    assert (dict(row(memory, sent)), taken(memory, sent), verbs(memory, sent.id)) == before
    assert codes_wanted(memory) == 0 and not accesses(memory, "proved")
    assert {each["kind"] for each in accesses(memory, "page")} == {"page"}


def test_head_leaves_no_trace(visitor, memory) -> None:
    sent = send(memory)
    answer = visitor().head(f"/d/{sent.token}", follow_redirects=False)
    assert answer.status_code == 303 and "set-cookie" not in answer.headers
    assert accesses(memory, "page") == []


FORMS = ["/find", "/d/code", "/d/prove", "/d/reissue", "/d/leave", "/d/files/1"]
BODIES = [
    {},
    {"code": "", "word": "", "number": ""},
    {"code": "test", "word": "Lorem ipsum", "number": "abc", "extra": "1"},
    {"code": "1" * 3000, "number": "\x00", "word": "\u202e"},
]


def test_blind_posts_change_nothing_that_matters(visitor, memory) -> None:
    """At most a code a minute goes to the recipient's own mailbox."""
    sent = send(memory)
    for body in BODIES:
        client = visitor()
        client.get(f"/d/{sent.token}")
        for path in FORMS:
            answer = client.post(path, data=body)
            assert answer.status_code < 500 and DATA not in answer.content
            assert NAME not in answer.text
            client.get(f"/d/{sent.token}")
    after = row(memory, sent)
    assert (after["state"], after["tries"], after["locked_until"]) == ("open", 0, None)
    assert after["asked_at"] is None and taken(memory, sent) == [0]
    assert codes_wanted(memory) == 1
    assert not accesses(memory, "proved") and not accesses(memory, "download")
    assert prove(visitor(), memory, sent).status_code == 200


def test_wrong_codes_lock_and_delete_nothing(visitor, memory, clock) -> None:
    sent, client = send(memory), visitor()
    client.get(f"/d/{sent.token}")
    client.post("/d/code")
    code = codes_mailed(memory)[-1]
    guesses = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 6)]
    answers = [client.post("/d/prove", data={"code": guess}) for guess in guesses]
    assert "あと4回" in answers[0].text and answers[0].status_code == 422
    assert guesses[0] not in answers[0].text
    assert "11月21日（土）14:33まで" in answers[4].text
    locked = visitor()
    locked.get(f"/d/{sent.token}")
    assert locked.post("/d/prove", data={"code": code}).status_code == 403
    clock.forward(minutes=16)
    assert NAME in prove(visitor(), memory, sent).text


def test_a_lock_does_not_shut_out_who_has_proved(visitor, memory, clock) -> None:
    sent, client, stranger = send(memory), visitor(), visitor()
    prove(client, memory, sent)
    stranger.get(f"/d/{sent.token}")
    for guess in range(5):
        stranger.post("/d/prove", data={"code": f"{guess:06d}"})
    assert row(memory, sent)["locked_until"]
    assert client.post("/d/files/1").content == DATA


def test_the_proof_gives_a_new_cookie_and_ends_the_old(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    client.get(f"/d/{sent.token}")
    before = client.cookies["__Host-door"]
    prove(client, memory, sent)
    assert client.cookies["__Host-door"] != before
    assert visitor(cookie=f"__Host-door={before}").get("/d/").status_code == 403
    kept = client.cookies["__Host-door"]
    assert NAME in client.get(f"/d/{sent.token}").text, "opening the link again keeps the proof"
    assert client.cookies["__Host-door"] == kept


def test_the_proof_of_one_parcel_opens_no_other(visitor, memory) -> None:
    mine, other = send(memory), send(memory, ("別の会社.txt", b"other"))
    client = visitor()
    prove(client, memory, mine)
    address = client.post("/d/files/1", follow_redirects=False).headers["location"]
    assert "別の会社" not in client.get(f"/d/{other.token}").text
    for path in (address, "/d/files/1/1-" + "0" * 32):
        assert client.get(path).content not in (DATA, b"other")
    assert client.post("/d/files/1").content not in (DATA, b"other")


# -- what every answer carries


PATHS = ("/", "/d/", "/d/unknown", "/none", "/healthz", "/robots.txt", "/static/app.css")


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


def test_every_answer_is_guarded(visitor) -> None:
    for path, method in product((*PATHS, *FORMS), METHODS):
        guarded(visitor().request(method, path, follow_redirects=False), path)


def guarded(answer, path) -> None:
    assert answer.status_code < 500
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "script" not in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["strict-transport-security"]
    if "static" not in path:
        assert headers["cache-control"] == "no-store"


def test_pages_need_no_script_and_no_inline_style(visitor, memory, clock) -> None:
    sent, client = send(memory), visitor()
    pages = [client.get("/"), client.get(f"/d/{sent.token}"), prove(client, memory, sent)]
    for page in pages:
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page.text)
        assert not re.search(
            r"\d{12}|\d{4}[- ]\d{4}[- ]\d{4}", re.sub("[0-9a-f]{64}", "", page.text)
        )


def test_the_cookie_is_bound_to_this_host(visitor, memory) -> None:
    sent = send(memory)
    answer = visitor().get(f"/d/{sent.token}", follow_redirects=False)
    assert answer.headers["location"] == "/d/"
    parts = answer.headers["set-cookie"].lower().split("; ")
    assert parts[0].startswith("__host-door=") and sent.token.lower() not in parts[0]
    assert {"path=/", "secure", "httponly", "samesite=lax"} <= set(parts)
    assert not [each for each in parts if each.startswith("domain")]


def test_without_https_the_cookie_has_a_plain_name(memory) -> None:
    sent = send(memory)
    plain = create_app(memory, secure_cookies=False)
    client = TestClient(plain, base_url=memory.config.bridge.url)
    cookie = client.get(f"/d/{sent.token}", follow_redirects=False).headers["set-cookie"]
    assert cookie.startswith("door=") and "secure" not in cookie.lower()


def test_another_host_name_is_refused(visitor, memory) -> None:
    sent = send(memory)
    for host in ("evil.example", "files.example.co.jp.evil.example", "files.example.co.jp:81"):
        answer = visitor(host=host).get(f"/d/{sent.token}")
        assert answer.status_code == 400 and "evil" not in answer.text
    assert visitor(host="192.0.2.1").get("/healthz").text == "ok\n"


def test_another_site_cannot_post(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    prove(client, memory, sent)
    foreign = {"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}
    for path, headers in product(FORMS, foreign):
        assert client.post(path, headers=headers).status_code == 403
    assert taken(memory, sent) == [0]


def test_a_large_body_is_refused(visitor, memory) -> None:
    assert visitor().post("/find", data={"number": "x" * 20_000}).status_code == 413


def test_the_caller_is_known_behind_our_own_proxy_only(door, memory) -> None:
    sent = send(memory)
    for peer in ("10.0.0.5", "192.0.2.9"):
        client = TestClient(door, base_url=URL, client=(peer, 5))
        client.get(f"/d/{sent.token}", headers={"x-forwarded-for": "203.0.113.4"})
    assert [each["ip"] for each in accesses(memory, "page")] == ["203.0.113.4", "192.0.2.9"]


def test_robots_stay_out(visitor) -> None:
    assert visitor().get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_the_language_is_kept_where_one_is(visitor, memory) -> None:
    sent, client = send(memory), visitor()
    client.get(f"/d/{sent.token}")
    failed = client.post("/d/prove", data={"code": "1"})
    assert failed.status_code == 422 and "6桁の数字を入力してください" in failed.text
    page = client.get("/d/prove?lang=en")
    assert page.url == f"{URL}/d/" and '<html lang="en">' in page.text


def test_a_fault_of_ours_is_told_kindly_and_tells_nothing(door, memory) -> None:
    sent = send(memory)
    with memory.store.write() as tx:
        tx.conn.exec_driver_sql("ALTER TABLE doorsession RENAME TO elsewhere")
    client = TestClient(door, base_url=URL, raise_server_exceptions=False)
    answer = client.get("/d/", headers={"cookie": "__Host-door=x", "accept-language": "ja"})
    assert answer.status_code == 500 and "ただいまご利用いただけません" in answer.text
    assert "doorsession" not in answer.text and sent.id not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_link_cannot_be_opened_without_end_from_one_address(visitor, memory) -> None:
    sent = send(memory)
    address, opened = f"/d/{sent.token}", 0
    while opened < 300 and visitor().get(address, follow_redirects=False).status_code == 303:
        opened += 1
    assert 60 <= opened < 300 and len(accesses(memory, "page")) == opened
