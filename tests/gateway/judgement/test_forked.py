"""Children that read one document each: what they may say, and all that they may not do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.report import Column, Outline, Reason
from detectors.surface import Nested, Note, Spot, Surface, Table, Text, Unread, Unreadable
from gateway.judgement import forked
from gateway.judgement.forked import ReaderDied

ROOT = str(Path(__file__).parents[3])
SPOT = Spot("2", ("資料.zip", "一覧.xlsx"), hidden=True, unit="cell:C5")
END = forked._FRAME.pack(forked._END, 0, 0)

SURFACES: tuple[Surface, ...] = (
    Text(SPOT, "氏名\u3000関所\x00\n", ("件名",)),
    Table(SPOT, [["a", "b"], ["c"]], 3, 2, frozenset({4}), frozenset(), frozenset({(3, 2)})),
    Nested(SPOT, "中.zip", bytes(range(256))),
    Unreadable(SPOT, Reason("encrypted", {"n": 1, "on": True, "why": "x"})),
    Unread(SPOT, Reason("encrypted")),
    Note(SPOT, "hidden_sheet"),
    Outline("2", ("一覧.xlsx",), False, 9, (Column("A", "氏名", "person", 9),)),
)

# The measures of a worker, then readers of the test in its children.
PRELUDE = f"""
import sys; sys.path.append({ROOT!r})
import ctypes, errno, json, os, socket, threading, time
from detectors.budget import OverBudget
from detectors.surface import Source, Spot, Text
from gateway.judgement import confine, forked, worker
given = json.loads(sys.argv[1])
confinement = confine.worker(worker._packages(), os.getppid())
def read(reader, seconds=5.0):
    began = time.monotonic()
    try:
        texts = forked.fork_limited(reader, Source(Spot("1"), "x", b""), began + seconds)
        return [text.text for text in texts]
    except forked.ReaderDied:
        return "died"
    except OverBudget as over:
        return over.code
    finally:
        assert time.monotonic() - began < seconds + 1
def say(*texts):
    return [Text(Spot("1"), text) for text in texts]
"""


def in_worker(body: str, **given: object) -> dict[str, object]:
    """What `body` leaves in `out`, run in a process confined as a worker is."""
    script = PRELUDE + "out = {}\n" + body + "\nprint(json.dumps(out))"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", script, json.dumps(given)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={},
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("surface", SURFACES, ids=lambda s: type(s).__name__)
def test_it_works_for_every_kind_of_surface(surface: Surface) -> None:
    assert list(forked.decode(forked.encode(surface) + END)) == [surface]


def test_it_refuses_an_answer_that_is_cut_short_anywhere() -> None:
    whole = b"".join(map(forked.encode, SURFACES)) + END
    assert list(forked.decode(whole)) == list(SURFACES)
    for length in range(len(whole)):
        with pytest.raises(ReaderDied):
            list(forked.decode(whole[:length]))


@given(st.binary(max_size=40), st.integers(0, 255))
def test_it_refuses_garbage_without_quoting_it(noise: bytes, kind: int) -> None:
    for answer in (noise, forked._FRAME.pack(kind, len(noise), 0) + noise):
        try:
            list(forked.decode(answer))
        except ReaderDied as died:
            assert died.args == () and died.__cause__ is None
            assert died.__suppress_context__ or died.__context__ is None
        else:
            assert answer[0] == forked._END


BAD_READERS = """
def dies(source):
    yield from say("seen")
    os._exit(0)
def crashes(source):
    yield from say("seen")
    ctypes.string_at(0)
def raises(source):
    yield from say("seen")
    raise ValueError("text of the document")
def spends(source):
    yield from say("seen")
    raise OverBudget("depth")
def hogs(source):
    yield from say(str(len(bytearray(confine.READER_MEMORY + (64 << 20)))))
def hangs(source):
    yield from say("seen")
    time.sleep(60)
def floods(source):
    while True:
        yield from say("x" * 100_000)
def reads(source):
    return say("good")
forked.ANSWER_LIMIT = 3_000_000
for reader in (dies, crashes, raises, spends, hogs, hangs, floods):
    out[reader.__name__] = read(reader, 0.5 if reader is hangs else 5.0)
    out["then"] = read(reads)
    try:
        os.waitpid(-1, os.WNOHANG)
        out["left"] = True
    except ChildProcessError:
        out["left"] = False
"""


@pytest.mark.slow
def test_a_reader_that_misbehaves_dies_alone() -> None:
    assert in_worker(BAD_READERS) == {
        "dies": "died",
        "crashes": "died",
        "raises": "died",
        "spends": "depth",
        "hogs": "memory",
        "hangs": "seconds",
        "floods": "decoded",
        "then": ["good"],
        "left": False,
    }


ATTEMPTS = """
def attempts(source):
    for name, act in {
        "connect": lambda: socket.create_connection(("127.0.0.1", given["port"]), 1),
        "open a socket": lambda: socket.socket(socket.AF_UNIX),
        "read a key": lambda: open(given["key"]).read(),
        "list its folder": lambda: os.listdir(os.path.dirname(given["key"])),
        "create a file": lambda: open(given["key"] + ".new", "wb"),
        "create one in /tmp": lambda: open("/tmp/sekisho-reader", "wb"),
        "create a folder": lambda: os.mkdir(given["key"] + ".d"),
        "empty a file": lambda: os.truncate(given["key"], 0),
        "delete a file": lambda: os.unlink(given["key"]),
        "fork": lambda: os.fork() or os._exit(0),
        "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "fork by clone3": lambda: clone3(),
        "execute": lambda: os.execv("/bin/true", ["true"]),
        "signal its worker": lambda: os.kill(os.getppid(), 0),
        "signal the gateway": lambda: os.kill(given["gateway"], 0),
        "read the gateway's environment": lambda: open(f"/proc/{given['gateway']}/environ").read(),
        "open its worker's memory": lambda: open(f"/proc/{os.getppid()}/mem", "rb"),
        "trace its worker": lambda: trace(os.getppid()),
        "have more memory": lambda: bytearray(confine.READER_MEMORY + (64 << 20)),
    }.items():
        try:
            act()
            yield from say(name)
        except (OSError, MemoryError):
            pass
def trace(pid):
    if ctypes.CDLL(None, use_errno=True).ptrace(0x4206, pid, 0, 0) != 0:
        raise OSError
def clone3():
    arguments = (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17)  # exit_signal is SIGCHLD: a process
    child = ctypes.CDLL(None, use_errno=True).syscall(435, arguments, 88)
    if child < 0:
        raise OSError
    if child == 0:
        os._exit(0)
def threads(source):
    said = []
    thread = threading.Thread(target=lambda: said.append("ran"))
    thread.start()
    thread.join()
    return say(*said)
def descriptors(source):
    return say(*(str(number) for number in range(256) if is_open(number)))
def is_open(number):
    try:
        os.fstat(number)
        return True
    except OSError:
        return False
def network(source):
    return say(os.readlink("/proc/self/ns/net"))
def limits(source):
    import resource as r
    names = ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
    return say(*(f"{name} {r.getrlimit(getattr(r, name))[1]}" for name in names))
def capabilities(source):
    header, data = ctypes.create_string_buffer(b"\\x22\\x05\\x08\\x20" + bytes(4)), bytearray(24)
    held = (ctypes.c_char * 24).from_buffer(data)
    ctypes.CDLL(None).capget(ctypes.byref(header, 0), held)
    return say(*([] if not any(data) else ["some"]))
for reader in (attempts, threads, descriptors, network, limits, capabilities):
    out[reader.__name__] = read(reader)
out["confinement"] = [confinement.network, confinement.files, confinement.calls]
"""


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    key = tmp_path_factory.mktemp("keys") / "root.key"
    key.write_text("a key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        got = in_worker(ATTEMPTS, key=str(key), port=port, gateway=os.getpid())
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert key.read_text() == "a key" and len(list(key.parent.iterdir())) == 1
    if got["confinement"] != [True, True, True]:
        pytest.skip(f"this kernel or container refuses some defences: {got['confinement']}")
    yield got


def test_a_reader_can_do_nothing_but_read(tried: dict[str, object]) -> None:
    assert tried["attempts"] == []


def test_a_reader_may_start_a_thread_as_decoders_of_video_do(tried: dict[str, object]) -> None:
    assert tried["threads"] == ["ran"]


def test_a_reader_inherits_no_descriptor_but_its_pipe(tried: dict[str, object]) -> None:
    assert tried["descriptors"] == ["3"]


def test_a_reader_is_alone_in_its_network(tried: dict[str, object]) -> None:
    assert tried["network"] not in ("died", [os.readlink("/proc/self/ns/net")])


def test_a_reader_has_no_capability(tried: dict[str, object]) -> None:
    assert tried["capabilities"] == []


def test_a_reader_is_limited(tried: dict[str, object]) -> None:
    assert tried["limits"] == [
        "RLIMIT_CPU 25",
        "RLIMIT_FSIZE 0",
        "RLIMIT_NOFILE 16",
        "RLIMIT_CORE 0",
    ]
