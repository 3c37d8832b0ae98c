"""The week's report by mail, each Friday: what was held, what would have been, what it cost. For
the board in the first weeks, and for whoever tunes the rules later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from gateway.face.dates import day
from gateway.face.i18n import Language, words_in
from gateway.judgement import notice, people
from gateway.judgement.calendar import DIGEST
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.friction import Measured, measured
from gateway.mail.outbox import Mail
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
    readers = people.members(tx.conn, group, tx.now)
    for person in sorted(readers):
        _post(tx, ck, person, now, found)
    return len(readers)


def _post(tx: Tx, ck: Checkpoint, person: str, now: datetime, found: Measured) -> None:
    who = people.person(tx.conn, person)
    if who is None:
        return
    words = words_in(cast(Language, who["language"]))
    values = {
        "name": who["name"],
        "since": day(now - WEEK, words.language),
        "until": day(now, words.language),
        "mails": found.mails,
        "total": found.total,
        "minutes": round(found.total.seconds / 60),
        "unheeded": sorted(name for name, each in found.rules.items() if each.unheeded),
        "url": f"{ck.config.web.url}/policy/friction?days=7",
        "contact": ck.config.holds.contact,
    }
    subject, text = notice.render(words, "weekly", values)
    to, name = who["email"], who["name"]
    ck.outbox.post(
        tx,
        Mail(to=to, to_name=name, subject=subject, text=text, purpose="weekly", about="policy"),
    )
