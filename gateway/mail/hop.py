"""One SMTP transaction with a peer, over connections that are kept.

What the peer said of each recipient is kept word for word, with its name and TLS: it is the
evidence of delivery. Temporary is the default; permanent, and delivered, must have been said.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aiosmtplib import SMTPException, SMTPResponseException

from detectors.numbers import individual_number
from detectors.text import candidates, mask
from gateway.mail.berth import Berth
from gateway.mail.causes import words
from gateway.mail.content import Content
from gateway.mail.dot_stream import whole_lines
from gateway.mail.line import IDLE, TIMEOUT, Line, client_for, hang_up, leave, opened
from gateway.mail.places import Place
from gateway.mail.route import Hop, Host
from gateway.mail.wire import Answer
from gateway.memory.measures import STS_TESTING

log = logging.getLogger("sekisho.courier")

ANSWER = 600.0
"""Seconds for the answer to the data (RFC 5321 §4.5.3.2.6): who gives up sooner sends it twice."""
ALIVE = 5.0
"""Seconds for a kept connection to show that it still lives."""
WARM = 1.0
"""Seconds after use within which it is taken to live until it shows otherwise."""

_RSET, _DATA = b"RSET", b"DATA"

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
    data: bytes | Content
    smtputf8: bool = False
    options: tuple[str, ...] = ()
    """RET and ENVID for a peer that knows DSN"""
    rcpt_options: tuple[tuple[str, ...], ...] = ()


class _Stale(Exception):
    """A kept connection on which nothing can be begun any more."""


class Refused(Exception):
    """The whole transaction ends here with one answer for everybody."""

    def __init__(self, outcome: Outcome, reply: str) -> None:
        self.outcome, self.reply = outcome, reply


class Pool:
    """Connections by hop, each used by one transaction at a time.

    By all of the hop and not its address alone: one that was opened without TLS must not serve a
    route of the same server that demands it. After a hop could not be reached nobody tries it for
    `pause` seconds: the mails of one dead server would else take up every place there is, one
    time-out after the other.
    """

    def __init__(self, hostname: str, connections: int, pause: float = 0.0) -> None:
        self._hostname, self._connections, self._pause = hostname, connections, pause
        self._berths: dict[Hop, Berth] = {}
        self._down: dict[Hop, str] = {}
        self._closed = False

    async def send(self, hop: Hop, parcel: Parcel, place: Place) -> dict[str, Result]:
        """One result for each recipient. Raises nothing but cancellation."""
        berth = self._berths.get(hop)
        if berth is None:
            berth = self._berths[hop] = Berth(
                asyncio.Semaphore(self._connections), closed=self._closed
            )
        berth.users += 1
        try:
            if not await berth.turn(place):
                busy = f"451 4.4.5 {hop.name}: too many mails wait for it"[:500]
                return _all(parcel, Result("deferred", busy))
            try:
                return await self._send(hop, berth.idle, parcel)
            finally:
                berth.gate.release()
        finally:
            berth.users -= 1
            self._watch(hop, berth)

    async def _send(self, hop: Hop, idle: list[Line], parcel: Parcel) -> dict[str, Result]:
        if reply := self._down.get(hop):
            return _all(parcel, Result("deferred", reply))
        while line := _kept(idle):
            with contextlib.suppress(_Stale):  # which must not cost a turn in the queue
                return await self._over(idle, line, parcel)
        try:
            line = await self.connect(hop)
        except Refused as refused:
            self._suspend(hop, refused.reply)
            return _all(parcel, Result(refused.outcome, refused.reply))
        return await self._over(idle, line, parcel)

    async def _over(self, idle: list[Line], line: Line, parcel: Parcel) -> dict[str, Result]:
        """Raises _Stale."""
        try:
            results = await self._transact(line, parcel)
        except OSError as error:
            line.close()
            return _all(parcel, Result("deferred", f"451 4.4.2 {words(error)}"))
        except BaseException:  # cut off in the middle: nothing may be said on it after that
            line.close()
            raise
        _keep(idle, line)
        return results

    def turn_away(self) -> None:
        """Before the end: who waits for a connection would be cut off, and taken for one whose mail
        may have arrived."""
        self._closed = True
        for berth in self._berths.values():
            berth.turn_away()

    async def close(self) -> None:
        kept = [line for berth in self._berths.values() for line in berth.idle]
        self._berths.clear()
        await asyncio.gather(*(leave(line) for line in kept), return_exceptions=True)

    def _suspend(self, hop: Hop, reply: str) -> None:
        if self._pause:
            self._down[hop] = reply
            asyncio.get_running_loop().call_later(self._pause, self._down.pop, hop, None)

    def _watch(self, hop: Hop, berth: Berth) -> None:
        """What nobody uses is closed: a peer waits for us with a place of its own."""
        if berth.idle and not berth.watched:
            berth.watched = True
            until = min(line.used for line in berth.idle) + IDLE - time.monotonic()
            asyncio.get_running_loop().call_later(until, self._end, hop, berth)
        elif not berth.idle and not berth.users:
            self._berths.pop(hop, None)

    def _end(self, hop: Hop, berth: Berth) -> None:
        idle, berth.watched = list(berth.idle), False
        berth.idle.clear()
        for line in idle:
            _put(berth.idle, line)
        self._watch(hop, berth)

    # -- connections

    async def connect(self, hop: Hop) -> Line:
        """To the first server that answers as it must. Raises Refused."""
        problem = "no host to connect to"
        for host in hop.hosts:
            reached = await self._reached(hop, host)
            if host.testing and isinstance(reached, str):
                reached = await self._untested(hop, host, reached)
            if isinstance(reached, Line):
                return reached
            problem = reached or problem
        raise Refused("deferred", f"451 4.4.1 {hop.name}: {problem}"[:500])

    async def _reached(self, hop: Hop, host: Host) -> Line | str:
        """Or why not."""
        problem = host.problem
        for address in () if problem else host.addresses or (host.name,):
            client = client_for(hop, host, address, self._hostname)
            try:
                async with asyncio.timeout(TIMEOUT):
                    return await opened(hop, host, client)
            except SMTPResponseException as error:
                problem = f"{error.code} {error.message}"
            except (OSError, SMTPException, TimeoutError) as error:
                problem = words(error)
            await hang_up(client)
        return problem

    async def _untested(self, hop: Hop, host: Host, problem: str) -> Line | str:
        """As if its domain had no policy, which is on trial (RFC 8461 §5). That it would have
        stopped the mail is said, unless nobody answers there at all."""
        reached = await self._reached(hop, replace(host, tls="may", problem=""))
        if isinstance(reached, Line):
            STS_TESTING.inc()
            log.warning("an enforced MTA-STS policy would stop mail by %s: %s", hop.name, problem)
        return reached

    # -- a transaction

    async def _transact(self, line: Line, parcel: Parcel) -> dict[str, Result]:
        try:
            mail = _mail(line, parcel)
        except Refused as refused:
            return _all(parcel, Result(refused.outcome, refused.reply, line.mx, line.tls))
        rcpts = _rcpts(line, parcel)
        await self._say_ahead(line, (mail, *rcpts, _DATA))
        results = await self._offer(line, parcel, mail, rcpts)
        await line.wire.rest(TIMEOUT)
        return results

    @staticmethod
    async def _say_ahead(line: Line, commands: Sequence[bytes]) -> None:
        """All of the envelope, where the peer takes it at once. A kept connection is asked first
        whether it lives: RSET also ends what a refused mail may have left behind, and a peer that
        said goodbye meanwhile (421) is told so by it."""
        at_once = line.supports("pipelining")
        warm = time.monotonic() - line.used < WARM
        try:
            if line.kept and at_once and warm:
                line.wire.ahead(_RSET, *commands)
            if line.kept and (await line.wire.ask(_RSET, TIMEOUT if warm else ALIVE)).code != 250:
                raise _Stale
            if at_once and not (line.kept and warm):
                line.wire.ahead(*commands)
        except OSError:
            if line.kept:
                raise _Stale from None
            raise

    async def _offer(
        self, line: Line, parcel: Parcel, mail: bytes, rcpts: Sequence[bytes]
    ) -> dict[str, Result]:
        answer = await line.wire.ask(mail, TIMEOUT)
        if not answer.agrees:
            return _all(parcel, _refused(line, answer))
        results: dict[str, Result] = {}
        try:
            for address, rcpt in zip(parcel.recipients, rcpts, strict=True):
                answer = await line.wire.ask(rcpt, TIMEOUT)
                if not answer.agrees:
                    results[address] = _refused(line, answer)
            if taken := [a for a in parcel.recipients if a not in results]:
                result = replace(await self._data(line, parcel.data), reports=line.supports("dsn"))
                results |= dict.fromkeys(taken, result)
        except OSError as error:  # no octet of the mail was sent
            line.close()
            lost = Result("deferred", f"451 4.4.2 {words(error)}", line.mx, line.tls)
            return _all(parcel, lost) | results
        return results

    @staticmethod
    async def _data(line: Line, data: bytes | Content) -> Result:
        answer = await line.wire.ask(_DATA, ANSWER)
        if answer.code != 354:
            return _refused(line, answer)
        try:
            answer = await _poured(line, data)
        except OSError as error:
            told = f"451 4.4.2 after the data: {words(error)}"
            return Result("unknown", told, line.mx, line.tls)
        if answer.agrees:
            return Result("delivered", _reply(answer), line.mx, line.tls)
        refused = _refused(line, answer)
        # It has all of it, and what it says is no answer: it may have taken it.
        return refused if 400 <= answer.code < 600 else replace(refused, outcome="unknown")


async def _poured(line: Line, data: bytes | Content) -> Answer:
    if isinstance(data, bytes):
        return await line.wire.pour(data, ANSWER)
    return await line.wire.stream(data.stream(), ANSWER)


def _kept(idle: list[Line]) -> Line | None:
    """One that was not closed, as far as we know."""
    while idle:
        line = idle.pop()
        if line.fresh:
            return line
        line.close()
    return None


def _keep(idle: list[Line], line: Line) -> None:
    line.used, line.kept = time.monotonic(), True
    _put(idle, line)


def _put(idle: list[Line], line: Line) -> None:
    if line.fresh:
        idle.append(line)
    else:
        line.close()


def _mail(line: Line, parcel: Parcel) -> bytes:
    command = " ".join((f"MAIL FROM:<{parcel.mail_from}>", *_mail_options(line, parcel)))
    return command.encode("utf-8" if parcel.smtputf8 else "ascii")


def _rcpts(line: Line, parcel: Parcel) -> list[bytes]:
    dsn = line.supports("dsn") and parcel.rcpt_options
    extra = parcel.rcpt_options if dsn else ((),) * len(parcel.recipients)
    pairs = zip(parcel.recipients, extra, strict=True)
    commands = (" ".join((f"RCPT TO:<{address}>", *options)) for address, options in pairs)
    return [each.encode("utf-8" if parcel.smtputf8 else "ascii") for each in commands]


def _mail_options(line: Line, parcel: Parcel) -> list[str]:
    """Raises Refused where the peer cannot take these bytes as they are: converting them would
    break signatures and send something else than what was inspected."""
    # What a peer that trusts us may read as the end of one mail and the beginning of another
    # (CVE-2023-51764).
    data = parcel.data
    if not (whole_lines(data) if isinstance(data, bytes) else data.whole_lines):
        raise Refused("failed", "554 5.6.0 the message has line ends that must not be sent")
    options = list(parcel.options) if line.supports("dsn") else []
    size = line.client.esmtp_extensions.get("size", "")
    if size.isdigit() and 0 < int(size) < len(data):
        raise Refused("failed", f"552 5.3.4 too large for the next hop ({size} octets)")
    if line.supports("size"):
        options.append(f"SIZE={len(data)}")
    if not data.isascii():
        if not line.supports("8bitmime"):
            raise Refused("failed", "554 5.6.3 the next hop takes no 8-bit mail")
        options.append("BODY=8BITMIME")
    if parcel.smtputf8 and line.supports("smtputf8"):
        options.append("SMTPUTF8")
    elif parcel.smtputf8 and not _ascii(parcel):
        raise Refused("failed", "553 5.6.7 the next hop takes no UTF-8 addresses")
    return options


def _ascii(parcel: Parcel) -> bool:
    """All of it: a client may ask for SMTPUTF8 always, and nothing is converted without it then."""
    return parcel.data.isascii() and "".join((parcel.mail_from, *parcel.recipients)).isascii()


def _refused(line: Line, answer: Answer) -> Result:
    """Never "delivered", whatever the code: 250 where 354 was due, or no code at all (-1), is a
    peer out of step. The mail is still ours, and that connection is not used again."""
    if not 400 <= answer.code < 600:
        line.close()
    outcome: Outcome = "failed" if 500 <= answer.code < 600 else "deferred"
    return Result(outcome, _reply(answer), line.mx, line.tls)


def _reply(answer: Answer) -> str:
    """Word for word, since queue ids are evidence; but a content filter may quote the very number
    that it objects to, and what is recorded holds none."""
    return quotable(f"{answer.code} {answer.text}")


def quotable(text: str) -> str:
    """One line of what somebody said, without any number that must not be recorded."""
    text = " ".join(text.split())[:500]
    quotes = any(individual_number.is_valid(each.digits) for each in candidates(text))
    return mask(text) if quotes else text


def _all(parcel: Parcel, result: Result) -> dict[str, Result]:
    return dict.fromkeys(parcel.recipients, result)
