"""One click from a row of the audit log: a person's day, a mail's whole road, where a file went."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, RowMapping, String, cast, func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import transfers
from admin_ui.audit import READERS, for_reader
from admin_ui.frame import Office, Visit, with_role
from admin_ui.road import shown_states
from admin_ui.trail import tell
from bridge.parcel import FILE, PARCEL
from gateway.face import dates
from gateway.face.dates import local
from gateway.face.figures import masked_address
from gateway.face.i18n import Words
from gateway.judgement import people, records
from gateway.judgement.dossier import CONSIGNMENT, RECIPIENT
from gateway.judgement.records import ENTRY
from gateway.memory.letters import LETTER

DAYS = 28
MOST = 500
"""Entries of one day, and mails of one file, on a page."""


# -- a person


def person(visit: Visit) -> Response:
    """What they did on one day, and on which days there is anything."""
    id = visit.param("id")
    with visit.read() as conn:
        who = people.person(conn, id)
        latest = conn.execute(select(func.max(ENTRY.c.at)).where(records.by(id))).scalar()
        if who is None:
            raise HTTPException(404)
        day = _asked_day(visit, latest or visit.now)
        start = datetime.combine(day, datetime.min.time(), visit.office.memory.config.zone)
        clauses = [
            records.by(id),
            ENTRY.c.at >= start,
            ENTRY.c.at < start + timedelta(days=1),
        ]
        found = records.chosen(conn, clauses, MOST)[::-1]
        context: dict[str, Any] = {
            "told": tell(conn, visit.words, for_reader(visit, found)),
            "days": _days(conn, visit.words, id, start),
            "roles": sorted(people.granted(conn, id, "role", visit.now)),
        }
    return visit.render(
        "audit_person.html",
        who=who,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1) if day < local(visit.now).date() else None,
        cut=len(found) == MOST,
        **context,
    )


def _asked_day(visit: Visit, latest: datetime) -> date:
    try:
        asked = date.fromisoformat(visit.request.query_params.get("day", ""))
    except ValueError:
        return local(latest).date()
    return asked if 1990 <= asked.year <= 9000 else local(latest).date()


def _days(conn: Connection, words: Words, id: str, start: datetime) -> list[tuple[str, int]]:
    """The four weeks up to this day, entries counted."""
    since = start - timedelta(days=DAYS - 1)
    query = select(ENTRY.c.at).where(
        records.by(id), ENTRY.c.at >= since, ENTRY.c.at < start + timedelta(days=1)
    )
    counted = Counter(local(at).date() for at in conn.execute(query).scalars())
    days = [local(since).date() + timedelta(days=n) for n in range(DAYS)]
    return [(dates.day(day, words.language), counted[day]) for day in days]


# -- a mail


def mail(visit: Visit) -> Response:
    """The whole road of one letter: every consignment, notice, parcel and attempt of it."""
    id = visit.param("id")
    with visit.read() as conn:
        letter = conn.execute(select(LETTER).where(LETTER.c.id == id)).mappings().first()
        if letter is None and records.about(conn, id):  # its records are erased, not its entries
            return visit.go(f"/audit?mail={quote(id)}")
        if letter is None:
            raise HTTPException(404)
        parts = _of_letter(conn, CONSIGNMENT, id)
        parcels = _of_letter(conn, PARCEL, id)
        subjects = [row["id"] for row in (*parts, *parcels)]
        found = records.about(conn, id, subjects)
        context: dict[str, Any] = {
            "told": tell(conn, visit.words, for_reader(visit, found)),
            "recipients": _recipients(conn, parts, visit),
            "parcels": transfers.covered_lines(conn, visit, parcels),
            "sender": people.person(conn, letter["sender_id"]),
        }
    auditor = visit.me.has("auditor")
    return visit.render(
        "audit_mail.html",
        letter=letter,
        names=letter["summary"].get("attachments", []) if auditor else [],
        findings=_findings(letter),
        policy=next((r.policy for r in found if r.policy is not None), None),
        auditor=auditor,
        **context,
    )


def _of_letter(conn: Connection, model: Any, id: str) -> Sequence[RowMapping]:
    query = select(model).where(model.c.letter_id == id).order_by(model.c.created_at)
    return conn.execute(query).mappings().all()


def _recipients(
    conn: Connection, parts: Sequence[RowMapping], visit: Visit
) -> list[dict[str, Any]]:
    states = shown_states(conn, {row["id"]: row["state"] for row in parts})
    query = select(RECIPIENT).where(RECIPIENT.c.consignment_id.in_(states))
    rows = conn.execute(query.order_by(RECIPIENT.c.inside, RECIPIENT.c.id)).mappings()
    auditor = visit.me.has("auditor")
    return [
        {
            **row,
            "shown": row["address"] if auditor else masked_address(row["address"]),
            "state": states[row["consignment_id"]],
        }
        for row in rows
    ]


def _findings(letter: RowMapping) -> list[tuple[str, str, int]]:
    """(kind, confidence, different ones) from the record: no place, no value."""
    found = letter["summary"].get("findings", {})
    return [(*key.rsplit(":", 1), number) for key, number in found.items()]


# -- a file


def file(visit: Visit) -> Response:
    """Where a file of this name went: to whom, and who fetched it."""
    name = visit.request.query_params.get("name", "").strip()[:200]
    with visit.read() as conn:
        letters = _with_file(conn, name) if name else []
        ids = [row["id"] for row in letters]
        to = _by_letter(conn, ids)
        taken = _taken(conn, ids)
    if name:
        with visit.write() as tx:
            tx.record("audit.searched", visit.actor, filters={"file": name}, rows=len(ids))
    return visit.render(
        "audit_file.html", file_name=name, letters=letters, to=to, taken=taken, cut=len(ids) == MOST
    )


def _with_file(conn: Connection, name: str) -> list[RowMapping]:
    """By the exact name, newest first. The column holds JSON with all but ASCII escaped."""
    needle = cast(LETTER.c.summary, String).icontains(json.dumps(name), autoescape=True)
    query = select(LETTER).where(needle).order_by(LETTER.c.received_at.desc()).limit(MOST)
    rows = conn.execute(query).mappings().all()
    return [row for row in rows if name in row["summary"].get("attachments", ())]


def _by_letter(conn: Connection, ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    query = (
        select(RECIPIENT, CONSIGNMENT.c.letter_id, CONSIGNMENT.c.state)
        .join(CONSIGNMENT, CONSIGNMENT.c.id == RECIPIENT.c.consignment_id)
        .where(CONSIGNMENT.c.letter_id.in_(ids))
        .order_by(RECIPIENT.c.id)
    )
    found: dict[str, list[RowMapping]] = {id: [] for id in ids}
    for row in conn.execute(query).mappings():
        found[row["letter_id"]].append(row)
    return found


def _taken(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Completed downloads by letter."""
    query = (
        select(PARCEL.c.letter_id, func.sum(FILE.c.taken))
        .join(FILE, FILE.c.parcel_id == PARCEL.c.id)
        .where(PARCEL.c.letter_id.in_(ids))
        .group_by(PARCEL.c.letter_id)
    )
    return {letter: int(number) for letter, number in conn.execute(query)}


def routes(office: Office) -> list[Route]:
    return [
        office.page("/audit/person/{id}", person, READERS),
        office.page("/audit/mail/{id}", mail, READERS),
        office.page("/audit/file", file, with_role("auditor")),
    ]
