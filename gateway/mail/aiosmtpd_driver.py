"""Drives the dialogue over real sockets, on aiosmtpd's transport, session and time-out machinery.

aiosmtpd answers no command here: as found (1.4.6) it takes bare line ends, tells exceptions to the
client as permanent errors, and cancels whoever takes the mail when the client hangs up.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import traceback
from collections import Counter
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from gateway.mail.admission import Admission, within
from gateway.mail.dot_stream import DotStream, LineEnding
from gateway.mail.listener import Envelope, House, Refusal, Reply, Sink
from gateway.mail.proxied import client_behind, encrypted
from gateway.mail.smtp_in import (
    BAD_LINE_ENDING,
    GO_AHEAD,
    LATER,
    MAX_LINE,
    Authenticate,
    Dialogue,
    Receive,
    StartTls,
    too_large,
)
from gateway.memory.measures import REFUSALS

log = logging.getLogger(__name__)
logging.getLogger("mail.log").disabled = True  # aiosmtpd's own: envelopes and content

BLOCK = 262_144
"""Octets per read: a bigger one gains nothing, a smaller one costs turns of the loop."""
_BACKLOG = 1024
_LINGER = 2.0
"""Seconds for the client to read why it was cut off, before a reset overtakes the reply."""
_CROWDED = Reply(421, "4.7.0", "too many connections", True)
_IDLE = Reply(421, "4.4.2", "timed out", True)
_TOO_LONG = Reply(421, "4.4.2", "session too long", True)
_PAUSE = 1.0
"""Seconds that a wrong password costs, so that guessing takes its time."""
_LOCKED = Reply(454, "4.7.0", "too many wrong passwords, try again later")
_AUTH_LATER = Reply(454, "4.7.0", "temporary authentication failure")

_commits: set[asyncio.Task[Reply]] = set()
"""The loop holds tasks weakly: a commit without this reference was seen to vanish midway."""


async def listen(
    admission: Admission, house: House, host: str, port: int, tls: ssl.SSLContext | None
) -> asyncio.Server:
    """Opens one listener. With `tls`, kind "tls" begins encrypted, all others offer STARTTLS.

    The host "::" takes IPv4 too. Raises OSError, and ValueError for kind "tls" without a context.
    """
    if admission.kind == "tls" and not tls:
        raise ValueError("a listener of kind tls needs a certificate")
    guests: Counter[str] = Counter()
    return await asyncio.get_running_loop().create_server(
        lambda: Driver(admission, house, tls, guests),
        sock=_bound(host, port),
        backlog=_BACKLOG,
        ssl=tls if admission.kind == "tls" and not admission.proxies else None,
    )


async def settled() -> None:
    """Waits until no commit is under way; for a clean stop, after the listeners are closed."""
    while _commits:
        await asyncio.wait(_commits)


def _bound(host: str, port: int) -> socket.socket:
    if host == "::" and not socket.has_dualstack_ipv6():
        host = "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, dualstack_ipv6=host == "::")


class _Over(Exception):
    """The session has lasted for as long as one may."""


class Driver(SMTP):
    """One connection: aiosmtpd's protocol, our `_handle_client`."""

    line_length_limit = BLOCK
    """aiosmtpd makes it the reader's limit; its 1001 stops and starts the socket every 2 KB."""
    transport: Any
    session: Any
    _reader: Any
    _writer: Any

    def __init__(
        self,
        admission: Admission,
        house: House,
        tls: ssl.SSLContext | None,
        guests: Counter[str],
    ) -> None:
        loop = asyncio.get_running_loop()
        name, timeout = admission.hostname, admission.timeout
        super().__init__(None, hostname=name, timeout=timeout, loop=loop)
        self._admission = admission
        self._house = house
        self._context = tls
        self._guests = guests
        self._ends = loop.time() + admission.session
        self._pending = b""
        """Octets read and not yet understood."""
        self._replies = b""
        """Replies of a pipelined group, for one write."""

    def __dir__(self) -> tuple[str, ...]:
        """aiosmtpd looks through all our attributes for commands, for each connection anew, in
        three times the time that a mail of 2 KB takes; none of them is used."""
        return ()

    def eof_received(self) -> bool:
        """A client may close its half and wait for the 250: its mail goes on (aiosmtpd cancels)."""
        self._reader.feed_eof()
        return not _tls_name(self.transport)

    def _timeout_cb(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # it does not even read our replies
        else:
            self.transport.write(_IDLE.encode())
            self.transport.close()

    async def _handle_client(self) -> None:
        client_ip = await self._client()
        if not client_ip or not await self._secured():
            self._writer.close()
            return
        if self._crowded(client_ip):
            self._writer.write(_CROWDED.encode())
            self._writer.close()
            return
        self._guests[client_ip] += 1
        try:
            await self._dismiss(await self._converse(client_ip))
        except _Over:
            await self._dismiss(_TOO_LONG)
        except (ConnectionError, ssl.SSLError):
            pass  # what the client had not finished was never answered
        except Exception as error:
            log.error("session with %s broke off: %s", client_ip, _name(error))
            self._writer.write(self._replies + LATER.encode())
        finally:
            self._guests -= Counter([client_ip])  # in place, and forgets who has left
            self._writer.close()

    async def _client(self) -> str:
        """Its address, or "" where there is none to speak to: gone before we looked, or a balancer
        that does not say for whom it speaks."""
        peer = self.session.peer[0].partition("%")[0] if self.session.peer else ""
        if not peer or not within(peer, self._admission.proxies):
            return peer
        try:
            return await client_behind(peer, self._reader)
        except (ConnectionError, ValueError) as error:
            log.error("%s is one of smtp.proxies: %s", peer, _name(error))
            return ""

    async def _secured(self) -> bool:
        """Begins TLS where that had to wait for a balancer's header; whether it may go on."""
        if self._admission.kind != "tls" or _tls_name(self.transport):
            return True
        begun = b""
        while self._reader._buffer:
            begun += await self._reader.read(BLOCK)
        try:
            return not self._reader.at_eof() and bool(await self._encrypt(begun))
        except (ConnectionError, ssl.SSLError):
            return False  # whoever breaks off a handshake is told nothing

    def _crowded(self, client_ip: str) -> bool:
        return (
            not self._admission.rates.connections.take(client_ip)
            or self._guests[client_ip] >= self._admission.max_per_client
            or self._guests.total() >= self._admission.max_connections
        )

    async def _converse(self, client_ip: str) -> Reply:
        """Returns the reply that ends the session, still to be written."""
        tls = _tls_name(self.transport)
        dialogue = Dialogue(self._admission, client_ip, tls=tls, offer_tls=bool(self._context))
        reply = dialogue.greet()
        while not reply.close:
            await self._say(reply)
            reply = await self._answer(dialogue)
        return reply

    async def _answer(self, dialogue: Dialogue) -> Reply:
        match dialogue.line(await self._line(), more=self._more):
            case Reply() as reply:
                return reply
            case Authenticate(user, password):
                return await self._sign_in(dialogue, user, password)
            case Receive(envelope):
                try:
                    return await self._receive(envelope)
                finally:
                    dialogue.reset()
            case StartTls(ready):
                await self._say(ready)
                dialogue.tls_started(await self._start_tls())
                return await self._answer(dialogue)

    async def _sign_in(self, dialogue: Dialogue, user: str, password: bytes) -> Reply:
        keys = (f"ip {dialogue.client_ip}", f"user {user.lower()}")
        failures = self._admission.rates.failures
        if any([failures.spent(key) for key in keys]):
            return _LOCKED
        try:
            known = await self._house.authenticate(user, password)
            if known is None:
                for key in keys:
                    failures.take(key)
                await asyncio.sleep(_PAUSE)
            return dialogue.authenticated(known)
        except Exception as error:
            log.error("cannot authenticate anybody: %s", _name(error))
            return _AUTH_LATER

    async def _start_tls(self) -> str:
        if self._more:  # said in the clear to be believed inside TLS (CVE-2024-34083)
            raise ConnectionAbortedError("octets between STARTTLS and the handshake")
        return await self._encrypt()

    async def _encrypt(self, begun: bytes = b"") -> str:
        assert self._context
        transport = await encrypted(self.transport, self, self._context, begun)
        self.transport = self._reader._transport = self._writer._transport = transport
        return _tls_name(transport)

    async def _receive(self, envelope: Envelope) -> Reply:
        try:
            sink = self._house.room() or self._house.open(envelope)
        except Exception as error:
            return _failed("open", error)
        if isinstance(sink, Reply):
            return sink
        stream = DotStream(self._admission.max_size, normalize=self._admission.normalize)
        refusal: Reply | None = LATER
        try:
            refusal = await self._pour(stream, sink)
        finally:
            if refusal:
                _abort(sink)
        return refusal or await self._commit(sink, stream.mended)

    async def _pour(self, stream: DotStream, sink: Sink) -> Reply | None:
        """Reads to the true end, whatever the sink says: what follows would be read as commands."""
        failure: Reply | None = None
        await self._say(GO_AHEAD)
        while not stream.done:
            try:
                content = stream.feed(await self._read(BLOCK))
            except LineEnding:
                return BAD_LINE_ENDING
            if content and not failure:
                failure = _write(sink, content)
        self._pending = stream.rest
        return too_large(self._admission.max_size) if stream.too_large else failure

    async def _commit(self, sink: Sink, mended: bool) -> Reply:
        """In a task of its own: a client that hangs up now cancels this session, not the mail."""
        self._reset_timeout()
        task = self.loop.create_task(_settle(sink, mended))
        _commits.add(task)
        task.add_done_callback(_commits.discard)
        return await asyncio.shield(task)

    @property
    def _more(self) -> bool:
        return bool(self._pending or self._reader._buffer)

    async def _line(self) -> bytes:
        """One line with its LF, or more than MAX_LINE octets without one."""
        while b"\n" not in self._pending and len(self._pending) <= MAX_LINE:
            self._pending += await self._read(MAX_LINE)
        line, newline, self._pending = self._pending.partition(b"\n")
        return line + newline

    async def _read(self, size: int) -> bytes:
        left = self._ends - self.loop.time()
        if left <= 0:
            raise _Over
        self._reset_timeout()
        if self._reader._buffer:
            await asyncio.sleep(0)  # the reader does not yield while it has octets; others wait
        # Not by the timer above, which closes on somebody who still sends: a reset, no reply.
        end = asyncio.timeout(left) if left < self._admission.timeout else nullcontext()
        try:
            async with end:
                block: bytes = await self._reader.read(size)
        except TimeoutError:
            raise _Over if self.loop.time() >= self._ends else ConnectionResetError from None
        if not block:
            raise ConnectionResetError("the client hung up")
        return block

    async def _say(self, reply: Reply) -> None:
        """Multi-line replies and those to a pipelined group leave in one write."""
        if reply.code >= 400:
            REFUSALS.labels(str(reply.code), reply.status).inc()
        self._replies += reply.encode()
        if b"\n" not in self._pending:
            self._writer.write(self._replies)
            self._replies = b""
            await self._writer.drain()

    async def _dismiss(self, reply: Reply) -> None:
        self._pending = b""
        await self._say(reply)
        if reply.code == 221:
            return
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(BLOCK):
                    pass


def _write(sink: Sink, content: bytes) -> Reply | None:
    try:
        sink.write(content)
    except Refusal as refusal:
        return refusal.reply
    except Exception as error:
        return _failed("write", error)
    return None


async def _settle(sink: Sink, mended: bool) -> Reply:
    try:
        if mended:
            sink.mended()
        return Reply(250, "2.0.0", f"Ok: queued as {await sink.commit()}")
    except Refusal as refusal:
        _abort(sink)
        return refusal.reply
    except Exception as error:
        _abort(sink)
        return _failed("commit", error)


def _abort(sink: Sink) -> None:
    try:
        sink.abort()
    except Exception as error:
        _failed("abort", error)


def _failed(act: str, error: Exception) -> Reply:
    log.error("cannot %s a mail: %s", act, _name(error))
    return LATER


def _name(error: Exception) -> str:
    """Kind and place only: the message may quote what was in the mail."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} ({Path(place.filename).name}:{place.lineno})"


def _tls_name(transport: Any) -> str:
    tls = transport.get_extra_info("ssl_object")
    return f"{tls.version()} {tls.cipher()[0]}" if tls else ""
