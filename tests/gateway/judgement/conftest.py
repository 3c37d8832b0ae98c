"""An office of five and a checkpoint with the default policy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.sandbox import Sandbox
from tests.office import Office


@pytest.fixture
def office(memory) -> Office:
    """hanako sends, ichiro and saburo are 情報管理責任者, jiro is ichiro's deputy, root runs it."""
    made = Office(memory, Checkpoint.of(memory))
    made.hire("hanako")
    made.hire("ichiro", ("group", "情報管理責任者"), ("role", "approver"))
    made.hire("saburo", ("group", "情報管理責任者"), ("role", "approver"))
    made.hire("jiro", ("role", "approver"))
    made.hire("root", ("role", "system_admin"))
    made.stand_in("jiro", "ichiro")
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """Two workers, for all tests of a module."""
    started = await Sandbox.start(2)
    yield started
    await started.stop()
