"""The scanning stage: claims what was received, has it read by a keyless worker, judges it.

Dead, late or garbage is the fact `scan_incomplete`: the mail is scanned once more by itself (the
fault may be ours), and then held, never passed. An error of our own leaves the row where it is,
to be claimed again; it stays in RECEIVED, which is not a way out.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from detectors.report import Fact, Reason, Report
from gateway.judgement import judge
from gateway.judgement.ahead import Ahead
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.sandbox import Mail, Sandbox, SandboxStopped, ScanIncomplete, is_quick
from gateway.mail.intake import Read
from gateway.memory.committer import Committer
from gateway.memory.measures import SCAN_SECONDS
from gateway.memory.nudge import Bell
from gateway.memory.opening import Memory
from gateway.memory.stage import at_last, work_through
from gateway.memory.states import Overtaken, Ref, State, claimed, put_back, ref_of
from gateway.memory.store import Tx
from gateway.memory.vault import CHUNK

log = logging.getLogger("sekisho.scanner")

LEASE = timedelta(minutes=3)
RETRY = timedelta(seconds=30)
PATIENCE = 60.0
"""Seconds for a judgement to be written down; well within the lease."""
CLAIMED = 16
"""Mails claimed for each worker, so that one commit serves many."""
AGAIN = timedelta(seconds=1)
"""After the first incomplete scan; after the second one the mail is held."""


Claimed = tuple[Ref, int]
"""and how often it was tried before"""


@dataclass
class Scanner:
    memory: Memory
    committer: Committer
    checkpoint: Checkpoint
    sandbox: Sandbox
    ahead: Ahead
    bell: Bell
    name: str
    """of this process, as the owner of leases"""
    _taken: deque[Claimed] = field(default_factory=deque, init=False)
    """claimed in the very transaction that received them"""
    _resting: threading.Event = field(default_factory=threading.Event, init=False)
    """nothing is left to be claimed"""

    def __post_init__(self) -> None:
        self._narrow = asyncio.Semaphore(self.checkpoint.config.scan.width)
        """places for mails that are quick to read: they may not queue up before those whose clients
        wait; others have places of their own (`Sandbox`), and keep none of these"""

    async def run(self) -> None:
        """Until cancelled. Of what is claimed, as many small mails at once as there are workers."""
        self.committer.followers[State.RECEIVED.value] = self._take
        try:
            await work_through(
                self._claimed,
                lambda claimed: self.scan(*claimed),
                self._rest,
                width=CLAIMED * self.checkpoint.config.scan.width,
                ahead=1,
                most=CLAIMED,
            )
        finally:
            del self.committer.followers[State.RECEIVED.value]

    async def scan(self, known: Ref, tries: int) -> None:
        """One mail, from claim to its next state. Raises nothing: another one must not suffer."""
        try:
            with SCAN_SECONDS.time():
                read = await self.ahead.late(known.letter_id) or await self._inspect(known)
        except SandboxStopped:
            return
        except ScanIncomplete as error:
            log.warning("scan of %s incomplete: %s", known.letter_id, error.reason)
            if tries == 0:
                await self._put_back(known, AGAIN)
                return
            incomplete = Fact("scan_incomplete", reason=Reason(error.reason))
            read = Read(Report(facts=(incomplete,)), None)
        except Exception:
            log.exception("scan of %s failed", known.letter_id)
            await self._put_back(known, RETRY)
            return
        try:
            judged = partial(self._judge, known=known, read=read)
            await at_last(lambda: self.committer.commit(judged), PATIENCE)
        except Overtaken:
            log.info("%s was taken over while it was scanned", known.id)
        except Exception:
            log.exception("judgement of %s failed", known.letter_id)
            await self._put_back(known, RETRY)

    async def _rest(self) -> None:
        self._resting.set()
        await self.bell.wait(State.RECEIVED.value, 2.0)
        self._resting.clear()

    def _take(self, tx: Tx) -> None:
        """On the committer's thread: what is received needs no second commit to be claimed."""
        if self._resting.is_set():
            tx.after.append(partial(self._taken.extend, self._claim(tx)))

    async def _claimed(self) -> list[Claimed]:
        """A lease that a power failure undoes is taken again: it waits for no flush."""
        taken = [self._taken.popleft() for _ in range(len(self._taken))]
        return taken or await self.committer.commit(self._claim, durable=False)

    def _claim(self, tx: Tx) -> list[Claimed]:
        rows = claimed(tx, State.RECEIVED, self.name, LEASE, limit=CLAIMED)
        if not rows:  # copies wait until no mail does
            rows = claimed(tx, State.TAPPED, self.name, LEASE, limit=CLAIMED)
        return [(ref_of(row), row["attempts"]) for row in rows]

    async def _inspect(self, known: Ref) -> Read:
        raw, kinds = await asyncio.to_thread(self._raw, known)
        seconds = self.checkpoint.config.scan.seconds
        # All that is configured, whether a rule asks for it or not: a new rule can be tried on
        # the reports of the last weeks.
        kinds |= self.sandbox.own_kinds
        journal = known.state is State.TAPPED
        async with self._narrow if is_quick(raw) else nullcontext():
            report = await self.sandbox.inspect(
                raw, kinds=kinds, journal=journal, limit_seconds=seconds
            )
        return Read(report, kinds)

    def _raw(self, known: Ref) -> tuple[Mail, frozenset[str]]:
        """The mail, unopened where it is in a file: many wait here; and the kinds of numbers that
        the policy in force asks for."""
        with self.memory.store.read() as session:
            conn = session.connection()
            letters = self.checkpoint.letters
            policy = self.checkpoint.policies.active(conn).policy
            opened = letters.open(conn, letters.row(conn, known.letter_id))
        return opened if len(opened) > CHUNK else opened.whole(), policy.kinds

    def _judge(self, tx: Tx, known: Ref, read: Read) -> None:
        letter = self.checkpoint.letters.row(tx.conn, known.letter_id)
        inforce = self.checkpoint.policies.active(tx.conn)
        if not self.ahead.serves(read, inforce):
            return put_back(tx, known, wait=timedelta(0), tried=False)
        judge.first(tx, self.checkpoint, known, letter, read.report, inforce)

    async def _put_back(self, known: Ref, wait: timedelta) -> None:
        back = partial(put_back, consignment=known, wait=wait)
        try:
            await at_last(lambda: self.committer.commit(back), PATIENCE)
        except Overtaken:
            log.info("%s was taken over", known.id)
        except Exception:
            log.exception("%s could not be put back; its lease runs out", known.id)
