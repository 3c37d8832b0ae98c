"""The page of one mail, in the face that fits who looks at it and how the mail stands.

1. confirm: somebody is to stand by recipients and attachments (sender, owner, administrator).
2. decide: a third person is to approve.
3. state: nothing is asked of this person; how it stands, and what can still be done.

The same three are shown behind a sender's link ("solo.html") and at the desk ("app.html").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from admin_ui.casefile import Casefile, casefile, named
from admin_ui.deeds import DONE, NOTHING, Deed, Refusal, perform, refusal, unreadable
from admin_ui.frame import Visit
from admin_ui.opening import open_locked
from admin_ui.outcome import outcome, settled_sentence
from admin_ui.rights import Part, part_in
from admin_ui.telling import passwords
from bridge.password import Told
from gateway.face.forms import NO_PROBLEMS, Problems
from gateway.judgement import demands, parties, people, refusals
from gateway.judgement.dossier import dossier
from gateway.memory.states import Actor, Overtaken, State


@dataclass(frozen=True)
class Place:
    """Where the page is served, and to whom."""

    id: str
    person: str
    path: str
    """/confirm/7Q3F-K2MD or /holds/7Q3F-K2MD"""
    frame: str
    """layout: solo.html | app.html"""
    back: str = ""
    """the list it was opened from, where there is no navigation"""
    covered: bool = False
    """for who runs the system: of others' mail not even whom it is to"""


def show(
    visit: Visit,
    place: Place,
    filled: Deed = NOTHING,
    refused: Refusal | None = None,
    told: tuple[Told, ...] = (),
) -> Response:
    """`filled` is what was typed before it was refused: nobody types it twice. `told` are the
    passwords that were asked for."""
    ck = visit.office.checkpoint
    with visit.read() as conn:
        held = dossier(conn, ck.letters, place.id)
        if held is None:
            raise HTTPException(404)
        part = part_in(conn, ck, held, place.person, visit.now)
        case = casefile(conn, ck, visit.words, held, visit.now)
        template, more = _face(visit, conn, case, part)
    return visit.render(
        template,
        status=refused.status if refused else 200,
        place=place,
        case=case,
        held=held,
        part=part,
        covered=place.covered and not part.reads,
        filled=filled,
        banner=_banner(visit, case, filled, refused),
        problems=refused.problems if refused else NO_PROBLEMS,
        passwords=told,
        here="/holds?mine" if part.sends else "/holds",
        **more,
    )


def do(visit: Visit, place: Place, actor: Actor, posted: Deed | Problems) -> Response:
    """Act once; then the page again by GET, or the page as it is now with what was refused."""
    if isinstance(posted, Problems):
        return show(visit, place, refused=unreadable(visit.words, posted))
    try:
        if posted.verb == "password":
            return show(visit, place, told=passwords(visit, place.id, place.person, actor))
        if posted.verb == "unlock":
            open_locked(visit, place.id, place.person, actor, posted)
        else:
            with visit.write() as tx:
                perform(tx, visit.office.checkpoint, place.id, place.person, actor, posted)
    except (refusals.Refused, Overtaken) as error:
        refused = refusal(visit.words, posted, error)
        if refused.status == 404:
            raise HTTPException(404) from None
        kept = posted if refused.status == 422 else Deed(since=posted.since)
        return show(visit, place, kept, refused)
    return visit.go(f"{place.path}?done={posted.verb}")


# -- steps


def _face(visit: Visit, conn: Connection, case: Casefile, part: Part) -> tuple[str, dict[str, Any]]:
    inside = [row["address"] for row in (*case.insiders, *case.waiting_inside)]
    shared = {"names": named(conn, inside), "asked": _asked(visit, conn, case)}
    if case.held.state is State.HELD and part.confirms:
        return "held/confirm.html", shared
    if case.held.state is State.HELD and part.decides:
        return "held/decide.html", {**shared, **_decision(visit, conn, case, part)}
    return "held/state.html", {**shared, **outcome(visit, conn, case, part)}


def _decision(visit: Visit, conn: Connection, case: Casefile, part: Part) -> dict[str, Any]:
    """The demand that this person may meet: how many are needed, who did, who stands in."""
    ck, now = visit.office.checkpoint, visit.now
    rows = case.held.waiting("approve")
    row = next(r for r in rows if parties.may_meet(conn, ck, r, part.person, now))
    letter = case.held.letter
    deputies = people.deputies(conn, people.members(conn, row["group"], now), now)
    return {
        "need": row["need"],
        "approved": _names(conn, demands.acted(conn, row["id"], "approved")),
        "deputies": _names(conn, deputies - {part.person, letter["sender_id"], letter["owner_id"]}),
    }


def _banner(
    visit: Visit, case: Casefile, filled: Deed, refused: Refusal | None
) -> dict[str, Any] | None:
    """What was just done or refused; where the page was too old, what has happened since."""
    if refused is None:
        said = DONE.get(visit.done())
        return {"level": "ok", "title": visit.words.say(said), "changes": ()} if said else None
    changes = [e for e in case.events if e.seq > filled.since and not e.next]
    title = settled_sentence(visit.words, case) if refused.settled else refused.title
    level = "bad" if refused.status == 422 else "warn"
    return {"level": level, "title": title, "changes": changes if refused.changed else ()}


def _asked(visit: Visit, conn: Connection, case: Casefile) -> dict[int, list[str]]:
    """Whom each open demand waits for, by the demand's id."""
    ck, now = visit.office.checkpoint, visit.now
    return {row["id"]: _names(conn, parties.askable(conn, ck, row, now)) for row in case.open}


def _names(conn: Connection, persons: frozenset[str]) -> list[str]:
    rows = (people.person(conn, each) for each in sorted(persons))
    return [row["name"] for row in rows if row]
