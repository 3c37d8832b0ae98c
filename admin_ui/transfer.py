"""One parcel: its road as a time line, and what its sender may do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit
from admin_ui.trail import masked, tell
from admin_ui.transfers import PROGRESS, is_covered, progress, recipient
from bridge import acts, certificate, packing, parcel
from bridge.certificate import Kind
from bridge.parcel import PARCEL
from bridge.visit import ACCESS
from detectors.text import mask
from gateway.face.dates import local
from gateway.face.forms import Form, Problems
from gateway.face.words import actor
from gateway.judgement import people, records
from gateway.judgement.dossier import RECIPIENT
from gateway.memory.keys import KeyGone, KeyMissing
from gateway.memory.letters import LETTER
from gateway.memory.states import Overtaken
from gateway.memory.store import Tx

Rights = Literal["visible", "changeable", "own"]


class Seen(Form):
    """Every act names the row it was decided on: two clicks act once."""

    seen: int
    reason: str = Field(default="", max_length=400)


class Until(Seen):
    until: date


class Recall(Seen):
    reason: str = Field(min_length=1, max_length=400)


# -- reading


def _clause(conn: Connection, visit: Visit, rights: Rights) -> ColumnElement[bool]:
    """`own` leaves roles aside: the told word is for the sender and who stands in for them."""
    me = visit.me
    if rights == "visible":
        return parcel.visible(conn, me.id, me.roles, visit.now)
    roles = me.roles if rights == "changeable" else frozenset[str]()
    return parcel.changeable(conn, me.id, roles, visit.now)


def _find(conn: Connection, visit: Visit, rights: Rights) -> RowMapping | None:
    query = (
        select(PARCEL, LETTER.c.subject)
        .join(LETTER, LETTER.c.id == PARCEL.c.letter_id)
        .where(PARCEL.c.id == visit.param("id"), _clause(conn, visit, rights))
    )
    return conn.execute(query).mappings().first()


def _need(conn: Connection, visit: Visit, rights: Rights) -> RowMapping:
    row = _find(conn, visit, rights)
    if row is None:
        raise HTTPException(404)
    return row


def show(visit: Visit) -> Response:
    return _page(visit)


def _page(visit: Visit, status: int = 200, **more: Any) -> Response:
    with visit.read() as conn:
        row = _need(conn, visit, "visible")
        own = _find(conn, visit, "own") is not None
        files = parcel.files(conn, row["id"])
        stands = parcel.standing(row, files, visit.now)
        told = records.about(conn, subjects=[row["id"]])
        if not own and not visit.me.has("auditor"):
            told = list(map(masked, told))
        hidden = is_covered(conn, visit, row["id"])
        context = {
            "row": row,
            "subject": "" if hidden else row["subject"],
            "to": recipient(row["recipient"], hidden),
            "to_name": "" if hidden else _recipient_name(conn, row),
            "standing": stands.value,
            "living": row["state"] in acts.LIVING and not _is_gone(visit, row),
            "expired": stands is parcel.Standing.EXPIRED,
            "may_change": _find(conn, visit, "changeable") is not None,
            "files": list(zip(_names(visit, row, own, len(files)), files, strict=True)),
            "word": _word(visit, row) if own else "",
            "told": tell(conn, visit.words, told),
            "progress": progress(conn, [row["id"]])[row["id"]],
            "progress_names": PROGRESS,
            "strangers": _strangers(conn, row["id"]),
            "children": _children(conn, row),
            "latest": _latest(visit, row),
        }
    shown = {"done": visit.done(), "refused": "", **context, **more}
    return visit.render("transfer.html", status=status, **shown)


def _is_gone(visit: Visit, row: RowMapping) -> bool:
    return visit.office.memory.parcels.is_gone(row["kek"])


def _names(visit: Visit, row: RowMapping, own: bool, number: int) -> list[str]:
    """Masked all the same: a file's name may hold a number, and this is no recipient's page."""
    try:
        names = [mask(f.name) for f in parcel.manifest(visit.office.memory, row).files]
    except (KeyGone, KeyMissing):
        names = []
    if len(names) != number or not (own or visit.me.has("auditor")):
        return [""] * number
    return names


def _word(visit: Visit, row: RowMapping) -> str:
    try:
        return parcel.word(visit.office.memory, row)
    except (KeyGone, KeyMissing):
        return ""


def _recipient_name(conn: Connection, row: RowMapping) -> str:
    query = select(RECIPIENT.c.name).where(
        RECIPIENT.c.consignment_id == row["consignment_id"],
        RECIPIENT.c.address == row["recipient"],
    )
    return conn.execute(query).scalar() or ""


def _strangers(conn: Connection, id: str) -> int:
    """Visits from where nobody ever proved to be the recipient: link scanners, previews."""
    mine = select(ACCESS.c.ip).where(ACCESS.c.parcel_id == id, ACCESS.c.kind == "proved")
    query = (
        select(func.count())
        .select_from(ACCESS)
        .where(ACCESS.c.parcel_id == id, ACCESS.c.kind == "page", ACCESS.c.ip.not_in(mine))
    )
    return int(conn.execute(query).scalar_one())


def _children(conn: Connection, row: RowMapping) -> list[str]:
    query = select(PARCEL.c.id).where(PARCEL.c.parent_id == row["id"])
    return list(conn.execute(query.order_by(PARCEL.c.created_at)).scalars())


def _latest(visit: Visit, row: RowMapping) -> date:
    """The last day to which it may be extended."""
    return local(row["created_at"] + parcel.LONGEST).date()


# -- acts


def _do(
    visit: Visit, form: Seen | Problems, done: str, act: Callable[[Tx, RowMapping], None]
) -> Response:
    """Once, on the row that was shown, by somebody who may."""
    if isinstance(form, Problems):
        return _page(visit, 422, problems=form)
    try:
        with visit.write() as tx:
            row = _need(tx.conn, visit, "changeable")
            if row["fence"] != form.seen:
                raise Overtaken(row["id"])
            act(tx, row)
    except acts.Refused as refused:
        return _page(visit, 409, refused=refused.code)
    except Overtaken:
        return _page(visit, 409, refused="overtaken")
    return visit.go(f"/transfers/{visit.param('id')}?done={done}")


def stop(visit: Visit, form: Seen | Problems) -> Response:
    reason = "" if isinstance(form, Problems) else form.reason
    return _do(visit, form, "stopped", lambda tx, row: acts.stop(tx, row, visit.actor, reason))


def resume(visit: Visit, form: Seen | Problems) -> Response:
    return _do(visit, form, "resumed", lambda tx, row: acts.resume(tx, row, visit.actor))


def extend(visit: Visit, form: Until | Problems) -> Response:
    config = visit.office.memory.config

    def act(tx: Tx, row: RowMapping) -> None:
        assert isinstance(form, Until)
        noon = datetime.combine(form.until, datetime.min.time(), config.zone) + timedelta(hours=12)
        acts.extend(tx, config, row, noon, visit.actor)

    return _do(visit, form, "extended", act)


def ask_recall(visit: Visit, status: int = 200, **more: Any) -> Response:
    """What will happen, before it does: this one cannot be taken back."""
    with visit.read() as conn:
        row = _need(conn, visit, "changeable")
        done = progress(conn, [row["id"]])[row["id"]]
        hidden = is_covered(conn, visit, row["id"])
    if row["state"] not in acts.LIVING:
        return visit.go(f"/transfers/{row['id']}")
    return visit.render(
        "transfer_recall.html",
        status=status,
        row=row,
        subject="" if hidden else row["subject"],
        to=recipient(row["recipient"], hidden),
        progress=done,
        **more,
    )


def recall(visit: Visit, form: Recall | Problems) -> Response:
    if isinstance(form, Problems):
        return ask_recall(visit, 422, problems=form)
    memory, reason = visit.office.memory, form.reason
    return _do(
        visit, form, "recalled", lambda tx, row: acts.recall(tx, memory, row, visit.actor, reason)
    )


def reissue(visit: Visit, form: Seen | Problems) -> Response:
    """A new link to the same files. They are sealed anew before the transaction, so that the
    writers do not wait for them; what then is refused is thrown away again."""
    office = visit.office
    with visit.read() as conn:
        row = _need(conn, visit, "changeable")
    try:
        packed = acts.repack(office.memory, row)
    except acts.Refused as refused:
        return _page(visit, 409, refused=refused.code)
    answer = _do(
        visit,
        form,
        "reissued",
        lambda tx, row: _reissue(tx, visit, row, packed),
    )
    if answer.status_code != 303:
        packing.discard(office.memory, packed)
    return answer


def _reissue(tx: Tx, visit: Visit, row: RowMapping, packed: packing.Packed) -> None:
    office = visit.office
    acts.reissue(tx, office.checkpoint, office.memory, row, packed, visit.actor)


# -- certificates


def _issued(visit: Visit) -> dict[str, Any]:
    kind = visit.param("kind")
    if kind not in ("recall", "disposal"):
        raise HTTPException(404)
    with visit.read() as conn:
        row = _need(conn, visit, "visible")
        try:
            signed = certificate.issue(visit.office.memory, conn, row["id"], cast(Kind, kind))
        except certificate.NotYet:
            raise HTTPException(404) from None
    with visit.write() as tx:
        letter, id = row["letter_id"], row["id"]
        tx.record("certificate.issued", visit.actor, letter=letter, subject=id, reason=kind)
    return signed


def _hidden(visit: Visit) -> bool:
    with visit.read() as conn:
        return is_covered(conn, visit, visit.param("id"))


def certify(visit: Visit) -> Response:
    """As a document for A4."""
    signed, hidden = _issued(visit), _hidden(visit)
    body = signed["certificate"]
    return visit.render(
        "certificate.html",
        signed=signed,
        body=body,
        parcel=body["parcel"],
        covered=hidden,
        to=recipient(body["parcel"]["recipient"], hidden),
        kind=visit.param("kind"),
        made=datetime.fromisoformat(body["parcel"]["made_at"]),
        issued=datetime.fromisoformat(body["issued_at"]),
        recalled=_moment(body["recalled"]),
        by=_named(visit, body["recalled"]),
        destroyed=_moment(body["destroyed"]),
    )


def _moment(stated: dict[str, Any] | None) -> datetime | None:
    return datetime.fromisoformat(stated["at"]) if stated else None


def _named(visit: Visit, stated: dict[str, Any] | None) -> str:
    """Who recalled it, by name where it was a person of ours."""
    id = stated["by"] if stated else ""
    with visit.read() as conn:
        who = people.person(conn, id)
    return str(who["name"]) if who else actor(visit.words, id) if id == "system" else id


def certify_json(visit: Visit) -> Response:
    """The signed statement itself, for the verifier: as signed or not at all."""
    if _hidden(visit):
        raise HTTPException(404)
    name = f"{visit.param('kind')}-{visit.param('id')}.json"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JSONResponse(_issued(visit), headers=disposition)


def routes(office: Office) -> list[Route]:
    return [
        office.page("/transfers/{id}", show),
        office.page("/transfers/{id}/recall", ask_recall),
        office.act("/transfers/{id}/stop", Seen, stop),
        office.act("/transfers/{id}/resume", Seen, resume),
        office.act("/transfers/{id}/extend", Until, extend),
        office.act("/transfers/{id}/recall", Recall, recall),
        office.act("/transfers/{id}/reissue", Seen, reissue),
        office.page("/transfers/{id}/certificate/{kind}.json", certify_json),
        office.page("/transfers/{id}/certificate/{kind}", certify),
    ]
