"""Recipients' domains as tests make them: names, mail servers, web servers, certificates."""

from __future__ import annotations

import hashlib
import http.server
import ssl
import threading
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.mail.hop import Parcel, Pool, Result
from gateway.mail.names import Names
from gateway.mail.places import Place, Places
from gateway.mail.route import NoRoute, Ways
from gateway.mail.sts import Policies
from gateway.memory.config import Config, read
from gateway.memory.store import Store
from tests.e2e.sink import Sink
from tests.e2e.zone import Zone

DOMAIN, MX = "partner.example", "mx1.partner.example"
MAIL = b"Subject: a\r\n\r\nbody\r\n"


def alone() -> Place:
    """Of a mail beside which there is no other."""
    return Place(Places(1, 1))


def server_tls(authority: trustme.CA, *names: str) -> tuple[ssl.SSLContext, x509.Certificate]:
    made = authority.issue_cert(*names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    leaf = made.cert_chain_pems[0].bytes()
    return context, x509.load_pem_x509_certificate(leaf)


def tlsa(usage: int, selector: int, kind: int, certificate: x509.Certificate) -> str:
    if selector == 0:
        thing = certificate.public_bytes(Encoding.DER)
    else:
        key = certificate.public_key()
        thing = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if kind:
        thing = {1: hashlib.sha256, 2: hashlib.sha512}[kind](thing).digest()
    return f"{usage} {selector} {kind} {thing.hex()}"


class World:
    """One mail server for all names, found by DNS of our own."""

    def __init__(self, store: Store, zone: Zone, peer: Sink, web: Site | None = None) -> None:
        self.store, self.zone, self.peer, self.web = store, zone, peer, web
        zone.add(DOMAIN, "MX", f"10 {MX}.")
        zone.add(MX, "A", "127.0.0.1")

    @property
    def port(self) -> int:
        return int(self.peer.hop.rpartition(":")[2])

    def ways(self, tls: str = "may", ca_file: Path | None = None, **smtp: str) -> Ways:
        delivery: dict[str, str] = {"next_hop": "mx", "tls": tls}
        if ca_file:
            delivery["ca_file"] = str(ca_file)
        config: Config = read(
            {"delivery": delivery, "dns": {"server": self.zone.server}, "smtp": smtp}, "test"
        )
        names = Names(self.zone.server)
        policies = Policies(names, self.store, self.web.port if self.web else 1)
        return Ways(config, names, policies, self.port)

    async def send(self, ways: Ways, domain: str = DOMAIN) -> Result:
        to = f"sato@{domain}"
        pool = Pool("gate.example.co.jp", 2)
        try:
            hop = await ways.to(domain)
            parcel = Parcel("hanako@example.co.jp", (to,), MAIL)
            return (await pool.send(hop, parcel, alone()))[to]
        except NoRoute as none:
            return Result("failed" if none.permanent else "deferred", f"{none.status} {none}")
        finally:
            await pool.close()


class Site:
    """The web server that has a domain's MTA-STS policy."""

    def __init__(self, tls: ssl.SSLContext, text: str = "") -> None:
        self.text, self.status, self.kind = text, 200, "text/plain"
        self.asked = 0
        site = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                body = site.text.encode()
                self.send_response(site.status)
                self.send_header("Content-Type", site.kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that does not like the certificate hangs up."""

        self._server = Server(("127.0.0.1", 0), Page)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def policy(mode: str = "enforce", mx: str = MX, max_age: int = 86_400) -> str:
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: {max_age}\r\n"
