"""One thread that takes all that waits and makes it durable with one flush.

There is no timer: while one batch is being flushed the next one gathers, so that a lone mail
waits for nobody and fifty at once share a flush. Each piece of work behind the first one is a
savepoint: one that fails is undone alone and told so, the others are committed.

What may be done again after a power failure waits for no flush: it is committed loosely, and the
flush of the next mail carries it to the disk, or the one that follows when nothing comes.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from gateway.memory.store import Store, Taker, Tx

log = logging.getLogger("sekisho.committer")
T = TypeVar("T")
Work = Callable[[Tx], Any]
Told = Future[Any] | asyncio.Future[Any]
Answer = tuple[Told, Any, BaseException | None]

TURN = 0.02
"""Seconds of work a batch: bounds how long a page in another process waits for its turn."""
LOOSE = 1.0
"""Seconds after which what was committed loosely is flushed, when nothing follows."""


class Waiting(NamedTuple):
    work: Work
    told: Told
    durable: bool


class Committer:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.followers: dict[str, Work] = {}
        """By room: what takes up at once, in the same transaction, what a batch has put there. A
        commit less for each; where it fails the room is nudged and does it by itself."""
        self.takers: dict[str, Taker] = {}
        """By state: who may take up a row as it is written"""
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._ready: deque[Waiting] = deque()
        """taken from there, to be seen whether one of them wants a flush"""
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Everything handed over before is committed first."""
        self._waiting.put(None)
        self._thread.join()

    def submit(self, work: Callable[[Tx], T]) -> Future[T]:
        """The future has the result once the commit is durable, or the work's own exception."""
        future: Future[T] = Future()
        self._waiting.put(Waiting(work, future, durable=True))
        return future

    async def commit(self, work: Callable[[Tx], T], *, durable: bool = True) -> T:
        """A caller that is cancelled stops waiting; the work is done all the same. What is not
        `durable` survives our own end, and a power failure only after `LOOSE` seconds."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.put(Waiting(work, future, durable))
        return await future

    def _run(self) -> None:
        while self._wait():
            self._commit()
        if self.store.loose:
            self._flush()

    def _wait(self) -> bool:
        """Until something is to be done; False after the last."""
        while not self._ready and not self._ended:
            try:
                self._gather(self._waiting.get(timeout=LOOSE if self.store.loose else None))
            except queue.Empty:
                self._flush()
        return bool(self._ready)

    def _gather(self, waiting: Waiting | None) -> None:
        """It, and all that waits behind it."""
        while waiting:
            self._ready.append(waiting)
            if self._waiting.empty():
                return
            waiting = self._waiting.get()
        self._ended = True

    def _flush(self) -> None:
        try:
            self.store.flush()
        except Exception as error:
            log.error("nothing could be flushed: %s", type(error).__name__)

    def _commit(self) -> None:
        """One batch: what is ready, or comes while it is worked on. If one of them wants a flush
        all have it; one that comes too late for that waits for the next batch."""
        durable = any(each.durable for each in self._ready)
        batch, answers = [self._ready.popleft()], list[Answer]()
        try:
            with self.store.write(durable=durable, ring=False) as tx:
                tx.takers = self.takers if durable else {}
                end = time.monotonic() + TURN
                answers.append((batch[0].told, batch[0].work(tx), None))
                while time.monotonic() < end and self._fits(durable):
                    batch.append(self._ready.popleft())
                    answers.append(self._one(tx, batch[-1]))
                if durable:
                    self._follow(tx)
        except Exception as error:
            if answers:  # else it is the first one's own: nothing was beside it
                kind = type(error).__name__
                log.error("a batch of %d could not be committed: %s", len(batch), kind)
            _spread([(each.told, None, error) for each in batch])
            return
        _spread(answers)
        # Only now: a client that waits for its 250 comes before what is done with its mail.
        self.store.ring(tx.nudges)

    def _fits(self, durable: bool) -> bool:
        """Whether there is another one, for a batch of this kind."""
        if not self._ready and not self._waiting.empty():
            self._gather(self._waiting.get())
        return bool(self._ready) and self._ready[0].durable <= durable

    def _follow(self, tx: Tx) -> None:
        for room in self.followers.keys() & tx.nudges:
            try:
                with tx.apart():
                    self.followers[room](tx)
            except Exception:
                if not tx.alive:
                    raise
                log.exception("nothing could be taken up in %s", room)

    @staticmethod
    def _one(tx: Tx, waiting: Waiting) -> Answer:
        future = waiting.told
        try:
            with tx.apart():
                return future, waiting.work(tx), None
        except Exception as error:
            if not tx.alive:
                # Disk full, I/O: SQLite has undone the whole transaction by itself. The next
                # savepoint would begin one of its own and commit it without the ledger: nobody
                # of this batch may be told yes.
                raise
            return future, None, error


def _spread(answers: list[Answer]) -> None:
    """A loop is woken once for all of a batch: each waking is a system call on either side."""
    threads: list[Answer] = []
    loops: defaultdict[asyncio.AbstractEventLoop, list[Answer]] = defaultdict(list)
    for answer in answers:
        future = answer[0]
        (loops[future.get_loop()] if isinstance(future, asyncio.Future) else threads).append(answer)
    _tell(threads)
    for loop, told in loops.items():
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            loop.call_soon_threadsafe(_tell, told)


def _tell(answers: list[Answer]) -> None:
    for future, result, problem in answers:
        if future.done():  # whoever was cancelled has stopped waiting
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)
