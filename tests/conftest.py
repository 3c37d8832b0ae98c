"""What many tests stand on: a clock to move by hand, and a memory of its own in tmp_path."""

import asyncio
import os
import shutil
from asyncio.selector_events import BaseSelectorEventLoop
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.judgement import policies
from gateway.memory.config import Config
from gateway.memory.opening import open_memory, prepare
from gateway.memory.states import SYSTEM
from tests.e2e.unpacked import CACHE, Exim, OpenSmtpd

NEEDS = {
    "postfix": ("postfix",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "strace": ("strace",),
    "gcc": ("gcc",),
    "7z": ("7z",),
    "bsdtar": ("bsdtar",),
    "jlha": ("jlha",),
    "genisoimage": ("genisoimage",),
    "slapd": ("slapd", "/usr/sbin/slapd"),
    "swaks": ("swaks",),
    "postgresql": tuple(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    "exim": (str(CACHE / Exim.program),),
    "opensmtpd": (str(CACHE / OpenSmtpd.program),),
}
"""What a test may need of the machine, and the programs of which one must be there."""


@pytest.fixture(scope="session", autouse=True)
def no_connection_outlives_its_loop():
    """A server in a test may hear too late that its client has gone: on a busy machine the loop
    has ended by then, and Python warns of the open socket in whichever test runs next."""
    close = BaseSelectorEventLoop.close

    def hang_up(loop):
        known = [] if loop.is_closed() else list(loop._transports.values())
        open_ones = [transport for transport in known if transport._loop]  # none: it is closed
        for transport in open_ones:
            transport.abort()
        if open_ones:
            loop.run_until_complete(asyncio.sleep(0))
        close(loop)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseSelectorEventLoop, "close", hang_up)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands on a real database is left out of `make check`, which stays under a minute."""
    for item in items:
        if "memory" in getattr(item, "fixturenames", ()):
            item.add_marker("stored")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("needs"):
        for what in marker.args:
            if not any(shutil.which(name) for name in NEEDS[what]):
                missing = f"this machine has no {what} (make machine)"
                if os.environ.get("CI", "").lower() == "true":
                    pytest.fail(missing, pytrace=False)  # a skip in CI is a test nobody misses
                pytest.skip(missing)


class Clock:
    """A Saturday afternoon in Tokyo, until somebody moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 5, 18, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path) -> Config:
    return Config(data_dir=tmp_path / "var")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """Keys and an empty database, made once: migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(Config(data_dir=folder / "var"))
    return folder / "var"


@pytest.fixture(scope="session")
def ruled(prepared, tmp_path_factory) -> Path:
    """The same with the default policy in force: its own tests take longer than most of ours."""
    folder = tmp_path_factory.mktemp("ruled") / "var"
    shutil.copytree(prepared, folder)
    with closing(open_memory(Config(data_dir=folder), clock=Clock())) as opened:
        with opened.store.write() as tx:
            opened.ledger.open(tx.conn)
        policies.publish(opened.store, policies.default_text(), "default", SYSTEM)
    return folder


@pytest.fixture
def memory(request, config, clock):
    """Of a test of its own; an `office` is under the default policy."""
    begun = "ruled" if "office" in request.fixturenames else "prepared"
    shutil.copytree(request.getfixturevalue(begun), config.data_dir)
    opened = open_memory(config, clock=clock)
    with opened.store.write() as tx:
        opened.ledger.open(tx.conn)
    yield opened
    opened.close()
