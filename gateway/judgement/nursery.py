"""Where scan workers are born: one process that has loaded everything, and forks them on command.

So what they have in common (readers, tables, models of the text recognition) is in memory once and
not once in each, and a worker that was lost is replaced in milliseconds. It is exec'ed by the
gateway before anything else, with one thread, an empty environment and no key, and never sees a
mail. It dies with the gateway, and its workers with it.

Orders come over a socket that keeps packets apart (descriptor 0); each is answered by a number, in
turn:

    "new", and the worker's three ends (requests, answers, errors)    its pid, or -errno
    "end 4711"                                                        its exit status (waitpid)

Nothing is waited for but by "end": until then a dead worker's pid cannot be another's.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from gateway.judgement import confine, worker


def main() -> None:
    os.chdir("/")
    os.umask(0o077)
    confine.nursery()
    # Before their libraries: a pool of threads cannot be forked.
    os.environ.update(OMP_THREAD_LIMIT="1", OPENBLAS_NUM_THREADS="1")
    worker.preload()
    with socket.socket(fileno=0) as control:
        while (answer := _answer(control)) is not None:
            control.send(b"%d" % answer)


def _answer(control: socket.socket) -> int | None:
    """To the next order; None when there is nobody any more who gives one."""
    said, ends, _, _ = socket.recv_fds(control, 32, 3)
    if not said:
        return None
    if said == b"new":
        try:
            return _born(ends)
        finally:
            for end in ends:
                os.close(end)
    return _gone(int(said.removeprefix(b"end ")))


def _born(ends: Sequence[int]) -> int:
    nursery = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        return -(error.errno or 1)
    if pid == 0:
        _live(nursery, ends)
    return pid


def _live(nursery: int, ends: Sequence[int]) -> NoReturn:
    # os._exit only: nothing of the nursery may go on in its copy.
    try:
        os.setsid()  # with its readers it is one process group
        for descriptor, end in enumerate(ends):
            os.dup2(end, descriptor)  # 0 was the control socket: no worker can give orders
        os.closerange(3, 1 << 16)
        confine.tie(nursery)
        worker.serve(nursery)
        os._exit(0)
    except BaseException as error:
        # The class only: a message may quote the mail, and our stderr ends in a log.
        with suppress(BaseException):
            print(type(error).__name__, file=sys.stderr, flush=True)
        os._exit(1)


def _gone(pid: int) -> int:
    """Kill it with all its readers, if it still lives."""
    with suppress(ProcessLookupError):  # where it has not come to make its group
        os.killpg(pid, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]
