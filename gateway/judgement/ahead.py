"""A mail is read while its client waits: one commit then takes it in and judges it.

Most mail is no large one and leaves as it came. Kept first and read later it costs a second
commit, a claim, and the opening of what was sealed a moment ago: half of all the work on it.
Whatever goes wrong here costs nothing but that: the mail is kept, and the scanner reads it like
any other. What is only late (a scanned page takes seconds) is waited for by the scanner: whatever
is read twice takes the time of two, and most when there is least.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from gateway.judgement import judge
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.policies import InForce
from gateway.judgement.sandbox import Sandbox, SandboxStopped, ScanIncomplete
from gateway.mail.incoming import Incoming
from gateway.mail.intake import Read, Unjudged
from gateway.mail.pieces import Pieces
from gateway.memory.states import Ref, State
from gateway.memory.store import Tx

log = logging.getLogger("sekisho.ahead")

PATIENCE = 1.0
"""Seconds a client is let wait for it; the scanner has no hurry."""
LATE = 600.0
"""Seconds for which what came too late is kept for the scanner, which may be far behind."""


@dataclass
class Ahead:
    checkpoint: Checkpoint
    sandbox: Sandbox
    _kinds: frozenset[str] = field(default_factory=frozenset, init=False)
    """that the policy asked for when it was last seen"""
    _at_work: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _late: dict[str, asyncio.Future[Read | None]] = field(default_factory=dict, init=False)
    """by letter: what its client does not wait for any more"""

    def begin(self, raw: Pieces) -> asyncio.Future[Read | None]:
        found: asyncio.Future[Read | None] = asyncio.get_running_loop().create_future()
        # Not cancelled when it is late: that would kill the worker, which is what a mail must do.
        reading = asyncio.create_task(self._read(raw, found))
        self._at_work.add(reading)
        reading.add_done_callback(self._at_work.discard)
        return found

    async def read(self, letter: str, found: asyncio.Future[Read | None]) -> Read | None:
        await asyncio.wait([found], timeout=PATIENCE)
        if found.done():
            return found.result()
        self._late[letter] = found
        asyncio.get_running_loop().call_later(LATE, self._late.pop, letter, None)
        return None

    async def late(self, letter: str) -> Read | None:
        """What was still being read as its mail was kept; None where nothing was, or it failed."""
        found = self._late.get(letter)
        if found is None:
            return None
        await asyncio.wait([found])
        self._late.pop(letter, None)
        return found.result()

    def judge(self, tx: Tx, incoming: Incoming, read: Read) -> None:
        letter = incoming.letter
        known = Ref(letter["id"], letter["id"], State.RECEIVED, 0)
        ck = self.checkpoint
        inforce = ck.policies.active(tx.conn)
        if not self.serves(read, inforce):
            raise Unjudged
        try:
            judge.first(tx, ck, known, letter, read.report, inforce, incoming)
        except Exception as error:
            if not tx.alive:
                raise
            log.exception("judgement of %s failed", known.id)
            raise Unjudged from error

    def serves(self, read: Read, inforce: InForce) -> bool:
        """Whether it was looked for all that the policy asks for. The next one will be."""
        self._kinds = inforce.policy.kinds
        return read.serves(self._kinds)

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
            found.set_result(read)
