"""What a process that reads hostile bytes gives up before it sees the first of them (Linux).

Five lines of defence, each from the kernel and none needing a privilege of ours: limits of size,
an empty network namespace, no capabilities, Landlock (files), seccomp (system calls). A kernel or
container may refuse some; what was refused is reported in `Confinement` and shown by `check`, and
the others hold all the same. Nothing here can be taken back by the process itself.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

MIB = 1 << 20
WORKER_MEMORY = 1536 * MIB
READER_MEMORY = 600 * MIB
"""On top of what the reader inherits from its worker, so that a big mail does not starve it."""
READER_CPU_SECONDS = 25
"""A scan of twenty pages; the wall clock of the request ends it earlier."""

_libc = ctypes.CDLL(None, use_errno=True)

# <linux/prctl.h>, <linux/sched.h>, <linux/capability.h>, <linux/landlock.h>
_PDEATHSIG, _DUMPABLE, _SECCOMP, _NO_NEW_PRIVS = 1, 4, 22, 38
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same on every machine
_READ_FILE_AND_DIR = 1 << 2 | 1 << 3
_SECCOMP_FILTER = 2
_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_REFUSE, _UNKNOWN = 0x00050001, 0x00050026  # a refused call fails with EPERM, or as if it were none
_THREAD = 0x00010000  # <linux/sched.h>, CLONE_THREAD

_Numbers = tuple[int, ...]
_Line = tuple[int, str, str, int]
"""Of a filter: what it does, where it goes if that holds and if not ("" for on), a number."""


class _Calls(NamedTuple):
    """System calls of one machine.

    worker: socket socketpair connect execve execveat ptrace process_vm_readv process_vm_writev
            bpf unshare setns io_uring_setup (io_uring opens sockets past a filter)
    reader: fork vfork kill tkill tgkill pidfd_send_signal
    starts: clone clone3
    """

    machine: int
    """AUDIT_ARCH"""
    worker: _Numbers
    """No worker needs them."""
    reader: _Numbers
    """No reader needs them either."""
    starts: _Numbers
    """They start a thread or a process."""


_CALLS = {
    "x86_64": _Calls(
        0xC000003E,
        (41, 53, 42, 59, 322, 101, 310, 311, 321, 272, 308, 425),
        (57, 58, 62, 200, 234, 424),
        (56, 435),
    ),
    "aarch64": _Calls(
        0xC00000B7,
        (198, 199, 203, 221, 281, 117, 270, 271, 280, 97, 268, 425),
        (129, 130, 131, 424),
        (220, 435),
    ),
}
_HERE = _CALLS.get(platform.machine(), _Calls(0, (), (), ()))


@dataclass(frozen=True, slots=True)
class Confinement:
    """Which of the defences that a kernel may refuse are in force."""

    network: bool
    """Alone in a network namespace without an interface."""
    files: bool
    """Landlock: nothing written, nothing read but the interpreter and its packages."""
    calls: bool
    """seccomp: no socket, no exec, no ptrace."""


def nursery() -> None:
    """Of the process that forks workers. It reads no mail; but no worker may open its memory."""
    _prctl(_DUMPABLE, 0)  # which its children inherit: no worker is open before it is confined
    tie(os.getppid())


def tie(parent: int) -> None:
    """Let this process die with `parent`, and not outlive one that is gone already."""
    _prctl(_PDEATHSIG, signal.SIGKILL)  # not inherited over fork
    if os.getppid() != parent:
        raise ChildProcessError("the parent died before its child was tied to it")


def worker(readable: Iterable[str], parent: int) -> Confinement:
    """Confine this process; files below the `readable` directories stay readable.

    The process must have a single thread: a user namespace and Landlock hold for the calling
    thread and those it starts.
    """
    _limit(resource.RLIMIT_AS, WORKER_MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 64)
    network = _leave_network()
    _drop_capabilities()
    _prctl(_NO_NEW_PRIVS, 1)
    # Not dumpable: no core, and no reader may open the memory of its worker (same user).
    _prctl(_DUMPABLE, 0)
    files = _landlock(readable)
    calls = _refuse_calls(_HERE.worker)
    _filter(_HERE.reader, _HERE.starts)  # once here, and not in each reader
    tie(parent)  # again, since a change of credentials clears it
    return Confinement(network, files, calls)


def reader(parent: int, mapped: int) -> None:
    """Confine a child of worker `parent` further; `mapped` octets of address space it inherits."""
    tie(parent)
    _limit(resource.RLIMIT_AS, mapped + READER_MEMORY)
    _limit(resource.RLIMIT_CPU, READER_CPU_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, 16)
    # A decoder of HEVC starts a thread, which gains it nothing; a process would outlive its end.
    if not _refuse_calls(_HERE.reader, _HERE.starts):
        _limit(resource.RLIMIT_NPROC, 0)  # neither, and root is exempt


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(what, (value, value))


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    if _libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def _leave_network() -> bool:
    # The first form needs CAP_SYS_ADMIN, the second only that user namespaces are allowed.
    return any(_libc.unshare(flags) == 0 for flags in (_NEWNET, _NEWUSER | _NEWNET))


def _drop_capabilities() -> None:
    # Those of root, or those that the new user namespace gave.
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    if _libc.capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def _landlock(readable: Iterable[str]) -> bool:
    abi = _libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if abi < 1:
        return False
    # Rights grew by version: 2 refer, 3 truncate, 5 ioctl; 4 TCP; 6 abstract sockets and signals.
    files = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)
    fields = [(1 << files) - 1] + [3] * (abi >= 4) + [3] * (abi >= 6)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    rules = _libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in readable:
            _landlock_read(rules, path)
        return bool(_libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _landlock_read(rules: int, path: str) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine (/lib64): nothing to allow
    try:
        rule = struct.pack("=Qi", _READ_FILE_AND_DIR, folder)
        _libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0)
    finally:
        os.close(folder)


def _refuse_calls(numbers: _Numbers, starts: _Numbers = ()) -> bool:
    """Install a seccomp filter (classic BPF over struct seccomp_data) that refuses `numbers`, and
    lets `starts` start threads only."""
    if not numbers:
        return False
    code = _filter(numbers, starts)
    # struct sock_fprog, whose pointer is aligned as the machine wants it
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(code))
    return bool(_libc.prctl(_SECCOMP, ctypes.c_ulong(_SECCOMP_FILTER), head, 0, 0) == 0)


@cache
def _filter(numbers: _Numbers, starts: _Numbers) -> ctypes.Array[ctypes.c_char]:
    program: list[_Line] = [
        (0x20, "", "", 4),  # load the architecture: numbers mean other calls in another one
        (0x15, "", "kill", _HERE.machine),
        (0x20, "", "", 0),  # load the number
        (0x35, "refuse", "", 0x40000000),  # x32 calls are the same ones by another number
        *((0x15, "refuse", "", number) for number in numbers),
        *(_threads_only(*starts) if starts else ()),
        (0x05, "allow", "", 0),
    ]
    ends = {"allow": _ALLOW, "refuse": _REFUSE, "unknown": _UNKNOWN, "kill": _KILL}
    places = {end: len(program) + at for at, end in enumerate(ends)}
    code = [_line(at, line, places) for at, line in enumerate(program)]
    code += [struct.pack("=HBBI", 0x06, 0, 0, value) for value in ends.values()]
    return ctypes.create_string_buffer(b"".join(code))


def _threads_only(clone: int, clone3: int) -> Iterator[_Line]:
    """The C library tries clone3, whose flags no filter can see, and then clone."""
    yield (0x15, "unknown", "", clone3)
    yield (0x15, "", "allow", clone)
    yield (0x20, "", "", 16)  # the flags: the lower half of the first argument
    yield (0x45, "allow", "refuse", _THREAD)


def _line(at: int, line: _Line, places: Mapping[str, int]) -> bytes:
    what, holds, fails, value = line
    to, otherwise = (places[end] - at - 1 if end else 0 for end in (holds, fails))
    if what == 0x05:  # a jump has its distance elsewhere
        return struct.pack("=HBBI", what, 0, 0, to)
    return struct.pack("=HBBI", what, to, otherwise, value)
