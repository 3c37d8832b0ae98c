"""What an administrator does about mails that wait: one by one, or all that a list shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit
from admin_ui.queue_page import ADMIN, ids, listed, one
from gateway.face.forms import Form, Problems
from gateway.judgement import operator
from gateway.mail import queue, route
from gateway.mail.reporter import Reporter
from gateway.memory.states import State
from gateway.memory.store import Tx

MOST = 500
"""Mails in one go: each writes to the record, and other writers wait meanwhile."""
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
    """On what the filters in the address show, oldest first, up to MOST."""
    if isinstance(form, Problems):
        return listed(visit, 422, problems=form)
    reason, hop, chosen = form.reason, form.hop, ids(visit, MOST)
    with visit.write() as tx:
        acts: dict[str, Callable[[str], State]] = {
            "retry": lambda id: queue.retry(tx, id, visit.actor, reason),
            "give_back": lambda id: _give_back(visit, tx, id, reason),
            "move": lambda id: _move(visit, tx, id, reason, hop),
        }
        done = queue.each(tx, chosen, acts[form.act])
    left = sum(isinstance(each, Exception) for each in done.values())
    return visit.go(f"/queue?did={len(done) - left}&left={left}")


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
