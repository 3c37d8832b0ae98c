"""ルールの効果: what the rules stopped, what they cost, and which ones nobody heeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, with_role
from gateway.judgement.friction import Friction, Measured, measured
from gateway.judgement.policy.rules import Policy
from gateway.judgement.policy.safety import SAFETY

READERS = with_role("policy_admin", "auditor", "system_admin")
DAYS = (7, 14, 30, 90)


@dataclass(frozen=True)
class Line:
    name: str
    title: str
    mode: str
    counted: Friction


def show(visit: Visit) -> Response:
    asked = visit.request.query_params.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[0]
    since = visit.now - timedelta(days=days)
    with visit.read() as conn:
        found = measured(conn, since, visit.now)
        rules = lines(visit, conn, found)
    return visit.render(
        "friction.html",
        found=found,
        lines=rules,
        unheeded=[line for line in rules if line.counted.unheeded],
        days=days,
        choices=DAYS,
        since=since,
        until=visit.now,
    )


def lines(visit: Visit, conn: Connection, found: Measured) -> list[Line]:
    """Those that did something, the busiest first."""
    policy = visit.office.checkpoint.policies.active(conn).policy
    made = [_line(visit, policy, name, each) for name, each in found.rules.items()]
    return sorted(made, key=lambda line: (-line.counted.held, -line.counted.would, line.name))


def _line(visit: Visit, policy: Policy, name: str, counted: Friction) -> Line:
    """By the words of today's rules; one that is gone is named by its name."""
    rule = next((r for r in (*policy.rules, *SAFETY) if r.name == name), None)
    if rule is None:
        return Line(name, name, "", counted)
    sentence = rule.title or rule.why
    title = sentence.ja if visit.words.language == "ja" else sentence.en
    return Line(name, title, rule.mode, counted)


def routes(office: Office) -> list[Route]:
    return [office.page("/policy/friction", show, READERS)]
