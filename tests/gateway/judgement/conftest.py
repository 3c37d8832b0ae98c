"""An office of five and a checkpoint with the default policy."""

from __future__ import annotations

import pytest

from gateway.judgement.checkpoint import Checkpoint
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
