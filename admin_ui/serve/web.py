"""The inside web and the outside door, each a process of its own under uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Iterator
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from admin_ui.app import MODULES, STAFF
from admin_ui.app import create_app as create_inside
from admin_ui.reading import Reader
from admin_ui.serve.sockets import Inherited
from bridge.door import create_app as create_door
from gateway.judgement.own import Watched
from gateway.memory.config import Config
from gateway.memory.opening import open_memory


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn raises SIGTERM again after it served, which would end us before our own stop."""
        yield


async def inside(config: Config, stop: asyncio.Event, sockets: Inherited) -> None:
    memory = open_memory(config)
    secure = config.web.url.startswith("https:")
    reader = Reader(config.scan.seconds, own=Watched(config).current)
    try:
        doors = {config.web.listen: MODULES, config.web.staff_listen: STAFF}
        taken = [(sockets.take(where), modules) for where, modules in doors.items() if where]
        app = partial(create_inside, memory, secure_cookies=secure, reader=reader)
        serving = [_serve(app(modules=modules), sock, stop) for sock, modules in taken]
        await asyncio.gather(*serving)
    finally:
        await reader.stop()
        memory.close()


async def door(config: Config, stop: asyncio.Event, sockets: Inherited) -> None:
    """Opened without the letters' keys: this process cannot read any mail."""
    memory = open_memory(config, with_letters=False)
    secure = config.bridge.url.startswith("https:")
    try:
        app = create_door(memory, secure_cookies=secure)
        await _serve(app, sockets.take(config.bridge.listen), stop)
    finally:
        memory.close()


def _is_an_error(record: logging.LogRecord) -> bool:
    """Who cuts an answer off on purpose has no other way to say so, and logs why
    (`bridge.handover`)."""
    return record.msg != "ASGI callable returned without completing response."


async def _serve(app: ASGIApp, sock: socket.socket, stop: asyncio.Event) -> None:
    logging.getLogger("uvicorn.error").addFilter(_is_an_error)
    server = Server(
        uvicorn.Config(
            app,
            log_config=None,  # its own would quote what an error says, past `discreet`
            log_level="warning",
            access_log=False,  # a path may hold a token
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=10,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
