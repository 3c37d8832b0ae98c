"""What stands before every page: each guard is one ASGI layer that can be tested bare.

`guarded(app, site)` puts them in their order, outermost first: headers on every answer, also on
refusals; the caller's true address; the host; the origin of what changes something.
Sizes of bodies are starlette's own `max_body_size`, with `forms.OCTETS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Network = IPv4Network | IPv6Network

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PROBES = ("/healthz", "/readyz")
"""Load balancers ask by address, not by name; the answers hold no link and no data."""
COLLECTED = "/metrics"
"""A collector on this machine asks for it by this machine's own address, which no name that
somebody else gives out can be."""
_THIS_MACHINE = re.compile(r"(?:127\.0\.0\.1|\[::1\])(?::\d{1,5})?")


@dataclass(frozen=True)
class Site:
    """The addresses under which people reach this web; links are made from the first only.

    A link made from the Host header goes wherever the sender of the header wants: that is how
    password reset mails were poisoned, and our notices carry such links.
    """

    urls: tuple[str, ...]

    @property
    def https(self) -> bool:
        return self.urls[0].startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """As browsers write them into `Host`."""
        return frozenset(_scheme_and_host(url)[1] for url in self.urls)

    @property
    def origins(self) -> frozenset[str]:
        """As browsers write them into `Origin`."""
        return frozenset("://".join(_scheme_and_host(url)) for url in self.urls)

    def link(self, path: str) -> str:
        """https://mail-check.example.co.jp/confirm/…"""
        return self.urls[0].rstrip("/") + path


def _scheme_and_host(url: str) -> tuple[str, str]:
    """("https", "files.example.co.jp"): browsers leave the usual port out."""
    parts = urlsplit(url.lower())
    usual = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    return parts.scheme, parts.netloc.removesuffix(usual)


class CrossOriginGuard:
    """Refuses what another site makes a signed-in browser send (CSRF), without tokens.

    Browsers say where a request comes from, and pages cannot forge it: `Sec-Fetch-Site` (all
    engines since 2023, on https and localhost) and `Origin` (on every POST, since about 2020).
    * `same-origin` is us; `none` is the person: a typed address, a reload. All else is refused,
      `same-site` too: a sister host of the company is not this web.
    * Without it (plain http, old browsers) `Origin` must be one of ours. "null" is not: a
      sandboxed frame of anybody sends it.
    * Neither of them: no browser, hence nobody's cookies. Programs may post.
    A form token would add state and secrets to every page, and a stolen one helps an attacker.
    """

    SAFE = ("GET", "HEAD", "OPTIONS")

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    def allows(self, method: str, headers: Headers) -> bool:
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if method in self.SAFE:
            return True
        if site is not None:
            return site in ("same-origin", "none")
        return origin is None or origin.lower() in self.origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # none of our pages opens one, and CSRF rules differ
            return await send({"type": "websocket.close", "code": 1008})
        if scope["type"] == "http" and not self.allows(scope["method"], Headers(scope=scope)):
            return await _refuse(403, _ELSEWHERE)(scope, receive, send)
        await self.app(scope, receive, send)


class TrustedHost:
    """Answers under our own names only, so that DNS rebinding cannot bring a page to us."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES:
            # Two Host fields read two ways (RFC 9112 §3.2 wants 400 as well).
            named = Headers(scope=scope).getlist("host")
            if len(named) != 1 or not self._ours(named[0].lower(), scope["path"]):
                return await _refuse(400, _MISNAMED)(scope, receive, send)
        await self.app(scope, receive, send)

    def _ours(self, host: str, path: str) -> bool:
        return host in self.hosts or bool(path == COLLECTED and _THIS_MACHINE.fullmatch(host))


class SecurityHeaders:
    """The same promises on every answer: no script, no frame, no cache, no trace elsewhere.

    `Referrer-Policy: same-origin` and not `no-referrer`: both tell other sites nothing, but under
    `no-referrer` browsers send `Origin: null` with our own forms (Fetch §"append a request Origin
    header"), and on plain http the guard above has nothing else to go by.
    """

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.fields = {
            "Content-Security-Policy": CONTENT_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            "X-Robots-Tag": "noindex",
            # Pages show mails and files: a shared machine's back button must not.
            "Cache-Control": "no-store",
        }
        if https:
            self.fields["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.fields.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_fields if scope["type"] == "http" else send)


class ClientAddress:
    """Puts the caller's own address into `scope["client"]`, as far as it can be believed.

    Everybody can send an `X-Forwarded-For`; only what our own proxies appended on the right is
    true. From the peer leftwards, the first address that is no trusted proxy is the caller
    (adam-p.ca 2022, "The perils of the 'real' client IP"). What is left of it is a claim.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self.app = app
        self.trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("client"):
            peer, port = scope["client"]
            scope["client"] = (self.caller(peer, Headers(scope=scope)), port)
        await self.app(scope, receive, send)

    def caller(self, peer: str, headers: Headers) -> str:
        believed = _address(peer) or peer
        for hop in self._hops(headers):
            if not self._is_ours(believed):
                break
            if not (address := _address(hop)):
                break  # our proxy wrote something else: stop at what we know
            believed = address
        return believed

    def _hops(self, headers: Headers) -> Iterator[str]:
        fields = ",".join(headers.getlist("x-forwarded-for"))
        return (hop.strip() for hop in reversed(fields.split(",")))

    def _is_ours(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self.trusted)
        except ValueError:
            return False


def _address(text: str) -> str:
    """An IP address in its usual form, "" when it is none. Some proxies append the port."""
    host = text[1:].partition("]")[0] if text.startswith("[") else text
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


_ELSEWHERE = (
    "別のサイトから送られた操作のため、受け付けませんでした。"
    "この画面を開き直して、もう一度操作してください。\n"
    "This request came from another site and was not accepted. Open the page again and retry.\n"
)
_MISNAMED = (
    "このアドレスでは利用できません。案内されたアドレスを開いてください。\n"
    "Not available under this address. Please open the address you were given.\n"
)


def _refuse(status: int, text: str) -> PlainTextResponse:
    return PlainTextResponse(text, status_code=status)


def guarded(app: ASGIApp, site: Site, trusted_proxies: Sequence[Network] = ()) -> ASGIApp:
    """`app` behind all guards. Run uvicorn with `proxy_headers=False`: it would believe first."""
    app = CrossOriginGuard(app, site.origins)
    app = TrustedHost(app, site.hosts)
    app = ClientAddress(app, trusted_proxies)
    return SecurityHeaders(app, site.https)
