"""Drives the dialogue over real sockets: does what its steps say, and takes the mails.

No task and no stream stands behind a connection. A task begins where something is waited for: a
commit, a password, a handshake.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Coroutine
from contextlib import nullcontext
from typing import Any

from gateway.mail import precedence
from gateway.mail.admission import Admission
from gateway.mail.connection import Connection, named
from gateway.mail.dot_stream import LineEnding
from gateway.mail.listener import Envelope, House, Reply
from gateway.mail.proxied import Introduction, address_of, encrypted
from gateway.mail.reception import Reception, failed
from gateway.mail.smtp_in import (
    BAD_LINE_ENDING,
    GO_AHEAD,
    MAX_LINE,
    Authenticate,
    Dialogue,
    Receive,
    StartTls,
)

log = logging.getLogger(__name__)

_BACKLOG = 1024
_CROWDED = Reply(421, "4.7.0", "too many connections", True)
_PAUSE = 1.0
"""Seconds that a wrong password costs, so that guessing takes its time."""
_LOCKED = Reply(454, "4.7.0", "too many wrong passwords, try again later")
_AUTH_LATER = Reply(454, "4.7.0", "temporary authentication failure")

_commits: set[asyncio.Task[None]] = set()
"""The loop holds tasks weakly: a commit without this reference was seen to vanish midway."""


async def listen(
    admission: Admission, house: House, sock: socket.socket, tls: ssl.SSLContext | None
) -> asyncio.Server:
    """Listens on `sock`. With `tls`, kind "tls" begins encrypted, all others offer STARTTLS.

    Raises OSError, and ValueError for kind "tls" without a context.
    """
    if admission.kind == "tls" and not tls:
        raise ValueError("a listener of kind tls needs a certificate")
    guests: Counter[str] = Counter()
    encrypting = tls if admission.kind == "tls" else None

    def session(client_ip: str = "") -> Driver:
        return Driver(admission, house, tls, guests, client_ip)

    def introduced() -> Introduction:
        return Introduction(admission.proxies, encrypting, session)

    return await asyncio.get_running_loop().create_server(
        introduced if admission.proxies else session,
        sock=sock,
        backlog=_BACKLOG,
        ssl=None if admission.proxies else encrypting,
    )


async def settled() -> None:
    """Waits until no commit is under way; for a clean stop, after the listeners are closed."""
    while _commits:
        await asyncio.wait(_commits)


class Driver(Connection):
    def __init__(
        self,
        admission: Admission,
        house: House,
        tls: ssl.SSLContext | None,
        guests: Counter[str],
        client_ip: str,
    ) -> None:
        super().__init__(admission.timeout, admission.session)
        self.client_ip = client_ip
        self._admission = admission
        self._house = house
        self._context = tls
        self._guests = guests
        self._counted = False
        self._dialogue: Dialogue
        self._reception: Reception | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.client_ip = self.client_ip or address_of(transport)
        if self.over or not self.client_ip:  # gone before we looked
            self.close()
        elif self._crowded():
            self.cut(_CROWDED)
        else:
            self._welcome()

    def _welcome(self) -> None:
        self._guests[self.client_ip] += 1
        self._counted = True
        self._dialogue = Dialogue(
            self._admission,
            self.client_ip,
            tls=_tls_name(self.transport),
            offer_tls=bool(self._context),
        )
        self.begin(self._dialogue.greet())

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        if self._task:
            self._task.cancel()
        if self._counted:
            self._counted = False
            self._guests[self.client_ip] -= 1
            if not self._guests[self.client_ip]:
                del self._guests[self.client_ip]

    def _end(self) -> None:
        if self._reception:
            self._reception.abort()
            self._reception = None

    def _crowded(self) -> bool:
        return (
            not self._admission.rates.connections.take(self.client_ip)
            or self._guests[self.client_ip] >= self._admission.max_per_client
            or self._guests.total() >= self._admission.max_connections
        )

    def _step(self) -> bool:
        if self._reception:
            return self._take(self._reception)
        line, newline, rest = self.pending.partition(b"\n")
        if not newline and len(line) <= MAX_LINE:
            return False
        self.pending = rest
        self._answer(line + newline)
        return True

    def _answer(self, line: bytes) -> None:
        match self._dialogue.line(line, more=bool(self.pending)):
            case Reply() as reply:
                self.say(reply)
            case Receive(envelope):
                self.say(self._receive(envelope))
            case Authenticate(user, password):
                self._await(self._sign_in(user, password))
            case StartTls(ready):
                self.say(ready)
                self._flush()
                # At once: what is said in the clear must not be believed inside (CVE-2024-34083).
                self.transport.pause_reading()
                self.halves = False
                self._await(self._start_tls())

    # -- the mail

    def _receive(self, envelope: Envelope) -> Reply:
        try:
            sink = self._house.room() or self._house.open(envelope)
        except Exception as error:
            sink = failed("open", error)
        if isinstance(sink, Reply):
            self._dialogue.reset()
            return sink
        self._reception = Reception(self._admission, sink)
        return GO_AHEAD

    def _take(self, reception: Reception) -> bool:
        block, self.pending = self.pending, b""
        if not block:
            return False
        try:
            rest = reception.feed(block)
        except LineEnding:
            self.say(BAD_LINE_ENDING)
            return True
        if rest is not None:
            self.pending = rest
            self._taken(reception)
        elif reception.size > precedence.SMALL and precedence.wanted():
            self._await(self._give_way())
        return True

    def _taken(self, reception: Reception) -> None:
        self._reception = None
        self._dialogue.reset()
        if refusal := reception.refusal:
            reception.abort()
            self.say(refusal)
            return
        self.busy = True
        task = self.loop.create_task(self._commit(reception))
        _commits.add(task)
        task.add_done_callback(_commits.discard)

    async def _commit(self, reception: Reception) -> None:
        """Nobody cancels this: a client that hangs up now loses its reply, and not its mail."""
        small = reception.size <= precedence.SMALL
        with precedence.first() if small else nullcontext():
            reply = await reception.settle()
        self.resume(reply)

    # -- what is waited for

    async def _give_way(self) -> None:
        await precedence.give_way()
        self.resume()

    def _await(self, what: Coroutine[Any, Any, None]) -> None:
        self.busy = True
        self._task = self.loop.create_task(what)

    async def _sign_in(self, user: str, password: bytes) -> None:
        self.resume(await self._known(user, password))

    async def _known(self, user: str, password: bytes) -> Reply:
        keys = (f"ip {self.client_ip}", f"user {user.lower()}")
        failures = self._admission.rates.failures
        if any([failures.spent(key) for key in keys]):
            return _LOCKED
        try:
            known = await self._house.authenticate(user, password)
            if known is None:
                for key in keys:
                    failures.take(key)
                await asyncio.sleep(_PAUSE)
            return self._dialogue.authenticated(known)
        except Exception as error:
            log.error("cannot authenticate anybody: %s", named(error))
            return _AUTH_LATER

    async def _start_tls(self) -> None:
        try:
            self.transport = await encrypted(self.transport, self, self._context)
            self._dialogue.tls_started(_tls_name(self.transport))
            self.resume()
        except OSError as error:  # TLS errors too: whoever breaks it off is told nothing
            self.close()
            self.connection_lost(error)  # which asyncio does not call during a handshake


def _tls_name(transport: Any) -> str:
    tls = transport.get_extra_info("ssl_object")
    return f"{tls.version()} {tls.cipher()[0]}" if tls else ""
