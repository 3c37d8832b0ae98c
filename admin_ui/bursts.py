"""A burst as an administrator sees it: one list of it, let on or refused by one act.

An approver has no such list and an administrator none of anything else: what is asked here is
whether so much mail at once is meant, which no single one of them tells. Rights are those of the
page of each mail, since both ask the database by the same expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.casefile import Casefile, casefile
from admin_ui.frame import Office, Visit, with_role
from admin_ui.gathered import each_of, miscounted
from admin_ui.rights import COVERED
from admin_ui.together import UNLIKE, found_by_mail
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.judgement import burst, parties, run
from gateway.judgement.burst import Burst
from gateway.judgement.shown import digest

PATH = "/holds/together"
LIST = "/holds?kind=admin"


class Decision(Form):
    act: Literal["let_on", "refuse"]
    of: str = ""
    """the last mail that was shown: what came after it is not meant"""
    seen: str = ""
    number: str = Field(default="", max_length=20)
    """as it was typed: how many are let on"""
    all: str = Field(default="", max_length=20)
    """as it was typed: how many are refused"""
    reason: str = Field(default="", max_length=1_000)


@dataclass(frozen=True)
class Shown:
    burst: Burst
    ids: tuple[str, ...]
    """all of it, on this page or not"""
    run: run.Run
    case: Casefile
    """of its first mail"""
    found: Mapping[str, tuple[str, ...]]

    @property
    def seen(self) -> str:
        return digest(list(self.ids))

    @property
    def lines(self) -> int:
        return len(self.run.mails) + len(self.run.apart)


def found(conn: Connection, visit: Visit) -> list[Burst]:
    """What waits for whom the visit is."""
    ck, me = visit.office.checkpoint, visit.me
    if not (ck.config.holds.together and me.has(COVERED)):
        return []
    return burst.found(conn, ck, parties.mine(conn, ck, me.id, visit.now))


def page(visit: Visit) -> Response:
    return _page(visit, visit.request.query_params.get("of", ""))


def decide(visit: Visit, form: Decision | Problems) -> Response:
    """All that was shown, and nothing that came since."""
    if isinstance(form, Problems):
        return _page(visit, form.typed.get("of", ""), 422, problems=form)
    with visit.read() as conn:
        shown = _shown(conn, visit, form.of, last=form.of)
    if shown is None or form.seen != _seen(form, shown):
        return _page(visit, form.of, 409, changed=True)
    if problems := tuple(_problems(visit, form, shown)):
        typed = {"reason": form.reason}
        return _page(visit, form.of, 422, problems=Problems(problems, typed))
    return visit.go(f"{LIST}&done={form.act}&{_done(visit, form, shown)}")


def _seen(form: Decision, shown: Shown) -> str:
    """Of what is decided, "" where nothing is; to refuse, it is enough which mails they are."""
    if form.act == "refuse":
        return shown.seen
    return shown.run.seen if shown.run.mails else ""


def _done(visit: Visit, form: Decision, shown: Shown) -> str:
    ck, me = visit.office.checkpoint, visit.me.id
    with visit.write() as tx:
        if form.act == "let_on":
            ids = tuple(held.id for held in shown.run.mails)
            act = burst.letting_on(tx, ck, shown.run, me, visit.actor)
        else:
            ids = shown.ids
            act = burst.refusing(tx, ck, ids, me, form.reason, visit.actor)
    return each_of(visit, ids, act)


def _problems(visit: Visit, form: Decision, shown: Shown) -> Iterator[Problem]:
    if form.act == "let_on":
        wrong = miscounted(visit, form.number, len(shown.run.mails))
    else:
        wrong = miscounted(visit, form.all, len(shown.ids), "all")
        if not form.reason.strip():
            yield Problem("reason", visit.words.say("理由を入力してください"))
    if wrong:
        yield wrong


def _page(visit: Visit, of: str, status: int = 200, **more: Any) -> Response:
    with visit.read() as conn:
        shown = _shown(conn, visit, of)
    if shown is None:
        return visit.go(f"{LIST}&done=changed" if status == 409 else LIST)
    defaults = {"problems": NO_PROBLEMS, "changed": False, "unlike": UNLIKE}
    context = {"shown": shown, "path": PATH, "list": LIST, "here": "/holds"}
    return visit.render("held/burst.html", status=status, **{**defaults, **context, **more})


def _shown(conn: Connection, visit: Visit, of: str, last: str = "") -> Shown | None:
    """The burst that this mail belongs to, up to the `last`; None where there is none (any more).
    Who is asked about a mail sees it as it is: nothing is covered here."""
    known = next((each for each in found(conn, visit) if of in each.ids), None)
    if known is None:
        return None
    ck = visit.office.checkpoint
    ids = known.ids[: known.ids.index(last) + 1] if last else known.ids
    read = run.read(conn, ck, known, min(ck.config.holds.together, len(ids)))
    lines = [*read.mails, *(held for held, _ in read.apart)]
    if not lines:
        return None
    case = casefile(
        conn, ck, visit.words, min(lines, key=lambda held: ids.index(held.id)), visit.now
    )
    return Shown(known, ids, read, case, found_by_mail(visit.words, read.mails))


def routes(office: Office) -> list[Route]:
    who = with_role(COVERED)
    return [office.page(PATH, page, who), office.act(PATH, Decision, decide, who)]
