"""A large mail goes to its worker in blocks, and leaves a worker for the small ones."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.judgement.sandbox import Sandbox, is_quick
from gateway.mail.intake import AHEAD
from gateway.mail.pieces import SMALL, Pieces
from gateway.memory.vault import Damaged, Opened, Vault, new_data_key
from tests.samples import message

together = pytest.mark.asyncio(loop_scope="module")


def mail(subject: str, octets: int = 0) -> bytes:
    files = [("現場.mp4", b"\0\0\0\x18ftypmp42" + bytes(octets))] if octets else []
    return message(subject, "よろしくお願いいたします。", files)


def opened(folder: Path, raw: bytes) -> Opened:
    key = new_data_key()
    sealed = Vault(folder).seal(raw, key, "x")
    return Opened(folder / sealed.ref.removeprefix("file:"), key, "x")


def spoil(folder: Path) -> None:
    (path,) = folder.iterdir()
    with path.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\0" * 50)


class Held:
    """A mail whose second half comes when it is let go."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self.begun, self.let_go = raw, threading.Event(), threading.Event()

    def __len__(self) -> int:
        return len(self._raw)

    def blocks(self) -> Iterator[bytes]:
        half = len(self._raw) // 2
        yield self._raw[:half]
        self.begun.set()
        assert self.let_go.wait(20)
        yield self._raw[half:]


@together
async def test_it_works(sandbox: Sandbox, tmp_path: Path) -> None:
    raw = mail("大きな動画", 3_000_000)
    reports = [await sandbox.inspect(each) for each in (opened(tmp_path, raw), raw)]
    blocks, whole = (replace(report, elapsed_ms=0) for report in reports)
    assert blocks == whole and whole.headers.subject == "大きな動画"


@together
async def test_a_small_mail_is_read_while_large_ones_wait_for_each_other(sandbox: Sandbox) -> None:
    large = [Held(mail(f"大{number}", AHEAD)) for number in range(3)]
    reading = [asyncio.create_task(sandbox.inspect(each)) for each in large]
    await asyncio.to_thread(large[0].begun.wait, 20)
    async with asyncio.timeout(20):
        for subject in "abc":
            assert (await sandbox.inspect(mail(subject))).headers.subject == subject
    assert not any(each.begun.is_set() for each in large[1:])
    for each in large:
        each.let_go.set()
    found = [report.headers.subject for report in await asyncio.gather(*reading)]
    assert found == ["大0", "大1", "大2"]


@pytest.mark.slow
@together
async def test_one_worker_alone_reads_large_ones_too() -> None:
    lone = await Sandbox.start(workers=1)
    try:
        large = Held(mail("大", AHEAD))
        large.let_go.set()
        assert (await lone.inspect(large)).headers.subject == "大"
    finally:
        await lone.stop()


@together
async def test_of_a_blob_that_goes_bad_nothing_is_reported(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    body = opened(tmp_path, mail("大", 3_000_000))
    spoil(tmp_path)
    with pytest.raises(Damaged):
        await sandbox.inspect(body)
    for subject in "abc":
        assert (await sandbox.inspect(mail(subject))).headers.subject == subject


@together
async def test_a_mail_whose_worker_dies_before_it_has_all_of_it_is_read_by_another(
    sandbox: Sandbox,
) -> None:
    large = Held(mail("大", AHEAD))
    reading = asyncio.create_task(sandbox.inspect(large))
    await asyncio.to_thread(large.begun.wait, 20)
    for worker in list(sandbox._alive):
        with suppress(ProcessLookupError):  # one may have had its last mail just now
            os.kill(worker._pid, signal.SIGKILL)
    large.let_go.set()
    assert (await reading).headers.subject == "大"


HEAD = b"Subject: x\r\nMIME-Version: 1.0\r\n"


@pytest.mark.parametrize(
    ("raw", "quick"),
    [
        (HEAD + b"\r\nx\r\n", True),
        (HEAD + b"Content-Type: text/plain\r\n\r\nx\r\n", True),
        (HEAD + b"Content-Type: text/csv; name=application/pdf\r\n\r\nx\r\n", True),
        (HEAD + b"Content-Type: video/mp4\r\n\r\nx\r\n", True),
        (HEAD + b"Content-Type: application/pdf\r\n\r\nx\r\n", False),
        (HEAD + b"CONTENT-TYPE:IMAGE/TIFF\r\n\r\nx\r\n", False),
        (HEAD + b"Content-Type:\r\n\timage/jpeg\r\n\r\nx\r\n", False),
        (HEAD + b"\r\n" + b"x" * SMALL, False),
    ],
)
def test_what_is_quick(raw: bytes, quick: bool) -> None:
    pieces = Pieces()
    pieces.add(raw)
    assert is_quick(raw) == is_quick(pieces) == quick
