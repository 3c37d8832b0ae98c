"""The week's report, by mail each Friday and as a page: what was held, what would have been, what
it cost. For the board in the first weeks, and for whoever tunes the rules later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement import notice, people
from gateway.judgement.calendar import DIGEST, Calendar
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.friction import Measured, measured
from gateway.judgement.policy.rules import Sentence
from gateway.memory import pointers
from gateway.memory.store import Tx

MAILED = "week_mailed"
FRIDAY = 4
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """From one Friday 8:45 to the next."""

    begins: date
    since: datetime
    until: datetime


def week(calendar: Calendar, friday: date) -> Week:
    days = friday, friday + WEEK
    since, until = (datetime.combine(d, DIGEST, calendar.zone).astimezone(UTC) for d in days)
    return Week(friday, since, until)


def week_of(calendar: Calendar, at: datetime) -> Week:
    """The one that `at` lies in."""
    local = at.astimezone(calendar.zone)
    begun = local.date() if local.time() >= DIGEST else local.date() - timedelta(days=1)
    return week(calendar, begun - timedelta(days=(begun.weekday() - FRIDAY) % 7))


def mail_week(tx: Tx, ck: Checkpoint) -> int:
    """Once a week, on Friday from 8:45 on, to the group of `policy.report_to`. Returns how many
    got it; the week counts as done without any."""
    group, now = ck.config.policy.report_to, tx.now.astimezone(ck.calendar.zone)
    today = now.date().isoformat()
    due = bool(group) and now.weekday() == FRIDAY and now.time() >= DIGEST
    if not due or pointers.read(tx.conn, MAILED) == today:
        return 0
    pointers.put(tx, MAILED, today)
    over = week(ck.calendar, now.date() - WEEK)
    found = measured(tx.conn, over.since, over.until)
    titles = {
        rule.name: rule.title or rule.why for rule in ck.policies.active(tx.conn).policy.rules
    }
    readers = people.members(tx.conn, group, tx.now)
    for person in sorted(readers):
        notice.write(
            tx, ck, person, "weekly", "policy", lambda w: _values(w, ck, over, found, titles)
        )
    return len(readers)


def _values(
    words: Words, ck: Checkpoint, over: Week, found: Measured, titles: dict[str, Sentence]
) -> dict[str, Any]:
    unheeded = sorted(name for name, each in found.rules.items() if each.unheeded)
    return {
        "since": day(over.since, words.language),
        "until": day(over.until, words.language),
        "mails": found.mails,
        "total": found.total,
        "minutes": round(found.total.seconds / 60),
        "unheeded": [_named(words, name, titles) for name in unheeded],
        "url": f"{ck.config.web.url}/policy/weekly?from={over.begins.isoformat()}",
    }


def _named(words: Words, name: str, titles: dict[str, Sentence]) -> str:
    """By what it says to people; one that is gone by its name."""
    said = titles.get(name)
    if said is None:
        return name
    return f"{said.said(words.language)} ({name})"
