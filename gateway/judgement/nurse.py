"""The nursery as the gateway sees it: asks for workers, has them ended, and says when it is gone.

Nothing here blocks: an order is a packet of a few octets, and its answer a future. A nursery that
leaves one unanswered is killed, and its workers die with it.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

ANSWER_SECONDS = 30.0
"""The first order waits until everything is loaded."""
_KEPT = 8 << 10

# Isolated (-I) there is no current directory on the path; a source checkout is appended, not put
# first, so that nothing lying in it can stand for a module of the standard library.
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from gateway.judgement.nursery import main; main()"
)
_ROOT = str(Path(__file__).resolve().parents[2])


class WorkerNotReady(RuntimeError):
    """A worker did not come up."""


class Words:
    """What a process says on its standard error, until nobody holds the other end any more."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ear, self.theirs = os.pipe()
        """`theirs` is what the process is started with; whoever has handed it over closes it."""
        os.set_blocking(self._ear, False)
        self._said = b""
        self.ended = asyncio.Event()
        self._loop.add_reader(self._ear, self._hear)

    def _hear(self) -> None:
        if said := os.read(self._ear, _KEPT):
            self._said = (self._said + said)[-_KEPT:]
            return
        self._loop.remove_reader(self._ear)
        os.close(self._ear)
        self.ended.set()

    @property
    def last(self) -> list[str]:
        """The classes of exceptions that it named last. The rest may quote the mail and is never
        shown."""
        said = re.findall(rb"^[A-Za-z_.]{0,60}(?:Error|Exception|Exit|Died)\b", self._said, re.M)
        return [name.decode() for name in said[-3:]]


class Nurse:
    """One nursery and the line to it. Once `dead` it is of no more use."""

    def __init__(
        self, process: asyncio.subprocess.Process, control: socket.socket, words: Words
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._process, self._control, self._words = process, control, words
        self._waiting: deque[asyncio.Future[int | None]] = deque()
        self.dead = False
        self._loop.add_reader(control, self._hear)

    @classmethod
    async def start(cls) -> Nurse:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        words = Words()
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-B", "-c", _BOOT, _ROOT),
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=words.theirs,
                env={},
                close_fds=True,
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(words.theirs)
        return cls(process, ours, words)

    async def new(self, *ends: int) -> int:
        """The pid of a new worker with these ends of its pipes. Raises WorkerNotReady, OSError."""
        pid = await self._order(b"new", *ends)
        if pid is None:
            await self.stop()
            raise WorkerNotReady(self.epitaph())
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def end(self, pid: int) -> asyncio.Future[int | None]:
        """Has it killed, with its readers; its status (of waitpid) once it is gone, None where the
        nursery itself is."""
        return self._order(b"end %d" % pid)

    async def stop(self) -> None:
        """Kill it, and its workers with it."""
        self._kill()
        await self._process.wait()
        self._close()
        await self._words.ended.wait()

    def epitaph(self) -> str:
        return " ".join([f"exit {self._process.returncode}", *self._words.last])

    def _order(self, order: bytes, *ends: int) -> asyncio.Future[int | None]:
        answer: asyncio.Future[int | None] = self._loop.create_future()
        if self.dead:
            answer.set_result(None)
            return answer
        self._waiting.append(answer)
        late = self._loop.call_later(ANSWER_SECONDS, self._kill)
        answer.add_done_callback(lambda _: late.cancel())
        try:
            socket.send_fds(self._control, [order], ends)
        except OSError:  # it is gone, or takes nothing any more
            self._kill()
        return answer

    def _hear(self) -> None:
        try:
            said = self._control.recv(32)
        except ConnectionError:
            said = b""
        if not said:
            return self._close()
        answer = self._waiting.popleft()
        if not answer.done():  # else whoever asked has given up
            answer.set_result(int(said))

    def _kill(self) -> None:
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _close(self) -> None:
        if self.dead:
            return
        self.dead = True
        self._loop.remove_reader(self._control)
        self._control.close()
        for answer in self._waiting:
            if not answer.done():
                answer.set_result(None)
