"""The guards, bare: each around an application that only says "through"."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.face.guards import (
    ClientAddress,
    CrossOriginGuard,
    SecurityHeaders,
    Site,
    TrustedHost,
    guarded,
)

SITE = Site(("https://mail-check.example.co.jp", "http://127.0.0.1:2580"))
OURS = "https://mail-check.example.co.jp"


async def through(scope: Scope, receive: Receive, send: Send) -> None:
    client = scope.get("client") or ("", 0)
    await PlainTextResponse(f"through {client[0]}")(scope, receive, send)


async def run(app: ASGIApp, **scope: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of one request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    fields = [(name.encode(), value.encode()) for name, value in scope.pop("headers", [])]
    request = {"type": "http", "method": "GET", "path": "/", "headers": fields, **scope}
    await app(request, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


def test_it_works() -> None:
    assert SITE.https
    assert SITE.link("/confirm/x") == "https://mail-check.example.co.jp/confirm/x"
    assert SITE.hosts == {"mail-check.example.co.jp", "127.0.0.1:2580"}


def test_the_usual_port_is_left_out() -> None:
    site = Site(("https://Files.example.co.jp:443/", "http://localhost:80", "http://[::1]:8080"))
    assert site.hosts == {"files.example.co.jp", "localhost", "[::1]:8080"}
    assert site.origins >= {"https://files.example.co.jp", "http://localhost"}


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("POST", {"sec-fetch-site": "same-origin"}, 200),
        ("POST", {"sec-fetch-site": "none"}, 200),
        ("POST", {"sec-fetch-site": "same-origin", "origin": "null"}, 200),
        ("POST", {"origin": OURS}, 200),
        ("POST", {"origin": "http://127.0.0.1:2580"}, 200),
        ("POST", {}, 200),
        ("GET", {"sec-fetch-site": "cross-site"}, 200),
        ("HEAD", {"origin": "https://evil.example"}, 200),
        ("POST", {"sec-fetch-site": "cross-site"}, 403),
        ("POST", {"sec-fetch-site": "same-site"}, 403),
        ("POST", {"sec-fetch-site": "cross-site", "origin": OURS}, 403),
        ("POST", {"sec-fetch-site": "anything new"}, 403),
        ("POST", {"sec-fetch-site": ""}, 403),
        ("POST", {"origin": "https://evil.example"}, 403),
        ("POST", {"origin": "null"}, 403),
        ("POST", {"origin": ""}, 403),
        ("POST", {"origin": OURS + ".evil.example"}, 403),
        ("POST", {"origin": OURS.replace("https", "http")}, 403),
        ("POST", {"origin": OURS + ":8443"}, 403),
        ("PUT", {"origin": "https://evil.example"}, 403),
        ("DELETE", {"sec-fetch-site": "cross-site"}, 403),
        ("post", {"sec-fetch-site": "cross-site"}, 403),
        ("get", {"sec-fetch-site": "cross-site"}, 403),
    ],
)
async def test_another_site_changes_nothing(method, headers, status) -> None:
    guard = CrossOriginGuard(through, SITE.origins)
    answer = await run(guard, method=method, headers=list(headers.items()))
    assert answer[0] == status


async def test_no_websocket_passes() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    guard = CrossOriginGuard(through, SITE.origins)
    await guard({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("hosts", "status"),
    [
        (["mail-check.example.co.jp"], 200),
        (["MAIL-CHECK.example.co.jp"], 200),
        (["127.0.0.1:2580"], 200),
        (["evil.example"], 400),
        (["mail-check.example.co.jp.evil.example"], 400),
        (["mail-check.example.co.jp:8080"], 400),
        (["127.0.0.1"], 400),
        ([""], 400),
        ([], 400),
        (["mail-check.example.co.jp", "evil.example"], 400),
    ],
)
async def test_only_our_own_names_are_answered(hosts: list[str], status: int) -> None:
    answer = await run(TrustedHost(through, SITE.hosts), headers=[("host", h) for h in hosts])
    assert answer[0] == status


async def test_probes_ask_by_address() -> None:
    guard = TrustedHost(through, SITE.hosts)
    assert (await run(guard, path="/healthz", headers=[("host", "10.0.0.7:8080")]))[0] == 200
    assert (await run(guard, path="/metrics", headers=[("host", "10.0.0.7:8080")]))[0] == 400


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("127.0.0.1:8080", "/metrics", 200),
        ("[::1]", "/metrics", 200),
        ("127.0.0.1.evil.example", "/metrics", 400),
        ("127.0.0.1:8080", "/queue", 400),
    ],
)
async def test_a_collector_on_this_machine_asks_by_its_address(host, path, status) -> None:
    guard = TrustedHost(through, SITE.hosts)
    assert (await run(guard, path=path, headers=[("host", host)]))[0] == status


async def test_every_answer_carries_the_promises() -> None:
    _, headers, _ = await run(SecurityHeaders(through, https=True))
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "max-age" in headers["strict-transport-security"]


async def test_plain_http_promises_no_https() -> None:
    _, headers, _ = await run(SecurityHeaders(through, https=False))
    assert "strict-transport-security" not in headers


async def test_refusals_carry_them_too() -> None:
    status, headers, text = await run(guarded(through, SITE), headers=[("host", "evil.example")])
    assert status == 400
    assert headers["cache-control"] == "no-store"
    assert "evil" not in text


PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # a stranger's claim
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
        ("10.0.0.1", ["198.51.100.1:5123"], "198.51.100.1"),
        ("fd00::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, <script>"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
    ],
)
async def test_the_caller_is_who_our_proxy_saw(peer, forwarded, caller) -> None:
    fields = [("x-forwarded-for", each) for each in forwarded]
    guard = ClientAddress(through, PROXIES)
    assert (await run(guard, client=(peer, 1), headers=fields))[2] == f"through {caller}"


async def test_without_proxies_nobody_is_believed() -> None:
    fields = [("x-forwarded-for", "198.51.100.1")]
    assert (await run(ClientAddress(through, ()), client=("127.0.0.1", 1), headers=fields))[2] == (
        "through 127.0.0.1"
    )
