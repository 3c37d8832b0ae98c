"""People by CSV: upload, look at what would change, then apply exactly that.

The file stays in memory from the first octet to the last: a form parser that spools would lay
names and addresses of all employees into a temporary file.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from admin_ui.exports import csv_answer
from admin_ui.frame import Office, Visit
from admin_ui.people_acts import CHANGES
from gateway.face.forms import Problem, Problems
from gateway.face.i18n import N_
from gateway.face.upload import read_upload
from gateway.face.words.faults import FAULTS
from gateway.face.words.roster import changed
from gateway.judgement import roster
from gateway.judgement.roster import Plan
from gateway.memory.exported import text_of

BODY = 8_000_000
"""Taken in, so that a file over the limit gets a page that says so."""
SAMPLE = (
    ("山田 花子", "yamada@example.co.jp", "総務課", "", "soumu@example.co.jp", "", "", "", "", ""),
    (
        *("鈴木 一郎", "suzuki@example.co.jp", "総務部", "", "", "approver"),
        *("情報管理責任者", "yamada@example.co.jp", "2026-12-01", ""),
    ),
)

DATED = ("person", "role", "role-", "group", "group-", "deputy", "deputy-")
"""What begins on the day of its row."""


async def _posted(request: Request) -> tuple[str, str] | None:
    """Text of the file (or of what was pasted) and the digest of what was seen; None where it
    is neither UTF-8 nor CP932."""
    form = await read_upload(request, BODY)
    file, text, seen = form.get("file"), form.get("text"), form.get("seen")
    try:
        if isinstance(file, UploadFile) and file.size:
            text = text_of(await file.read())
    except ValueError:
        return None
    finally:
        await form.close()
    return (text if isinstance(text, str) else ""), (seen if isinstance(seen, str) else "")


def show(visit: Visit) -> Response:
    return visit.render("people_import.html")


def sample(visit: Visit) -> Response:
    return csv_answer(visit, "people-sample", roster.COLUMNS, SAMPLE)


def _try(visit: Visit, posted: tuple[str, str] | None) -> Response:
    if posted is None:
        return _refused(visit, N_("文字コードは UTF-8 か CP932（Excel の CSV）にしてください"))
    if not posted[0].strip():
        return _refused(visit, N_("CSVファイルを選ぶか、内容を貼り付けてください"))
    if len(posted[0].encode()) > roster.OCTETS:
        return _refused(visit, N_("ファイルが大きすぎます。2MBまでに分けてください"))
    with visit.read() as conn:
        plan = roster.import_csv(conn, posted[0], visit.now)
    return _planned(visit, posted[0], plan)


def _planned(visit: Visit, text: str, plan: Plan, *, overtaken: bool = False) -> Response:
    say = visit.words.say
    faults = [
        (each.row, say(FAULTS[f"roster_{each.code}"], value=each.value)) for each in plan.faults
    ]
    changes = [(each, changed(visit.words, each.what)) for each in plan.changes]
    starts = {line.row: line.starts for line in plan.lines}
    return visit.render(
        "people_plan.html",
        status=422 if faults else 409 if overtaken else 200,
        text=text,
        plan=plan,
        faults=faults,
        changes=changes,
        starts=starts,
        dated=DATED,
        overtaken=overtaken,
    )


def _refused(visit: Visit, sentence: str) -> Response:
    problems = Problems((Problem("file", visit.words.say(sentence)),))
    return visit.render("people_import.html", status=422, problems=problems)


def _apply(visit: Visit, posted: tuple[str, str] | None) -> Response:
    text, seen = posted or ("", "")
    with visit.write() as tx:
        plan = roster.import_csv(tx.conn, text, tx.now)
        fresh = not plan.faults and plan.seen == seen
        if fresh:
            roster.apply(tx, plan, visit.actor)
    if not fresh:
        return _planned(visit, text, plan, overtaken=True)
    return visit.go("/people?done=imported")


def routes(office: Office) -> list[Route]:
    async def preview(request: Request) -> Response:
        visit = Visit(office, request)
        if refusal := await run_in_threadpool(CHANGES, visit):
            return refusal
        return await run_in_threadpool(_try, visit, await _posted(request))

    async def apply(request: Request) -> Response:
        visit = Visit(office, request)
        if refusal := await run_in_threadpool(CHANGES, visit):
            return refusal
        return await run_in_threadpool(_apply, visit, await _posted(request))

    return [
        office.page("/people/import", show, CHANGES),
        office.page("/people/sample.csv", sample, CHANGES),
        Route("/people/import", preview, methods=["POST"], max_body_size=BODY),
        Route("/people/import/apply", apply, methods=["POST"], max_body_size=BODY),
    ]
