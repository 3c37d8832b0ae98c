"""What passes is what was sent: every octet but our own Received, and the sender's signature."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from tests import mails
from tests.e2e import identity
from tests.e2e.conftest import Build
from tests.e2e.house import House
from tests.e2e.identity import Outcome, Sample
from tests.e2e.sink import Sink

RESULTS = Path(__file__).parents[2] / "results"
PASS = "[settings]\nformat = 1\n"
"""A policy without rules: nothing is held for what is in it, so that it can be compared."""
SEED = 20261122


@pytest.fixture(scope="module")
def house(build: Build, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> House:
    policy = tmp_path_factory.mktemp("policy") / "policy.toml"
    policy.write_text(PASS, "utf-8")
    made = build(sink.hop, f'[policy]\nfile = "{policy}"')
    made.start()
    return made


def unchanged(outcome: Outcome) -> None:
    assert outcome.changed == [] and outcome.broken == [] and outcome.wrong == []
    assert outcome.passed + len(outcome.held) + _refused(outcome) == outcome.samples
    assert outcome.passed > outcome.samples // 2
    assert outcome.signatures > 0


def _refused(outcome: Outcome) -> int:
    return sum(map(len, outcome.refused.values()))


def _kept(outcome: Outcome, name: str) -> None:
    """For the record of a long run."""
    RESULTS.mkdir(exist_ok=True)
    named = {"refused": outcome.refused, "held": outcome.held}
    found = {**outcome.figures, "names": named}
    (RESULTS / name).write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")


def _real() -> list[Sample]:
    if not identity.REAL.is_dir():
        pytest.skip(f"no real mail in {identity.REAL}")
    return identity.real()


@pytest.mark.slow
def test_real_mail_passes_unchanged(house: House, sink: Sink) -> None:
    unchanged(identity.pour(house, sink, random.Random(SEED).sample(_real(), 100)))


@pytest.mark.slow
def test_generated_mail_passes_unchanged(house: House, sink: Sink) -> None:
    sink.delivered.clear()
    unchanged(identity.pour(house, sink, list(identity.generated(200, SEED))))


@pytest.mark.long
def test_all_real_mail_passes_unchanged(house: House, sink: Sink) -> None:
    sink.delivered.clear()
    outcome = identity.pour(house, sink, _real())
    _kept(outcome, "identity-real.json")
    unchanged(outcome)


@pytest.mark.long
def test_ten_thousand_generated_mails_pass_unchanged(house: House, sink: Sink) -> None:
    total = Outcome()
    for seed in range(SEED + 1, SEED + 21):
        sink.delivered.clear()
        outcome = identity.pour(house, sink, list(identity.generated(500, seed)))
        total.add(outcome)
        _kept(total, "identity-generated.json")
    unchanged(total)


@pytest.mark.slow
def test_a_subject_that_breaks_lines_keeps_no_mail_from_being_held(
    build: Build, sink: Sink
) -> None:
    """Whoever is asked about it gets a notice, with one line of it and no header of the mail's."""
    house = build(sink.hop)
    house.start()
    broken = b"=?utf-8?q?a=0D=0ABcc:_x@y.example=0D=00?="
    raw = mails.payroll(1, sender="hanako@example.co.jp")
    raw = re.sub(rb"(?m)^Subject:[^\r]*(\r\n[ \t][^\r]*)*", b"Subject: " + broken, raw)
    raw = re.sub(rb"(?m)^Message-ID:[^\r]*", b"Message-ID: <=?utf-8?q?=0A?= x>", raw)
    sink.delivered.clear()  # notices about what went through before
    id = house.send(raw, mails.SATO)
    house.reaches(id, "held")
    (notice, *_) = sink.wait("hanako@example.co.jp")
    head = notice.data.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head and b"\r\nIn-Reply-To" not in head
    house.stop()
