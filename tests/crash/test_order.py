"""In which order the system was asked: bytes and row are flushed, and only then is 250 said."""

from __future__ import annotations

import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import samples
from tests.e2e.conftest import Build
from tests.e2e.house import House, until
from tests.e2e.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.needs("strace")]

CALLS = "trace=recvfrom,sendto,fsync,fdatasync,rename,renameat,renameat2"
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*)$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


@dataclass(frozen=True)
class Call:
    name: str
    about: str
    """its arguments, with the path of each descriptor"""
    begun: int
    """line at which it was asked"""
    ended: int
    """line at which it had been done"""


def calls(trace: str) -> list[Call]:
    """In the order in which they were asked; one that other threads' calls overtook is joined."""
    found: list[Call] = []
    open_calls: dict[str, tuple[str, str, int]] = {}
    for number, line in enumerate(trace.splitlines()):
        if resumed := _RESUMED.match(line):
            name, about, begun = open_calls.pop(resumed[1], (resumed[2], "", number))
            found.append(Call(name, about + resumed[3], begun, number))
        elif began := _BEGUN.match(line):
            if began[3].endswith("<unfinished ...>"):
                open_calls[began[1]] = (began[2], began[3], number)
            else:
                found.append(Call(began[2], began[3], number, number))
    return sorted(found, key=lambda call: call.begun)


@pytest.fixture
def house(build: Build, sink: Sink) -> House:
    return build(sink.hop, "[scan]\nworkers = 1")


def traced(house: House, raw: bytes, to: str, sink: Sink) -> list[Call]:
    """The calls of the core from its first octet to the end of one mail."""
    out = house.folder / "trace"
    tracer = ("strace", "-f", "-yy", "-s", "40", "-e", CALLS, "-o", str(out))
    house.start(argv=(*tracer, sys.executable, "-m", "admin_ui.serve.role"))
    house.send(raw, to)
    sink.wait(to, seconds=30)
    (tracing,) = [house.processes["core"].pid]
    (core,) = [
        int(pid) for pid in Path(f"/proc/{tracing}/task/{tracing}/children").read_text().split()
    ]
    os.kill(core, signal.SIGTERM)
    assert house.ended(seconds=60) == 0
    until(out.exists)
    return calls(out.read_text("utf-8", "replace"))


def acceptance(found: list[Call], port: int) -> tuple[Call, Call]:
    """The last read of the mail's data and the first word of its 250."""
    mine = [c for c in found if f"127.0.0.1:{port}->" in c.about.split(",")[0]]
    yes = next(c for c in mine if c.name == "sendto" and "250 2.0.0 Ok: queued" in c.about)
    data = [
        c for c in mine if c.name == "recvfrom" and c.ended < yes.begun and "= -1" not in c.about
    ]
    return data[-1], yes


def flushed(found: list[Call], after: Call, before: Call, path: str) -> list[Call]:
    """Flushes of `path` that were asked after the one call and done before the other began."""
    return [
        call
        for call in found
        if call.name in ("fsync", "fdatasync")
        and re.search(rf"<[^>]*{path}>", call.about)
        and call.about.endswith("= 0")
        and after.ended <= call.begun
        and call.ended <= before.begun
    ]


def test_a_small_mail(house: House, sink: Sink) -> None:
    to = "small@partner.example"
    found = traced(house, samples.message("a", "b\n", to=to), to, sink)
    last, yes = acceptance(found, house.port)
    assert flushed(found, last, yes, r"sekisho\.db-wal")


def test_a_mail_of_a_megabyte(house: House, sink: Sink) -> None:
    to = "big@partner.example"
    raw = samples.message("a", f"{'b' * 75}\n" * 10_000, to=to)
    found = traced(house, raw, to, sink)
    last, yes = acceptance(found, house.port)
    (bytes_,) = flushed(found, last, yes, r"vault/[0-9a-f]{32}\.part")
    (moved,) = [c for c in found if c.name.startswith("rename") and "/vault/" in c.about]
    (folder,) = flushed(found, moved, yes, "var/vault")
    rows = flushed(found, folder, yes, r"sekisho\.db-wal")
    assert bytes_.ended < moved.begun <= moved.ended < folder.begun and rows


def test_a_trace_is_read_across_threads() -> None:
    trace = (
        '7 recvfrom(9<TCP:[a->b]>, "x", 5, 0, NULL, NULL) = 1\n'
        "8 fdatasync(5</v/sekisho.db-wal> <unfinished ...>\n"
        '7 sendto(9<TCP:[a->b]>, "250", 3, 0, NULL, 0) = 3\n'
        "8 <... fdatasync resumed>) = 0\n"
    )
    read, flush, said = calls(trace)
    assert (flush.begun, flush.ended) == (1, 3)
    assert flushed([read, flush, said], read, said, r"sekisho\.db-wal") == []
