"""A mail is read while its client waits: one commit then takes it in and judges it.

Most mail is no large one and leaves as it came. Kept first and read later it costs a second
commit, a claim, and the opening of what was sealed a moment ago: half of all the work on it.
Whatever goes wrong here costs nothing but that: the mail is kept, and the scanner reads it like
any other.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from gateway.judgement import judge
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.sandbox import Sandbox, SandboxStopped, ScanIncomplete
from gateway.mail.incoming import Incoming
from gateway.mail.intake import Read, Unjudged
from gateway.mail.pieces import Pieces
from gateway.memory.states import Ref, State
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.ahead")

PATIENCE = 1.0
"""Seconds a client is let wait for it; the scanner has no hurry."""


@dataclass
class Ahead:
    checkpoint: Checkpoint
    sandbox: Sandbox
    _kinds: frozenset[str] = field(default_factory=frozenset, init=False)
    """that the policy asked for when it was last seen"""
    _at_work: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def begin(self, raw: Pieces) -> asyncio.Future[Read | None]:
        found: asyncio.Future[Read | None] = asyncio.get_running_loop().create_future()
        # Not cancelled when it is late: that would kill the worker, which is what a mail must do.
        reading = asyncio.create_task(self._read(raw, found))
        self._at_work.add(reading)
        reading.add_done_callback(self._at_work.discard)
        return found

    async def read(self, found: asyncio.Future[Read | None]) -> Read | None:
        timer = asyncio.get_running_loop().call_later(PATIENCE, _tell, found, None)
        try:
            return await found
        finally:
            timer.cancel()

    def judge(self, tx: Tx, incoming: Incoming, read: Read) -> None:
        letter = incoming.letter
        known = Ref(letter["id"], letter["id"], State.RECEIVED, 0)
        ck = self.checkpoint
        inforce = ck.policies.active(tx.conn)
        self._kinds = inforce.policy.kinds
        if not read.serves(self._kinds):
            raise Unjudged
        try:
            judge.first(tx, ck, known, letter, read.report, inforce, incoming)
        except Exception as error:
            if not tx.alive:
                raise
            log.exception("judgement of %s failed", known.id)
            raise Unjudged from error

    async def _read(self, raw: Pieces, found: asyncio.Future[Read | None]) -> None:
        read, kinds = None, self._kinds | self.sandbox.own_kinds
        seconds = self.checkpoint.config.scan.seconds
        try:
            report = await self.sandbox.inspect(raw, kinds=kinds, limit_seconds=seconds)
            read = Read(report, kinds)
        except (ScanIncomplete, SandboxStopped):
            pass
        except Exception as error:
            log.error("reading ahead failed: %s", type(error).__name__)
        finally:
            _tell(found, read)


def _tell(found: asyncio.Future[Read | None], read: Read | None) -> None:
    if not found.done():
        found.set_result(read)
