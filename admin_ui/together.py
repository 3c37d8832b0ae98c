"""Mails that are alike, confirmed by one list of them behind the link of the notice about them.

What a single mail asks is asked here of all: a look at each recipient and each attachment. So that
it can be given, there are no more of them than a page holds, each has its line, and what is unlike
the others is told first and left out. Their number is typed, and it is done to what was shown
alone. An approver has no such list: whoever is asked as the third person decides about each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.access import Told
from admin_ui.casefile import Casefile, casefile
from admin_ui.confirm import gone
from admin_ui.desk_list import found_in
from admin_ui.frame import Office, Visit, anyone
from admin_ui.gathered import each_of, follower, found, miscounted
from gateway.face.forms import NO_PROBLEMS, Form, Problem, Problems
from gateway.face.i18n import N_, Words
from gateway.judgement import acts, run
from gateway.judgement.acts import Confirmation
from gateway.judgement.dossier import Dossier
from gateway.memory.states import Actor, State
from gateway.memory.store import Tx

UNLIKE: Mapping[str, str] = {
    "asked": N_("送信の数のほかにも、システム管理者が確認する理由があります"),
    "two_ways": N_("受信側のメールソフトによって、違って見えるおそれがあります"),
    "noted": N_("宛先に気になる点があります"),
    "domain": N_("宛先のドメインがほかと違います"),
    "outside": N_("社外宛先の数がほかと違います"),
    "inside": N_("社内宛先の数がほかと違います"),
    "repeated": N_("同じ宛先へのメールがほかにもあります"),
    "new": N_("送信実績のない宛先があります"),
    "files": N_("添付の数がほかと違います"),
    "types": N_("添付の種類がほかと違います"),
    "content": N_("添付の内容がほかと違います"),
    "same_file": N_("同じ添付がほかのメールにも付いています"),
    "kinds": N_("見つかった情報の種類がほかと違います"),
    "much": N_("見つかった情報の件数がほかより大幅に多くなっています"),
    "large": N_("添付の大きさがほかより大幅に大きくなっています"),
    "subject": N_("件名の言葉がほかと違います"),
    "names": N_("添付のファイル名がほかと違います"),
}
"""By what a mail is not like the others (`run`)."""


class Together(Form):
    of: str = ""
    """the first mail of the run"""
    seen: str = ""
    ok: tuple[str, ...] = ()
    number: str = Field(default="", max_length=20)
    """as it was typed"""


@dataclass(frozen=True)
class Shown:
    """The run that somebody looks at."""

    person: str
    of: str
    run: run.Run
    case: Casefile
    """of its first mail: how all of them are handed over"""
    whys: tuple[str, ...]
    """what the rules say that hold them"""
    found: Mapping[str, tuple[str, ...]]
    """what was found in each mail, by id; only where there is something"""

    @property
    def asked(self) -> tuple[str, ...]:
        """What has to be ticked."""
        return ("to", "files") if self.run.files else ("to",)


def page(visit: Visit) -> Response:
    return _page(visit, visit.request.query_params.get("of", ""))


def confirm(visit: Visit, form: Together | Problems) -> Response:
    """Stand by all that was shown."""
    if isinstance(form, Problems):
        return visit.go("/confirm")
    with visit.read() as conn:
        told = follower(conn, visit)
        if told is None:
            return gone(visit, 404, "unknown")
        shown = _shown(conn, visit, told, form.of)
    if shown is None or form.seen != shown.run.seen:
        return _page(visit, form.of, 409, changed=True)
    if problems := tuple(_problems(visit, form, shown)):
        return _page(visit, form.of, 422, problems=Problems(problems), ticked=form.ok)
    return visit.go(f"/confirm?done=confirmed&{_confirm(visit, shown)}")


def _confirm(visit: Visit, shown: Shown) -> str:
    """Each has its own record; that of the run, under its own number, names them all."""
    ck, actor = visit.office.checkpoint, Actor("person", shown.person, visit.ip)
    mails = {held.id: held for held in shown.run.mails}
    with visit.write() as tx:
        facts = run.record(tx, "run.confirmed", actor, tuple(mails), seen=shown.run.seen)

    def act(tx: Tx, id: str) -> State:
        held = mails[id]
        filled = Confirmation(frozenset(acts.keys(held)), {})
        return acts.confirm(tx, ck, id, shown.person, held.seen, filled, actor, **facts)

    return each_of(visit, tuple(mails), act)


def _problems(visit: Visit, form: Together, shown: Shown) -> Iterable[Problem]:
    for each in shown.asked:
        if each not in form.ok:
            yield Problem(each, visit.words.say("一覧を1行ずつ確認し、チェックを入れてください"))
    if wrong := miscounted(visit, form.number, len(shown.run.mails)):
        yield wrong


def _page(visit: Visit, of: str, status: int = 200, **more: Any) -> Response:
    with visit.read() as conn:
        told = follower(conn, visit)
        if told is None:
            return visit.go("/holds?mine=1") if visit.visitor else gone(visit, 404, "unknown")
        shown = _shown(conn, visit, told, of)
    if shown is None:
        return visit.go("/confirm?done=changed" if status == 409 else "/confirm")
    defaults = {"problems": NO_PROBLEMS, "changed": False, "ticked": (), "unlike": UNLIKE}
    return visit.render("held/together.html", status=status, shown=shown, **{**defaults, **more})


def _shown(conn: Connection, visit: Visit, told: Told, of: str) -> Shown | None:
    """None where there is no such run (any more), or too little of it is alike."""
    ck = visit.office.checkpoint
    known = next((each for each in found(conn, visit, told) if of in each.ids), None)
    if known is None:
        return None
    read = run.read(conn, ck, known, ck.config.holds.together)
    if len(read.mails) < run.LEAST:
        return None
    case = casefile(conn, ck, visit.words, read.mails[0], visit.now)
    whys, said = tuple(_whys(visit, read.mails[0])), found_by_mail(visit.words, read.mails)
    return Shown(told.person, of, read, case, whys, said)


def found_by_mail(words: Words, mails: Iterable[Dossier]) -> Mapping[str, tuple[str, ...]]:
    """What was found in each, by id; only where there is something."""
    counted = {held.id: tuple(found_in(words, held.letter["summary"])) for held in mails}
    return {id: each for id, each in counted.items() if each}


def _whys(visit: Visit, held: Dossier) -> Iterable[str]:
    said = (r.why for v in held.verdicts for r in v.reasons if r.action != "pass")
    return dict.fromkeys(why.said(visit.words.language) for why in said)


def routes(office: Office) -> list[Route]:
    path = "/confirm/together"
    return [office.page(path, page, anyone), office.act(path, Together, confirm, anyone)]
