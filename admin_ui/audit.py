"""監査ログ: the ledger searched by person, file, mail and period, exported and verified.

For auditors; who runs the system finds the same entries with their content covered. What was
searched and exported is on record itself. Pages turn by number of entry, never by OFFSET: the
thousandth costs what the first does, and an entry added meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    select,
    type_coerce,
)
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.exports import MOST, csv_answer
from admin_ui.frame import Office, Visit, with_role
from admin_ui.trail import FAILED, masked, tell
from bridge import evidence
from detectors.text import mask
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.lists import SIZE, View, view
from gateway.face.words import verb as verb_name
from gateway.face.words.faults import fault as fault_words
from gateway.face.words.record import VERBS
from gateway.judgement import people, records
from gateway.judgement.people import PERSON
from gateway.judgement.records import ENTRY, Query, Record
from gateway.memory.faults import Refused
from gateway.memory.ledger.append import lines
from gateway.memory.ledger.verify import verify
from gateway.memory.tables import EPOCH

READERS = with_role("auditor", "system_admin")
KEEPERS = with_role(*evidence.ROLES)
FILTERS = ("person", "mail", "file", "from", "to", "verb", "result")
SLACK = timedelta(hours=1)
"""How far a clock may have been set back between two entries."""
CANDIDATES = 12


class Order(Form):
    pass


class Reasoned(Form):
    reason: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where in the list: before one entry, after one, or at its beginning (0, 0)."""

    before: int = 0
    after: int = 0

    @classmethod
    def of(cls, visit: Visit) -> Turn:
        asked = visit.request.query_params
        given = {f.name: asked.get(f.name, "") for f in fields(cls)}
        return cls(**{k: int(v) for k, v in given.items() if v.isascii() and v.isdigit()})


@dataclass(frozen=True, slots=True)
class Found:
    records: list[Record]
    newer: bool
    """there are newer ones than these"""
    older: bool
    candidates: Sequence[RowMapping] = ()
    """persons of that name, where it is more than one: somebody has to choose"""


# -- searching


def _view(visit: Visit) -> View:
    return view(visit.request, sorts=("-at",), filters=FILTERS)


def find(conn: Connection, visit: Visit, asked: Mapping[str, str], turn: Turn, size: int) -> Found:
    named = _people(conn, asked.get("person", ""))
    if len(named) > 1:
        return Found([], False, False, named)
    person = str(named[0]["email"]) if named else asked.get("person", "")
    clauses = [*_clauses(conn, visit, asked, person)]
    here = clauses + ([ENTRY.c.seq < turn.before] if turn.before else [])
    here += [ENTRY.c.seq > turn.after] if turn.after else []
    found = records.chosen(conn, here, size + 1, forward=bool(turn.after))
    more = len(found) > size
    if turn.after:
        return Found(found[-size:], more, True)
    return Found(found[:size], bool(turn.before), more)


def _people(conn: Connection, text: str) -> Sequence[RowMapping]:
    """Whom a part of a name may mean; an id or an address means itself."""
    if not text or "@" in text:
        return ()
    exact = conn.execute(select(PERSON).where(PERSON.c.id == text)).mappings().all()
    named = select(PERSON).where(PERSON.c.name.icontains(text, autoescape=True))
    query = named.order_by(PERSON.c.name).limit(CANDIDATES)
    return exact or conn.execute(query).mappings().all()


def _clauses(
    conn: Connection, visit: Visit, asked: Mapping[str, str], person: str
) -> list[ColumnElement[bool]]:
    mail = asked.get("mail", "")
    verb = asked.get("verb", "")
    query = Query(
        person=person,
        file=asked.get("file", "") if visit.me.has("auditor") else "",
        mail=mail if visit.me.has("auditor") and "@" not in mail else "",
        verbs=(verb,) if verb else (),
    )
    found = [*records.conditions(conn, query)]
    if mail and not visit.me.has("auditor"):
        # a search must not tell what the page covers: by number alone
        found.append(records.numbered(mail))
    elif "@" in mail:
        found += records.conditions(conn, Query(person=mail))
    if result := asked.get("result", ""):
        failed = ENTRY.c.verb.in_(FAILED)
        found.append(failed if result == "failed" else ~failed)
    return found + _period(conn, visit, asked)


def _period(conn: Connection, visit: Visit, asked: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """Numbers grow with time but for a clock that was set back: a period is first a range of
    numbers, found by a step into an index, and then exact. By the index of times alone a long
    period would be sorted whole for its first page."""
    found: list[ColumnElement[bool]] = []
    exactly = type_coerce(ENTRY.c.at, BigInteger) + 0  # as a sum no index is tempted
    if since := _day(visit, asked.get("from", "")):
        earlier = select(ENTRY.c.seq).where(ENTRY.c.at < since - SLACK)
        first = conn.execute(earlier.order_by(ENTRY.c.at.desc()).limit(1)).scalar()
        found += [ENTRY.c.seq > (first or 0), exactly >= _micros(since)]
    if until := _day(visit, asked.get("to", ""), 1):
        later = select(ENTRY.c.seq).where(ENTRY.c.at > until + SLACK)
        last = conn.execute(later.order_by(ENTRY.c.at).limit(1)).scalar()
        found += [ENTRY.c.seq < last] if last else []
        found.append(exactly < _micros(until))
    return found


def _day(visit: Visit, text: str, add: int = 0) -> datetime | None:
    """Midnight here of a day as the browser writes it; None where it is none."""
    try:
        day = date.fromisoformat(text) + timedelta(days=add)
    except (ValueError, OverflowError):
        return None
    zone = visit.office.memory.config.zone
    midnight = datetime.combine(day, datetime.min.time(), zone)
    return midnight if 1990 <= day.year <= 9000 else None


def _micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


# -- the page


def index(visit: Visit, problems: Problems = NO_PROBLEMS, status: int = 200) -> Response:
    shown, turn = _view(visit), Turn.of(visit)
    with visit.read() as conn:
        found = find(conn, visit, shown.filters, turn, SIZE)
        told = tell(conn, visit.words, for_reader(visit, found.records))
        held = evidence.current(conn)
        context: dict[str, Any] = {
            "period": _searchable(conn),
            "verified": _verified(conn),
            "held": held,
            "held_by": people.person(conn, held.person) if held else None,
        }
    if shown.filters and turn == Turn():
        _log(visit, "audit.searched", shown, len(found.records))
    return visit.render(
        "audit.html",
        status=status,
        problems=problems,
        view=shown,
        told=told,
        found=found,
        newer=shown.url(after=told[0].record.seq) if found.newer and told else "",
        older=shown.url(before=told[-1].record.seq) if found.older and told else "",
        verb_options=[(code, verb_name(visit.words, code)) for code in VERBS],
        auditor=visit.me.has("auditor"),
        done=visit.done(),
        **context,
    )


def for_reader(visit: Visit, found: Sequence[Record]) -> list[Record]:
    return list(found) if visit.me.has("auditor") else list(map(masked, found))


def _searchable(conn: Connection) -> tuple[datetime, datetime] | None:
    """検索可能期間: from when until when. Of what is older the chain alone is left."""
    kept = select(ENTRY.c.at).where(ENTRY.c.seq > records.erased_through(conn)).limit(1)
    first = conn.execute(kept.order_by(ENTRY.c.seq)).scalar()
    last = conn.execute(kept.order_by(ENTRY.c.seq.desc())).scalar()
    return (first, last) if first and last else None


def _verified(conn: Connection) -> Record | None:
    """The last verification on record."""
    return next(iter(records.chosen(conn, [ENTRY.c.verb == "audit.verified"], 1)), None)


def _log(visit: Visit, verb: str, shown: View, rows: int) -> None:
    """What was asked, digits covered: somebody may look for the number itself."""
    asked = {name: mask(text) for name, text in shown.filters.items()}
    with visit.write() as tx:
        tx.record(verb, visit.actor, filters=asked, rows=rows)


def index_csv(visit: Visit) -> Response:
    """In the columns of the command line's export, so that both are one table."""
    shown = _view(visit)
    with visit.read() as conn:
        found = find(conn, visit, shown.filters, Turn(), MOST).records
    _log(visit, "audit.exported", shown, len(found))
    rows = records.rows(visit.words, for_reader(visit, found))
    return csv_answer(visit, "audit", records.heading(visit.words), rows)


def check(visit: Visit, form: Order | Problems) -> Response:
    """The whole chain against all signed checkpoints; the outcome is on record, and the page
    shows what is on record."""
    memory = visit.office.memory
    signed = list(memory.ledger.checkpoints())  # before the entries: no checkpoint is ahead
    with visit.read() as conn:
        outcome = verify(lines(conn), signed, memory.ledger.public)
    with visit.write() as tx:
        tx.record(
            "audit.verified",
            visit.actor,
            entries=outcome.entries,
            checkpoints=outcome.checkpoints,
            bad_seq=outcome.bad_seq,
            reason=outcome.reason,
        )
    return visit.go("/audit?done=verified#verified")


# -- evidence hold


def hold(visit: Visit, form: Reasoned | Problems) -> Response:
    return _kept(visit, form, evidence.begin, "held")


def free(visit: Visit, form: Reasoned | Problems) -> Response:
    return _kept(visit, form, evidence.end, "freed")


def _kept(
    visit: Visit, form: Reasoned | Problems, act: Callable[..., object], done: str
) -> Response:
    if isinstance(form, Problems):
        return index(visit, form, 422)
    try:
        with visit.write() as tx:
            act(tx, form.reason, visit.me.id, visit.actor)
    except Refused as refused:
        said = Problem("reason", fault_words(visit.words, refused.at("")))
        return index(visit, Problems((said,), {"reason": form.reason}), 409)
    return visit.go(f"/audit?done={done}#verified")


def routes(office: Office) -> list[Route]:
    return [
        office.page("/audit", index, READERS),
        office.page("/audit.csv", index_csv, READERS),
        office.act("/audit/verify", Order, check, READERS),
        office.act("/audit/hold", Reasoned, hold, KEEPERS),
        office.act("/audit/free", Reasoned, free, KEEPERS),
    ]
