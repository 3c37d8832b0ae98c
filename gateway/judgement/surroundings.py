"""What only the moment knows of a mail: acquaintance, the hour, in whose name it is sent.

Looked up once, when a mail is first judged, and kept as facts in its sealed report: whoever judges
it again, tomorrow or with another policy, sees what was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from detectors.report import Fact, Reason, Report
from gateway.judgement import addressees
from gateway.judgement.acquaintance import lists
from gateway.judgement.acquaintance.learn import hour, touch
from gateway.judgement.acquaintance.recall import FACTS, asked_of, look_up, recall
from gateway.judgement.acquaintance.young import young
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.identity import domain_of, owned
from gateway.judgement.policy.case import TO, Case, Recipient
from gateway.judgement.policy.checks import CHECKS

_SINGLE = frozenset(
    {
        *("sent_last_hour", "not_in_book", "outside_hours", "delegated", "reaches_outside"),
        "young_domain",
    }
)
MOMENT = FACTS | addressees.FACTS | _SINGLE
"""Facts that are no matter of the mail alone."""


KEPT = (MOMENT - CHECKS.keys()) | {"company_known", "locked_before", "list_reaches"}
"""What was looked up, and is not to be had from the mail by reading it again."""


def answered(asked: frozenset[str]) -> frozenset[str]:
    """Which of them are looked up where rules ask for these: some come together."""
    together = (each for each in (FACTS, addressees.FACTS) if each & asked)
    return frozenset().union(*together, asked & _SINGLE)


def facts(
    conn: Connection,
    ck: Checkpoint,
    case: Case,
    asked: frozenset[str],
    now: datetime,
    *,
    count: bool,
) -> Iterator[Fact]:
    """Those of `asked`. `count`: the mail is really there, so its recipients count in the hour."""
    if "reaches_outside" in asked:
        yield from _lists(conn, ck, case, now if count else None)
    strangers = [recipient for recipient in case.recipients if not recipient.inside]
    outside = len(strangers)
    if not outside:
        return
    sender = case.sender.address.lower()
    counted = hour(ck.keyed, sender, now) if "sent_last_hour" in asked and sender else []
    known = asked_of(ck.keyed, sender, case.recipients) if asked & FACTS else set()
    ties = look_up(conn, known.union(counted))
    if asked & FACTS:
        about = case.report, sender, case.recipients, case.own_domains
        yield from recall(conn, ck.keyed, ties, *about, now)
    if asked & addressees.FACTS:
        yield from addressees.facts(conn, case.report, strangers, now)
    if counted:
        number = sum(ties.seen.get(key, 0) for key in counted) + outside
        yield Fact("sent_last_hour", reason=Reason("sent_last_hour", {"n": number}))
        if count:
            touch(conn, counted[0], now, outside)
    if "young_domain" in asked:
        ages, at = ck.config.acquaintance.ages, case.at or now
        yield from young(conn, ck.keyed, ages, strangers, at)
    if "not_in_book" in asked:
        yield from _strange(ck.config.acquaintance.book, strangers)
    if "outside_hours" in asked and not ck.calendar.is_open(now):
        yield Fact("outside_hours", reason=Reason("outside_hours"))
    if "delegated" in asked:
        yield from _delegated(case)


def kept(
    conn: Connection,
    before: Report,
    after: Report,
    outside: Sequence[Recipient],
    asked: frozenset[str],
    now: datetime,
) -> Iterator[Fact]:
    """Facts of `before` that hold for the same mail when more of it was read: what was known when
    it came. Only the ledger of addressees is asked again, of those of whom nothing was said as
    long as no number was seen."""
    same = [fact for fact in before.facts if fact.name in KEPT]
    yield from same
    told = {fact.part for fact in same if fact.name in addressees.FACTS}
    new = [r for r in outside if f"{TO}{r.address.lower()}" not in told]
    if asked & addressees.FACTS:
        yield from addressees.facts(conn, after, new, now)


def _lists(conn: Connection, ck: Checkpoint, case: Case, learnt: datetime | None) -> Iterator[Fact]:
    """Who writes to a list of ours sees one inside address; where its copies go is learned from
    the copies themselves, so that nobody has to keep a list of lists."""
    post = case.report.headers.list_post
    if case.sender.class_ == "list":
        if owned(post, case.own_domains) and any(not r.inside for r in case.recipients):
            if learnt:
                lists.remember(conn, ck.keyed, post, learnt)
        return
    inside = [recipient.address for recipient in case.recipients if recipient.inside]
    for address in lists.reaching(conn, ck.keyed, inside):
        yield Fact("list_reaches", f"{TO}{address.lower()}", (), Reason("members_outside"))


def _strange(book: frozenset[str], outside: Iterable[Recipient]) -> Iterator[Fact]:
    """Who is in no address book; of a company that keeps none, nobody is."""
    for address in (recipient.address.lower() for recipient in outside) if book else ():
        if book.isdisjoint((address, f"@{domain_of(address)}")):
            yield Fact("not_in_book", f"{TO}{address}")


def _delegated(case: Case) -> Iterator[Fact]:
    """The From field names another person of ours than who signed in or stands in the envelope."""
    written = case.report.headers.sender
    people = [entry for entry in case.sender.candidates if entry.class_ != "system"]
    who = {entry.person or entry.address.lower() for entry in people}
    if len(who) > 1 and written:
        yield Fact("delegated", reason=Reason("sent_as_other", {"label": written[0].address}))
