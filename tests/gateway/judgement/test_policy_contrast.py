"""A contrast says what two whole decisions would say, and nothing where they would say the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import detectors
from detectors.report import Fact
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.contrast import Contrast
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.load import DEFAULT, load
from gateway.judgement.policy.proving import case_of
from gateway.judgement.policy.start import STARTS
from gateway.judgement.policy.verdict import Verdict

TEXT = DEFAULT.read_text("utf-8")
DRAFTS = {
    "fewer numbers": TEXT.replace('unique = "1..9"', 'unique = "1..2"', 1),
    "two weeks": STARTS["two-weeks"].text(),
    "a safety rule alone": TEXT.replace('fact = "ambiguous"', 'fact = "signed"'),
    "a company": TEXT + '\n[companies."株式会社田中工業"]\ndomains = ["tanaka.example"]\n',
    "no rule": "[settings]\nformat = 1\n",
}


def mails() -> Iterator[Case]:
    """Those of the shipped policy's own tests, and each once more with what safety rules stop."""
    shipped = load(TEXT, "default")
    for test in shipped.tests:
        case = case_of(shipped, test, detectors.inspect, lambda name: b"")
        yield case
        report = case.report
        odd = (Fact("scan_incomplete"), Fact("ambiguous"), Fact("uninspectable", "2"))
        yield Case(
            detectors.Report(report.headers, report.parts, report.findings, facts=odd),
            case.sender,
            case.recipients,
            case.own_domains,
        )


def said(verdict: Verdict) -> tuple[object, ...]:
    return (verdict.action, verdict.demands, verdict.delay, verdict.reasons, verdict.would)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(mails())


@pytest.mark.parametrize("draft", DRAFTS)
def test_it_works(draft: str, cases: list[Case]) -> None:
    old, new = load(TEXT, "old"), load(DRAFTS[draft], draft)
    contrast, differs = Contrast(old, new), 0
    for case in cases:
        whole = [list(map(said, decide(policy, case))) for policy in (old, new)]
        told = contrast.verdicts(case)
        differs += whole[0] != whole[1]
        if told is None:
            assert whole[0] == whole[1]
        else:
            assert [list(map(said, verdicts)) for verdicts in told] == whole
    assert differs or draft == "a company"


def test_what_cannot_differ_is_not_judged(cases: list[Case]) -> None:
    policy = load(TEXT, "old")
    other = policy.model_copy(update={"tests": ()})
    assert {Contrast(policy, other).verdicts(case) for case in cases} == {None}
