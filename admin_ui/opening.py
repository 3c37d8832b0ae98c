"""「パスワードを入力して検査する」: the one act on a held mail that reads the mail itself."""

from __future__ import annotations

import re

from anyio import from_thread

from admin_ui.deeds import Deed
from admin_ui.frame import Visit
from gateway.judgement import unlock
from gateway.judgement.nurse import WorkerNotReady
from gateway.judgement.sandbox import SandboxStopped, ScanIncomplete
from gateway.memory.states import Actor

MOST = 5
"""Passwords tried at once: each costs a tenth of a second and more on a modern Office file."""


def open_locked(visit: Visit, id: str, person: str, actor: Actor, deed: Deed) -> None:
    """Read with the passwords of one request, then judge. Raises the refusals of `acts`.

    Runs in a thread of the pool; the worker belongs to the loop.
    """
    ck = visit.office.checkpoint
    with visit.read() as conn:
        wanted = unlock.to_read(conn, ck, id, person, deed.seen, visit.now)
    try:
        report = from_thread.run(visit.office.reader.inspect, wanted, _passwords(deed.password))
    except (ScanIncomplete, SandboxStopped, WorkerNotReady):
        raise unlock.StillLocked from None
    with visit.write() as tx:
        unlock.unlock(tx, ck, id, person, deed.seen, report, actor)


def _passwords(typed: str) -> list[str]:
    """One a line; a blank may belong to it."""
    return [line for line in re.split(r"\n", typed) if line.strip()][:MOST]
