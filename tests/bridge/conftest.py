"""The outside door over a memory of one's own, and browsers to come to it with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from bridge.door import create_app
from gateway.memory.config import Bridge
from gateway.memory.opening import open_memory
from tests.bridge.doorway import URL


@pytest.fixture
def door(memory, clock) -> Iterator[ASGIApp]:
    """With the parcels' keys only, as in its own process."""
    bridge = Bridge(url=URL, trusted_proxies=("10.0.0.0/8",))
    config = memory.config.model_copy(update={"bridge": bridge})
    outside = open_memory(config, with_letters=False, clock=clock)
    assert outside.letters is None and outside.ledger.key is None
    yield create_app(outside, secure_cookies=True)
    outside.close()


@pytest.fixture
def visitor(door) -> Callable[..., TestClient]:
    """Each call is a browser of its own."""

    def new(**headers: str) -> TestClient:
        asked = {"accept-language": "ja", **headers}
        return TestClient(door, base_url=URL, headers=asked, client=("192.0.2.7", 5))

    return new
