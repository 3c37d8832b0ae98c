"""Bombs in the real sandbox: each ends in seconds, held with a reason or read to its end.

A plain mail beside it is read by the other worker as if nothing were there, and no process of ours
takes more memory than it is given.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from detectors.report import Report
from gateway.judgement.confine import READER_MEMORY, WORKER_MEMORY
from gateway.judgement.sandbox import Sandbox
from tests.fuzz.bombs import FILES
from tests.gateway.judgement.test_sandbox import children, status, workers
from tests.samples import individual_number, message

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

NUMBER = individual_number(23)
PLAIN = message("件名", f"個人番号 {NUMBER}\n")
SECONDS = 30.0
"""What a mail has; documents may take four fifths of it."""
QUICK = (
    "tree of zips", "zip in itself", "zip of nothing", "laughing docx", "quadratic docx",
    "merged xlsx", "cyclic OLE", "nested msg", "pdf in circles", "tiff in circles",
    "tiff of strips", "wide html",
)  # fmt: skip
"""Those that take little to make: the sample of `make test`."""
READ = {
    "wide docx", "merged xlsx", "sparse xlsx", "deep html", "pdf of objects", "pdf of pages",
    "pdf of names of filters", "pdf of a huge page", "quotes of csv", "RTF in msg",
}  # fmt: skip
"""Large for what they are on the wire, and read to their end."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    started = await Sandbox.start(workers=2)
    yield started
    await started.stop()


def memory() -> int:
    """Octets that the largest of our workers and readers has ever held."""
    ours = [pid for worker in workers() for pid in (worker, *children(worker))]
    lines = (line.split() for pid in ours for line in status(pid).splitlines())
    return max((int(line[1]) << 10 for line in lines if line and line[0] == "VmHWM:"), default=0)


async def judged(sandbox: Sandbox, name: str) -> Report:
    file, make = FILES[name]
    raw = message("件名", "本文", [(file, make())])
    started = time.monotonic()
    report = await sandbox.inspect(raw)
    assert time.monotonic() - started < SECONDS
    return report


async def assert_it_ends(sandbox: Sandbox, name: str) -> None:
    report = await judged(sandbox, name)
    reasons = [f.reason.code for f in report.facts if f.name == "uninspectable" and f.reason]
    assert reasons or name in READ
    assert memory() < WORKER_MEMORY + READER_MEMORY
    started = time.monotonic()
    plain = await sandbox.inspect(PLAIN)
    assert [f.kind for f in plain.findings] == ["jp.individual_number"]
    assert time.monotonic() - started < 5
    assert sandbox.alive == 2


@pytest.mark.parametrize("name", QUICK)
async def test_a_bomb_ends_and_is_held(sandbox: Sandbox, name: str) -> None:
    await assert_it_ends(sandbox, name)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(FILES.keys() - set(QUICK)))
async def test_a_large_bomb_ends_and_is_held(sandbox: Sandbox, name: str) -> None:
    await assert_it_ends(sandbox, name)
