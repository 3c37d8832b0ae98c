"""Who is told of a mail that is held, delayed, expired or refused: at once, or of many together.

The first notices of a kind reach a person at once, as every ordinary mail has it. Whoever was told
`AT_ONCE` times within `WITHIN` is told of all that follows in that time by one mail: a mail merge
of 1,800 that is held does not fill two mailboxes with 3,600 notices, nor do its reminders.

1. A row of `Notice` says who is to be told of what, and not before when. It is written in the
   transaction of what it tells, so that nothing is forgotten.
2. What is due is told: in that transaction, and by the sweep. What was settled meanwhile is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, delete, func, insert, select, update

from gateway.face.dates import moment
from gateway.face.i18n import Words
from gateway.judgement import notice, parties, people, tokens
from gateway.judgement.checkpoint import Checkpoint
from gateway.judgement.dossier import CONSIGNMENT, DEMAND
from gateway.memory.states import SYSTEM, Ref, State
from gateway.memory.store import Tx
from gateway.memory.tables import Notice, table

NOTICE = table(Notice)
AT_ONCE, WITHIN = 10, timedelta(minutes=5)
LISTED = 20
"""Mails that a notice names; the page it leads to has all of them."""
FOLLOW = timedelta(seconds=30)
"""In which what is refused by one act is refused: it takes a while for hundreds."""
KEPT = timedelta(days=90)
"""Longer than any link in a notice opens anything."""
_LIST = {"shared": "/holds?mine=1", "admin": "/holds?kind=admin", "approval": "/holds?kind=approve"}
"""Where all mails of a kind are seen, after a sign-in."""
_OWN = ("hold", "delayed")
"""Kinds whose link opens the list of these mails without a sign-in."""
_TELLS = {
    "delayed": notice.delayed,
    "expired": notice.expired,
    "refused": notice.refusal,
    "told": notice.told,
}
"""One mail's notice that is about no demand."""


# -- who is told


def ask(
    tx: Tx,
    ck: Checkpoint,
    id: str,
    demand: int,
    *,
    reminder: bool = False,
    leave_out: str = "",
    fallback_only: bool = False,
) -> int:
    """Tell everybody who may meet the demand. Returns how many: 0 is an alarm."""
    row = tx.conn.execute(select(DEMAND).where(DEMAND.c.id == demand)).mappings().one()
    asked = parties.askable(tx.conn, ck, row, tx.now) - {leave_out}
    if fallback_only:
        asked &= people.members(tx.conn, ck.config.holds.fallback_group, tx.now)
    kind = "shared" if row["mailbox"] else notice.TEMPLATE[row["kind"]]
    for person in sorted(asked):
        _tell(tx, ck, person, kind, id, demand=demand, reminder=reminder)
    if not asked:
        tx.record("nobody_to_ask", SYSTEM, consignment=id, demand=row["kind"])
    return len(asked)


def outcome(
    tx: Tx,
    ck: Checkpoint,
    known: Ref,
    kind: str,
    by: datetime | None = None,
    after: timedelta | None = None,
) -> None:
    """Its sender, of what became of it: expired, refused, or delayed, which is told `by` a time.
    `after` leaves it to the sweep, not before that time: others follow that are told with it."""
    for person in notice.senders(ck.letters.row(tx.conn, known.letter_id)):
        _tell(tx, ck, person, kind, known.id, by=by, after=after)


def inform(tx: Tx, ck: Checkpoint, id: str, groups: Iterable[str]) -> None:
    """Groups that only want to know: each person once."""
    for person in sorted(set().union(*(people.members(tx.conn, g, tx.now) for g in groups))):
        _tell(tx, ck, person, "told", id)


def about(person: str, until: datetime) -> ColumnElement[bool]:
    """Mails that this person had been told of by `until` as their own: what the link of a notice
    about several opens. Mails of shared mailboxes take a sign-in."""
    own = NOTICE.c.person_id == person, NOTICE.c.kind.in_(_OWN)
    return and_(*own, NOTICE.c.told_at <= until)


def told_by(letter: str) -> Select[Any]:
    """Ids of the mails that one of our mails tells of."""
    return select(NOTICE.c.consignment_id).where(NOTICE.c.letter_id == letter)


# -- when


def _tell(
    tx: Tx,
    ck: Checkpoint,
    person: str,
    kind: str,
    id: str,
    *,
    demand: int = 0,
    reminder: bool = False,
    by: datetime | None = None,
    after: timedelta | None = None,
) -> None:
    at = _turn(tx, person, kind, reminder, tx.now + (after or timedelta()))
    at = min(at, by or datetime.max.replace(tzinfo=UTC))
    values = {"person_id": person, "kind": kind, "reminder": reminder, "demand_id": demand}
    tx.conn.execute(insert(NOTICE).values(consignment_id=id, at=at, letter_id="", **values))
    if at <= tx.now and not reminder and after is None:
        _send(tx, ck, person, kind, reminder)


def _turn(tx: Tx, person: str, kind: str, reminder: bool, soonest: datetime) -> datetime:
    query = select(NOTICE.c.at, NOTICE.c.told_at).where(*_group(person, kind, reminder))
    newest = tx.conn.execute(query.order_by(NOTICE.c.id.desc()).limit(AT_ONCE)).all()
    if newest and newest[0].told_at is None:
        waits: datetime = newest[0].at
        return waits
    lately = [row.told_at for row in newest if row.told_at and row.told_at > tx.now - WITHIN]
    return max(soonest, lately[0] + WITHIN) if len(lately) == AT_ONCE else soonest


def sweep(tx: Tx, ck: Checkpoint, limit: int = 50) -> None:
    """Everybody who is due to be told of something."""
    due = NOTICE.c.told_at.is_(None), NOTICE.c.at <= tx.now
    query = select(NOTICE.c.person_id, NOTICE.c.kind, NOTICE.c.reminder).where(*due)
    for person, kind, reminder in tx.conn.execute(query.distinct().limit(limit)).all():
        _send(tx, ck, person, kind, reminder)
    tx.conn.execute(delete(NOTICE).where(NOTICE.c.told_at < tx.now - KEPT))


# -- telling


def _send(tx: Tx, ck: Checkpoint, person: str, kind: str, reminder: bool) -> None:
    mine = (*_group(person, kind, reminder), NOTICE.c.told_at.is_(None))
    tx.conn.execute(delete(NOTICE).where(*mine, _settled(kind)))
    due = func.coalesce(DEMAND.c.due_at, CONSIGNMENT.c.due_at).label("due_at")
    query = select(NOTICE, due).outerjoin(DEMAND, DEMAND.c.id == NOTICE.c.demand_id)
    query = query.join(CONSIGNMENT, CONSIGNMENT.c.id == NOTICE.c.consignment_id)
    rows = tx.conn.execute(query.where(*mine).order_by(NOTICE.c.id)).mappings().all()
    if not rows:
        return
    ids = list(dict.fromkeys(row["consignment_id"] for row in rows))
    letter = _together(tx, ck, rows, ids) if len(ids) > 1 else _alone(tx, ck, rows[0])
    tx.conn.execute(update(NOTICE).where(*mine).values(told_at=tx.now, letter_id=letter))
    for id in ids if reminder else ():
        tx.record("reminded", SYSTEM, consignment=id, kind=kind)


def _group(person: str, kind: str, reminder: bool) -> tuple[ColumnElement[bool], ...]:
    same = NOTICE.c.person_id == person, NOTICE.c.kind == kind
    return (*same, NOTICE.c.reminder.is_(reminder))


def _settled(kind: str) -> ColumnElement[bool]:
    """What nobody has to be told of any more."""
    if kind == "delayed":
        waits = select(CONSIGNMENT.c.id).where(CONSIGNMENT.c.state == State.DELAYED.value)
        return ~waits.where(CONSIGNMENT.c.id == NOTICE.c.consignment_id).exists()
    asked = select(DEMAND.c.id).where(DEMAND.c.id == NOTICE.c.demand_id, DEMAND.c.state == "open")
    return and_(NOTICE.c.demand_id != 0, ~asked.exists())


def _alone(tx: Tx, ck: Checkpoint, row: RowMapping) -> str:
    id, person = row["consignment_id"], row["person_id"]
    if row["kind"] in _TELLS:
        return _TELLS[row["kind"]](tx, ck, id, person)
    demand = select(DEMAND).where(DEMAND.c.id == row["demand_id"])
    asked = tx.conn.execute(demand).mappings().one()
    return notice.asked(tx, ck, id, person, asked, reminder=row["reminder"])


def _together(tx: Tx, ck: Checkpoint, rows: Sequence[RowMapping], ids: Sequence[str]) -> str:
    """One mail about all of them, which names the first and leads to the page with all."""
    person, kind = rows[0]["person_id"], rows[0]["kind"]

    def filled(words: Words) -> dict[str, Any]:
        read = [notice.read(tx, ck, id) for id in ids[:LISTED]]
        mails = [notice.facts(tx, ck, held, words) for held in read]
        who: list[str] = []
        if kind == "refused":
            refusals = [notice.refused_by(tx, words, held) for held in read]
            for each, (_, why) in zip(mails, refusals, strict=True):
                each["reasons"] = why
            who = list(dict.fromkeys(by for by, _ in refusals))
        reasons = dict.fromkeys(reason for each in mails for reason in each["reasons"])
        return {
            "kind": kind,
            "alike": ck.config.holds.together > 0,
            "reminder": rows[0]["reminder"],
            "number": f"{len(ids):,}",
            "mails": mails,
            "more": f"{len(ids) - len(mails):,}" if len(ids) > len(mails) else "",
            "reasons": list(reasons),
            "who": words.say("、").join(who),
            **_asked(tx, ck, words, rows),
        }

    purpose = "hold" if kind == "shared" else kind
    return notice.write(tx, ck, person, "gathered", ids[0], filled, purpose=purpose, also=ids[1:])


def _asked(tx: Tx, ck: Checkpoint, words: Words, rows: Sequence[RowMapping]) -> dict[str, Any]:
    """By when and where, if anything is."""
    kind, person = rows[0]["kind"], rows[0]["person_id"]
    if kind not in (*_OWN, *_LIST):
        return {}
    due = min(row["due_at"] for row in rows)
    if kind in _OWN:
        token = tokens.issue(tx, "gathered", person, notice.lifetime(tx, ck), person)
        url = f"{notice.base(ck)}/confirm/{token}"
    else:
        url = notice.base(ck) + _LIST[kind]
    return {
        "url": url,
        "due": moment(due, words.language, tx.now.astimezone(ck.calendar.zone).date()),
    }
