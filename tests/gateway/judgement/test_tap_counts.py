"""Copies on the tap: nothing of them is sent, and all of them count."""

from __future__ import annotations

from datetime import timedelta

from gateway.judgement.acquaintance.learner import Learner
from gateway.judgement.friction import measured
from gateway.memory.states import State
from tests import samples
from tests.gateway.judgement.test_holds import OUTSIDE, mail


def _learn(office) -> None:
    learner = Learner(None, office.ck.keyed, None, timedelta(days=400))
    with office.memory.store.write() as tx:
        while learner.once(tx):
            pass


def _facts(office, id) -> set[str]:
    return {fact.name for fact in office.read(id).report.facts}


def test_it_works(office):
    """Whom a copy went to is known when the first mail comes."""
    raw = samples.message("見積", "見積書です。", [], sender="hanako@example.co.jp", to=OUTSIDE)
    assert "first_contact" in _facts(office, office.arrive(raw, OUTSIDE))
    id = office.arrive(raw, OUTSIDE, state="tapped")
    assert office.read(id).state is State.OBSERVED
    _learn(office)
    assert "first_contact" not in _facts(office, office.arrive(raw, OUTSIDE))


def test_what_a_copy_would_have_met_is_a_trial_and_no_hold(office):
    office.arrive(mail(3), OUTSIDE, state="tapped")
    office.arrive(mail(3, seed=2), OUTSIDE)
    now = office.memory.store.clock()
    with office.memory.store.read() as session:
        found = measured(session.connection(), now - timedelta(days=1), now)
    assert (found.mails, found.total.held, found.total.would) == (2, 1, 1)
    few = found.rules["individual-number-few"]
    assert (few.held, few.would, few.waiting) == (1, 1, 1)
