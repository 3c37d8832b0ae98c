"""The demo's first page: what to do next, whom to play, and a place to try one's own file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin_ui import access, home, signin
from admin_ui.demo.office import PEOPLE, Sample
from admin_ui.frame import Office, Visit, anyone
from detectors.report import Confidence, Report
from gateway.face.forms import Form, Problems
from gateway.face.upload import read_upload
from gateway.face.words import articles
from gateway.judgement import people, tokens
from gateway.judgement.sandbox import Sandbox, ScanIncomplete
from gateway.memory.states import Actor

LARGEST = 20_000_000


@dataclass(frozen=True)
class Demo:
    """What the first page needs to know of the demo around it."""

    mailbox: str
    """address of the page that shows what arrived"""
    relay: str
    samples: tuple[Sample, ...]
    sandbox: Sandbox
    send: Callable[[int], None]
    """sends sample n again through real SMTP"""


class Nothing(Form):
    pass


class Playing(Form):
    next: str = Field(default="/", max_length=2_000)


def routes(demo: Demo) -> Callable[[Office], list[Route]]:
    """To be put before the other modules: its "/" stands before theirs."""

    def first(visit: Visit) -> Response:
        if visit.visitor is not None:
            return home.show(visit)
        return _welcome(visit, demo)

    def enter(visit: Visit) -> Response:
        with visit.read() as conn:
            row = tokens.find(conn, visit.param("token"), "sign_in")
            who = people.person(conn, row["person_id"]) if row else None
        if row is None or who is None:
            raise HTTPException(404)
        return visit.render("demo/enter.html", who=who, used=row["used_at"] is not None)

    def entered(visit: Visit, form: Nothing | Problems) -> Response:
        with visit.write() as tx:
            row = tokens.use(tx, visit.param("token"), "sign_in")
        if row is None:
            raise HTTPException(404)
        return _sign_in(visit, row["person_id"])

    def choose(visit: Visit) -> Response:
        """Instead of a password, which nobody here has: a link in a mail leads on as well."""
        asked = visit.request.query_params
        if visit.visitor or "password" in asked:
            return signin.show(visit)
        back = signin.local(asked.get("next", "/"))
        played = [member for member in PEOPLE if member.part]
        return visit.render("demo/signin.html", people=played, next=back, done=visit.done())

    def play(visit: Visit, form: Playing | Problems) -> Response:
        if isinstance(form, Problems) or visit.param("id") not in {each.id for each in PEOPLE}:
            raise HTTPException(404)
        return _sign_in(visit, visit.param("id"), signin.local(form.next))

    def send(visit: Visit, form: Nothing | Problems) -> Response:
        number = int(visit.param("number"))
        if not 0 <= number < len(demo.samples):
            raise HTTPException(404)
        demo.send(number)
        return visit.go("/?done=sent#samples")

    def endpoints(office: Office) -> list[Route]:
        async def attempt(request: Request) -> Response:
            form = await read_upload(request, LARGEST)
            file = form.get("file")
            report, problem, name = Report(), "", ""
            if isinstance(file, UploadFile) and file.filename:
                name = file.filename
                is_mail = name.lower().endswith(".eml")
                try:
                    report = await demo.sandbox.inspect(
                        await file.read(), name=None if is_mail else name
                    )
                except ScanIncomplete as incomplete:
                    problem = incomplete.reason
            await form.close()
            return _result(Visit(office, request), name, report, problem)

        tried = Route("/try", attempt, methods=["POST"], max_body_size=LARGEST)
        return [
            office.page("/", first, anyone),
            tried,
            office.page("/enter/{token}", enter, anyone),
            office.act("/enter/{token}", Nothing, entered, anyone),
            office.page("/signin", choose, anyone),
            office.act("/play/{id}", Playing, play, anyone),
            office.act("/samples/{number:int}", Nothing, send, anyone),
        ]

    return endpoints


def _welcome(visit: Visit, demo: Demo) -> Response:
    return visit.render(
        "demo/welcome.html",
        mailbox=demo.mailbox,
        relay=demo.relay,
        samples=demo.samples,
        people=[member for member in PEOPLE if member.part],
        done=visit.done(),
    )


def _result(visit: Visit, name: str, report: Report, problem: str) -> Response:
    findings = [f for f in report.findings if f.confidence is not Confidence.LOW]
    facts = [fact for fact in report.facts if fact.name != "words"]
    cards = articles(visit.words, findings, facts)
    return visit.render(
        "demo/tried.html",
        file_name=report.parts[0].name if report.parts else "",
        chosen=bool(name),
        cards=cards,
        problem=problem,
        report=report,
    )


def _sign_in(visit: Visit, person: str, back: str = "/") -> Response:
    with visit.write() as tx:
        agent = visit.request.headers.get("user-agent", "")
        cookie = access.enter(tx, person, visit.ip, agent)
        tx.record("login.ok", Actor("person", person, visit.ip), subject=person, by="demo")
    answer = visit.go(back)
    visit.office.cookies.put(answer, "session", cookie)
    return answer
