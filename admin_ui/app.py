"""The inside web: the pages of all modules behind the guards, and what is said when one fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from admin_ui import (
    account,
    addressee_page,
    audit,
    audit_pages,
    bursts,
    confirm,
    desk,
    enrol,
    friction_page,
    gathered,
    health,
    home,
    people_acts,
    people_import,
    people_page,
    policy_lab,
    policy_page,
    queue_acts,
    queue_page,
    settings_page,
    signin,
    together,
    transfer,
    transfers,
    weekly_page,
)
from admin_ui.frame import Office
from admin_ui.reading import Reader
from gateway.face import assets
from gateway.face.forms import OCTETS
from gateway.face.guards import guarded
from gateway.face.language import LanguageSwitch
from gateway.judgement.own import Watched
from gateway.memory.keys import KeyGone
from gateway.memory.opening import Memory
from gateway.memory.states import Overtaken

log = logging.getLogger("sekisho.web")

Module = Callable[[Office], list[Route]]

MODULES: tuple[Module, ...] = (
    home.routes,
    signin.routes,
    enrol.routes,
    account.routes,
    people_import.routes,  # its fixed addresses come before /people/{id}
    people_page.routes,
    people_acts.routes,
    together.routes,  # its fixed address comes before /confirm/{key}
    confirm.routes,
    gathered.routes,
    bursts.routes,  # its fixed address comes before /holds/{id}
    desk.routes,
    transfers.routes,
    transfer.routes,
    queue_page.routes,
    queue_acts.routes,
    audit.routes,
    audit_pages.routes,
    health.routes,
    addressee_page.routes,
    policy_lab.routes,
    friction_page.routes,
    weekly_page.routes,
    policy_page.routes,
    settings_page.routes,
)


STAFF: tuple[Module, ...] = (
    home.routes,
    signin.routes,
    account.routes,
    together.routes,
    confirm.routes,
    gathered.routes,
    bursts.routes,
    desk.routes,
)
"""Of the door for phones (`web.staff_listen`): who gets in there cannot reach an office's pages."""


def create_app(
    memory: Memory,
    *,
    secure_cookies: bool,
    modules: Sequence[Module] = MODULES,
    reader: Reader | None = None,
) -> ASGIApp:
    """Whoever gives the `reader` stops it."""
    reader = reader or Reader(memory.config.scan.seconds, own=Watched(memory.config).current)
    office = Office(memory, secure_cookies=secure_cookies, reader=reader)

    async def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            status = 404 if error.status_code == 403 else error.status_code
        else:
            status = 409 if isinstance(error, Overtaken | KeyGone) else 500
        if status == 500:
            # the type alone: a message may hold what somebody typed
            log.error("%s failed: %s", request.scope.get("route"), type(error).__name__)
        return await run_in_threadpool(
            office.pages.render, request, "error.html", status=status, code=status
        )

    routes = [route for module in modules for route in module(office)]
    office.offered = frozenset(route.path for route in routes)
    app = Starlette(
        routes=[*routes, assets.ROUTE],
        exception_handlers={
            HTTPException: failed,
            Overtaken: failed,
            KeyGone: failed,
            Exception: failed,
        },
        max_body_size=OCTETS,
    )
    config = memory.config.web
    return guarded(LanguageSwitch(app, secure_cookies), office.site, config.trusted_proxies)
