"""Real worker processes, really killed, stopped and starved; the next mail must not notice."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
import pytest_asyncio
import xlsxwriter

from gateway.judgement import hatch, nurse
from gateway.judgement.nurse import WorkerNotReady
from gateway.judgement.sandbox import Sandbox, SandboxStopped, ScanIncomplete

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = str(Path(__file__).parents[3])


def mail(subject: str, attachment: bytes = b"", name: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "sato@example.co.jp"
    message["To"] = "tanaka@example.com"
    message["Subject"] = subject
    message.set_content("お世話になっております。\n" * 40)
    if name:
        message.add_attachment(attachment, maintype="application", subtype="zip", filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n")


def workbook(rows: int) -> bytes:
    """A sheet that takes its reader a while."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet("一覧")
    for row in range(rows):
        sheet.write_row(row, 0, [f"社員{row}", "総務部", "在籍", row])
    book.close()
    return out.getvalue()


@pytest.fixture(scope="module")
def slow() -> bytes:
    return mail("slow", workbook(20_000), "一覧.xlsx")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Sandbox]:
    sandbox = await Sandbox.start(workers=2)
    yield sandbox
    await sandbox.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(started: Sandbox) -> Sandbox:
    """With two workers, whatever the test before did to them."""
    await until(lambda: started.alive == 2 == len(workers()))
    return started


def children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, ppid = entry.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if int(ppid) == parent and state != "Z":
            found.append(int(entry.parent.name))
    return found


def workers() -> list[int]:
    return [pid for nursery in nurseries() for pid in children(nursery)]


def nurseries() -> list[int]:
    return [pid for pid in children(os.getpid()) if "gateway.judgement.nursery" in command(pid)]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def status(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


async def reader_at_work() -> tuple[int, int]:
    """(worker, its forked child), as soon as there is one that is confined; it is stopped."""
    for _ in range(5_000):
        for worker in workers():
            for child in children(worker):
                if "Seccomp_filters:\t2" in status(child):
                    os.kill(child, signal.SIGSTOP)
                    return worker, child
        await asyncio.sleep(0.001)
    raise AssertionError("no document was read in a child")


async def until(true: Callable[[], bool]) -> None:
    for _ in range(3_000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited for half a minute")


async def test_it_works(sandbox: Sandbox) -> None:
    report = await sandbox.inspect(mail("ご連絡"))
    assert report.headers.subject == "ご連絡"
    assert not report.facts and not report.findings
    assert sandbox.alive == 2


async def test_it_reads_a_workbook_in_a_child(sandbox: Sandbox) -> None:
    report = await sandbox.inspect(mail("表", workbook(20), "一覧.xlsx"))
    (outline,) = report.outlines
    assert outline.rows == 20 and not report.has("uninspectable")


async def test_it_looks_for_the_kinds_that_a_policy_asks_for(sandbox: Sandbox) -> None:
    raw = mail("ご連絡").replace(b"\r\n\r\n", b"\r\n\r\nTEL 03-1234-5678\r\n", 1)
    raw = raw.replace(b"Content-Transfer-Encoding: base64", b"X-Was: base64")
    assert (await sandbox.inspect(raw)).findings == ()
    (found,) = (await sandbox.inspect(raw, kinds={"jp.telephone"})).findings
    assert found.kind == "jp.telephone" and found.unique == 1


async def test_each_of_many_mails_gets_its_own_report(sandbox: Sandbox) -> None:
    subjects = [f"subject-{number}" for number in range(200)]
    reports = await asyncio.gather(*(sandbox.inspect(mail(subject)) for subject in subjects))
    assert [report.headers.subject for report in reports] == subjects


async def test_a_worker_killed_at_work_costs_its_mail_only(sandbox: Sandbox, slow: bytes) -> None:
    at_work = asyncio.create_task(sandbox.inspect(slow))
    worker, child = await reader_at_work()
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(ScanIncomplete, match="worker_died"):
        await at_work
    for subject in "abc":
        assert (await sandbox.inspect(mail(subject))).headers.subject == subject
    await until(lambda: not command(child))
    await until(lambda: len(workers()) == 2 and worker not in workers() and sandbox.alive == 2)


@pytest.mark.slow
async def test_a_document_that_hangs_is_a_fact_of_its_mail(sandbox: Sandbox, slow: bytes) -> None:
    at_work = asyncio.create_task(sandbox.inspect(slow, limit_seconds=2.0))
    worker, child = await reader_at_work()
    began = time.monotonic()
    report = await at_work
    assert time.monotonic() - began < 2.0
    (fact,) = [fact for fact in report.facts if fact.name == "uninspectable"]
    assert fact.reason is not None and fact.reason.code == "over_budget"
    assert fact.reason.params == {"limit": "seconds"}
    assert report.headers.subject == "slow"
    assert worker in workers() and not command(child)


@pytest.mark.slow
async def test_a_worker_that_hangs_is_replaced(sandbox: Sandbox, slow: bytes) -> None:
    at_work = asyncio.create_task(sandbox.inspect(slow, limit_seconds=1.0))
    worker, child = await reader_at_work()
    os.kill(worker, signal.SIGSTOP)
    with pytest.raises(ScanIncomplete, match="late"):
        await at_work
    assert (await sandbox.inspect(mail("next"))).headers.subject == "next"
    await until(lambda: not command(worker) and not command(child) and len(workers()) == 2)


@pytest.mark.slow
async def test_mail_is_read_although_all_idle_workers_died(sandbox: Sandbox) -> None:
    both = workers()
    for worker in both:
        os.kill(worker, signal.SIGKILL)
    while any(command(worker) for worker in both):  # it may still end its read until it is gone
        time.sleep(0.001)  # noqa: ASYNC251 - the sandbox is not to hear of it before it asks
    assert (await sandbox.inspect(mail("a"))).headers.subject == "a"


@pytest.mark.slow
async def test_mail_that_no_worker_took_in_is_tried_once_more(sandbox: Sandbox) -> None:
    first, second = workers()
    os.kill(first, signal.SIGSTOP)
    os.kill(second, signal.SIGSTOP)
    # A stop takes effect when the worker runs next, and then it may still end its read.
    await until(lambda: all("State:\tT" in status(worker) for worker in (first, second)))
    asked = asyncio.create_task(sandbox.inspect(mail("a")))
    await asyncio.sleep(0.05)
    os.kill(first, signal.SIGKILL)
    os.kill(second, signal.SIGKILL)
    assert (await asked).headers.subject == "a"


@pytest.mark.slow
async def test_a_nursery_killed_costs_the_mail_in_hand_only(sandbox: Sandbox, slow: bytes) -> None:
    at_work = asyncio.create_task(sandbox.inspect(slow))
    _, child = await reader_at_work()
    (nursery,), both = nurseries(), workers()
    os.kill(nursery, signal.SIGKILL)
    with pytest.raises(ScanIncomplete, match="worker_died"):
        await at_work
    await until(lambda: not any(command(pid) for pid in both))
    assert (await sandbox.inspect(mail("a"))).headers.subject == "a"
    await until(lambda: len(workers()) == 2 == sandbox.alive and len(nurseries()) == 1)
    assert nursery not in nurseries() and not command(child)


@pytest.mark.slow
async def test_a_nursery_that_hangs_is_replaced(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nurse, "ANSWER_SECONDS", 0.5)
    (nursery,), (first, second) = nurseries(), workers()
    os.kill(nursery, signal.SIGSTOP)
    os.kill(first, signal.SIGKILL)
    os.kill(second, signal.SIGKILL)
    # Until then one may still end its read.
    await until(lambda: all("State:\tZ" in status(worker) for worker in (first, second)))
    asked = asyncio.create_task(sandbox.inspect(mail("a")))
    await asyncio.sleep(0.2)  # it is told to end both
    monkeypatch.undo()  # the next one needs longer to load
    await until(lambda: not command(nursery))
    assert (await asked).headers.subject == "a"
    await until(lambda: len(workers()) == 2 == sandbox.alive)


async def test_a_worker_holds_its_own_pipes_and_nothing_of_the_nursery(sandbox: Sandbox) -> None:
    """Neither the control socket nor the pipes of another worker."""
    held = [ends(pid) for pid in workers()]
    assert not any("socket" in end for worker in held for end in worker)
    assert not held[0] & held[1] and all(len(worker) == 3 for worker in held)


def ends(pid: int) -> set[str]:
    found = {os.readlink(end) for end in Path(f"/proc/{pid}/fd").iterdir()}
    return found - {os.devnull}


@pytest.mark.slow
async def test_a_caller_that_gives_up_leaves_no_report_behind(
    sandbox: Sandbox, slow: bytes
) -> None:
    for _ in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await sandbox.inspect(slow)
    for subject in "abcd":
        assert (await sandbox.inspect(mail(subject))).headers.subject == subject


async def test_a_report_over_the_bound_is_refused(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hatch, "ANSWER_LIMIT", 200)
    with pytest.raises(ScanIncomplete, match="too_large"):
        await sandbox.inspect(mail("a"))
    monkeypatch.undo()
    assert (await sandbox.inspect(mail("b"))).headers.subject == "b"


@pytest.mark.slow
async def test_stop_ends_everything_and_blames_no_mail(sandbox: Sandbox, slow: bytes) -> None:
    others = set(nurseries())
    stopped = await Sandbox.start(workers=1)
    (own,) = set(nurseries()) - others  # of the others a worker may come anew meanwhile
    (worker,) = children(own)
    at_work = asyncio.create_task(stopped.inspect(slow))
    waiting = asyncio.create_task(stopped.inspect(slow))
    await reader_at_work()
    await stopped.stop()
    for task in (at_work, waiting):
        with pytest.raises(SandboxStopped):
            await task
    with pytest.raises(SandboxStopped):
        await stopped.inspect(slow)
    assert own not in nurseries() and worker not in workers() and stopped.alive == 0
    assert (await sandbox.inspect(mail("a"))).headers.subject == "a"


# A process in the worker's place that shakes hands and then does something else.
IMPOSTOR = """
import json, struct, sys
sys.path.append(sys.argv[1])
from gateway.judgement import nursery
def say(data):
    sys.stdout.buffer.write(struct.pack(">I", len(data)) + data); sys.stdout.buffer.flush()
def serve(parent):
    sys.stdin, sys.stdout, sys.stderr = open(0, "rb"), open(1, "w"), open(2, "w")
    say(json.dumps(dict(network=True, files=True, calls=True)).encode())
    head = json.loads(sys.stdin.read(*struct.unpack(">I", sys.stdin.read(4))))
    sys.stdin.read(head["size"])
    exec({act!r})
    sys.stdout.flush()
nursery.worker.preload, nursery.worker.serve = list, serve
nursery.main()
"""


# In the next two the shared sandbox must be whole before, or it would start impostors as well.
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("say(b'{\"preview\": 1}')", "garbage"),
        ("say(b'secret of the mail')", "garbage"),
        ("say(b'')", "garbage"),
        ("sys.stdout.buffer.write(bytes([255] * 9))", "too_large"),
        ("sys.stdout.buffer.write(b'00')", "worker_died"),
        ("sys.exit('secret of the mail')", "worker_died"),
        ("raise ValueError('secret of the mail')", "worker_died"),
    ],
)
async def test_it_refuses_every_other_answer(
    act: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(nurse, "_BOOT", IMPOSTOR.replace("{act!r}", repr(act)))
    caplog.set_level(logging.DEBUG)
    sandbox = await Sandbox.start(workers=1)
    try:
        with pytest.raises(ScanIncomplete, match=reason) as refused:
            await sandbox.inspect(mail("a"))
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        await until(lambda: "replaced" in caplog.text)
    finally:
        await sandbox.stop()
    assert "secret" not in caplog.text
    assert ("ValueError" in caplog.text) == ("ValueError" in act)


@pytest.mark.usefixtures("sandbox")
async def test_it_does_not_start_with_a_worker_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nurse, "_BOOT", "raise ModuleNotFoundError('/some/path')")
    with pytest.raises(WorkerNotReady, match=r"^exit -?\d ModuleNotFoundError$"):
        await Sandbox.start(workers=2)
    assert not [pid for pid in children(os.getpid()) if "ModuleNotFound" in command(pid)]


async def test_passwords_are_on_no_command_line_and_in_no_environment(
    sandbox: Sandbox, slow: bytes
) -> None:
    at_work = asyncio.create_task(sandbox.inspect(slow, passwords=["hiraku-goma"]))
    worker, child = await reader_at_work()
    for pid in (worker, child):
        assert "hiraku" not in command(pid)
        assert environment(pid) == b""
    os.kill(child, signal.SIGCONT)
    await at_work


@pytest.mark.slow
async def test_a_worker_has_one_thread_and_dies_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    await parent.stdout.readline()
    (nursery,) = children(parent.pid)
    (worker,) = children(nursery)
    assert threads(nursery) == threads(worker) == 1
    os.kill(worker, signal.SIGSTOP)  # so that it cannot notice the end of its input
    parent.kill()
    await parent.wait()
    await until(lambda: not command(worker) and not command(nursery))


PARENT = """
import asyncio
from gateway.judgement.sandbox import Sandbox
async def main():
    await Sandbox.start(workers=1)
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.slow
async def test_a_bomb_ends_in_the_child(sandbox: Sandbox) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(300 << 20))
    report = await sandbox.inspect(mail("bomb", packed.getvalue(), "資料.zip"))
    assert report.has("uninspectable")
    assert sandbox.alive == 2


# -- the last worker is for what is quick


@pytest.mark.slow
async def test_plain_mail_passes_what_takes_long(sandbox: Sandbox, slow: bytes) -> None:
    reading = [asyncio.create_task(sandbox.inspect(slow)) for _ in range(4)]
    await asyncio.sleep(0)
    for subject in "abc":
        assert (await sandbox.inspect(mail(subject))).headers.subject == subject
    assert not any(task.done() for task in reading)
    await asyncio.gather(*reading)
