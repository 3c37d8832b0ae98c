"""One SMTP transaction with a peer, over connections that are kept.

What the peer said of each recipient is kept word for word, with its name and TLS: it is the
evidence of delivery. Temporary is the default; permanent, and delivered, must have been said.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal
from weakref import WeakValueDictionary

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from detectors.numbers import individual_number
from detectors.text import candidates, mask
from gateway.mail import dane
from gateway.mail.route import Hop, Host

IDLE = 20.0
"""Seconds a connection is kept without use; peers close after a minute or more."""
LONGEST = 300.0
"""Seconds after which a kept connection is opened anew, however busy: names, keys and policies
change, and what was checked at its beginning was checked then."""
TIMEOUT = 120.0
CONNECT = 30.0
"""Seconds for one address to answer the telephone; there may be others."""
ANSWER = 600.0
"""Seconds for the answer to the data (RFC 5321 §4.5.3.2.6): who gives up sooner sends it twice."""
ALIVE = 5.0
"""Seconds for a kept connection to show that it still lives."""

Outcome = Literal["delivered", "deferred", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    """`unknown`: the connection broke after the data went out; it may have been taken"""
    reply: str
    mx: str = ""
    tls: str = ""
    reports: bool = True
    """whether the peer takes over what NOTIFY asks for (RFC 3461)"""

    @property
    def status(self) -> str:
        """The enhanced status code in the reply (RFC 3463), or a general one of its class."""
        for word in self.reply.split()[1:2]:
            digits = word.split(".")
            if len(digits) == 3 and all(part.isdigit() for part in digits):
                return word
        return {"delivered": "2.0.0", "failed": "5.0.0"}.get(self.outcome, "4.0.0")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed over: envelope and bytes."""

    mail_from: str
    recipients: tuple[str, ...]
    data: bytes
    smtputf8: bool = False
    options: tuple[str, ...] = ()
    """RET and ENVID for a peer that knows DSN"""
    rcpt_options: tuple[tuple[str, ...], ...] = ()


class Refused(Exception):
    """The whole transaction ends here with one answer for everybody."""

    def __init__(self, outcome: Outcome, reply: str) -> None:
        self.outcome, self.reply = outcome, reply


@dataclass(slots=True)
class Line:
    """A connection on which a transaction may begin."""

    client: SMTP
    mx: str
    tls: str
    opened: float
    used: float

    @property
    def fresh(self) -> bool:
        now = time.monotonic()
        kept = now - self.used < IDLE and now - self.opened < LONGEST
        return kept and self.client.is_connected


class Pool:
    """Connections by hop, each used by one transaction at a time.

    By all of the hop and not its address alone: one that was opened without TLS must not serve a
    route of the same server that demands it. After a hop could not be reached nobody tries it for
    `pause` seconds: the mails of one dead server would else take up every place there is, one
    time-out after the other.
    """

    def __init__(self, hostname: str, connections: int, pause: float = 0.0) -> None:
        self._hostname, self._connections, self._pause = hostname, connections, pause
        self._idle: dict[Hop, list[Line]] = {}
        self._down: dict[Hop, str] = {}
        self._gates: WeakValueDictionary[Hop, asyncio.Semaphore] = WeakValueDictionary()

    async def send(self, hop: Hop, parcel: Parcel) -> dict[str, Result]:
        """One result for each recipient. Raises nothing but cancellation."""
        gate = self._gates.setdefault(hop, asyncio.Semaphore(self._connections))
        async with gate:
            if reply := self._down.get(hop):
                return _all(parcel, Result("deferred", reply))
            try:
                line = await self._kept(hop) or await self.connect(hop)
            except Refused as refused:
                self._suspend(hop, refused.reply)
                return _all(parcel, Result(refused.outcome, refused.reply))
            try:
                results = await self._transact(line, parcel)
            except (OSError, SMTPException) as error:
                line.client.close()
                return _all(parcel, Result("deferred", f"451 4.4.2 {_words(error)}"))
            except BaseException:  # cut off in the middle: nothing may be said on it after that
                line.client.close()
                raise
            self._keep(hop, line)
            return results

    async def close(self) -> None:
        kept = [line.client for idle in self._idle.values() for line in idle]
        self._idle.clear()
        await asyncio.gather(*(client.quit(timeout=2) for client in kept), return_exceptions=True)

    def _suspend(self, hop: Hop, reply: str) -> None:
        if self._pause:
            self._down[hop] = reply
            asyncio.get_running_loop().call_later(self._pause, self._down.pop, hop, None)

    def _keep(self, hop: Hop, line: Line) -> None:
        line.used = time.monotonic()
        if line.fresh:
            self._idle.setdefault(hop, []).append(line)
            asyncio.get_running_loop().call_later(IDLE, self._end, hop)
        else:
            line.client.close()

    def _end(self, hop: Hop) -> None:
        """What nobody used meanwhile: a peer waits for us with a place of its own."""
        idle = self._idle.pop(hop, [])
        for line in idle:
            if not line.fresh:
                line.client.close()
        if fresh := [line for line in idle if line.fresh]:
            self._idle[hop] = fresh

    # -- connections

    async def _kept(self, hop: Hop) -> Line | None:
        """One that still lives. RSET asks, and ends what a refused mail may have left behind: a
        peer that said goodbye meanwhile (421) must not cost this mail a turn in the queue."""
        idle = self._idle.get(hop, [])
        while idle:
            line = idle.pop()
            if line.fresh:
                with contextlib.suppress(OSError, SMTPException):
                    await line.client.rset(timeout=ALIVE)
                    return line
            line.client.close()
        return None

    async def connect(self, hop: Hop) -> Line:
        """To the first server that answers as it must. Raises Refused."""
        problem = "no host to connect to"
        for host in hop.hosts:
            problem = host.problem or problem
            for address in () if host.problem else host.addresses or (host.name,):
                client = _client(hop, host, address, self._hostname)
                try:
                    async with asyncio.timeout(TIMEOUT):
                        return await _opened(hop, host, client)
                except SMTPResponseException as error:
                    problem = f"{error.code} {error.message}"
                except (OSError, SMTPException, TimeoutError) as error:
                    problem = _words(error)
                await hang_up(client)
        raise Refused("deferred", f"451 4.4.1 {hop.name}: {problem}"[:500])

    # -- a transaction

    async def _transact(self, line: Line, parcel: Parcel) -> dict[str, Result]:
        client, mx, tls = line.client, line.mx, line.tls
        try:
            return await self._offer(client, parcel, mx, tls)
        except Refused as refused:
            return _all(parcel, Result(refused.outcome, refused.reply, mx, tls))
        except SMTPResponseException as error:
            return _all(parcel, _refused(client, error, mx, tls))

    async def _offer(self, client: SMTP, parcel: Parcel, mx: str, tls: str) -> dict[str, Result]:
        await client.mail(
            parcel.mail_from,
            options=_mail_options(client, parcel),
            encoding="utf-8" if parcel.smtputf8 else "ascii",
        )
        results: dict[str, Result] = {}
        dsn = client.supports_extension("dsn")
        extra = parcel.rcpt_options or ((),) * len(parcel.recipients)
        for address, options in zip(parcel.recipients, extra, strict=True):
            try:
                await client.rcpt(
                    address,
                    options=options if dsn else (),
                    encoding="utf-8" if parcel.smtputf8 else "ascii",
                )
            except SMTPResponseException as error:
                results[address] = _refused(client, error, mx, tls)
        taken = [a for a in parcel.recipients if a not in results]
        if taken:
            result = await self._data(client, parcel.data, mx, tls)
            results |= dict.fromkeys(taken, replace(result, reports=dsn))
        return results

    @staticmethod
    async def _data(client: SMTP, data: bytes, mx: str, tls: str) -> Result:
        try:
            response = await client.data(data, timeout=ANSWER)
        except SMTPResponseException as error:
            return _refused(client, error, mx, tls)
        except (OSError, SMTPException) as error:
            return Result("unknown", f"451 4.4.2 after the data: {_words(error)}", mx, tls)
        return Result("delivered", _reply(response.code, response.message), mx, tls)


def _mail_options(client: SMTP, parcel: Parcel) -> list[str]:
    """Raises Refused where the peer cannot take these bytes as they are: converting them would
    break signatures and send something else than what was inspected."""
    if not _clean(parcel.data):
        raise Refused("failed", "554 5.6.0 the message has line ends that must not be sent")
    options = list(parcel.options) if client.supports_extension("dsn") else []
    size = client.esmtp_extensions.get("size", "")
    if size.isdigit() and 0 < int(size) < len(parcel.data):
        raise Refused("failed", f"552 5.3.4 too large for the next hop ({size} octets)")
    if client.supports_extension("size"):
        options.append(f"SIZE={len(parcel.data)}")
    if not parcel.data.isascii():
        if not client.supports_extension("8bitmime"):
            raise Refused("failed", "554 5.6.3 the next hop takes no 8-bit mail")
        options.append("BODY=8BITMIME")
    if parcel.smtputf8:
        if not client.supports_extension("smtputf8"):
            raise Refused("failed", "553 5.6.7 the next hop takes no UTF-8 addresses")
        options.append("SMTPUTF8")
    return options


def _client(hop: Hop, host: Host, address: str, hostname: str) -> SMTP:
    return SMTP(
        hostname=address,
        port=host.port,
        local_hostname=hostname,
        timeout=TIMEOUT,
        use_tls=hop.implicit,
        start_tls=False,
        tls_context=_context(host.tls, hop.implicit, hop.ca_file),
    )


async def hang_up(client: SMTP) -> None:
    """At once: whoever is there is not the one we want, and gets no polite end of TLS either."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.Transport):
        transport.abort()
        await asyncio.sleep(0)


async def _opened(hop: Hop, host: Host, client: SMTP) -> Line:
    await client.connect(timeout=CONNECT)
    client.timeout = TIMEOUT
    await client.ehlo()
    if not hop.implicit and host.tls != "none":
        if client.supports_extension("starttls"):
            name = host.names[0] if host.names else host.name
            await client.starttls(server_hostname=name)
            await client.ehlo()
        elif host.tls != "may":
            raise SMTPException("TLS is required and the peer does not offer it")
    socket = client.get_transport_info("ssl_object")
    if host.tls == "dane" and not dane.fits(dane.shown(socket), host.pins, host.names):
        raise SMTPException("the certificate is not the one of the TLSA records")
    if hop.user:
        await client.login(hop.user, hop.password)
    now = time.monotonic()
    return Line(client, _peer(host, client), _secured(socket, host, hop), now, now)


@lru_cache(maxsize=64)  # reading the machine's authorities takes 20 ms of the loop
def _context(tls: str, implicit: bool, ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if tls != "verify" and not implicit:
        # opportunistic (RFC 7435): encrypted to whoever answers beats clear text. Under DANE the
        # certificate is judged by its records, and by no authority (RFC 7672 §3.1).
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _peer(host: Host, client: SMTP) -> str:
    """ "mx1.example.com[192.0.2.1]:25" where DNS was asked by us, else as it is configured."""
    at = f"[{client.hostname}]" if host.addresses else ""
    return f"{host.name}{at}:{host.port}"


def _secured(socket: ssl.SSLObject | None, host: Host, hop: Hop) -> str:
    """The TLS in force, and what the peer has proved by it."""
    if socket is None:
        return ""
    cipher = socket.cipher()
    proved = host.tls if host.tls in ("dane", "verify") else "verify" if hop.implicit else ""
    words = (socket.version(), cipher[0] if cipher else "", proved)
    return " ".join(word for word in words if word)


def _clean(data: bytes) -> bool:
    """No CR and no LF but as a pair, and no NUL: what a peer that trusts us may read as the end
    of the mail and the beginning of another (CVE-2023-51764)."""
    pairs = data.count(b"\r\n")
    return data.count(b"\n") == pairs == data.count(b"\r") and b"\x00" not in data


def _refused(client: SMTP, error: SMTPResponseException, mx: str, tls: str) -> Result:
    """Never "delivered", whatever the code: 250 where 354 was due, or no code at all (-1), is a
    peer out of step. The mail is still ours, and that connection is not used again."""
    if not 400 <= error.code < 600:
        client.close()
    outcome: Outcome = "failed" if 500 <= error.code < 600 else "deferred"
    return Result(outcome, _reply(error.code, error.message), mx, tls)


def _reply(code: int, message: str) -> str:
    """Word for word, since queue ids are evidence; but a content filter may quote the very number
    that it objects to, and what is recorded holds none."""
    return quotable(f"{code} {message}")


def quotable(text: str) -> str:
    """One line of what somebody said, without any number that must not be recorded."""
    text = " ".join(text.split())[:500]
    quotes = any(individual_number.is_valid(each.digits) for each in candidates(text))
    return mask(text) if quotes else text


def _all(parcel: Parcel, result: Result) -> dict[str, Result]:
    return dict.fromkeys(parcel.recipients, result)


def _words(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPTimeoutError | TimeoutError):
        return "timed out"
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]
