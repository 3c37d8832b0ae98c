"""週次レポート: the week as the board gets it by mail, beside the week before; to be printed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, signed_in
from admin_ui.friction_page import lines
from gateway.judgement import people
from gateway.judgement.dossier import DECISION
from gateway.judgement.friction import measured
from gateway.judgement.weekly import FRIDAY, WEEK, Week, week, week_of

ROLES = ("policy_admin", "auditor", "system_admin")


def readers(visit: Visit) -> Response | None:
    """Besides those who look after the rules, everybody who gets the report by mail."""
    if refusal := signed_in(visit):
        return refusal
    if visit.me.has(*ROLES):
        return None
    group = visit.office.memory.config.policy.report_to
    with visit.read() as conn:
        if group and visit.me.id in people.members(conn, group, visit.now):
            return None
    raise HTTPException(404)


def show(visit: Visit) -> Response:
    calendar = visit.office.checkpoint.calendar
    running = week_of(calendar, visit.now)
    shown = _asked(visit, running)
    before = week(calendar, shown.begins - WEEK)
    with visit.read() as conn:
        found = measured(conn, shown.since, shown.until)
        earlier = measured(conn, before.since, before.until)
        rules = lines(visit, conn, found)
        older = _any_before(conn, shown)
    return visit.render(
        "weekly.html",
        company=visit.office.memory.config.bridge.company,
        now=visit.now,
        week=shown,
        running=shown == running,
        found=found,
        earlier=earlier,
        lines=rules,
        unheeded=[line for line in rules if line.counted.unheeded],
        older=before.begins if older else None,
        newer=shown.begins + WEEK if shown != running else None,
        manages=visit.me.has(*ROLES),
    )


def _asked(visit: Visit, running: Week) -> Week:
    """By the Friday that it begins with; the running one for all that is none of the past."""
    try:
        friday = date.fromisoformat(visit.request.query_params.get("from", ""))
    except ValueError:
        return running
    if friday.weekday() != FRIDAY or not date(2000, 1, 1) < friday < running.begins:
        return running
    return week(visit.office.checkpoint.calendar, friday)


def _any_before(conn: Connection, shown: Week) -> bool:
    first = conn.execute(select(func.min(DECISION.c.id))).scalar()
    made = select(DECISION.c.made_at).where(DECISION.c.id == first)
    at = conn.execute(made).scalar() if first is not None else None
    return at is not None and at < shown.since


def routes(office: Office) -> list[Route]:
    return [office.page("/policy/weekly", show, readers)]
