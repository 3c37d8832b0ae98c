"""One limited child for one risky document: fork, read, answer through a pipe, die.

The child reads hostile bytes with code written in C, so its answer is treated as hostile too:
frames of JSON, checked against the types of `detectors.surface`, bounded in size and time; never
pickle.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import NoReturn, get_args

from pydantic import TypeAdapter

from detectors.budget import Limits, OverBudget
from detectors.surface import Nested, Source, Surface
from detectors.wanted import Reader
from gateway.judgement import confine

ANSWER_LIMIT = 256 << 20
"""Octets of all surfaces of one document; more than a mail may unpack to (`Limits.decoded`)."""

_FRAME = struct.Struct(">BII")  # kind, octets of JSON, octets of raw data behind it
_KINDS: tuple[type, ...] = get_args(Surface)
_ADAPTERS: tuple[TypeAdapter[Surface], ...] = tuple(TypeAdapter(kind) for kind in _KINDS)
# Without its last frame an answer is cut short, and what is missing may be what we look for.
_END, _OVER = 254, 255
_LIMIT_NAMES = {name.encode(): name for name in ("memory", *(f.name for f in fields(Limits)))}


class ReaderDied(Exception):
    """The child gave no whole answer, for a reason that is not a budget."""


def fork_limited(reader: Reader, source: Source, deadline: float) -> list[Surface]:
    """What `reader` makes of `source`, read in a limited child until `deadline` (time.monotonic).

    The calling process must have a single thread. Raises ReaderDied, OverBudget.
    """
    ours, theirs = os.pipe()
    worker, mapped = os.getpid(), _mapped()
    pid = os.fork()
    if pid == 0:
        _read_and_tell(reader, source, theirs, worker, mapped)
    os.close(theirs)
    try:
        return list(decode(_collect(ours, deadline)))
    finally:
        os.close(ours)
        os.kill(pid, signal.SIGKILL)  # not yet waited for, so the number is still this child's
        os.waitpid(pid, 0)


def _mapped() -> int:
    """The address space of this process, in bytes."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _read_and_tell(reader: Reader, source: Source, pipe: int, worker: int, mapped: int) -> NoReturn:
    # os._exit only: no handler, buffer or exception of the worker may live on in its copy.
    try:
        gc.disable()  # it dies before a collection pays; its memory is limited all the same
        pipe = _keep_only(pipe)
        confine.reader(worker, mapped)
        with os.fdopen(pipe, "wb", buffering=1 << 20) as out:
            try:
                for surface in reader(source):
                    out.write(encode(surface))
                out.write(_FRAME.pack(_END, 0, 0))
            except OverBudget as over:
                out.write(_FRAME.pack(_OVER, 0, len(over.code)) + over.code.encode())
            except MemoryError:
                out.write(_FRAME.pack(_OVER, 0, 6) + b"memory")
        os._exit(0)
    except BaseException:
        os._exit(1)


def _keep_only(pipe: int) -> int:
    """Close every descriptor but `pipe`: the child must not answer in the name of its worker."""
    sys.stdin = sys.stdout = sys.stderr = None  # a library's print() or warning is dropped
    kept = 3  # above what C takes for its standard error
    if pipe != kept:
        os.dup2(pipe, kept)
    os.closerange(0, kept)
    os.closerange(kept + 1, 1 << 16)
    return kept


def _collect(pipe: int, deadline: float) -> bytearray:
    answer = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise OverBudget("seconds")
        chunk = os.read(pipe, 1 << 20)
        if not chunk:
            return answer
        answer += chunk
        if len(answer) > ANSWER_LIMIT:
            raise OverBudget("decoded")


def encode(surface: Surface) -> bytes:
    """One frame. The bytes of a nested file go beside the JSON, not into it.

    >>> from detectors.surface import Spot
    >>> inner = Nested(Spot("2"), "a.zip", bytes(3))
    >>> list(decode(encode(inner) + _FRAME.pack(_END, 0, 0))) == [inner]
    True
    """
    kind, data = _KINDS.index(type(surface)), b""
    if isinstance(surface, Nested):
        surface, data = replace(surface, data=b""), surface.data
    text = _ADAPTERS[kind].dump_json(surface)
    return _FRAME.pack(kind, len(text), len(data)) + text + data


def decode(answer: bytes | bytearray) -> Iterator[Surface]:
    """The surfaces of a whole answer. Raises ReaderDied when it is cut short or malformed."""
    view, at = memoryview(answer), 0
    try:
        while True:
            kind, text, data = _FRAME.unpack_from(view, at)
            middle = at + _FRAME.size + text
            json, raw = bytes(view[middle - text : middle]), bytes(view[middle : middle + data])
            at = middle + data
            if at > len(view):
                raise ReaderDied
            if kind == _END:
                return
            if kind == _OVER:
                raise OverBudget(_LIMIT_NAMES[raw])
            surface = _ADAPTERS[kind].validate_json(json)
            yield replace(surface, data=raw) if isinstance(surface, Nested) else surface
    except (ValueError, LookupError, struct.error):
        # The message of a ValidationError quotes its input: it may not travel with the exception.
        raise ReaderDied from None
