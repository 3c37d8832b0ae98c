"""One server for all, a database of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from gateway.memory.config import Config, StoreSection
from gateway.memory.opening import Memory, open_memory, prepare
from tests.e2e.conftest import build, left_behind, sink
from tests.postgresql.server import Server

__all__ = ["build", "left_behind", "sink"]
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def mortal() -> Iterator[Server]:
    """To be killed."""
    with Server() as made:
        yield made


@pytest.fixture(scope="session")
def migrated(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with empty tables."""
    folder = tmp_path_factory.mktemp("migrated")
    prepare(Config(data_dir=folder, store=StoreSection(url=server.database("migrated"))))
    return "migrated"


@pytest.fixture
def url(server: Server, migrated: str) -> str:
    return server.database(f"of_test_{next(_NUMBERS)}", "TEMPLATE", migrated)


@pytest.fixture
def memory(config: Config, url: str) -> Iterator[Memory]:
    config = config.model_copy(update={"store": StoreSection(url=url)})
    prepare(config)
    with closing(open_memory(config)) as opened:
        with opened.store.write() as tx:
            opened.ledger.open(tx.conn)
        yield opened
