"""送信ルール: what is in force and what was, in words and as text. Here a version that was in force
once is published again; new text comes from the policy file, or from a draft that was tried."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, select
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, with_role
from admin_ui.rulebook import rules
from admin_ui.trail import tell
from gateway.face.forms import Form, Problems
from gateway.face.words.faults import fault
from gateway.judgement import people, policies, records
from gateway.judgement.people import PERSON
from gateway.judgement.policies import VERSION
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.records import ENTRY

READERS = with_role("policy_admin", "auditor", "system_admin")
PUBLISHERS = with_role("policy_admin")
CONTEXT = 3
VERBS = ("policy.published", "policy.proposed")


class Seen(Form):
    """The version that was in force when the page was shown."""

    active: int


@dataclass(frozen=True, slots=True)
class Line:
    """Of a difference: "+" added, "-" removed, " " the same, "@" where it stands."""

    mark: str
    text: str


def _versions(conn: Connection) -> Sequence[RowMapping]:
    query = (
        select(VERSION, PERSON.c.name.label("publisher"))
        .outerjoin(PERSON, PERSON.c.id == VERSION.c.published_by)
        .order_by(VERSION.c.id.desc())
        .limit(200)
    )
    return conn.execute(query).mappings().all()


def _version(conn: Connection, id: str) -> RowMapping:
    number = int(id) if id.isascii() and id.isdigit() and len(id) < 10 else 0
    row = conn.execute(select(VERSION).where(VERSION.c.id == number)).mappings().first()
    if row is None:
        raise HTTPException(404)
    return row


def index(visit: Visit) -> Response:
    with visit.read() as conn:
        active = policies.active_version(conn)
        inforce = visit.office.checkpoint.policies.version(conn, active) if active else None
        published = records.chosen(
            conn, [ENTRY.c.verb.in_(("policy.published", "policy.proposed"))], 20
        )
        context: dict[str, Any] = {
            "versions": _versions(conn),
            "proposal": policies.proposal(conn),
            "told": tell(conn, visit.words, published),
        }
    return visit.render(
        "policy.html",
        active=active,
        policy=inforce.policy if inforce else None,
        rules=rules(visit.words, inforce.policy) if inforce else [],
        done=visit.done(),
        may_try=visit.me.has("policy_admin", "auditor"),
        **context,
    )


def version(visit: Visit) -> Response:
    return _page(visit)


def _page(visit: Visit, status: int = 200, **more: Any) -> Response:
    """One version, and what would change if it came into force."""
    with visit.read() as conn:
        row = _version(conn, visit.param("id"))
        active = policies.active_version(conn)
        now = _version(conn, str(active)) if active else row
        waiting = policies.proposal(conn)
        proposed = waiting if waiting and waiting.version == row["id"] else None
        proposer = people.person(conn, proposed.by) if proposed else None
        author = people.person(conn, row["published_by"])
    shown: dict[str, Any] = {"failed": (), "overtaken": False, **more}
    return visit.render(
        "policy_version.html",
        status=status,
        row=row,
        active=active,
        changes=list(_difference(now["text"], row["text"])),
        may_publish=visit.me.has("policy_admin") and row["id"] != active,
        second=visit.office.memory.config.policy.second_person,
        proposed=proposed,
        proposer=proposer["name"] if proposer else "",
        author=author["name"] if author else row["published_by"],
        mine=bool(proposed and proposed.by == visit.me.id),
        **shown,
    )


_NEW_LINE = re.compile(r"\+(\d+)")


def _difference(old: str, new: str) -> Iterator[Line]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=CONTEXT, lineterm="")
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            yield Line("@", _NEW_LINE.findall(line)[0])
        else:
            yield Line(line[:1], line[1:])


def publish(visit: Visit, form: Seen | Problems) -> Response:
    """An older version in force again, if its own tests still pass."""
    with visit.read() as conn:
        row = _version(conn, visit.param("id"))
        active = policies.active_version(conn)
    if isinstance(form, Problems) or form.active != active:
        return _page(visit, 409, overtaken=True)
    try:
        memory = visit.office.memory
        said = row["text"], row["origin"]
        policies.publish(memory.store, *said, visit.actor, config=memory.config)
    except PolicyError as error:
        return _page(visit, 422, failed=list(explained(visit, error)))
    return visit.go(published(visit))


def explained(visit: Visit, error: PolicyError) -> Iterator[str]:
    """Without the name of a file: it is in front of whoever reads this."""
    return (fault(visit.words, replace(each, origin="")) for each in error.problems)


def published(visit: Visit) -> str:
    """Where to go: to what is in force now, or to what waits for a second person."""
    with visit.read() as conn:
        waiting = policies.proposal(conn)
    return (
        f"/policy/versions/{waiting.version}?done=proposed" if waiting else "/policy?done=published"
    )


def routes(office: Office) -> list[Route]:
    return [
        office.page("/policy", index, READERS),
        office.page("/policy/versions/{id}", version, READERS),
        office.act("/policy/versions/{id}/publish", Seen, publish, PUBLISHERS),
    ]
