"""A policy carries its own tests, and one that fails a test never becomes active."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP

from detectors.report import Fact, Finding, Report
from gateway.judgement.identity import Directory, Entry, Sender, identify
from gateway.judgement.policy.case import Case, recipients_of
from gateway.judgement.policy.checks import CHECKS, checked
from gateway.judgement.policy.decide import decided
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Expect, Policy, Sketch, Test
from gateway.judgement.policy.sketch import drawn, facts, findings
from gateway.judgement.policy.verdict import Demand, Step, Verdict
from gateway.memory.faults import Fault, Path
from gateway.memory.written import Written

Inspect = Callable[[bytes], Report]
Read = Callable[[str], bytes]
"""The bytes of a message by its path in the policy file; OSError where there is none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`expected` and `got` are as a test writes them: `bridge = "whole"`."""

    test: str
    recipient: str = ""
    expected: str = ""
    got: str = ""
    trace: tuple[Step, ...] = ()
    unread: str = ""
    """the message that could not be read, where that is what failed"""

    @property
    def fault(self) -> Fault:
        here: Path = ("test", self.test)
        if self.unread:
            return Fault((*here, "mail"), "test_unread", {"file": self.unread})
        here = (*here, "expect", self.recipient)
        values = {"expected": self.expected, "got": self.got}
        if matched := ", ".join(step.rule for step in self.trace if step.matched):
            return Fault(here, "test_failed", {**values, "rules": matched})
        return Fault(here, "test_failed_by_no_rule", values)


def accept(text: str, origin: str, inspect: Inspect, read: Read) -> Policy:
    """The policy, proved by its own tests: the only way for a text to become active.

    Raises PolicyError with each problem or failing test.
    """
    policy = load(text, origin)
    if failures := prove(policy, inspect, read):
        raise PolicyError(*Written(text, origin).located(each.fault for each in failures))
    return policy


def prove(policy: Policy, inspect: Inspect, read: Read) -> tuple[Failure, ...]:
    """Run every test of the file; what fails comes back with the trace of its rules."""
    return tuple(failure for test in policy.tests for failure in _run(policy, test, inspect, read))


def _run(policy: Policy, test: Test, inspect: Inspect, read: Read) -> Iterator[Failure]:
    try:
        case = case_of(policy, test, inspect, read)
    except OSError:
        yield Failure(test.name, unread=test.mail.eml)
        return
    verdicts = {verdict.recipient.lower(): verdict for verdict in decided(policy, case)}
    for address, expect in test.expect.items():
        verdict = verdicts[address.lower()]
        for expected, got in _differences(expect, verdict):
            yield Failure(test.name, address, expected, got, verdict.trace)


def case_of(policy: Policy, test: Test, inspect: Inspect, read: Read) -> Case:
    """What a test puts before the policy, for `decided`: the checks have looked at it, and what
    it states of them itself comes on top. OSError where its message cannot be read."""
    own = frozenset(policy.settings.test_own_domains)
    case = checked(policy, _case(test, _report(test.mail, inspect, read), own))
    stated = tuple(fact for fact in facts(test.mail, case.report) if fact.name in CHECKS)
    return replace(case, report=_with(case.report, (), stated))


def _report(mail: Sketch, inspect: Inspect, read: Read) -> Report:
    if mail.eml:
        report = inspect(read(mail.eml))
    elif mail.body is not None:
        report = inspect(_written(mail, mail.body))
    else:
        return drawn(mail)
    return _with(report, findings(mail, report), facts(mail, report))


def _with(report: Report, more: tuple[Finding, ...], stated: tuple[Fact, ...]) -> Report:
    return replace(report, findings=report.findings + more, facts=report.facts + stated)


def _written(mail: Sketch, body: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"] = mail.from_, mail.subject
    for field in mail.header:
        name, _, value = field.partition(":")
        message[name.strip()] = value.strip()
    if mail.to:
        message["To"] = ", ".join(mail.to)
    if mail.cc:
        message["Cc"] = ", ".join(mail.cc)
    message.set_content(body)
    for name in mail.attachments:
        message.add_attachment(b"", "application", "octet-stream", filename=name)
    return message.as_bytes()


def _case(test: Test, report: Report, own: frozenset[str]) -> Case:
    mail = test.mail
    envelope = [box.address for box in report.headers.shown]
    lost = [a for a in (*mail.bcc, *test.expect) if a.lower() not in {e.lower() for e in envelope}]
    envelope += dict.fromkeys(lost)
    recipients = tuple(recipients_of(report, envelope, own))
    return Case(report, _sender(mail, report, own), recipients, own)


def _sender(mail: Sketch, report: Report, own: frozenset[str]) -> Sender:
    """The class as the test states it; where it says "person", automatic mail shows by itself."""
    written = report.headers.sender[0].address if report.headers.sender else ""
    if mail.sender_class == "null" or mail.sender_class == "automatic":
        entry = Entry(written, owner="owner", groups=mail.sender_groups)
        return Sender(mail.sender_class, written, "", "owner", (entry,))
    if mail.sender_class == "forwarded" or mail.sender_class == "list":
        entry = Entry(written, person="sender", groups=mail.sender_groups)
        return Sender(mail.sender_class, written, "sender", "", (entry,))
    known = Entry(written, mail.sender_class, "sender", "owner", mail.sender_groups)
    return identify(written, "", written, Directory({written.lower(): known}, own), report)


def _differences(expect: Expect, verdict: Verdict) -> Iterator[tuple[str, str]]:
    treatment = verdict.treatment
    yield from _differs("action", expect.action, verdict.action)
    yield from _differs("bridge", expect.bridge, (treatment and treatment.bridge) or "none")
    yield from _differs("told_word", expect.told_word, bool(treatment and treatment.told_word))
    yield from _differs("zip", expect.zip, bool(treatment and treatment.zip))
    yield from _differs("bcc", expect.bcc, bool(treatment and treatment.bcc))
    yield from _differs("one_each", expect.one_each, bool(treatment and treatment.one_each))
    yield from _differs("by", expect.by, tuple(_confirming(verdict.demands)))
    approvals = {d.group: d.need for d in verdict.demands if d.kind == "approve"}
    yield from _differs("approvers", expect.approvers, approvals)
    wanted = None if expect.rules is None else tuple(sorted(expect.rules))
    yield from _differs("rules", wanted, tuple(sorted(r.rule for r in verdict.reasons)))


def _confirming(demands: Iterable[Demand]) -> Iterator[str]:
    return (demand.kind for demand in demands if demand.kind != "approve")


def _differs(key: str, expected: object, got: object) -> Iterator[tuple[str, str]]:
    if expected is not None and expected != got:
        yield f"{key} = {_shown(expected)}", f"{key} = {_shown(got)}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_shown(key)} = {_shown(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()
