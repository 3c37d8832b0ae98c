"""Starts the processes of an installation, restarts the one that died, stops them in order.

Each is exec'ed, never forked: a process with threads or keys must not be copied.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger("sekisho.serve")

ROLES = ("core", "web", "door")
PATIENCE = 30.0
"""Seconds a process has to finish what it began."""


async def supervise(config: Path, roles: Sequence[str]) -> int:
    """Until SIGTERM or SIGINT. 0 after a clean stop, 1 when a process could not be kept up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keepers = [asyncio.create_task(keep(config, role, stop)) for role in roles]
    results = await asyncio.gather(*keepers)
    return max(results)


async def keep(config: Path, role: str, stop: asyncio.Event) -> int:
    """One role: a crash after it served is restarted; three at once in the start are not."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "admin_ui.serve.role", role, str(config)
        )
        waiting = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            return await _end(process, waiting)
        failures = failures + 1 if time.monotonic() - began < 5 else 1
        log.error("%s ended with %s", role, process.returncode)
        if failures >= 3 or process.returncode == 2:
            stop.set()
            return 1
        await asyncio.sleep(min(2**failures, 30))
    return 0


async def _end(process: asyncio.subprocess.Process, waiting: asyncio.Task[int]) -> int:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        return 0 if await asyncio.wait_for(waiting, PATIENCE) == 0 else 1
    except TimeoutError:
        process.kill()
        await process.wait()
        return 1
