from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.judgement.policy.matching import Evidence
from gateway.judgement.policy.rules import ACTIONS, Sentence, Treatment
from gateway.judgement.policy.verdict import (
    Batch,
    Demand,
    Reason,
    Step,
    Verdict,
    from_json,
    grouped,
    to_json,
    united,
)
from gateway.memory.durations import Duration

BRIDGE = Treatment(bridge="attachments", told_word=True, opens_after=Duration(900))
HELD = Verdict(
    "sato@partner.example",
    "approve",
    (Demand("confirm", retype=True), Demand("approve", "承認者", 2)),
    BRIDGE,
    Duration(300),
    ("部長",),
    (
        Reason(
            "numbers",
            "approve",
            Sentence(ja="理由", en="why"),
            (Evidence("finding", "jp.individual_number", "high", 36, "", ("2",)),),
        ),
    ),
    (Reason("trial", "confirm", Sentence(ja="理由", en="why")),),
    (Step("numbers", True), Step("trial", True), Step("other", False, "unique")),
)


def test_it_works() -> None:
    stored = json.loads(json.dumps(to_json([HELD])))
    assert stored["format"] == 2
    assert stored["verdicts"][0]["treatment"]["opens_after"] == "15 min"
    assert from_json(stored) == (HELD,)


def test_a_trace_that_many_share_is_written_once() -> None:
    verdicts = (HELD, replace(HELD, recipient="b@b.example"), replace(HELD, trace=HELD.trace[:1]))
    stored = json.loads(json.dumps(to_json(verdicts)))
    assert [each["trace"] for each in stored["verdicts"]] == [0, 0, 1]
    assert stored["traces"][1] == [["numbers", ""]]
    assert from_json(stored) == verdicts


def test_what_the_version_before_wrote_is_read() -> None:
    steps = [{"rule": "numbers", "matched": True}, {"rule": "b", "matched": False, "failed": "x"}]
    (read,) = from_json({"format": 1, "verdicts": [{"recipient": "a@b", "trace": steps}]})
    assert read.trace == (Step("numbers", True), Step("b", False, "x"))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"format": 3, "verdicts": [], "traces": []},
        {"format": 2, "verdicts": []},
        {"format": 2, "verdicts": [[]], "traces": []},
        {"format": 2, "verdicts": [{"recipient": "a@b"}], "traces": [[]]},
        {"format": 2, "verdicts": [{"recipient": "a@b", "trace": 1}], "traces": [[]]},
        {"format": 2, "verdicts": [{"recipient": "a@b", "trace": -1}], "traces": [[]]},
        {"format": 2, "verdicts": [{"recipient": "a@b", "trace": 0}], "traces": [["rule"]]},
        {"verdicts": []},
        {"format": 1, "verdicts": [{"recipient": "a@b", "action": "wave through"}]},
        {"format": 1, "verdicts": [{"recipient": "a@b", "treatment": {"bridge": "none"}}]},
    ],
)
def test_it_refuses_another_form(data: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        from_json(data)


def test_recipients_with_the_same_way_travel_together() -> None:
    verdicts = (
        HELD,
        Verdict("in1@example.co.jp"),
        Verdict("b@b.example", "approve", (Demand("approve", "承認者", 1),), BRIDGE),
        Verdict("c@c.example", "approve", (Demand("confirm"),)),
        Verdict("in2@example.co.jp"),
    )
    assert grouped(verdicts) == (
        Batch(("in1@example.co.jp", "in2@example.co.jp"), "pass"),
        Batch(("c@c.example",), "approve", (Demand("confirm"),)),
        Batch(
            ("sato@partner.example", "b@b.example"),
            "approve",
            (Demand("confirm", retype=True), Demand("approve", "承認者", 2)),
            BRIDGE,
            Duration(300),
            ("部長",),
        ),
    )


_DEMANDS = st.builds(
    Demand,
    st.sampled_from(["confirm", "owner", "admin", "approve"]),
    st.sampled_from(["", "承認者"]),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)
_VERDICTS = st.builds(
    Verdict,
    st.emails(),
    st.sampled_from(ACTIONS),
    st.lists(_DEMANDS, max_size=3).map(tuple),
    st.sampled_from([None, BRIDGE, Treatment(bridge="whole")]),
)


@pytest.mark.slow
@given(st.lists(_VERDICTS, max_size=8, unique_by=lambda v: v.recipient), st.randoms())
def test_nobody_is_lost_and_no_demand_is_dropped(verdicts, random) -> None:
    batches = grouped(verdicts)
    travelling = [recipient for batch in batches for recipient in batch.recipients]
    assert sorted(travelling) == sorted(verdict.recipient for verdict in verdicts)
    batch_of = {recipient: batch for batch in batches for recipient in batch.recipients}
    for verdict in verdicts:
        batch = batch_of[verdict.recipient]
        assert (batch.action, batch.treatment) == (verdict.action, verdict.treatment)
        assert united((*batch.demands, *verdict.demands)) == batch.demands
    shuffled = list(verdicts)
    random.shuffle(shuffled)
    again = [(b.action, b.treatment, set(b.recipients), b.demands) for b in grouped(shuffled)]
    assert again == [(b.action, b.treatment, set(b.recipients), b.demands) for b in batches]
