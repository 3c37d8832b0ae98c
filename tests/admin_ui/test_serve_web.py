"""What the webs' server writes into the log: where an error was, and never what it says."""

from __future__ import annotations

import asyncio
import http.client
import io
import logging
import socket
from collections.abc import Callable, Iterator

import pytest

from admin_ui.serve import discreet, web

WHOLE = 1_000_000


@pytest.fixture
def logged(capfd, monkeypatch) -> Iterator[Callable[[], str]]:
    """What our own handler wrote, and whatever else reached standard error; in a process in which
    nobody has set up uvicorn's log before, as other tests do."""
    theirs = logging.getLogger("uvicorn")
    monkeypatch.setattr(theirs, "handlers", [])
    monkeypatch.setattr(theirs, "propagate", True)
    text, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(text)
    handler.setFormatter(discreet.Lines("door"))
    monkeypatch.setattr(root, "handlers", [handler])  # what other tests left may write nowhere
    yield lambda: text.getvalue() + capfd.readouterr().err


def asked(port: int) -> int:
    """Octets of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/")
    try:
        return len(connection.getresponse().read())
    except http.client.IncompleteRead as cut:
        return len(cut.partial)
    finally:
        connection.close()


async def served(app) -> int:
    stop = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        serving = asyncio.create_task(web._serve(app, listener, stop))
        try:
            return await asyncio.to_thread(asked, port)
        finally:
            stop.set()
            await serving


async def test_an_error_is_logged_in_our_form_and_without_its_words(logged) -> None:
    async def app(scope, receive, send):
        raise ValueError(" ".join(["said", "by", "a", "mail"]))

    await served(app)
    said = logged()
    assert '"logger": "uvicorn.error"' in said and "ValueError" in said
    assert "said by a mail" not in said


async def test_an_answer_that_is_cut_off_on_purpose_is_no_error(logged) -> None:
    async def app(scope, receive, send):
        length = [(b"content-length", str(WHOLE).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": b"x" * 10, "more_body": True})

    assert await served(app) == 10
    assert logged() == ""
