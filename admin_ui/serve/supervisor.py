"""Starts the processes of an installation, restarts the one that died, stops them in order.

Each is exec'ed, never forked: a process with threads or keys must not be copied.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from admin_ui.serve.sockets import Held
from gateway.memory.config import ConfigError, load

log = logging.getLogger("sekisho.serve")

ROLES = ("core", "web", "door")
_UNCHANGED = "nothing is changed, the old stays in force:\n%s"
REFUSED, AWAY = 2, os.EX_TEMPFAIL
"""What a process ends with that would fail again, or that waits for its database."""
PATIENCE = 30.0
"""Seconds a process has to finish what it began."""


async def supervise(config: Path, roles: Sequence[str], held: Held) -> int:
    """Until SIGTERM or SIGINT. 0 after a clean stop, 1 when a process could not be kept up."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    again = {role: asyncio.Event() for role in roles}
    asked = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    renewing = asyncio.create_task(renew(config, asked, again, held))
    keepers = [asyncio.create_task(keep(config, role, stop, again[role], held)) for role in roles]
    await stop.wait()
    held.close()  # who calls now is refused at once, and does not wait for nobody
    renewing.cancel()
    return max(await asyncio.gather(*keepers))


async def renew(
    config: Path, asked: asyncio.Event, again: Mapping[str, asyncio.Event], held: Held
) -> None:
    """Until cancelled: when `asked`, every role begins anew with what is in the files now, if
    configuration and policy are both good; else all stays as it is, and is said."""
    while True:
        await asked.wait()
        asked.clear()
        trial = await _spawn("fit", config, {}, asyncio.subprocess.PIPE)
        _, said = await trial.communicate()
        if trial.returncode != 0:
            log.error(_UNCHANGED, said.decode("utf-8", "replace"))
            continue
        try:
            held.renew(load(config), again)
        except (ConfigError, OSError) as error:
            log.error(_UNCHANGED, error)
            continue
        log.info("configuration and policy are good: every process begins anew")
        for event in again.values():
            event.set()


async def keep(
    config: Path, role: str, stop: asyncio.Event, again: asyncio.Event, held: Held
) -> int:
    """One role: a crash after it served is restarted, and what finds no database; three others at
    once in the start are not."""
    failures = 0
    while not stop.is_set():
        began = time.monotonic()
        process = await _spawn(role, config, held.of(role))
        waiting = asyncio.create_task(process.wait())
        signals = [asyncio.create_task(event.wait()) for event in (stop, again)]
        await asyncio.wait({waiting, *signals}, return_when=asyncio.FIRST_COMPLETED)
        for each in signals:
            each.cancel()
        if stop.is_set():
            return await _end(process, waiting)
        if again.is_set():
            again.clear()
            await _end(process, waiting)
            continue
        failures = failures + 1 if time.monotonic() - began < 5 else 1
        log.error("%s ended with %s", role, process.returncode)
        if process.returncode == REFUSED or (failures >= 3 and process.returncode != AWAY):
            stop.set()
            return 1
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(2**failures, 30))
    return 0


async def _spawn(
    role: str, config: Path, sockets: Mapping[str, int], stderr: int | None = None
) -> asyncio.subprocess.Process:
    handed = [f"{where}={number}" for where, number in sockets.items()]
    command = [sys.executable, "-m", "admin_ui.serve.role", role, str(config), *handed]
    return await asyncio.create_subprocess_exec(
        *command, stderr=stderr, pass_fds=tuple(sockets.values())
    )


async def _end(process: asyncio.subprocess.Process, waiting: asyncio.Task[int]) -> int:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        return 0 if await asyncio.wait_for(waiting, PATIENCE) == 0 else 1
    except TimeoutError:
        process.kill()
        await process.wait()
        return 1
