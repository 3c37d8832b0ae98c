from __future__ import annotations

import pytest

from bridge import evidence
from gateway.memory.faults import Refused
from tests import samples
from tests.bridge.parcels import holder, verbs


@pytest.mark.parametrize("role", evidence.ROLES)
def test_it_works(memory, role):
    who = holder(memory, role)
    with memory.store.write() as tx:
        made = evidence.begin(tx, "税務調査", who.id, who)
    with memory.store.read() as session:
        assert evidence.current(session.connection()) == made
    with memory.store.write() as tx:
        evidence.end(tx, "調査の終了", who.id, who)
    with memory.store.read() as session:
        assert evidence.current(session.connection()) is None
    assert verbs(memory, "")[-2:] == ["evidence.held", "evidence.freed"]


def test_it_is_for_auditors_and_administrators(memory):
    who = holder(memory, "policy_admin")
    for act in (evidence.begin, evidence.end):
        with memory.store.write() as tx, pytest.raises(Refused, match="only on behalf of"):
            act(tx, "税務調査", who.id, who)


def test_it_is_begun_once_and_ended_once(memory):
    who = holder(memory, "auditor")
    with memory.store.write() as tx:
        with pytest.raises(Refused, match="no evidence hold is on"):
            evidence.end(tx, "調査の終了", who.id, who)
        evidence.begin(tx, "税務調査", who.id, who)
        with pytest.raises(Refused, match="is on already"):
            evidence.begin(tx, "別の調査", who.id, who)


def test_a_number_in_the_reason_is_covered(memory):
    who, number = holder(memory, "auditor"), samples.individual_number(7)
    with memory.store.write() as tx:
        made = evidence.begin(tx, f"{number} の件", who.id, who)
    assert number not in made.reason
