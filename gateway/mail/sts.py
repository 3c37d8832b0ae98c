"""MTA-STS (RFC 8461): a domain's web server says which mail servers are its own, and that they
show a good certificate.

The first mail to a domain takes it on trust that there is none; what was once fetched holds for
as long as it says, over restarts too, so that nobody who hides the DNS record for an hour gets
the mail of that hour.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import logging
import re
import socket
import ssl
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from gateway.mail.causes import words
from gateway.mail.names import Names, Unanswered
from gateway.memory import pointers
from gateway.memory.store import Store

log = logging.getLogger("sekisho.courier")

PORT = 443
PATIENCE = 30.0
"""Seconds for one policy: the mail waits meanwhile."""
LARGEST = 64 * 1024
"""Octets of a policy (RFC 8461 §3.3)."""
OLDEST = 31_557_600
"""Seconds that a policy may ask to be kept: a year (§3.2)."""
FRESH = timedelta(days=1)
"""After which a policy that is still announced is fetched again, before it runs out."""
AGAIN = timedelta(minutes=5)
"""Before a policy that could not be fetched is asked for again (§3.3)."""
_RECORD = re.compile(r"v=STSv1[ \t]*;(?:.*;)?[ \t]*id=([A-Za-z0-9]{1,32})[ \t]*(?:;.*)?")


class Unusable(Exception):
    """The policy could not be fetched, or is none."""


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    mode: str
    """enforce | testing | none"""
    mx: tuple[str, ...]
    max_age: int
    """seconds"""
    fetched: float
    """seconds since 1970"""

    def holds(self, now: float) -> bool:
        return now < self.fetched + self.max_age

    def allows(self, host: str) -> bool:
        """
        >>> Policy("1", "enforce", ("*.mail.example",), 1, 0).allows("mx1.mail.example")
        True
        """
        host = host.lower()
        tail = host.partition(".")[2]
        return any(host == each or (each[:2] == "*." and tail == each[2:]) for each in self.mx)


class Policies:
    """What domains ask for, kept in the database. `port` is that of the policy's web server."""

    def __init__(self, names: Names, store: Store, port: int = PORT) -> None:
        self._names, self._store, self._port = names, store, port
        self._known: dict[str, Policy | None] = {}
        self._not_before: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, domain: str, authorities: Path | None = None) -> Policy | None:
        """The policy in force for `domain`; None where it has none. Raises nothing: a policy that
        cannot be had is none (§5), and one that was had before holds until it runs out."""
        lock = self._locks.setdefault(domain, asyncio.Lock())
        async with lock:
            now = self._store.clock().timestamp()
            if domain not in self._known:
                self._known[domain] = await asyncio.to_thread(self._load, domain)
            known = self._known[domain]
            if known and not known.holds(now):
                known = None
            announced = await self._announced(domain)
            if announced and self._wanted(domain, announced, known, now):
                known = await self._renewed(domain, announced, authorities, now) or known
            return known if known and known.mode != "none" else None

    def _wanted(self, domain: str, announced: str, known: Policy | None, now: float) -> bool:
        if now < self._not_before.get(domain, 0.0):
            return False
        stale = known and now > known.fetched + min(FRESH.total_seconds(), known.max_age / 2)
        return known is None or known.id != announced or bool(stale)

    async def _announced(self, domain: str) -> str:
        """The id in the domain's record; "" where there is none, or two, which is none (§3.1)."""
        try:
            answer = await self._names.ask(f"_mta-sts.{domain}", "TXT")
        except Unanswered:
            return ""
        texts = [b"".join(record.strings).decode("ascii", "replace") for record in answer.found]
        found = [text for text in texts if text.startswith("v=STSv1")]
        match = _RECORD.fullmatch(found[0].strip()) if len(found) == 1 else None
        return match[1] if match else ""

    async def _renewed(
        self, domain: str, announced: str, authorities: Path | None, now: float
    ) -> Policy | None:
        host = f"mta-sts.{domain}"
        try:
            async with asyncio.timeout(PATIENCE):
                at = (await self._names.addresses(host)).found
                text = await asyncio.to_thread(_fetch, host, at, self._port, authorities)
            fields = parse(text)
        except (Unusable, Unanswered, TimeoutError) as error:
            self._not_before[domain] = now + AGAIN.total_seconds()
            log.warning("no MTA-STS policy of %s: %s", domain, words(error))
            return None
        policy = Policy(id=announced, fetched=now, **fields)
        await asyncio.to_thread(self._keep, domain, policy)
        self._known[domain] = policy
        self._not_before.pop(domain, None)
        return policy

    # -- kept in the database

    def _load(self, domain: str) -> Policy | None:
        with self._store.read() as session:
            value = pointers.read(session.connection(), f"sts:{domain}")
        if value is None:
            return None
        fields = json.loads(value)
        return Policy(**{**fields, "mx": tuple(fields["mx"])})

    def _keep(self, domain: str, policy: Policy) -> None:
        with self._store.write() as tx:
            pointers.put(tx, f"sts:{domain}", json.dumps(asdict(policy)))


def parse(text: str) -> dict[str, Any]:
    """mode, mx and max_age of a policy (§3.2). Raises Unusable."""
    pairs = [line.partition(":")[::2] for line in text.splitlines() if line.strip()]
    fields: dict[str, list[str]] = {}
    for key, value in pairs:
        fields.setdefault(key.strip(), []).append(value.strip())
    version, mode, age = (fields.get(key, [""])[0] for key in ("version", "mode", "max_age"))
    mx = tuple(each.lower().rstrip(".") for each in fields.get("mx", []))
    if version != "STSv1":
        raise Unusable("it is not of version STSv1")
    if mode not in ("enforce", "testing", "none") or (mode != "none" and not mx):
        raise Unusable("it names no mode, or no mail server")
    if not (age.isascii() and age.isdigit() and len(age) <= 10):
        raise Unusable("it does not say how long it holds")
    return {"mode": mode, "mx": mx, "max_age": min(int(age), OLDEST)}


def _fetch(host: str, addresses: Sequence[str], port: int, authorities: Path | None) -> str:
    """Over HTTPS with a good certificate; no redirect is followed (§3.3). Raises Unusable."""
    problem: Exception | None = None
    for address in addresses[:4]:
        try:
            return _get(_Site(host, address, port, _context(authorities)))
        except (OSError, http.client.HTTPException) as error:
            problem = error
    raise Unusable(f"{host}: {words(problem)}" if problem else f"{host} has no address")


def _get(site: _Site) -> str:
    try:
        site.request("GET", "/.well-known/mta-sts.txt", headers={"Connection": "close"})
        answer = site.getresponse()
        kind = answer.headers.get_content_type()
        body = answer.read(LARGEST + 1)
    finally:
        site.close()
    if answer.status != 200:
        raise Unusable(f"the web server answers {answer.status}")
    if kind != "text/plain" or len(body) > LARGEST:
        raise Unusable("the web server gives something else")
    return body.decode("utf-8", "replace")


class _Site(http.client.HTTPSConnection):
    """At the address that our resolver gave, under the name that the certificate must have."""

    def __init__(self, host: str, address: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE / 3, context=context)
        self._address, self._tls = address, context

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


@lru_cache(maxsize=8)
def _context(authorities: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authorities) if authorities else None)
