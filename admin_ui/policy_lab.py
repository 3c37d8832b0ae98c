"""ルールの試行: a mail under the rules in force or under a draft, and a draft under the mail of the
last weeks. Nothing is sent, and nothing of what is pasted is kept; a draft that proved itself can
be put into force with what was seen of it on record."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from anyio import from_thread
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.frame import Office, Visit, Who, with_role
from admin_ui.policy_page import explained, published
from admin_ui.rulebook import NOTED, Answer, answers, asked
from detectors.report import Confidence
from gateway.face.forms import Problem, Problems
from gateway.face.i18n import N_
from gateway.face.upload import read_upload
from gateway.face.words import articles
from gateway.judgement import policies
from gateway.judgement.dossier import DECISION
from gateway.judgement.grounds import SILENT
from gateway.judgement.imagined import addressed, case_now, unasked
from gateway.judgement.nurse import WorkerNotReady
from gateway.judgement.policies import VERSION, InForce
from gateway.judgement.policy.case import Case
from gateway.judgement.policy.decide import decide
from gateway.judgement.policy.exemptions import day_of
from gateway.judgement.policy.explain import Level, level
from gateway.judgement.policy.faults import PolicyError
from gateway.judgement.policy.load import load
from gateway.judgement.policy.rules import Action, Policy
from gateway.judgement.policy.verdict import Verdict
from gateway.judgement.replay import Past, Replayed, replay
from gateway.judgement.sandbox import SandboxStopped, ScanIncomplete
from gateway.judgement.unlock import Reading
from gateway.memory.ids import tidy
from gateway.memory.letters import LETTER

TRIES = with_role("policy_admin", "auditor")
PUBLISHES = with_role("policy_admin")
BODY = 12_000_000
"""Octets of all that is posted: a mail, and the rules."""
BACK = timedelta(days=30)
PATIENCE = 8.0
"""Seconds of replay that a page is waited for; `sekisho policy diff --replay` has no limit."""


@dataclass(frozen=True)
class Posted:
    """What the form holds. `draft` is "" where the rules in force are meant."""

    draft: str = ""
    mail: bytes = field(default=b"", repr=False)
    number: str = ""
    to: tuple[str, ...] = ()
    active: str = ""


@dataclass(frozen=True)
class Judged:
    """Recipients whom the same happens to, and why."""

    recipients: tuple[str, ...]
    action: Action
    level: Level
    asked: tuple[str, ...]
    answers: tuple[Answer, ...]
    now: Action
    """by the rules in force"""


class NoMail(Exception):
    """Nothing to try the rules on; the sentence says what to do."""


def show(visit: Visit) -> Response:
    number = tidy(visit.request.query_params.get("mail", ""))[:20]
    return _page(visit, Posted(number=number))


def _try(visit: Visit, posted: Posted) -> Response:
    """The mail by the draft, beside what the rules in force say."""
    try:
        inforce, draft = _rules(visit, posted)
        case = (
            _new_case(visit, posted, draft, inforce.policy)
            if posted.mail
            else _past_case(visit, posted)
        )
    except PolicyError as error:
        return _page(visit, posted, 422, refused=error)
    except NoMail as none:
        problem = Problem("mail", visit.words.say(str(none)))
        return _page(visit, posted, 422, problems=Problems((problem,)))
    found = [f for f in case.report.findings if f.confidence is not Confidence.LOW]
    facts = [fact for fact in case.report.facts if fact.name not in SILENT]
    return _page(
        visit,
        posted,
        cards=articles(visit.words, found, facts),
        notes=list(_notes(visit, posted, draft, case)),
        judged=list(_judged(visit, draft, decide(draft, case), decide(inforce.policy, case))),
    )


def _past(visit: Visit, posted: Posted) -> Response:
    """The draft by the mail of the last weeks, and by its own tests: what it would have done is
    seen also while a test fails, which alone keeps it from being put into force."""
    try:
        inforce, draft = _rules(visit, posted)
    except PolicyError as error:
        return _page(visit, posted, 422, refused=error)
    refused = _unproved(visit, posted, inforce)
    missing = unasked(draft, inforce.policy.facts, textless=True)
    return _page(
        visit,
        posted,
        422 if refused else 200,
        refused=refused,
        past=_replayed(visit, inforce.policy, draft),
        notes=[_not_asked(visit, missing)] if missing else [],
        active=inforce.version,
    )


def _publish(visit: Visit, posted: Posted) -> Response:
    """Into force, with the figures of its trial beside it in the ledger."""
    try:
        inforce, draft = _rules(visit, posted)
        if posted.active != str(inforce.version):
            return _page(visit, posted, 409, overtaken=True)
        seen = _replayed(visit, inforce.policy, draft)
        memory, origin = visit.office.memory, _origin(visit, inforce)
        said = visit.actor, _report(visit, seen)
        policies.publish(memory.store, posted.draft, origin, *said, memory.config)
    except PolicyError as error:
        return _page(visit, posted, 422, refused=error)
    return visit.go(published(visit))


# -- steps


def _rules(visit: Visit, posted: Posted) -> tuple[InForce, Policy]:
    """In force, and what is tried. Raises PolicyError."""
    with visit.read() as conn:
        inforce = visit.office.checkpoint.policies.active(conn)
    return inforce, load(posted.draft, "") if posted.draft else inforce.policy


def _changed(visit: Visit, posted: Posted) -> Posted:
    """The form shows the rules in force; untouched they are no draft."""
    with visit.read() as conn:
        inforce = visit.office.checkpoint.policies.active(conn)
    same = posted.draft.strip() == _text(visit, inforce).replace("\r\n", "\n").strip()
    return replace(posted, draft="") if same else posted


def _unproved(visit: Visit, posted: Posted, inforce: InForce) -> PolicyError | None:
    """Why it cannot come into force as it is."""
    text, origin = posted.draft or _text(visit, inforce), _origin(visit, inforce)
    try:
        policies.accept(text, origin, visit.office.memory.config, day_of(visit.now))
    except PolicyError as error:
        return error
    return None


def _text(visit: Visit, inforce: InForce) -> str:
    with visit.read() as conn:
        query = select(VERSION.c.text).where(VERSION.c.id == inforce.version)
        return str(conn.execute(query).scalar_one())


def _origin(visit: Visit, inforce: InForce) -> str:
    """Mails that the tests name lie beside the file that the rules in force came from."""
    with visit.read() as conn:
        query = select(VERSION.c.origin).where(VERSION.c.id == inforce.version)
        return str(conn.execute(query).scalar_one())


def _past_case(visit: Visit, posted: Posted) -> Case:
    with visit.read() as conn:
        query = select(LETTER).where(LETTER.c.id == posted.number)
        letter = conn.execute(query).mappings().first() if posted.number else None
        if letter is None:
            raise NoMail(N_("メールを選ぶか、貼り付けるか、受付番号を入力してください"))
        case = _archive(visit, conn).case(letter)
    if case is None:
        raise NoMail(N_("このメールの内容は消去済みのため、試せません"))
    return case


def _new_case(visit: Visit, posted: Posted, draft: Policy, inforce: Policy) -> Case:
    """As if the person in its From field had sent it a moment ago."""
    try:
        wanted = Reading(posted.mail, draft.kinds | inforce.kinds)
        report = from_thread.run(visit.office.reader.inspect, wanted, ())
    except (ScanIncomplete, SandboxStopped, WorkerNotReady):
        raise NoMail(N_("最後まで検査できませんでした")) from None
    to = posted.to or addressed(report)
    if not to:
        raise NoMail(N_("宛先がありません。「宛先」に入力してください"))
    with visit.read() as conn:
        ck = visit.office.checkpoint
        return case_now(conn, ck, report, to, (draft, inforce), visit.now)


def _notes(visit: Visit, posted: Posted, draft: Policy, case: Case) -> Iterator[str]:
    """What the verdict stands on, and what could not be asked."""
    say = visit.words.say
    if posted.mail:
        yield say(
            "From欄の方が、いま送ったものとして判定しました。これまでのやり取り、送付先台帳、"
            "送信件数、時刻は、いまの記録で調べています。"
        )
        return
    yield say("受け付けたときに調べて保存してある内容で判定しました。")
    with visit.read() as conn:
        query = select(DECISION.c.policy_version).where(DECISION.c.letter_id == posted.number)
        version = conn.execute(query.order_by(DECISION.c.id).limit(1)).scalar()
        then = visit.office.checkpoint.policies.version(conn, version).policy if version else None
    if missing := unasked(draft, then.facts if then else (), textless=case.textless):
        yield _not_asked(visit, missing)


def _not_asked(visit: Visit, missing: Iterable[str]) -> str:
    return visit.words.say(
        "受け付けたときのルールが調べていないため、当てはまらないものとして判定したこと：%(facts)s",
        facts=visit.words.say("、").join(visit.words.say(NOTED[name]) for name in missing),
    )


def _judged(
    visit: Visit, policy: Policy, verdicts: Sequence[Verdict], before: Sequence[Verdict]
) -> Iterator[Judged]:
    same: dict[tuple[object, ...], list[tuple[Verdict, Verdict]]] = {}
    for verdict, was in zip(verdicts, before, strict=True):
        key = (verdict.action, verdict.demands, verdict.trace, was.action)
        same.setdefault(key, []).append((verdict, was))
    for pairs in same.values():
        first, was = pairs[0]
        yield Judged(
            recipients=tuple(verdict.recipient for verdict, _ in pairs),
            action=first.action,
            level=level(first),
            asked=tuple(asked(visit.words, first)),
            answers=tuple(answers(visit.words, policy, first)),
            now=was.action,
        )


def _replayed(visit: Visit, old: Policy, new: Policy) -> Replayed:
    end = time.monotonic() + PATIENCE
    with visit.read() as conn:
        since = visit.now - BACK
        return replay(_archive(visit, conn), old, new, since, lambda _: time.monotonic() < end)


def _archive(visit: Visit, conn: Connection) -> Past:
    memory = visit.office.memory
    return Past(conn, memory.content, memory.config, visit.now)


def _report(visit: Visit, seen: Replayed) -> str:
    """For the ledger, in the words of whoever publishes."""
    return visit.words.say(
        "過去30日の%(total)s通のうち%(mails)s通で試行：新たな保留%(held)s通（送信後に回収%(regretted)s通）、"
        "保留しなくなる%(freed)s通、作業時間%(minutes)s分",
        total=seen.total,
        mails=seen.mails,
        held=seen.held,
        regretted=seen.regretted,
        freed=seen.freed,
        minutes=f"{round(seen.seconds / 60):+}",
    )


def _page(visit: Visit, posted: Posted, status: int = 200, **more: Any) -> Response:
    with visit.read() as conn:
        inforce = visit.office.checkpoint.policies.active(conn)
    refused: PolicyError | None = more.pop("refused", None)
    shown: dict[str, Any] = {"overtaken": False, "judged": None, "past": None}
    return visit.render(
        "policy_lab.html",
        status=status,
        posted=posted,
        draft=posted.draft or _text(visit, inforce),
        notes=more.pop("notes", ()),
        wrong=list(explained(visit, refused)) if refused else (),
        untested=refused is not None and refused.of_a_test,
        number=inforce.version,
        may_publish=visit.me.has("policy_admin"),
        second=visit.office.memory.config.policy.second_person,
        **{**shown, **more},
    )


# -- what is posted


async def _posted(request: Request) -> Posted:
    """Files and pasted mail stay in memory, and end with the answer."""
    form = await read_upload(request, BODY)
    try:
        file, typed = form.get("file"), {}
        for name in ("draft", "mail", "number", "to", "active"):
            value = form.get(name)
            typed[name] = value if isinstance(value, str) else ""
        mail = await file.read() if isinstance(file, UploadFile) and file.size else b""
    finally:
        await form.close()
    return Posted(
        typed["draft"].replace("\r\n", "\n").strip("\n") + "\n" if typed["draft"].strip() else "",
        mail or typed["mail"].encode().strip(),
        tidy(typed["number"])[:20],
        tuple(typed["to"].replace(",", " ").split())[:200],
        typed["active"],
    )


def routes(office: Office) -> list[Route]:
    def act(path: str, do: Callable[[Visit, Posted], Response], who: Who = TRIES) -> Route:
        async def endpoint(request: Request) -> Response:
            visit = Visit(office, request)
            if refusal := await run_in_threadpool(who, visit):
                return refusal
            posted = await _posted(request)
            return await run_in_threadpool(lambda: do(visit, _changed(visit, posted)))

        return Route(path, endpoint, methods=["POST"], max_body_size=BODY, name=f"POST {path}")

    return [
        office.page("/policy/lab", show, TRIES),
        act("/policy/lab", _try),
        act("/policy/lab/past", _past),
        act("/policy/lab/publish", _publish, PUBLISHES),
    ]
