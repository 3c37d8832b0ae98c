"""The week's report by mail, each Friday: what was held, what would have been, what it cost. For
the board in the first weeks, and for whoever tunes the rules later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gateway.face.dates import day
from gateway.face.i18n import Words
from gateway.judgement import notice, people
from gateway.judgement.calendar import DIGEST
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.friction import Measured, measured
from gateway.judgement.policy.rules import Sentence
from gateway.memory import pointers
from gateway.memory.store import Tx

MAILED = "week_mailed"
FRIDAY = 4
WEEK = timedelta(days=7)


def mail_week(tx: Tx, ck: Checkpoint) -> int:
    """Once a week, on Friday from 8:45 on, to the group of `policy.report_to`. Returns how many
    got it; the week counts as done without any."""
    group, now = ck.config.policy.report_to, tx.now.astimezone(ck.calendar.zone)
    today = now.date().isoformat()
    due = bool(group) and now.weekday() == FRIDAY and now.time() >= DIGEST
    if not due or pointers.read(tx.conn, MAILED) == today:
        return 0
    pointers.put(tx, MAILED, today)
    found = measured(tx.conn, tx.now - WEEK, tx.now)
    titles = {
        rule.name: rule.title or rule.why for rule in ck.policies.active(tx.conn).policy.rules
    }
    readers = people.members(tx.conn, group, tx.now)
    for person in sorted(readers):
        notice.write(
            tx, ck, person, "weekly", "policy", lambda w: _values(w, ck, now, found, titles)
        )
    return len(readers)


def _values(
    words: Words, ck: Checkpoint, now: datetime, found: Measured, titles: dict[str, Sentence]
) -> dict[str, Any]:
    unheeded = sorted(name for name, each in found.rules.items() if each.unheeded)
    return {
        "since": day(now - WEEK, words.language),
        "until": day(now, words.language),
        "mails": found.mails,
        "total": found.total,
        "minutes": round(found.total.seconds / 60),
        "unheeded": [_named(words, name, titles) for name in unheeded],
        "url": f"{ck.config.web.url}/policy/friction?days=7",
    }


def _named(words: Words, name: str, titles: dict[str, Sentence]) -> str:
    """By what it says to people; one that is gone by its name."""
    said = titles.get(name)
    if said is None:
        return name
    return f"{said.ja if words.language == 'ja' else said.en} ({name})"
