"""What the rules cost and what they bring: for whoever tunes them, and for the board.

Counted from the record alone (decisions and ledger), so that erased content changes nothing. A
mail counts as stopped where somebody took it back, left something out of it, refused it or let it
run out after a rule had held it. Time is estimated from what people did and never watched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, exists, select

from gateway.judgement.dossier import DECISION
from gateway.judgement.policy.verdict import Verdict, from_json
from gateway.judgement.records import ENTRY
from gateway.judgement.replay import HELD, SECONDS

STOPS = frozenset(
    {
        *("withdrawn", "refused", "expired", "recipient_dropped", "attachment_dropped"),
        *("returned", "converted"),
    }
)
ENDS = frozenset({*STOPS, "queued", "released"})
WORK = {
    "confirmed": SECONDS["confirm"],
    "approved": SECONDS["approve"],
    "refused": SECONDS["approve"],
    "returned": SECONDS["approve"],
    "withdrawn": SECONDS["confirm"],
    "recipient_dropped": SECONDS["confirm"],
    "attachment_dropped": SECONDS["confirm"],
    "converted": SECONDS["confirm"],
}
"""Seconds that one act of a person takes, as `replay` estimates them."""
ENOUGH = 5
"""Held mails before anything is said about a rule that nobody heeds."""


@dataclass
class Friction:
    """Of one rule, or of all together: numbers of mails."""

    held: int = 0
    stopped: int = 0
    sent: int = 0
    """as they were"""
    waiting: int = 0
    false_alarms: int = 0
    would: int = 0
    """on trial: would have been held"""
    seconds: int = 0
    """of people's work, estimated"""

    @property
    def unheeded(self) -> bool:
        """Nobody ever changed anything because of it."""
        return self.sent >= ENOUGH and not self.stopped

    @property
    def each(self) -> int | None:
        """Seconds of work for each mail that was stopped."""
        return self.seconds // self.stopped if self.stopped else None

    def _add(self, what: _Told) -> None:
        self.held += 1
        self.stopped += what.stopped
        self.sent += what.ended and not what.stopped
        self.waiting += not what.ended
        self.false_alarms += what.false_alarm
        self.seconds += what.seconds


@dataclass
class Measured:
    mails: int = 0
    total: Friction = field(default_factory=Friction)
    rules: dict[str, Friction] = field(default_factory=lambda: defaultdict(Friction))


@dataclass
class _Told:
    """What the ledger says of one letter."""

    stopped: bool = False
    observed: bool = False
    """a copy on the tap"""
    ended: bool = False
    false_alarm: bool = False
    seconds: int = 0


def measured(conn: Connection, since: datetime, until: datetime) -> Measured:
    """Of the mails that were judged in that time; what became of them counts until now."""
    found, told = Measured(), _told(conn, since)
    for letter, verdicts in _decisions(conn, since, until):
        found.mails += 1
        held, trials = _rules(verdicts, HELD), _trials(verdicts)
        if told[letter].observed:  # a copy: nothing of it was ever held
            held, trials = set(), held | trials
        for rule in trials - held:
            found.rules[rule].would += 1
        found.total.would += bool(trials) and not held
        for friction in (found.rules[rule] for rule in held):
            friction._add(told[letter])
        if held:
            found.total._add(told[letter])
    return found


def _decisions(
    conn: Connection, since: datetime, until: datetime
) -> Iterator[tuple[str, tuple[Verdict, ...]]]:
    """The first decision on each letter: those that follow a drop are about what is left, also
    where the first one was made before that time."""
    earlier = DECISION.alias()
    again = exists().where(earlier.c.letter_id == DECISION.c.letter_id)
    query = select(DECISION.c.letter_id, DECISION.c.verdicts).order_by(DECISION.c.id)
    query = query.where(DECISION.c.made_at >= since, DECISION.c.made_at <= until)
    query = query.where(~again.where(earlier.c.id < DECISION.c.id))
    for letter, verdicts in conn.execute(query.execution_options(yield_per=500)):
        yield letter, from_json(verdicts, traced=False)


def _told(conn: Connection, since: datetime) -> defaultdict[str, _Told]:
    """Colleagues get theirs while the outsiders' part waits: only what was held comes to an end."""
    told: defaultdict[str, _Told] = defaultdict(_Told)
    held: set[str] = set()
    verbs = {*ENDS, *WORK, "held", "reported_false", "observed"}
    query = select(ENTRY.c.letter_id, ENTRY.c.subject, ENTRY.c.verb).order_by(ENTRY.c.seq)
    query = query.where(ENTRY.c.verb.in_(verbs), ENTRY.c.at >= since)
    for letter, part, verb in conn.execute(query.execution_options(yield_per=500)):
        each = told[letter]
        if verb == "held":
            held.add(part)
        each.observed |= verb == "observed"
        each.stopped |= verb in STOPS
        each.ended |= verb in ENDS and part in held
        each.false_alarm |= verb == "reported_false"
        each.seconds += WORK.get(verb, 0)
    return told


def _rules(verdicts: tuple[Verdict, ...], actions: Collection[str]) -> set[str]:
    return {r.rule for v in verdicts for r in v.reasons if r.action in actions}


def _trials(verdicts: tuple[Verdict, ...]) -> set[str]:
    return {r.rule for v in verdicts for r in v.would if r.action in HELD}
