"""What was decided, recipient by recipient: small, frozen, written as JSON and read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import NonNegativeInt, TypeAdapter

from gateway.judgement.policy.matching import Evidence
from gateway.judgement.policy.ranges import Clock
from gateway.judgement.policy.rules import ACTIONS, Action, Sentence, Treatment, Way

FORMAT: Literal[2] = 2
"""Version of the JSON below; readers of the version before are kept."""

DemandKind = Literal["confirm", "owner", "admin", "approve"]
_ORDER: tuple[DemandKind, ...] = ("confirm", "owner", "admin", "approve")


@dataclass(frozen=True, slots=True)
class Demand:
    """One condition of release. `confirm` is the sender's, `owner` the machine's owner's (else the
    postmaster's), `admin` the system administrator's; `approve` needs `need` persons of `group`."""

    kind: DemandKind
    group: str = ""
    need: int = 1
    retype: bool = False
    """The recipient's domain is typed once more."""
    purpose: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str
    action: Action
    """What this rule alone asks for."""
    why: Sentence
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of the trace; `failed` is the first condition that did not hold, "" on a match."""

    rule: str
    matched: bool
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    recipient: str
    action: Action = "pass"
    demands: tuple[Demand, ...] = ()
    treatment: Treatment | None = None
    delay: Clock | None = None
    """Runs after the last demand is met."""
    notify: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    would: tuple[Reason, ...] = ()
    """Rules on trial (`audit_only`) that matched: what they would have asked for."""
    trace: tuple[Step, ...] = ()
    offer: tuple[Way, ...] = ()
    """Ways of sending that would do instead of what the rules that offer them ask."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Recipients that travel together: one consignment."""

    recipients: tuple[str, ...]
    action: Action
    demands: tuple[Demand, ...] = ()
    treatment: Treatment | None = None
    delay: Clock | None = None
    notify: tuple[str, ...] = ()


def united(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """One demand for each kind and group, as strict as the strictest of them."""
    found: dict[tuple[str, str], Demand] = {}
    for new in demands:
        key = (new.kind, new.group)
        old = found.get(key, new)
        found[key] = Demand(
            new.kind,
            new.group,
            max(old.need, new.need),
            old.retype or new.retype,
            old.purpose or new.purpose,
        )
    return tuple(sorted(found.values(), key=lambda d: (_ORDER.index(d.kind), d.group)))


def longest(delays: Iterable[Clock | None]) -> Clock | None:
    return max((d for d in delays if d is not None), key=lambda d: d.clock, default=None)


def grouped(verdicts: Iterable[Verdict]) -> tuple[Batch, ...]:
    """Batches from the mildest action to the strictest, recipients in their envelope's order."""
    groups: dict[tuple[int, str], list[Verdict]] = {}
    for verdict in verdicts:
        treated = verdict.treatment.model_dump_json() if verdict.treatment else ""
        groups.setdefault((ACTIONS.index(verdict.action), treated), []).append(verdict)
    return tuple(_batch(groups[key]) for key in sorted(groups))


def _batch(verdicts: list[Verdict]) -> Batch:
    return Batch(
        recipients=tuple(verdict.recipient for verdict in verdicts),
        action=verdicts[0].action,
        demands=united(demand for verdict in verdicts for demand in verdict.demands),
        treatment=verdicts[0].treatment,
        delay=longest(verdict.delay for verdict in verdicts),
        notify=tuple(sorted({group for verdict in verdicts for group in verdict.notify})),
    )


_verdicts: TypeAdapter[tuple[Verdict, ...]] = TypeAdapter(tuple[Verdict, ...])
_rows: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[dict[str, Any]])
_traces: TypeAdapter[list[list[tuple[str, str]]]] = TypeAdapter(list[list[tuple[str, str]]])
_numbers: TypeAdapter[list[NonNegativeInt]] = TypeAdapter(list[NonNegativeInt])
_BUT_TRACE = {"__all__": {"trace"}}


def to_json(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Plain data for a JSON column: {"format": 2, "verdicts": […], "traces": […]}.

    A trace names every rule there is, and is the same for most recipients of a mail: each verdict
    names one by its number, and a trace is a list of [rule, first condition that did not hold]."""
    stored = _verdicts.dump_python(tuple(verdicts), mode="json", exclude=_BUT_TRACE)
    found, numbers = _traces_of(verdicts)
    for verdict, data in zip(verdicts, stored, strict=True):
        data["trace"] = numbers[id(verdict.trace)]
    traces = [[[step.rule, step.failed] for step in trace] for trace in found]
    return {"format": FORMAT, "verdicts": stored, "traces": traces}


def _traces_of(verdicts: Sequence[Verdict]) -> tuple[list[tuple[Step, ...]], dict[int, int]]:
    """All there are, and the number of each by its `id`. Most mails have one, and its steps are
    not hashed to find that out."""
    same = {id(verdict.trace): verdict.trace for verdict in verdicts}
    if len(same) == 1:
        return [*same.values()], dict.fromkeys(same, 0)
    numbers: dict[tuple[Step, ...], int] = {}
    of = {known: numbers.setdefault(trace, len(numbers)) for known, trace in same.items()}
    return [*numbers], of


def from_json(data: dict[str, Any], traced: bool = True) -> tuple[Verdict, ...]:
    """Raises ValueError for data of another form or of a format this version does not know.

    A trace has a step for each rule; who counts thousands of decisions leaves it out.
    """
    match data:
        case {"format": 1, "verdicts": stored}:
            return _verdicts.validate_python(stored)
        case {"format": 2, "verdicts": written, "traces": traces}:
            stored = _rows.validate_python(written)
            read = _verdicts.validate_python([{**each, "trace": ()} for each in stored])
            if not traced:
                return read
            steps = _traces.validate_python(traces)
            numbers = _numbers.validate_python([each.get("trace") for each in stored])
            if not all(number < len(steps) for number in numbers):
                raise ValueError("a verdict names a trace that is not there")
            whole = [tuple(Step(rule, not failed, failed) for rule, failed in t) for t in steps]
            return tuple(replace(v, trace=whole[n]) for v, n in zip(read, numbers, strict=True))
        case _:
            raise ValueError("not a decision that this version can read")
