"""What only the moment knows of a mail: acquaintance, the hour, in whose name it is sent.

Looked up once, when a mail is first judged, and kept as facts in its sealed report: whoever judges
it again, tomorrow or with another policy, sees what was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detectors.report import Fact, Reason
from gateway.judgement import addressees
from gateway.judgement.acquaintance import lists
from gateway.judgement.acquaintance.learn import count_sent
from gateway.judgement.acquaintance.recall import FACTS, recall
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.identity import domain_of
from gateway.judgement.policy.case import TO, Case, Recipient, owned
from gateway.judgement.policy.rules import Policy
from gateway.memory.store import Tx


def facts(tx: Tx, ck: Checkpoint, case: Case, policy: Policy) -> Iterator[Fact]:
    """Those that rules of the policy ask for."""
    if "reaches_outside" in policy.facts:
        yield from _lists(tx, ck, case)
    strangers = [recipient for recipient in case.recipients if not recipient.inside]
    outside = len(strangers)
    if not outside:
        return
    asked, sender = policy.facts, case.sender.address.lower()
    if asked & FACTS:
        yield from recall(
            tx.conn,
            ck.keyed,
            case.report,
            sender,
            case.recipients,
            case.own_domains,
            tx.now,
        )
    if asked & addressees.FACTS:
        yield from addressees.facts(tx.conn, case.report, strangers, tx.now)
    if "sent_last_hour" in asked and sender:
        number = count_sent(tx.conn, ck.keyed, sender, tx.now, outside)
        yield Fact("sent_last_hour", reason=Reason("sent_last_hour", {"n": number}))
    if "not_in_book" in asked:
        yield from _strange(ck.config.acquaintance.book, strangers)
    if "outside_hours" in asked and not ck.calendar.is_open(tx.now):
        yield Fact("outside_hours", reason=Reason("outside_hours"))
    if "delegated" in asked:
        yield from _delegated(case)


def _lists(tx: Tx, ck: Checkpoint, case: Case) -> Iterator[Fact]:
    """Who writes to a list of ours sees one inside address; where its copies go is learned from
    the copies themselves, so that nobody has to keep a list of lists."""
    post = case.report.headers.list_post
    if case.sender.class_ == "list":
        if owned(post, case.own_domains) and any(not r.inside for r in case.recipients):
            lists.remember(tx.conn, ck.keyed, post, tx.now)
        return
    inside = [recipient.address for recipient in case.recipients if recipient.inside]
    for address in lists.reaching(tx.conn, ck.keyed, inside):
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
