"""送信済みファイル: the parcels that one's mails became, and what their recipients did.

Whose they are is asked of the database by `parcel.visible`; one page each is in `transfer`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.exports import MOST, csv_answer
from admin_ui.frame import Office, Visit
from admin_ui.rights import COVERED, concerns
from bridge import parcel
from bridge.parcel import FILE, PARCEL
from bridge.proof import CODE
from bridge.visit import ACCESS
from gateway.face.dates import stamp
from gateway.face.figures import masked_address
from gateway.face.i18n import N_, Words
from gateway.face.lists import SIZE, Pager, View, view
from gateway.face.words import state as state_name
from gateway.judgement.dossier import CONSIGNMENT
from gateway.judgement.people import PERSON
from gateway.memory.ids import tidy
from gateway.memory.letters import LETTER

SORTS = {
    "-sent": PARCEL.c.created_at,
    "closes": PARCEL.c.closes_at,
    "recipient": PARCEL.c.recipient,
}
PROGRESS = {
    "unread": N_("未読"),
    "code": N_("コード送信済み"),
    "proved": N_("本人確認済み"),
    "taken": N_("ダウンロード済み"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the recipient has come."""

    step: str
    """a key of PROGRESS"""
    times: int = 0
    """completed downloads"""
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    row: RowMapping
    standing: str
    progress: Progress
    left: int
    """downloads that are left, of the file with most of them"""
    covered: bool
    """from who looks: subject and whole recipient"""

    @property
    def recipient(self) -> str:
        return recipient(self.row["recipient"], self.covered)

    @property
    def erased(self) -> bool:
        return self.standing in ("recalled", "erased")


def recipient(address: str, covered: bool) -> str:
    return masked_address(address) if covered else address


# -- what is asked for


def _where(visit: Visit, conn: Connection, shown: View) -> list[ColumnElement[bool]]:
    me = visit.me
    found = [parcel.visible(conn, me.id, me.roles, visit.now)]
    if q := shown.filters.get("q", ""):
        about = or_(
            PARCEL.c.recipient.icontains(q, autoescape=True),
            LETTER.c.subject.icontains(q, autoescape=True),
        )
        if me.has(COVERED):
            about = and_(about, _theirs(conn, visit))
        found.append(or_(PARCEL.c.id == tidy(q), PARCEL.c.letter_id == tidy(q), about))
    if status := shown.filters.get("status", ""):
        found += _standing_so(status, visit.now)
    return found


def _standing_so(status: str, now: datetime) -> list[ColumnElement[bool]]:
    taken = (
        select(ACCESS.c.id)
        .where(ACCESS.c.parcel_id == PARCEL.c.id, ACCESS.c.complete.is_(True))
        .exists()
    )
    living = and_(PARCEL.c.state.in_(("open", "stopped")), PARCEL.c.closes_at > now)
    clauses: Mapping[str, ColumnElement[bool]] = {
        "unread": and_(living, ~taken),
        "taken": taken,
        "asked": and_(PARCEL.c.asked_at.is_not(None), PARCEL.c.state != "recalled"),
        "open": and_(living, PARCEL.c.state == "open"),
        "stopped": and_(living, PARCEL.c.state == "stopped"),
        "ended": ~living,
    }
    return [clauses[status]] if status in clauses else []


def lines(
    conn: Connection, rows: Sequence[RowMapping], now: datetime, hidden: Collection[str] = ()
) -> list[Line]:
    """`hidden`: ids of those that are covered from who looks."""
    ids = [row["id"] for row in rows]
    files: dict[str, list[RowMapping]] = {id: [] for id in ids}
    of_these = select(FILE).where(FILE.c.parcel_id.in_(ids)).order_by(FILE.c.number)
    for file in conn.execute(of_these).mappings():
        files[file["parcel_id"]].append(file)
    done = progress(conn, ids)
    return [
        Line(
            row,
            parcel.standing(row, files[row["id"]], now).value,
            done[row["id"]],
            max((row["downloads"] - file["taken"] for file in files[row["id"]]), default=0),
            row["id"] in hidden,
        )
        for row in rows
    ]


def covered_lines(conn: Connection, visit: Visit, rows: Sequence[RowMapping]) -> list[Line]:
    """As far as this person may read them."""
    return lines(conn, rows, visit.now, covered(conn, visit, [row["id"] for row in rows]))


def progress(conn: Connection, ids: Sequence[str]) -> dict[str, Progress]:
    """Only a proof or a completed download counts: whoever opens the page has seen nothing."""
    sent = select(CODE.c.parcel_id).where(
        CODE.c.parcel_id.in_(ids), CODE.c.state.in_(("sent", "accepted", "used"))
    )
    found = {id: Progress("unread") for id in ids}
    found |= {id: Progress("code") for id in conn.execute(sent).scalars()}
    proved = select(ACCESS.c.parcel_id).where(
        ACCESS.c.parcel_id.in_(ids), ACCESS.c.kind == "proved"
    )
    found |= {id: Progress("proved") for id in conn.execute(proved).scalars()}
    taken = (
        select(ACCESS.c.parcel_id, func.count(), func.max(ACCESS.c.at))
        .where(ACCESS.c.parcel_id.in_(ids), ACCESS.c.complete.is_(True))
        .group_by(ACCESS.c.parcel_id)
    )
    found |= {id: Progress("taken", n, last) for id, n, last in conn.execute(taken)}
    return found


# -- pages


def _view(visit: Visit) -> View:
    return view(visit.request, sorts=tuple(SORTS), filters=("q", "status"))


def _rows(
    visit: Visit, conn: Connection, shown: View, limit: int, offset: int
) -> Sequence[RowMapping]:
    order = SORTS.get(shown.sort, SORTS.get(f"-{shown.sort}"))
    assert order is not None
    query = (
        select(PARCEL, LETTER.c.subject, PERSON.c.name.label("sender"))
        .join(LETTER, LETTER.c.id == PARCEL.c.letter_id)
        .outerjoin(PERSON, PERSON.c.id == PARCEL.c.sender_id)
        .where(*_where(visit, conn, shown))
        .order_by(order.desc() if shown.descending else order, PARCEL.c.id)
    )
    return conn.execute(query.limit(limit).offset(offset)).mappings().all()


def index(visit: Visit) -> Response:
    shown = _view(visit)
    with visit.read() as conn:
        counted = (
            select(func.count())
            .select_from(PARCEL)
            .join(LETTER, LETTER.c.id == PARCEL.c.letter_id)
            .where(*_where(visit, conn, shown))
        )
        total = conn.execute(counted).scalar_one()
        found = covered_lines(conn, visit, _rows(visit, conn, shown, SIZE, shown.offset))
    return visit.render(
        "transfers.html",
        view=shown,
        lines=found,
        pager=Pager(shown, total),
        progress_names=PROGRESS,
        everybody=visit.me.has("auditor", "system_admin"),
        covers=visit.me.has(COVERED),
    )


def index_csv(visit: Visit) -> Response:
    shown = _view(visit)
    with visit.read() as conn:
        found = covered_lines(conn, visit, _rows(visit, conn, shown, MOST, 0))
    with visit.write() as tx:
        tx.record("audit.exported", visit.actor, list="transfers", rows=len(found))
    return csv_answer(visit, "transfers", _heading(visit.words), _cells(visit, found))


def _heading(words: Words) -> list[str]:
    say = words.say
    return [
        *(say("送信日時"), say("件名"), say("受信者"), say("状態"), say("受け取り状況")),
        *(say("最後のダウンロード"), say("ダウンロード回数"), say("期限"), say("残り回数")),
        *(say("受取番号"), say("送信者")),
    ]


def _cells(visit: Visit, found: Sequence[Line]) -> list[list[Any]]:
    return [
        [
            *(
                stamp(line.row["created_at"]),
                "" if line.covered else line.row["subject"],
                line.recipient,
            ),
            state_name(visit.words, line.standing),
            visit.words.say(PROGRESS[line.progress.step]),
            stamp(line.progress.last) if line.progress.last else "",
            line.progress.times,
            *(stamp(line.row["closes_at"]), line.left, line.row["id"], line.row["sender"]),
        ]
        for line in found
    ]


def covered(conn: Connection, visit: Visit, ids: Sequence[str]) -> frozenset[str]:
    """Parcels of which this person sees neither subject nor whole recipient."""
    if not visit.me.has(COVERED):
        return frozenset()
    known = select(PARCEL.c.id).where(PARCEL.c.id.in_(ids), _theirs(conn, visit))
    return frozenset(ids).difference(conn.execute(known).scalars())


def is_covered(conn: Connection, visit: Visit, id: str) -> bool:
    return id in covered(conn, visit, [id])


def _theirs(conn: Connection, visit: Visit) -> ColumnElement[bool]:
    """Whose words are for this person, as with held mails: their own, of whom they stand in for,
    and what they were asked about. What a role sees is left aside."""
    me, now = visit.me, visit.now
    asked = (
        select(CONSIGNMENT.c.id)
        .join(LETTER, LETTER.c.id == CONSIGNMENT.c.letter_id)
        .where(concerns(conn, visit.office.checkpoint, me.id, now))
    )
    mine = parcel.changeable(conn, me.id, frozenset(), now)
    return or_(mine, PARCEL.c.consignment_id.in_(asked))


def routes(office: Office) -> list[Route]:
    return [office.page("/transfers", index), office.page("/transfers.csv", index_csv)]
