"""Peers and houses; and what no house may have written anywhere, looked for at the end."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from tests import samples
from tests.e2e import traces
from tests.e2e.house import House
from tests.e2e.sink import Sink

Build = Callable[..., House]

USED: set[str] = set()
"""Every number that a test of this session has made, wherever it then put it."""
_made = samples.individual_number


def _noted(seed: int) -> str:
    number = _made(seed)
    USED.add(number)
    return number


samples.individual_number = _noted


@pytest.fixture(scope="session", autouse=True)
def left_behind() -> Iterator[None]:
    """After all tests: no number stands in any house's data, temporary files, logs or notices."""
    yield
    for folder in House.all:
        found = traces.in_folder(folder, USED)
        assert not found, f"numbers were left in {sorted(map(str, found))}"
    for peer in Sink.all:
        for mail in peer.delivered:
            if b"Auto-Submitted: auto-" in mail.data:
                assert not traces.in_mail(mail.data, USED), f"a notice to {mail.rcpt_to} quotes one"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Makes houses and ends what is left of them."""
    made: list[House] = []

    def building(hop: str, config: str = "", smtp: str = "", **more: Any) -> House:
        house = House(tmp_path_factory.mktemp("h"), hop, config, smtp, **more)
        made.append(house)
        return house

    yield building
    for house in made:
        house.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def tls_peer(authority: trustme.CA) -> ssl.SSLContext:
    """For a server on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The world outside."""
    with Sink() as made:
        yield made
