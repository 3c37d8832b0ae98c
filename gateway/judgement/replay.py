"""Past mail judged once more by other rules, from the reports that still can be opened.

Only what is kept is replayed: a mail whose content was erased has no report any more, and is
counted and not guessed at. Newest first, so that whoever stops early has seen the nearest days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, exists, func, or_, select

from detectors.report import Report
from gateway.judgement import people
from gateway.judgement.addressees import stated_in
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.identity import Entry, Sender
from gateway.judgement.policy.case import Case, Recipient
from gateway.judgement.policy.contrast import Contrast
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.verdict import Verdict, united
from gateway.memory.config import Config
from gateway.memory.keys import KeyGone
from gateway.memory.letters import LETTER, Letters
from gateway.memory.tables import Parcel, table
from gateway.memory.vault import Damaged

PARCEL = table(Parcel)
SECONDS = {"confirm": 30, "owner": 30, "admin": 60, "approve": 120}
"""What meeting one demand takes a person: an estimate, and named as one wherever it is shown."""
HELD = frozenset({"confirm", "approve", "reject"})
EXAMPLES = 20
SLICE = 500
"""Rows read at once: a long read keeps the write-ahead log from being checkpointed."""


@dataclass
class Replayed:
    total: int = 0
    """mails of that time"""
    mails: int = 0
    """judged by both"""
    gone: int = 0
    """their content is erased"""
    held: int = 0
    """mails that the new rules would hold and the old ones do not"""
    freed: int = 0
    """the other way round"""
    regretted: int = 0
    """of `held`: those whose files were called back after they had left"""
    seconds: int = 0
    """of people's work, more (or less, below zero); see SECONDS"""
    senders: Counter[str] = field(default_factory=Counter)
    """of `held`, by the sender's address"""
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(action before, action after) to number of recipients, where they differ"""
    examples: list[tuple[str, str, str, str]] = field(default_factory=list)
    """the first few: letter, recipient, action before, action after"""

    @property
    def seen(self) -> int:
        return self.mails + self.gone

    @property
    def whole(self) -> bool:
        return self.seen >= self.total


def replay(
    past: Past,
    old: Policy,
    new: Policy,
    since: datetime,
    going: Callable[[Replayed], bool] = lambda done: True,
) -> Replayed:
    """Everything that clients have handed in since then, as long as `going` says so."""
    conn = past.conn
    done = Replayed(total=conn.execute(select(func.count()).where(*_asked(since))).scalar_one())
    contrast = Contrast(old, new)
    for letter, to in _since(conn, since):
        if not going(done):
            break
        case = past.case(letter, to)
        if case is None:
            done.gone += 1
            continue
        done.mails += 1
        if verdicts := contrast.verdicts(case):
            _compare(conn, done, letter, *verdicts)
    return done


@dataclass
class Past:
    """Mails as they were judged, from their stored reports or what is left of them."""

    conn: Connection
    letters: Letters
    config: Config
    now: datetime
    _known: dict[tuple[str, ...], tuple[Entry, ...]] = field(default_factory=dict, init=False)

    def case(self, letter: RowMapping, to: Sequence[Recipient] | None = None) -> Case | None:
        """None where the report is gone. `to`: its recipients, where they were read already."""
        if not letter["report"]:
            return None
        try:
            report = self.letters.kept(letter)
        except (KeyGone, Damaged):
            return None
        if to is None:
            to = _recipients(self.conn, [letter["id"]])[letter["id"]]
        own = frozenset(self.config.smtp.own_domains)
        stated = stated_in(report.headers)
        return Case(
            report,
            self._sender(letter, report),
            tuple(to),
            own,
            letter["received_at"],
            textless=letter["erased_at"] is not None,
            purpose=stated,
        )

    def _sender(self, letter: RowMapping, report: Report) -> Sender:
        """As it was, in the groups of today: it is tomorrow's mail that a draft is written for."""
        heads = report.headers
        names = letter["mail_from"], letter["auth_user"], letter["header_from"]
        key = (*names, heads.forwarded_by, heads.list_id)
        if key not in self._known:
            today = people.sent_by(self.conn, self.config, letter, report, self.now)
            self._known[key] = today.candidates
        stored = letter["sender_class"], letter["sender_address"]
        return Sender(*stored, letter["sender_id"], letter["owner_id"], self._known[key])


def _recipients(conn: Connection, ids: Sequence[str]) -> dict[str, list[Recipient]]:
    """Of many letters at once: a query for each took longer than judging it."""
    found: dict[str, list[Recipient]] = {id: [] for id in ids}
    query = (
        select(
            CONSIGNMENT.c.letter_id,
            RECIPIENT.c.address,
            RECIPIENT.c.inside,
            RECIPIENT.c.header,
            RECIPIENT.c.name,
        )
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(CONSIGNMENT.c.letter_id.in_(ids))
        .order_by(RECIPIENT.c.id)
    )
    for letter, *recipient in conn.execute(query):
        found[letter].append(Recipient(*recipient))
    return found


def _asked(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return LETTER.c.origin == "client", LETTER.c.received_at >= since


def _since(conn: Connection, since: datetime) -> Iterator[tuple[RowMapping, list[Recipient]]]:
    """Newest first, with all who were to get it; read in slices."""
    ordered = select(LETTER).where(*_asked(since))
    ordered = ordered.order_by(LETTER.c.received_at.desc(), LETTER.c.id.desc()).limit(SLICE)
    rows = conn.execute(ordered).mappings().all()
    while rows:
        to = _recipients(conn, [row["id"] for row in rows])
        yield from ((row, to[row["id"]]) for row in rows)
        at, id = rows[-1]["received_at"], rows[-1]["id"]
        # the first of these two is what an index can be asked; without it each slice reads anew
        # all that the slices before have read
        earlier = LETTER.c.received_at <= at, or_(LETTER.c.received_at < at, LETTER.c.id < id)
        rows = conn.execute(ordered.where(*earlier)).mappings().all()


def _compare(
    conn: Connection,
    done: Replayed,
    letter: RowMapping,
    old: Sequence[Verdict],
    new: Sequence[Verdict],
) -> None:
    for before, after in zip(old, new, strict=True):
        if before.action != after.action:
            done.changes[before.action, after.action] += 1
            if len(done.examples) < EXAMPLES:
                done.examples.append((letter["id"], before.recipient, before.action, after.action))
    done.seconds += _work(new) - _work(old)
    was, would = _is_held(old), _is_held(new)
    done.freed += was and not would
    if would and not was:
        done.held += 1
        done.senders[letter["sender_address"]] += 1
        done.regretted += _called_back(conn, letter["id"])


def _is_held(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.action in HELD for verdict in verdicts)


def _work(verdicts: Sequence[Verdict]) -> int:
    """Seconds of all who would have to act: a demand is met once for a mail."""
    demands = united(demand for verdict in verdicts for demand in verdict.demands)
    return sum(SECONDS[demand.kind] * demand.need for demand in demands)


def _called_back(conn: Connection, letter: str) -> bool:
    recalled = exists().where(PARCEL.c.letter_id == letter, PARCEL.c.state == "recalled")
    return bool(conn.execute(select(recalled)).scalar())
