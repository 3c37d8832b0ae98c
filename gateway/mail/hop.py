"""One SMTP transaction with a peer, over connections that are kept.

What the peer said of each recipient is kept word for word, with its name and TLS: it is the
evidence of delivery. Temporary is the default; permanent, and delivered, must have been said.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from detectors.numbers import individual_number
from detectors.text import candidates, mask
from gateway.mail.route import Hop

IDLE = 20.0
"""Seconds a connection is kept without use; peers close after a minute or more."""
TIMEOUT = 120.0
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


class _Refused(Exception):
    """The whole transaction ends here with one answer for everybody."""

    def __init__(self, outcome: Outcome, reply: str) -> None:
        self.outcome, self.reply = outcome, reply


class Pool:
    """Connections by hop, each used by one transaction at a time.

    By all of the hop and not its address alone: one that was opened without TLS must not serve a
    route of the same server that demands it.
    """

    def __init__(self, hostname: str, connections: int) -> None:
        self._hostname = hostname
        self._idle: dict[Hop, list[tuple[float, SMTP]]] = defaultdict(list)
        self._gates: dict[Hop, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(connections)
        )

    async def send(self, hop: Hop, parcel: Parcel) -> dict[str, Result]:
        """One result for each recipient. Raises nothing but cancellation."""
        async with self._gates[hop]:
            try:
                client = await self._kept(hop) or await self._connect(hop)
            except _Refused as refused:
                return _all(parcel, Result(refused.outcome, refused.reply))
            try:
                results = await self._transact(client, parcel)
            except (OSError, SMTPException) as error:
                client.close()
                return _all(parcel, Result("deferred", f"451 4.4.2 {_words(error)}"))
            except BaseException:  # cut off in the middle: nothing may be said on it after that
                client.close()
                raise
            if client.is_connected:
                self._idle[hop].append((time.monotonic(), client))
            return results

    async def close(self) -> None:
        kept = [client for idle in self._idle.values() for _, client in idle]
        self._idle.clear()
        await asyncio.gather(*(client.quit(timeout=2) for client in kept), return_exceptions=True)

    # -- connections

    async def _kept(self, hop: Hop) -> SMTP | None:
        """One that still lives. RSET asks, and ends what a refused mail may have left behind: a
        peer that said goodbye meanwhile (421) must not cost this mail a turn in the queue."""
        idle = self._idle[hop]
        while idle:
            since, client = idle.pop()
            if client.is_connected and time.monotonic() - since < IDLE:
                with contextlib.suppress(OSError, SMTPException):
                    await client.rset(timeout=ALIVE)
                    return client
            client.close()
        return None

    async def _connect(self, hop: Hop) -> SMTP:
        problem = "no host to connect to"
        for host, port in hop.hosts:
            client = SMTP(
                hostname=host,
                port=port,
                local_hostname=self._hostname,
                timeout=TIMEOUT,
                use_tls=hop.implicit,
                start_tls=False,
                tls_context=_context(hop),
            )
            try:
                async with asyncio.timeout(TIMEOUT):
                    await self._open(hop, client)
                return client
            except SMTPResponseException as error:
                problem = f"{error.code} {error.message}"
            except (OSError, SMTPException, TimeoutError) as error:
                problem = _words(error)
            client.close()
        raise _Refused("deferred", f"451 4.4.1 {hop.name}: {problem}")

    async def _open(self, hop: Hop, client: SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if not hop.implicit and hop.tls != "none":
            if client.supports_extension("starttls"):
                await client.starttls(tls_context=_context(hop))
                await client.ehlo()
            elif hop.tls == "verify":
                raise SMTPException("TLS is required and the peer does not offer it")
        if hop.user:
            await client.login(hop.user, hop.password)

    # -- a transaction

    async def _transact(self, client: SMTP, parcel: Parcel) -> dict[str, Result]:
        mx, tls = _peer(client)
        try:
            return await self._offer(client, parcel, mx, tls)
        except _Refused as refused:
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
            results |= dict.fromkeys(taken, result)
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
    """Raises _Refused where the peer cannot take these bytes as they are: converting them would
    break signatures and send something else than what was inspected."""
    options = list(parcel.options) if client.supports_extension("dsn") else []
    size = client.esmtp_extensions.get("size", "")
    if size.isdigit() and 0 < int(size) < len(parcel.data):
        raise _Refused("failed", f"552 5.3.4 too large for the next hop ({size} octets)")
    if client.supports_extension("size"):
        options.append(f"SIZE={len(parcel.data)}")
    if not parcel.data.isascii():
        if not client.supports_extension("8bitmime"):
            raise _Refused("failed", "554 5.6.3 the next hop takes no 8-bit mail")
        options.append("BODY=8BITMIME")
    if parcel.smtputf8:
        if not client.supports_extension("smtputf8"):
            raise _Refused("failed", "553 5.6.7 the next hop takes no UTF-8 addresses")
        options.append("SMTPUTF8")
    return options


@lru_cache(maxsize=64)  # reading the machine's authorities takes 20 ms of the loop
def _context(hop: Hop) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(hop.ca_file) if hop.ca_file else None)
    if hop.tls != "verify" and not hop.implicit:
        # opportunistic (RFC 7435): encrypted to whoever answers beats clear text
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _peer(client: SMTP) -> tuple[str, str]:
    socket = client.get_transport_info("ssl_object")
    tls = f"{socket.version()} {socket.cipher()[0]}" if socket else ""
    return f"{client.hostname}:{client.port}", tls


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
    text = f"{code} {' '.join(message.split())}"[:500]
    quotes = any(individual_number.is_valid(each.digits) for each in candidates(text))
    return mask(text) if quotes else text


def _all(parcel: Parcel, result: Result) -> dict[str, Result]:
    return dict.fromkeys(parcel.recipients, result)


def _words(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPTimeoutError | TimeoutError):
        return "timed out"
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:200]
