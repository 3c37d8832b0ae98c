"""What an administrator does about mails that wait: one by one, or all that a list shows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from pydantic import AwareDatetime, Field
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit
from admin_ui.queue_page import ADMIN, chosen, listed, one
from gateway.face.forms import Form, Problems
from gateway.judgement import operator
from gateway.mail import queue, route
from gateway.mail.reporter import Reporter
from gateway.memory.states import State
from gateway.memory.store import Tx

LONGEST = 20.0
"""Seconds for which a browser waits; proxies give up after a minute. What is left then takes
another click, and no number of mails is too many."""
REFUSED = {
    queue.Unknown: "gone",
    queue.TooLate: "tried",
    queue.NoSender: "no_sender",
    queue.NoSuchHop: "no_hop",
}


class Retry(Form):
    reason: str = Field(default="", max_length=400)


class Reason(Form):
    reason: str = Field(min_length=1, max_length=400)


class Move(Form):
    hop: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=400)


class Many(Form):
    act: Literal["retry", "give_back", "move"]
    hop: str = Field(default="", max_length=200)
    reason: str = Field(min_length=1, max_length=400)
    upto: AwareDatetime | None = None
    """of a run that goes on: when it began, and what it has done so far"""
    since: AwareDatetime | None = None
    after: str = ""
    did: int = 0
    left: int = 0


def _do(visit: Visit, done: str, act: Callable[[Tx, str], State]) -> Response:
    id = visit.param("id")
    try:
        with visit.write() as tx:
            act(tx, id)
    except queue.REFUSALS as error:
        return one(visit, 409, refused=REFUSED.get(type(error), "under_way"))
    return visit.go(f"/queue/{id}?done={done}")


def retry(visit: Visit, form: Retry | Problems) -> Response:
    reason = "" if isinstance(form, Problems) else form.reason
    return _do(visit, "retried", lambda tx, id: queue.retry(tx, id, visit.actor, reason))


def withdraw(visit: Visit, form: Reason | Problems) -> Response:
    """A link that nobody heard of yet ends with the sweep."""
    if isinstance(form, Problems):
        return one(visit, 422, problems=form)
    ck, me, reason = visit.office.checkpoint, visit.me.id, form.reason

    def act(tx: Tx, id: str) -> State:
        return operator.take_back(tx, ck, id, me, reason, visit.actor)

    return _do(visit, "withdrawn", act)


def give_back(visit: Visit, form: Reason | Problems) -> Response:
    if isinstance(form, Problems):
        return one(visit, 422, problems=form)
    reason = form.reason
    return _do(visit, "given_back", lambda tx, id: _give_back(visit, tx, id, reason))


def move(visit: Visit, form: Move | Problems) -> Response:
    if isinstance(form, Problems):
        return one(visit, 422, problems=form)
    hop, reason = form.hop, form.reason
    return _do(visit, "moved", lambda tx, id: _move(visit, tx, id, reason, hop))


def many(visit: Visit, form: Many | Problems) -> Response:
    """On what the filters in the address show, oldest first. What comes in meanwhile is not meant:
    reports of what was given back, for instance."""
    if isinstance(form, Problems):
        return listed(visit, 422, problems=form)
    reason, hop = form.reason, form.hop
    acts: dict[str, queue.Act] = {
        "retry": lambda tx, id: queue.retry(tx, id, visit.actor, reason),
        "give_back": lambda tx, id: _give_back(visit, tx, id, reason),
        "move": lambda tx, id: _move(visit, tx, id, reason, hop),
    }
    upto = form.upto or visit.now
    found = chosen(visit, upto, form.since, form.after)
    did, left, until = form.did, form.left, time.monotonic() + LONGEST
    seen = 0
    for done in queue.each(visit.write, [id for id, _ in found], acts[form.act]):
        refused = sum(isinstance(each, Exception) for each in done.values())
        did, left, seen = did + len(done) - refused, left + refused, seen + len(done)
        if seen < len(found) and time.monotonic() > until:
            after, since = found[seen - 1]
            gone = {"upto": upto, "since": since, "after": after, "did": did, "left": left}
            return listed(visit, going={**form.model_dump(), **gone, "more": len(found) - seen})
    return visit.go(f"/queue?did={did}&left={left}")


def _give_back(visit: Visit, tx: Tx, id: str, reason: str) -> State:
    office = visit.office
    reporter = Reporter.of(office.memory.config, office.checkpoint.outbox)
    return queue.give_back(tx, id, visit.actor, reason, reporter)


def _move(visit: Visit, tx: Tx, id: str, reason: str, hop: str) -> State:
    hops = route.known(visit.office.memory.config)
    return queue.send_by(tx, id, visit.actor, reason, hop, hops)


def routes(office: Office) -> list[Route]:
    return [
        office.act("/queue/all", Many, many, ADMIN),
        office.act("/queue/{id}/retry", Retry, retry, ADMIN),
        office.act("/queue/{id}/withdraw", Reason, withdraw, ADMIN),
        office.act("/queue/{id}/give-back", Reason, give_back, ADMIN),
        office.act("/queue/{id}/move", Move, move, ADMIN),
    ]
