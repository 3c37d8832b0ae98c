"""The house behind the listener: a mail is durable before its sender hears 250.

tx1 is one row of letter, one consignment, its recipients, the wrapped key and the ledger entry;
for a small mail the judgement too, if it could be read while its client waited (`Ahead`). Bytes
above 64 KiB are in a flushed file before it begins. Whatever fails before the commit is
451, and leaves at most a sealed file without a row, which the sweep removes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import NamedTuple, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from detectors.report import Report
from gateway.mail.elsewhere import proves
from gateway.mail.incoming import Incoming, arriving
from gateway.mail.listener import Envelope, Refusal, Reply
from gateway.mail.loops import MAX_HOPS, Marks, header_of, hops
from gateway.mail.pieces import Pieces, Shelf
from gateway.mail.pressure import Pressure
from gateway.mail.route import fixed
from gateway.mail.tenant import Opening, Tenant
from gateway.memory import passwords
from gateway.memory.committer import Committer
from gateway.memory.ids import new_id
from gateway.memory.letters import Draft
from gateway.memory.opening import Memory
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx
from gateway.memory.tables import Consignment, Credential, table
from gateway.memory.validity import PERSON, active
from gateway.memory.vault import Sealed

CONSIGNMENT, CREDENTIAL = table(Consignment), table(Credential)
HEAD = 64 * 1024
"""How much of a mail is kept in memory to look for loops in its header."""
AHEAD = 3 << 19
"""Octets of a mail that is read while its client waits: a megabyte, encoded."""
IN_HAND = 64
"""Mails that are not small and in memory, in all: till they are read, or have left."""

_AT_WORK = [s.value for s in (State.RECEIVED, State.TAPPED, State.RELEASED, State.QUEUED)]
"""States that we ourselves must still do something about; what is held waits for persons."""
RECOVERY = Reply(421, "4.3.2", "in recovery after a restore, try again later", True)
LOOP = Reply(554, "5.4.6", "mail loop: this mail has been here before")
TOO_MANY_HOPS = Reply(554, "5.4.6", "mail loop: too many hops")


class Read(NamedTuple):
    report: Report
    kinds: frozenset[str] | None
    """that were looked for; None where nothing could be, whatever is asked for"""

    def serves(self, asked: frozenset[str]) -> bool:
        """Whether a policy that asks for these kinds may judge by it: one that was published
        since may ask for what was not looked for."""
        return self.kinds is None or asked <= self.kinds


class Ahead(Protocol):
    """Reads a mail before it is kept, so that one commit takes it in and judges it."""

    def begin(self, raw: Pieces) -> asyncio.Future[Read | None]: ...

    async def read(self, letter: str, found: asyncio.Future[Read | None]) -> Read | None:
        """None: not now. It is the scanner's."""

    def judge(self, tx: Tx, incoming: Incoming, read: Read) -> None:
        """Judges and writes it. Raises Unjudged, and what was done by then must be undone."""


class Unjudged(Exception):
    """It is kept as it came; the scanner judges it."""


@dataclass
class Intake:
    memory: Memory
    committer: Committer
    marks: Marks
    ahead: Ahead | None = None
    recovering: bool = False

    def __post_init__(self) -> None:
        smtp = self.memory.config.smtp
        limits = smtp.limits
        # Room for this mail and for what is still being received beside it.
        # The ballast, once given up, is not theirs.
        ballast = self.memory.config.store.ballast
        floor = max(limits.free_disk, 4 * smtp.max_message_size, 2 * ballast)
        folder = self.memory.store.folder
        self.pressure = Pressure(folder, floor, limits.memory, limits.waiting_mails)
        self.tenant = Tenant.of(self.memory.config.smtp.tenant)
        self.in_hand = Shelf(IN_HAND)

    async def authenticate(self, user: str, password: bytes) -> str | None:
        config = self.memory.config
        if config.smtp.accounts == "ldap":
            ldap = await asyncio.to_thread(
                import_module, "gateway.mail.ldap"
            )  # half a second, once
            found: str | None = await ldap.proves(config.smtp.ldap, user, password)
            return found
        if config.smtp.accounts == "next_hop":
            hop, text = fixed(config.delivery), password.decode("utf-8", "replace")
            known = await proves(hop, config.smtp.hostname, user, text)
            return user.lower() if known else None
        return await asyncio.to_thread(self._authenticate, user, password)

    def room(self) -> Reply | None:
        return RECOVERY if self.recovering else self.pressure.refusal()

    async def count(self) -> None:
        """Until cancelled: how many mails wait, which is a query and none of the loop's."""
        while True:
            with suppress(OperationalError):  # a busy database; the next look comes soon
                self.pressure.waiting = await asyncio.to_thread(self._waiting)
            await asyncio.sleep(1.0)

    def _waiting(self) -> int:
        """Up to the limit: a look costs no more however many there are."""
        most = self.pressure.queue
        rows = select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.state.in_(_AT_WORK)).limit(most)
        with self.memory.store.read() as session:
            query = select(func.count()).select_from(rows.subquery())
            return int(session.connection().execute(query).scalar_one())

    def open(self, envelope: Envelope) -> Arrival:
        opening = self.tenant.opening(
            envelope.client_ip, envelope.auth_user, copy=envelope.kind == "tap"
        )
        return Arrival(self, envelope, self.memory.content.draft(new_id()), opening)

    def _authenticate(self, user: str, password: bytes) -> str | None:
        with self.memory.store.read() as session:
            query = (
                select(CREDENTIAL.c.password)
                .join(PERSON, PERSON.c.id == CREDENTIAL.c.person_id)
                .where(PERSON.c.email == user.lower(), active(self.memory.store.clock()))
            )
            known = session.connection().execute(query).scalar()
        fits = passwords.fits(password.decode("utf-8", "replace"), known or "")
        return user.lower() if fits else None


@dataclass(eq=False)
class Arrival:
    """One mail on its way in."""

    intake: Intake
    envelope: Envelope
    draft: Draft
    opening: Opening | None = None
    clear: Pieces = field(default_factory=Pieces)
    whole: bool = True
    """whether `clear` is all that came"""
    line_ends_mended: bool = False

    def write(self, block: bytes) -> None:
        self._take(self.opening.feed(block) if self.opening else block)

    def _take(self, block: bytes) -> None:
        self.draft.sealer.write(block)
        if self.whole:
            self.clear.add(block)
            if not self._room():
                self.whole, head = False, self.clear.first(HEAD)
                self.clear = Pieces()
                self.clear.add(head)

    def _room(self) -> bool:
        """For all of it, and not its head alone."""
        return len(self.clear) <= AHEAD and self.intake.in_hand.takes(self.clear)

    def mended(self) -> None:
        self.line_ends_mended = True

    async def commit(self) -> str:
        if self.opening:
            self._take(self.opening.end())
        if not self._tapped:  # a copy goes nowhere, and may have been here as a mail
            self._refuse_loop(header_of(self.clear.first(HEAD)))
        clear, self.clear = self.clear, Pieces()
        ahead = self.intake.ahead if self.whole and not self._tapped else None
        found = ahead.begin(clear) if ahead else None
        sealed = await self._finish()
        read = await ahead.read(self.draft.id, found) if ahead and found else None
        keep = partial(self._keep, sealed=sealed, clear=clear if read else None)
        del clear  # from here on the courier's, or nobody's

        commit = self.intake.committer.commit
        try:
            return await commit(partial(keep, ahead=ahead, read=read))
        except Unjudged:  # undone whole: dearer than a part of it, but hardly one mail comes here
            return await commit(partial(self._keep, sealed=sealed))

    def _keep(
        self,
        tx: Tx,
        sealed: Sealed,
        ahead: Ahead | None = None,
        read: Read | None = None,
        clear: Pieces | None = None,
    ) -> str:
        incoming = self._incoming(tx, sealed, clear)
        if ahead and read:
            ahead.judge(tx, incoming, read)
        else:
            incoming.write(tx)
            tx.nudge(State.RECEIVED.value)
        return self.draft.id

    def abort(self) -> None:
        self.draft.sealer.abort()

    @property
    def _tapped(self) -> bool:
        return self.envelope.kind == "tap"

    def _refuse_loop(self, header: bytes) -> None:
        if self.intake.marks.seen(header):
            raise Refusal(LOOP)
        if hops(header) > MAX_HOPS:
            raise Refusal(TOO_MANY_HOPS)

    async def _finish(self) -> Sealed:
        """A file is flushed off the loop; a small blob costs nothing and is flushed with tx1."""
        if self.draft.sealer.size > HEAD:
            return await asyncio.to_thread(self.draft.sealer.finish)
        return self.draft.sealer.finish()

    def _incoming(self, tx: Tx, sealed: Sealed, clear: Pieces | None) -> Incoming:
        envelope, id = self.envelope, self.draft.id
        mail_from = envelope.mail_from.text if envelope.mail_from else ""
        tx.record(
            "received",
            Actor("client", envelope.auth_user or "", envelope.client_ip),
            letter=id,
            consignment=id,
            first=True,
            mail_from=mail_from,
            recipients=[recipient.address.text for recipient in envelope.rcpt_to],
            size=sealed.size,
            tls=envelope.tls,
            line_ends_mended=self.line_ends_mended,
            listener=envelope.kind,
        )
        columns = {
            "id": id,
            "received_at": envelope.received_at,
            "listener": envelope.kind,
            "client_ip": envelope.client_ip,
            "helo": envelope.helo,
            "tls": envelope.tls,
            "auth_user": envelope.auth_user or "",
            "mail_from": mail_from,
            "body": envelope.body,
            "smtputf8": envelope.smtputf8,
            "envid": envelope.envid,
            "ret": envelope.ret,
            **self.intake.memory.content.columns(tx, self.draft, sealed),
        }
        recipients = [
            {"address": each.address.text, "notify": each.notify, "orcpt": each.orcpt}
            for each in envelope.rcpt_to
        ]
        row = arriving(id, State.TAPPED if self._tapped else State.RECEIVED, tx)
        source = self.intake.memory.vault.source(sealed)
        return Incoming(columns, recipients, row, source, self.draft.key, clear)
