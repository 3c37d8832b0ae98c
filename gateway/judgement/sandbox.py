"""Scan workers as the gateway sees them: mail goes in, a checked report comes out, or nothing.

A worker that dies, is late or answers nonsense is killed with all its children and replaced; only
the mail it was reading is `ScanIncomplete` (then held, never passed). One request at a time per
worker, first come first served; but the last worker is for what is read in milliseconds, which
most mail is: a copier's page takes seconds, and twenty of them kept all mail of a company waiting.
A nursery that is lost takes all workers with it, and is replaced by the first worker that is
wanted then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from os import waitstatus_to_exitcode
from typing import TypeVar

from detectors import clear, linear, report
from detectors.clear import Clear
from detectors.own import NOTHING, Own
from detectors.report import Report
from gateway.judgement.confine import Confinement
from gateway.judgement.hatch import ANSWER_LIMIT, LENGTH, Hatch, InBlocks, Unanswered
from gateway.judgement.nurse import Nurse, Words, WorkerNotReady
from gateway.mail.pieces import SMALL, Pieces

log = logging.getLogger(__name__)
T = TypeVar("T")
Mail = bytes | Pieces | InBlocks

START_SECONDS = 30.0
TRIES = 3
"""For mail that a worker never took in: it did not kill the worker. Taken mail has one try."""

_FILES = linear.octets(rb"(?i)\ncontent-type:[ \t\r\n]*(?:image|application)/")
"""What may take a reader, or the recognition of text. As far as the mail says so: one that does not
costs others their time, and nothing else."""


class ScanIncomplete(Exception):
    """No report on this mail; `reason` is "worker_died", "late", "garbage" or "too_large"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxStopped(RuntimeError):
    """The sandbox went away; says nothing about the mail, which is to be scanned later."""


class _NotTaken(Exception):
    """The worker failed before it had the whole mail, so the mail is not the cause."""


class Sandbox:
    """A few scan workers behind one queue. Make it with `start`, end it with `stop`."""

    def __init__(self, workers: int, own: Callable[[], Own]) -> None:
        self._own = own
        self._slow = asyncio.Semaphore(max(workers - 1, 1))
        """places for mail that is not quick to read"""
        self._idle: asyncio.Queue[_Worker | None] = asyncio.LifoQueue()
        """the one that read last is warm"""
        self._alive: set[_Worker] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._nurse: Nurse | None = None
        self._calling = asyncio.Lock()
        self.confinement = Confinement(False, False, False)

    @classmethod
    async def start(cls, workers: int = 2, own: Callable[[], Own] = lambda: NOTHING) -> Sandbox:
        """Returns when all workers are ready. Raises WorkerNotReady when one is not.

        `own` gives what the administrator has looked for, asked before each mail; a worker is told
        again when it is another object than before.

        The calling thread must live as long as the sandbox: all dies with it (PR_SET_PDEATHSIG).
        """
        sandbox = cls(workers, own)
        try:
            ready = (sandbox._add() for _ in range(workers))
            for failed in filter(None, await asyncio.gather(*ready, return_exceptions=True)):
                raise failed
        except BaseException:
            await sandbox.stop()
            raise
        return sandbox

    @property
    def alive(self) -> int:
        """Workers that are up, busy or not."""
        return len(self._alive)

    @property
    def own_kinds(self) -> frozenset[str]:
        """Kinds of the dictionaries and patterns that there are now."""
        return self._own().kinds

    async def inspect(
        self,
        raw: Mail,
        *,
        name: str | None = None,
        passwords: Sequence[str] = (),
        kinds: Iterable[str] = (),
        journal: bool = False,
        limit_seconds: float = 30.0,
    ) -> Report:
        """The report on `raw`. `kinds` are looked for beside the usual ones; dictionaries and
        patterns only where their kinds are among them. With `journal` the original in a journal
        report is what is inspected, if it is one.

        Raises ScanIncomplete, SandboxStopped, and what reading blocks raises.

        The time spent waiting for a free worker is not counted. Documents together may take four
        fifths of `limit_seconds`, so that a slow one ends as a fact in the report.
        """
        head = {
            "size": len(raw),
            "seconds": limit_seconds * 0.8,
            "name": name,
            "passwords": list(passwords),
            "kinds": sorted(kinds),
            "journal": journal,
        }
        return await self._answer(head, raw, limit_seconds, _report)

    async def clear(self, raw: bytes, *, limit_seconds: float = 30.0) -> Clear:
        """Body and file names of `raw`, unmasked: for the parcel alone. Raises as `inspect`."""
        head = {"size": len(raw), "seconds": limit_seconds * 0.8, "clear": True}
        return await self._answer(head, raw, limit_seconds, clear.from_json)

    async def stop(self) -> None:
        """Kill all workers and wait until they are gone."""
        self._stopped = True
        self._idle.put_nowait(None)
        for task in self._replacing:
            task.cancel()
        await asyncio.gather(*self._replacing, return_exceptions=True)
        if self._nurse:
            await self._nurse.stop()
        await asyncio.gather(*(worker.end() for worker in list(self._alive)))
        self._alive.clear()

    async def _answer(
        self, head: Mapping[str, object], raw: Mail, seconds: float, read: Callable[[bytes], T]
    ) -> T:
        async with nullcontext() if is_quick(raw) else self._slow:
            for _ in range(TRIES):
                try:
                    return await self._ask(head, raw, seconds, read)
                except _NotTaken:
                    continue
        raise ScanIncomplete("worker_died")

    async def _ask(
        self, head: Mapping[str, object], raw: Mail, seconds: float, read: Callable[[bytes], T]
    ) -> T:
        worker = await self._free()
        try:
            answer = await worker.ask(head, self._own(), raw, seconds)
            found = _checked(answer, read)
        except BaseException as error:  # cancelled too: the answer is on its way to the next mail
            self._replace(worker)
            if self._stopped and isinstance(error, ScanIncomplete | _NotTaken):
                raise SandboxStopped from None
            raise
        self._idle.put_nowait(worker)
        return found

    async def _free(self) -> _Worker:
        while worker := await self._idle.get():
            if not worker.dead:
                return worker
            self._replace(worker)  # it died while idle: no mail's doing
        self._idle.put_nowait(None)  # for the next one who waits
        raise SandboxStopped

    async def _add(self) -> None:
        worker, self.confinement = await _Worker.start(await self._called())
        self._alive.add(worker)
        self._idle.put_nowait(worker)

    async def _called(self) -> Nurse:
        async with self._calling:
            if not self._nurse or self._nurse.dead:
                self._nurse = await Nurse.start()
            return self._nurse

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        if self._stopped:
            return
        task = asyncio.create_task(self._replaced(worker))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _replaced(self, worker: _Worker) -> None:
        await worker.end()
        self._alive.discard(worker)
        log.warning("scan worker replaced: %s", worker.epitaph())
        pause = 0.1
        while True:
            try:
                return await self._add()
            except (OSError, WorkerNotReady) as error:
                # Mail waits meanwhile; nothing passes unread.
                log.error("scan worker does not start: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)


class _Worker:
    """One process and the hatch to it."""

    def __init__(self, nurse: Nurse, pid: int, hatch: Hatch, words: Words) -> None:
        self._nurse, self._pid, self._hatch, self._words = nurse, pid, hatch, words
        self._end: asyncio.Future[int | None] | None = None
        self._knows = NOTHING

    @classmethod
    async def start(cls, nurse: Nurse) -> tuple[_Worker, Confinement]:
        hatch, words = Hatch(), Words()
        try:
            pid = await nurse.new(*hatch.theirs, words.theirs)
        finally:  # also where there is none: who hears that nobody is there closes by itself
            hatch.handed_over()
            os.close(words.theirs)
        worker = cls(nurse, pid, hatch, words)
        try:
            return worker, Confinement(**json.loads(await hatch.ask(seconds=START_SECONDS)))
        except (Unanswered, ValueError, TypeError):
            await worker.end()
            raise WorkerNotReady(worker.epitaph()) from None
        except BaseException:
            await worker.end()
            raise

    async def ask(self, head: Mapping[str, object], own: Own, raw: Mail, seconds: float) -> bytes:
        """The report as sent. After ScanIncomplete or _NotTaken the worker is of no more use."""
        news = {} if own is self._knows else {"own": own.json}
        request, self._knows = json.dumps({**head, **news}).encode(), own
        asked = len(request).to_bytes(LENGTH) + request
        try:
            if isinstance(raw, bytes | Pieces):
                return await self._hatch.ask(asked, *_pieces(raw), seconds=seconds)
            return await self._hatch.ask(asked, mail=raw, seconds=seconds)
        except Unanswered as failed:
            if failed.taken:
                raise ScanIncomplete(failed.reason) from None
            raise _NotTaken from None

    @property
    def dead(self) -> bool:
        return self._hatch.closed  # which it is as soon as nobody holds its other end

    def kill(self) -> None:
        """At once, with every child it has forked (they share its process group)."""
        self._end = self._end or self._nurse.end(self._pid)

    async def end(self) -> None:
        """Kill it and wait until it is gone."""
        self.kill()
        self._hatch.close()
        assert self._end
        await asyncio.shield(self._end)  # others may wait for it as well
        await self._words.ended.wait()

    def epitaph(self) -> str:
        """Its exit code and the classes of exceptions it named last."""
        status = self._end.result() if self._end and self._end.done() else None
        end = (
            "lost with the nursery" if status is None else f"exit {waitstatus_to_exitcode(status)}"
        )
        return " ".join([end, *self._words.last])


def is_quick(raw: Mail) -> bool:
    """Whether it is read in milliseconds: it is small, and names no file but text."""
    if len(raw) > SMALL or not isinstance(raw, bytes | Pieces):
        return False
    return not any(_FILES.search(piece) for piece in _pieces(raw))


def _pieces(raw: bytes | Pieces) -> Iterable[bytes]:
    return (raw,) if isinstance(raw, bytes) else raw


def _checked(answer: bytes, read: Callable[[bytes], T]) -> T:
    try:
        return read(answer)
    except ValueError:
        # A ValidationError quotes its input, so it is not chained.
        raise ScanIncomplete("garbage") from None


def _report(answer: bytes) -> Report:
    return report.from_json(answer, ANSWER_LIMIT)
