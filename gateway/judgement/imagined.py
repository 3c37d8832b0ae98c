"""A mail that nobody has handed in, as the judge would see it now: for rules that are tried.

Nothing is written and nothing learned. Who is meant as its sender is in the From field; that it
was signed in for, and by whom, is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from detectors.report import Report
from gateway.judgement import people
from gateway.judgement.addressees import stated_in
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.identity import Sender
from gateway.judgement.policy.case import Case, recipients_of
from gateway.judgement.policy.checks import FROM_TEXT
from gateway.judgement.policy.matching import placed
from gateway.judgement.policy.rules import Policy
from gateway.judgement.surroundings import MOMENT, answered, facts


def addressed(report: Report) -> tuple[str, ...]:
    """To whom it would go by its own fields."""
    return tuple(box.address for box in report.headers.shown)


def case_now(
    conn: Connection,
    ck: Checkpoint,
    report: Report,
    to: Sequence[str],
    policies: Sequence[Policy],
    now: datetime,
    groups: tuple[str, ...] = (),
) -> Case:
    """With all that one of the policies asks of this moment; who is outside is told by the first.
    `groups` are the sender's beside those that are known."""
    own = frozenset(ck.config.smtp.own_domains)
    written = report.headers.sender[0].address if report.headers.sender else ""
    letter = {"auth_user": "", "mail_from": written}
    sender = _with(people.sent_by(conn, ck.config, letter, report, now), groups)
    envelope, stated = tuple(recipients_of(report, to, own)), stated_in(report.headers)
    case = placed(policies[0], Case(report, sender, envelope, own, now, purpose=stated))
    asked = frozenset().union(*(policy.facts for policy in policies))
    known = facts(conn, ck, case, asked, now, count=False)
    known_now = replace(report, facts=(*report.facts, *known))
    return placed(policies[0], replace(case, report=known_now))


def _with(sender: Sender, groups: tuple[str, ...]) -> Sender:
    more = (replace(entry, groups=(*entry.groups, *groups)) for entry in sender.candidates)
    return replace(sender, candidates=tuple(more)) if groups else sender


def unasked(wanted: Policy, then: Iterable[str] = (), *, textless: bool = False) -> tuple[str, ...]:
    """Facts that rules of `wanted` ask for, and that were not looked up for rules asking `then`:
    they count as not there. `textless`: nor can they be looked up in the text any more."""
    asked = frozenset(then)
    gone = FROM_TEXT if textless else frozenset()
    return tuple(sorted((wanted.facts & (MOMENT | gone)) - answered(asked) - (gone & asked)))
