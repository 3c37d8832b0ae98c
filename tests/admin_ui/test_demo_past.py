"""What the demo knows of its past makes the slips of its samples seen, and nobody else's mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_ui.demo import office as company
from admin_ui.demo import past
from gateway.judgement import policies

SLIPS = {
    company.ALIKE: "lookalike-domain",
    "sato@kotobuki.example": "usual-elsewhere",
    "kimura@hikari-print.example": "group-outlier",
}


@pytest.fixture
def told(office, tmp_path):
    past.bring(office.memory, tmp_path)
    return office


def rules(office, sample: company.Sample) -> dict[str, set[str]]:
    """What holds each outside recipient's mail."""
    id = office.arrive(sample.data, list(sample.to))
    with office.memory.store.read() as session:
        decided = office.ck.policies.active(session.connection())
    assert decided.version == 2
    found: dict[str, set[str]] = {}
    for part in office.children(id):
        for verdict in office.read(part).verdicts:
            holding = {r.rule for r in verdict.reasons if r.action != "pass"}
            found.setdefault(verdict.recipient, set()).update(holding)
    return found


def test_it_works(told) -> None:
    samples = company.samples(told.memory.store.clock())
    seen = {to: found for each in samples for to, found in rules(told, each).items() if to in SLIPS}
    assert seen.keys() == SLIPS.keys()
    assert all(rule in seen[to] for to, rule in SLIPS.items()), seen


def test_the_readme_counts_the_samples(told) -> None:
    samples = company.samples(told.memory.store.clock())
    passed = [each for each in samples if not any(rules(told, each).values())]
    assert (len(samples), len(passed)) == (10, 2)
    said = Path("README.md").read_text("utf-8"), Path("README.ja.md").read_text("utf-8")
    assert "Ten sample mails" in said[0] and "two passed" in said[0]
    assert "見本のメール10通" in said[1] and "2通は届き" in said[1]


def test_ordinary_mail_passes(told) -> None:
    for sample in past.morning(told.memory.store.clock()):
        assert not any(rules(told, sample).values()), sample.to


def test_it_is_told_once(told, tmp_path) -> None:
    """Rules that somebody publishes while playing stay in force at the next start."""
    (tmp_path / past.FILE).unlink()
    policies.publish(told.memory.store, policies.default_text(), "default", past.DEMO)
    past.bring(told.memory, tmp_path)
    assert not (tmp_path / past.FILE).exists()
