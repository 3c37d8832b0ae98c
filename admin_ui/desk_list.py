"""The rows of the list of held mails: filtered, sorted and counted by one query."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from admin_ui.frame import Visit
from admin_ui.rights import ALL, COVERED, asked, concerns, my_turn, own, visible
from admin_ui.road import shown_states
from gateway.face.dates import stamp
from gateway.face.figures import masked_address
from gateway.face.i18n import Words
from gateway.face.lists import SIZE, View, view
from gateway.face.words import demand, kind, state
from gateway.judgement.dossier import CONSIGNMENT, DECISION, DEMAND, RECIPIENT
from gateway.judgement.people import PERSON
from gateway.judgement.policy.verdict import from_json
from gateway.memory.letters import LETTER
from gateway.memory.states import State

MOST = 10_000
OPEN = (State.HELD.value, State.DELAYED.value)
STATES = ("open", "ended", "observed", "all")
KINDS = ("confirm", "approve", "admin", "delay")
SORTS = ("due", "danger", "-at")

_DUE = func.coalesce(
    select(func.min(DEMAND.c.due_at))
    .where(DEMAND.c.consignment_id == CONSIGNMENT.c.id, DEMAND.c.state == "open")
    .correlate(CONSIGNMENT)
    .scalar_subquery(),
    CONSIGNMENT.c.due_at,
)
_GRAVITY = case(
    {"reject": 0, "approve": 1, "confirm": 2, "delay": 3}, value=CONSIGNMENT.c.headline, else_=4
)
_SENDER = func.coalesce(PERSON.c.name, LETTER.c.sender_address)


@dataclass(frozen=True)
class Line:
    row: RowMapping
    waits: tuple[str, ...]
    """kinds of the open demands"""
    outside: tuple[RowMapping, ...]
    reasons: tuple[str, ...]
    state: str
    """of one that is erased, how it ended"""
    covered: bool
    """what it is about and whom it is to is not for who only runs the system"""

    @property
    def id(self) -> str:
        return str(self.row["id"])

    @property
    def subject(self) -> str:
        return "" if self.covered else str(self.row["subject"])

    @property
    def addresses(self) -> list[str]:
        found = [row["address"] for row in self.outside]
        return [masked_address(each) for each in found] if self.covered else found

    @property
    def names(self) -> list[str]:
        """As people know them: the name, else the address."""
        return self.addresses if self.covered else [r["name"] or r["address"] for r in self.outside]

    @property
    def due(self) -> datetime | None:
        found: datetime | None = self.row["due"]
        return found

    @property
    def level(self) -> str:
        if self.row["headline"] in ("approve", "reject") or "admin" in self.waits:
            return "bad"
        return "warn" if self.row["headline"] == "confirm" else ""

    @property
    def attachments(self) -> int:
        return len(self.row["summary"].get("attachments", ()))


def asked_view(visit: Visit) -> View:
    """`?mine` without a value is meant as well: it stands so in the navigation."""
    shown = view(visit.request, sorts=SORTS, filters=("mine", "state", "kind", "q"))
    filters = dict(shown.filters)
    if "mine" in visit.request.query_params:
        filters["mine"] = "1"
    return replace(shown, path="/holds", filters=filters)


def sees_all(visit: Visit) -> bool:
    return visit.me.has(*ALL)


def count(conn: Connection, visit: Visit, shown: View, without: Collection[str] = ()) -> int:
    query = _matching(conn, visit, shown).where(CONSIGNMENT.c.id.not_in(without))
    ids = query.with_only_columns(CONSIGNMENT.c.id).subquery()
    return int(conn.execute(select(func.count()).select_from(ids)).scalar_one())


def rows(
    conn: Connection,
    visit: Visit,
    shown: View,
    limit: int = SIZE,
    first: int | None = None,
    without: Collection[str] = (),
) -> list[Line]:
    offset = shown.offset if first is None else first
    query = _matching(conn, visit, shown).where(CONSIGNMENT.c.id.not_in(without))
    query = ordered(query, shown).limit(limit).offset(offset)
    found = list(conn.execute(query).mappings())
    return told(conn, visit.words, found, _covered(conn, visit, [row["id"] for row in found]))


def told(
    conn: Connection, words: Words, found: Sequence[RowMapping], covered: Collection[str] = ()
) -> list[Line]:
    """Rows of `table` with what stands in the columns."""
    ids = [row["id"] for row in found]
    waits, outside, verdicts = _waits(conn, ids), _outside(conn, ids), _verdicts(conn, found)
    states = shown_states(conn, {row["id"]: row["state"] for row in found})
    return [
        Line(
            row,
            tuple(waits.get(row["id"], ())),
            tuple(outside.get(row["id"], ())),
            tuple(_reasons(words, row, verdicts.get(row["decision_id"], {}))),
            states[row["id"]],
            row["id"] in covered,
        )
        for row in found
    ]


def heading(words: Words) -> list[str]:
    """Of the columns of `lines`."""
    say = words.say
    return [
        *(say("受付番号"), say("状態"), say("待っていること"), say("期限"), say("受付日時")),
        *(say("送信者"), say("件名"), say("社外宛先"), say("添付"), say("理由")),
    ]


def lines(words: Words, found: Sequence[Line]) -> Iterator[list[object]]:
    """For the file: a line for each mail."""
    say = words.say
    for line in found:
        yield [
            line.id,
            state(words, line.state),
            say("、").join(demand(words, each) for each in line.waits),
            stamp(line.due) if line.due else "",
            stamp(line.row["received_at"]),
            line.row["sender"],
            line.subject,
            " ".join(line.addresses),
            line.attachments,
            say("、").join(line.reasons),
        ]


# -- the query


def _matching(conn: Connection, visit: Visit, shown: View) -> Select[Any]:
    ck, me, now = visit.office.checkpoint, visit.me, visit.now
    scope = visible(conn, ck, me.id, me.roles, now)
    if "mine" in shown.filters:
        scope = scope & own(conn, me.id)
    elif not sees_all(visit):
        scope = scope & asked(conn, ck, me.id, now)
    query = table(my_turn(conn, ck, me.id, now))
    return query.where(scope, *_filters(conn, visit, shown))


def table(mine: ColumnElement[bool]) -> Select[Any]:
    """What lists of held mails read; `mine` is what waits for who looks."""
    return (
        select(
            CONSIGNMENT,
            LETTER.c.received_at,
            LETTER.c.subject,
            LETTER.c.summary,
            _SENDER.label("sender"),
            PERSON.c.department,
            _DUE.label("due"),
            case((mine, True), else_=False).label("mine"),
        )
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .outerjoin(PERSON, PERSON.c.id == LETTER.c.sender_id)
    )


def _filters(conn: Connection, visit: Visit, shown: View) -> Iterator[ColumnElement[bool]]:
    """Without a wish: what somebody still has to do something about. What passed by itself was
    never held; a mail that passes since something was left out of it was."""
    asked_once = exists().where(DEMAND.c.consignment_id == CONSIGNMENT.c.id)
    yield or_(CONSIGNMENT.c.headline != "pass", asked_once)
    wanted = shown.filters.get("state", "open")
    if wanted == "ended":
        yield CONSIGNMENT.c.state.not_in((*OPEN, State.OBSERVED.value))
    elif wanted == "observed":
        yield CONSIGNMENT.c.state == State.OBSERVED.value
    elif wanted != "all":
        yield CONSIGNMENT.c.state.in_(OPEN)
    if (asked_kind := shown.filters.get("kind")) in KINDS:
        yield _of_kind(asked_kind)
    if q := shown.filters.get("q"):
        yield or_(
            CONSIGNMENT.c.id == q.upper(),
            LETTER.c.sender_address.icontains(q, autoescape=True),
            PERSON.c.name.icontains(q, autoescape=True),
            _about(conn, visit, q),
        )


def _about(conn: Connection, visit: Visit, q: str) -> ColumnElement[bool]:
    """By subject or recipient: a search must not tell what the list covers."""
    addressed = select(RECIPIENT.c.consignment_id).where(
        RECIPIENT.c.address.icontains(q, autoescape=True)
    )
    found = or_(LETTER.c.subject.icontains(q, autoescape=True), CONSIGNMENT.c.id.in_(addressed))
    if not visit.me.has(COVERED):
        return found
    return and_(found, concerns(conn, visit.office.checkpoint, visit.me.id, visit.now))


def _of_kind(wanted: str) -> ColumnElement[bool]:
    if wanted == "delay":
        return CONSIGNMENT.c.state == State.DELAYED.value
    kinds = ("confirm", "owner") if wanted == "confirm" else (wanted,)
    return exists().where(
        DEMAND.c.consignment_id == CONSIGNMENT.c.id,
        DEMAND.c.state == "open",
        DEMAND.c.kind.in_(kinds),
    )


def ordered(query: Select[Any], shown: View) -> Select[Any]:
    """What has no deadline comes last in either direction."""
    columns: dict[str, list[Any]] = {
        "due": [_DUE],
        "danger": [_GRAVITY, _DUE],
        "at": [LETTER.c.received_at],
    }
    chosen = columns[shown.sort]
    if shown.descending:
        chosen = [column.desc() for column in chosen]
    return query.order_by(_DUE.is_(None), *chosen, CONSIGNMENT.c.id)


# -- what stands in the columns


def _waits(conn: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    query = select(DEMAND.c.consignment_id, DEMAND.c.kind).where(
        DEMAND.c.consignment_id.in_(ids), DEMAND.c.state == "open"
    )
    found: dict[str, list[str]] = {}
    for id, what in conn.execute(query.order_by(DEMAND.c.id)):
        if what not in found.setdefault(id, []):
            found[id].append(what)
    return found


def _outside(conn: Connection, ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    query = select(RECIPIENT).where(
        RECIPIENT.c.consignment_id.in_(ids), RECIPIENT.c.inside.is_(False)
    )
    found: dict[str, list[RowMapping]] = {}
    for row in conn.execute(query.order_by(RECIPIENT.c.id)).mappings():
        found.setdefault(row["consignment_id"], []).append(row)
    return found


def _covered(conn: Connection, visit: Visit, ids: Sequence[str]) -> set[str]:
    """Of the rows of this page alone: to ask it of every mail of a year takes too long."""
    if not visit.me.has(COVERED):
        return set()
    theirs = concerns(conn, visit.office.checkpoint, visit.me.id, visit.now)
    query = select(CONSIGNMENT.c.id).join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
    known = conn.execute(query.where(CONSIGNMENT.c.id.in_(ids), theirs)).scalars()
    return set(ids).difference(known)


def _verdicts(conn: Connection, found: Sequence[RowMapping]) -> dict[int, dict[str, Any]]:
    wanted = {row["decision_id"] for row in found if row["decision_id"]}
    query = select(DECISION.c.id, DECISION.c.verdicts).where(DECISION.c.id.in_(wanted))
    return {id: verdicts for id, verdicts in conn.execute(query)}


def _reasons(words: Words, row: RowMapping, stored: dict[str, Any]) -> Iterator[str]:
    """What was found, else what the rules say."""
    known = tuple(found_in(words, row["summary"]))
    yield from known
    if not known and stored:
        told = [r for verdict in from_json(stored) for r in verdict.reasons if r.action != "pass"]
        yield from dict.fromkeys(r.why.said(words.language) for r in told)


def found_in(words: Words, summary: Mapping[str, Any]) -> Iterator[str]:
    """「個人番号（マイナンバー） 36件」"""
    kinds: dict[str, int] = {}
    for key, number in summary.get("findings", {}).items():
        code, _, confidence = key.rpartition(":")
        if confidence != "low":
            kinds[code] = kinds.get(code, 0) + number
    for code, number in kinds.items():
        yield words.many("%(kind)s %(num)s件", number, kind=kind(words, code))
